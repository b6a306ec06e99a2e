package io.fedfs.fuse.kernel;

/** Operation numbers ({@code enum fuse_opcode}), their names, and how long their fixed arguments are. */
final class Opcode {
    static final int LOOKUP = 1;
    static final int FORGET = 2;
    static final int GETATTR = 3;
    static final int SETATTR = 4;
    static final int READLINK = 5;
    static final int SYMLINK = 6;
    static final int MKNOD = 8;
    static final int MKDIR = 9;
    static final int UNLINK = 10;
    static final int RMDIR = 11;
    static final int RENAME = 12;
    static final int LINK = 13;
    static final int OPEN = 14;
    static final int READ = 15;
    static final int WRITE = 16;
    static final int STATFS = 17;
    static final int RELEASE = 18;
    static final int FSYNC = 20;
    static final int SETXATTR = 21;
    static final int GETXATTR = 22;
    static final int LISTXATTR = 23;
    static final int REMOVEXATTR = 24;
    static final int FLUSH = 25;
    static final int INIT = 26;
    static final int OPENDIR = 27;
    static final int READDIR = 28;
    static final int RELEASEDIR = 29;
    static final int FSYNCDIR = 30;
    static final int GETLK = 31;
    static final int SETLK = 32;
    static final int SETLKW = 33;
    static final int ACCESS = 34;
    static final int CREATE = 35;
    static final int INTERRUPT = 36;
    static final int BMAP = 37;
    static final int DESTROY = 38;
    static final int IOCTL = 39;
    static final int POLL = 40;
    static final int NOTIFY_REPLY = 41;
    static final int BATCH_FORGET = 42;
    static final int FALLOCATE = 43;
    static final int READDIRPLUS = 44;
    static final int RENAME2 = 45;
    static final int LSEEK = 46;
    static final int COPY_FILE_RANGE = 47;
    static final int SETUPMAPPING = 48;
    static final int REMOVEMAPPING = 49;
    static final int SYNCFS = 50;
    static final int TMPFILE = 51;
    static final int STATX = 52;
    static final int COPY_FILE_RANGE_64 = 53;

    /** One more than the largest known number; {@link #slot} uses it for all unknown ones. */
    static final int COUNT = 54;

    private static final String[] NAMES = {
        null,
        "lookup",
        "forget",
        "getattr",
        "setattr",
        "readlink",
        "symlink",
        null,
        "mknod",
        "mkdir",
        "unlink",
        "rmdir",
        "rename",
        "link",
        "open",
        "read",
        "write",
        "statfs",
        "release",
        null,
        "fsync",
        "setxattr",
        "getxattr",
        "listxattr",
        "removexattr",
        "flush",
        "init",
        "opendir",
        "readdir",
        "releasedir",
        "fsyncdir",
        "getlk",
        "setlk",
        "setlkw",
        "access",
        "create",
        "interrupt",
        "bmap",
        "destroy",
        "ioctl",
        "poll",
        "notify_reply",
        "batch_forget",
        "fallocate",
        "readdirplus",
        "rename2",
        "lseek",
        "copy_file_range",
        "setupmapping",
        "removemapping",
        "syncfs",
        "tmpfile",
        "statx",
        "copy_file_range_64"
    };

    /** Bytes of the fixed argument structure in front of names and data. SETXATTR: the short form. */
    private static final int[] FIXED = new int[COUNT];

    static {
        FIXED[FORGET] = 8;
        FIXED[GETATTR] = 16;
        FIXED[SETATTR] = 88;
        FIXED[MKNOD] = 16;
        FIXED[MKDIR] = 8;
        FIXED[RENAME] = 8;
        FIXED[LINK] = 8;
        FIXED[OPEN] = 8;
        FIXED[READ] = 40;
        FIXED[WRITE] = 40;
        FIXED[RELEASE] = 24;
        FIXED[FSYNC] = 16;
        FIXED[SETXATTR] = 8;
        FIXED[GETXATTR] = 8;
        FIXED[LISTXATTR] = 8;
        FIXED[FLUSH] = 24;
        FIXED[INIT] = 16;
        FIXED[OPENDIR] = 8;
        FIXED[READDIR] = 40;
        FIXED[RELEASEDIR] = 24;
        FIXED[FSYNCDIR] = 16;
        FIXED[GETLK] = 48;
        FIXED[SETLK] = 48;
        FIXED[SETLKW] = 48;
        FIXED[ACCESS] = 8;
        FIXED[CREATE] = 16;
        FIXED[INTERRUPT] = 8;
        FIXED[IOCTL] = 32;
        FIXED[BATCH_FORGET] = 8;
        FIXED[FALLOCATE] = 32;
        FIXED[READDIRPLUS] = 40;
        FIXED[RENAME2] = 16;
        FIXED[LSEEK] = 24;
        FIXED[COPY_FILE_RANGE] = 56;
        FIXED[SYNCFS] = 8;
        FIXED[TMPFILE] = 16;
        FIXED[STATX] = 24;
        FIXED[COPY_FILE_RANGE_64] = 56;
    }

    private Opcode() {}

    /** A counter's place for the operation: the number itself, or 0 for all that are unknown. */
    static int slot(int opcode) {
        return opcode > 0 && opcode < COUNT && NAMES[opcode] != null ? opcode : 0;
    }

    static String name(int opcode) {
        int slot = slot(opcode);
        return slot == 0 ? "unknown" : NAMES[slot];
    }

    static int fixedArguments(int opcode) {
        return FIXED[slot(opcode)];
    }

    /** Whether the kernel waits for a reply. */
    static boolean isAnswered(int opcode) {
        return opcode != FORGET && opcode != BATCH_FORGET && opcode != INTERRUPT && opcode != NOTIFY_REPLY;
    }

    /** Whether the request may go to a file server, and so counts against its limit. */
    static boolean isBounded(int opcode) {
        return isAnswered(opcode) && opcode != INIT && opcode != DESTROY;
    }

    /** Whether the request changes nothing, so that it may be made twice. */
    static boolean isRepeatable(int opcode) {
        return switch (opcode) {
            case LOOKUP,
                    GETATTR,
                    READLINK,
                    READ,
                    READDIR,
                    READDIRPLUS,
                    OPENDIR,
                    STATFS,
                    STATX,
                    ACCESS,
                    GETXATTR,
                    LISTXATTR,
                    LSEEK -> true;
            default -> false;
        };
    }

    /** Whether nobody waits for the outcome: the kernel only wants to hear that the request has arrived. */
    static boolean isAnsweredFirst(int opcode) {
        return opcode == RELEASE || opcode == RELEASEDIR;
    }
}
