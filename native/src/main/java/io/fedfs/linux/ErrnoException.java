package io.fedfs.linux;

import java.io.IOException;

/** A system call failed where that is exceptional; carries the errno. */
public final class ErrnoException extends IOException {
    private static final long serialVersionUID = 1L;

    private final int errno;

    /**
     * @param errno positive
     * @param what what was attempted, e.g. {@code setxattr trusted.junction.nfs on /export/a}
     */
    public ErrnoException(int errno, String what) {
        super(what + ": " + Errno.message(errno) + " (" + Errno.name(errno) + ")");
        this.errno = errno;
    }

    public int errno() {
        return errno;
    }
}
