package io.fedfs.junction;

import io.fedfs.linux.Errno;
import io.fedfs.linux.ErrnoException;

/**
 * Where attributes stand: {@code trusted.*} as fedfs-utils and the Linux NFS server want it, or {@code user.*} where that
 * is refused. The constants are in the order in which they are looked up and tried.
 */
enum XattrNamespace {
    TRUSTED,
    USER;

    private final String prefix = name().toLowerCase(java.util.Locale.ROOT) + ".";

    /** The XML document; with the mode, its presence is what makes a directory a junction. */
    String document() {
        return prefix + "junction.nfs";
    }

    /** The permission bits before the junction, octal text. */
    String mode() {
        return prefix + "junction.mode";
    }

    /** Ours; fedfs-utils has no place for annotations. */
    String annotations() {
        return prefix + "junction.annotations";
    }

    String marker() {
        return prefix + "fedfs.fsn";
    }

    /**
     * Whether a refusal to write {@code trusted.*} means that {@code user.*} should be tried: the process has no
     * CAP_SYS_ADMIN (EPERM), or the file system has no such attributes.
     */
    static boolean refusesTrusted(ErrnoException e) {
        return e.errno() == Errno.EPERM || e.errno() == Errno.EOPNOTSUPP;
    }
}
