package io.fedfs.attach;

import java.util.Set;

/** File system types (f_type of statfs, linux/magic.h) that are this host's own: no server, and no flush operation at close(2). */
final class LocalFileSystems {
    private static final Set<Long> MAGIC = Set.of(
            0xEF53L /* ext2, ext3, ext4 */,
            0x58465342L /* xfs */,
            0x9123683EL /* btrfs */,
            0x01021994L /* tmpfs */,
            0xF2F52010L /* f2fs */,
            0x2FC12FC1L /* zfs */,
            0x73717368L /* squashfs */,
            0xE0F5E1E2L /* erofs */,
            0x9660L /* iso9660 */);

    private LocalFileSystems() {}

    static boolean contains(long type) {
        return MAGIC.contains(type & 0xffffffffL);
    }
}
