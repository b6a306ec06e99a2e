package io.fedfs.fuse.kernel;

import io.fedfs.linux.NativeBuffer;

/** Where requests come from and replies go to: a descriptor of {@code /dev/fuse}. Results below zero are negated errnos. */
interface Device extends Origin, AutoCloseable {
    /** Waits for a message and puts it at {@code offset}; returns its length. */
    int read(NativeBuffer buffer, int offset, int capacity);

    /** Another one of the same mount, whose {@link #read} does not wait but returns -EAGAIN; null when there is none to be had. */
    default Device eager() {
        return null;
    }

    @Override
    void close();
}
