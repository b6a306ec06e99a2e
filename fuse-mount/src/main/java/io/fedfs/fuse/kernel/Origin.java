package io.fedfs.fuse.kernel;

import io.fedfs.linux.NativeBuffer;

/** Where a request came from: its answer goes back there, from whichever thread. */
interface Origin {
    /**
     * Hands over one whole reply.
     *
     * @return its length, or a negated errno when it cannot be delivered: ENODEV or ENOENT, when nobody waits for it any more
     */
    int write(NativeBuffer buffer, int offset, int length);

    /** Whether a reply is with the kernel when {@link #write} returns, and not only when the serving thread has gone on. */
    default boolean isImmediate() {
        return true;
    }

    /** The calling thread, which serves the request, may start threads from here on: they are not to be bound to the processor that it is. */
    default void leaveProcessor() {}
}
