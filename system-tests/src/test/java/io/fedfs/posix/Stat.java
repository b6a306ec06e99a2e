package io.fedfs.posix;

import io.fedfs.linux.NativeBuffer;
import io.fedfs.linux.Sys;

/** The answer of statx(2), or its errno: every text of a failed one is the errno's name. */
public final class Stat {
    private final long result;
    private final NativeBuffer b;

    Stat(long result, NativeBuffer buffer) {
        this.result = result;
        this.b = buffer;
    }

    public boolean exists() {
        return result == 0;
    }

    /** 0 or the negated errno. */
    public long result() {
        return result;
    }

    /** {@code file dir symlink fifo socket char block}, or the errno's name. */
    public String kind() {
        if (result < 0) {
            return Seen.render(result);
        }
        return switch (Short.toUnsignedInt(b.getShort(28)) & Sys.S_IFMT) {
            case Sys.S_IFREG -> "file";
            case Sys.S_IFDIR -> "dir";
            case Sys.S_IFLNK -> "symlink";
            case Sys.S_IFIFO -> "fifo";
            case Sys.S_IFSOCK -> "socket";
            case Sys.S_IFCHR -> "char";
            case Sys.S_IFBLK -> "block";
            default -> "unknown";
        };
    }

    /** The twelve permission bits as four octal digits. */
    public String mode() {
        return result < 0 ? Seen.render(result) : String.format("%04o", b.getShort(28) & 07777);
    }

    /** {@code uid:gid}. */
    public String owner() {
        return result < 0 ? Seen.render(result) : b.getInt(20) + ":" + b.getInt(24);
    }

    public long size() {
        return result < 0 ? result : b.getLong(40);
    }

    public long links() {
        return result < 0 ? result : b.getInt(16);
    }

    public long ino() {
        return Ground.must(result) + b.getLong(32);
    }

    public long blocks() {
        return Ground.must(result) + b.getLong(48);
    }

    public String device() {
        return b.getInt(136) + ":" + b.getInt(140);
    }

    public String rdev() {
        return b.getInt(128) + ":" + b.getInt(132);
    }

    /** {@code seconds.nanoseconds}. */
    public String atime() {
        return time(64);
    }

    public String mtime() {
        return time(112);
    }

    public String ctime() {
        return time(96);
    }

    private String time(int at) {
        return result < 0 ? Seen.render(result) : String.format("%d.%09d", b.getLong(at), b.getInt(at + 8));
    }
}
