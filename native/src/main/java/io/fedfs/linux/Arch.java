package io.fedfs.linux;

import java.util.Locale;

/** The numbers that differ between processors: open flags (asm/fcntl.h) and system calls without a C library wrapper. */
final class Arch {
    static final boolean ARM64;
    static final int O_DIRECTORY;
    static final int O_NOFOLLOW;
    static final int O_DIRECT;
    static final int O_LARGEFILE;
    static final long SYS_SETFSUID;
    static final long SYS_SETFSGID;
    static final long SYS_SETGROUPS;
    static final long SYS_GETDENTS64;
    static final long SYS_GETTID;
    static final long SYS_TGKILL;
    static final long SYS_CAPGET;
    static final long SYS_CAPSET;
    static final long SYS_COPY_FILE_RANGE;
    /** faccessat2, openat2 and newer calls have one number everywhere. */
    static final long SYS_FACCESSAT2 = 439;

    static final long SYS_FCHMODAT2 = 452;
    static final long SYS_OPENAT2 = 437;
    static final long SYS_UNSHARE;

    static {
        String arch = System.getProperty("os.arch").toLowerCase(Locale.ROOT);
        boolean x86 = arch.equals("amd64") || arch.equals("x86_64");
        ARM64 = arch.equals("aarch64");
        if (!x86 && !ARM64) {
            throw new UnsupportedOperationException("fedfs knows Linux on x86-64 and AArch64, not on " + arch);
        }
        O_DIRECTORY = x86 ? 0200000 : 040000;
        O_NOFOLLOW = x86 ? 0400000 : 0100000;
        O_DIRECT = x86 ? 040000 : 0200000;
        O_LARGEFILE = x86 ? 0100000 : 0400000;
        SYS_SETFSUID = x86 ? 122 : 151;
        SYS_SETFSGID = x86 ? 123 : 152;
        SYS_SETGROUPS = x86 ? 116 : 159;
        SYS_GETDENTS64 = x86 ? 217 : 61;
        SYS_GETTID = x86 ? 186 : 178;
        SYS_TGKILL = x86 ? 234 : 131;
        SYS_UNSHARE = x86 ? 272 : 97;
        SYS_CAPGET = x86 ? 125 : 90;
        SYS_CAPSET = x86 ? 126 : 91;
        SYS_COPY_FILE_RANGE = x86 ? 326 : 285;
    }

    private Arch() {}
}
