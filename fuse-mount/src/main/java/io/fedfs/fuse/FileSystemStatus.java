package io.fedfs.fuse;

/** What statfs shows ({@code struct fuse_kstatfs}). Mutable, reused. */
public final class FileSystemStatus {
    public long blocks;
    public long blocksFree;
    public long blocksAvailable;
    public long files;
    public long filesFree;
    public int blockSize;
    public int nameMax;
    public int fragmentSize;
}
