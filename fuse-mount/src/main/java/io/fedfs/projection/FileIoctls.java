package io.fedfs.projection;

import io.fedfs.fuse.Request;
import io.fedfs.linux.Memory;
import io.fedfs.linux.NativeBuffer;
import io.fedfs.linux.Sys;

/** The ioctls that make sense on a file whoever serves it: inode flags, project and extent-size attributes, generation. */
final class FileIoctls {
    private static final int FS_IOC_GETFLAGS = 0x80086601;
    private static final int FS_IOC_SETFLAGS = 0x40086602;
    private static final int FS_IOC_FSGETXATTR = 0x801c581f;
    private static final int FS_IOC_FSSETXATTR = 0x401c5820;
    private static final int FS_IOC_GETVERSION = 0x80087601;

    private FileIoctls() {}

    /** How many bytes the argument has; 0 when the command is not one that is passed on. */
    static int room(int command) {
        return switch (command) {
            case FS_IOC_GETFLAGS, FS_IOC_SETFLAGS, FS_IOC_GETVERSION -> 8;
            case FS_IOC_FSGETXATTR, FS_IOC_FSSETXATTR -> 28;
            default -> 0;
        };
    }

    /** Passes one on; the argument is copied, since the file system below may write all of it. */
    static int call(Request rq, int fd, int command, long in, int inSize, long out, int outSize) {
        NativeBuffer argument = new NativeBuffer(64);
        Memory.copy(in, argument.address(), inSize);
        int r = Sys.ioctl(fd, command & 0xffffffffL, argument.address());
        if (r >= 0) {
            Memory.copy(argument.address(), out, outSize);
        }
        return r;
    }
}
