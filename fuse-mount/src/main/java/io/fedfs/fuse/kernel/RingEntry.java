package io.fedfs.fuse.kernel;

import io.fedfs.linux.IoUring;
import io.fedfs.linux.NativeBuffer;

/**
 * One place of a {@link RingQueue} in which the kernel puts a request and finds the reply ({@code struct fuse_uring_req_header} and a payload). It is
 * always at one of three: with the kernel, which waits for a request to put there; with the thread that serves the request; with the
 * {@link RingKeeper}, to be handed to either.
 *
 * <p>The memory is the kernel's again as soon as the request is answered, by whomever. So who serves the request works on a copy: a thread
 * that was stuck, and is answered for, may touch its own memory long after this has the next request.
 */
final class RingEntry implements Origin {
    /** Of the in or out header, and of the operation's first argument. */
    private static final int PART = 128;

    private static final int ARGUMENT = PART;
    private static final int COMMIT_ID = 2 * PART + 8;
    private static final int PAYLOAD_SIZE = 2 * PART + 16;
    private static final int HEADERS = 288;
    /** Two {@code struct iovec}: what the kernel is told of this memory. */
    private static final int VECTORS = 512;

    static final int PAYLOAD = 4096;

    private static final int REGISTER = 1;
    private static final int COMMIT_AND_FETCH = 2;

    final RingQueue queue;
    final int id;

    private final RingKeeper keeper;
    private final NativeBuffer memory;

    /** The kernel's number for the answer. */
    private long commitId;
    /** The thread that serves the request, and need not ask anyone to send the reply. */
    private RingWorker owner;

    /**
     * Makes one that the kernel does not know yet.
     *
     * @param id among all of the mount
     * @param payload the longest data that a request or reply has
     */
    RingEntry(RingQueue queue, int id, int payload, RingKeeper keeper) {
        this.queue = queue;
        this.id = id;
        this.keeper = keeper;
        this.memory = NativeBuffer.mapped(PAYLOAD + payload);
        memory.putLong(VECTORS, memory.address());
        memory.putLong(VECTORS + 8, HEADERS);
        memory.putLong(VECTORS + 16, memory.address(PAYLOAD));
        memory.putLong(VECTORS + 24, payload);
    }

    NativeBuffer memory() {
        return memory;
    }

    /** Prepares to tell the kernel of this entry, and with that to wait for a request. */
    void register(IoUring ring, int device) {
        ring.command(device, REGISTER, memory.address(VECTORS), 2, 0, 0, queue.id, id);
    }

    /** Prepares to send the reply that is here, and to wait for the next request. */
    void commit(IoUring ring, int device) {
        ring.command(device, COMMIT_AND_FETCH, 0, 0, 0, commitId, queue.id, id);
    }

    /**
     * Copies out the request that the kernel has put here, as it would have been read from the device.
     *
     * @param by whose replies are sent by itself
     * @return its length; one whose parts do not fit together comes without its arguments, and so does not have the length it claims
     */
    int take(RingWorker by, NativeBuffer to, int at, int capacity) {
        owner = by;
        commitId = memory.getLong(COMMIT_ID);
        int length = memory.getInt(0);
        int payload = memory.getInt(PAYLOAD_SIZE);
        int argument = length - RequestReader.HEADER - payload;
        to.copyFrom(at, memory, 0, RequestReader.HEADER);
        if (payload < 0
                || payload > memory.capacity() - PAYLOAD
                || argument < 0
                || argument > PART
                || length > capacity) {
            // Else a request that claims to be a header alone would be taken for one.
            to.putInt(at, -1);
            return RequestReader.HEADER;
        }
        to.copyFrom(at + RequestReader.HEADER, memory, ARGUMENT, argument);
        to.copyFrom(at + RequestReader.HEADER + argument, memory, PAYLOAD, payload);
        return length;
    }

    @Override
    public int write(NativeBuffer buffer, int offset, int length) {
        if (keeper.isGone()) {
            return -io.fedfs.linux.Errno.ENODEV;
        }
        int body = length - ReplyWriter.HEADER;
        memory.copyFrom(0, buffer, offset, ReplyWriter.HEADER);
        memory.copyFrom(PAYLOAD, buffer, offset + ReplyWriter.HEADER, body);
        memory.putInt(PAYLOAD_SIZE, body);
        RingWorker o = owner;
        if (o != null && o.isCurrent()) {
            o.replied();
        } else {
            keeper.commit(this);
        }
        return length;
    }

    /** Puts a reply here that says nothing, in so many bytes. */
    void acknowledge(int body) {
        memory.zero(PAYLOAD, body);
        memory.putInt(0, ReplyWriter.HEADER + body);
        memory.putInt(4, 0);
        memory.putLong(8, commitId);
        memory.putInt(PAYLOAD_SIZE, body);
    }

    /** The serving thread sends a reply on its way to the next request. */
    @Override
    public boolean isImmediate() {
        return false;
    }

    @Override
    public void leaveProcessor() {
        RingWorker o = owner;
        if (o != null && o.isCurrent()) {
            o.unbind();
        }
    }

    void free() {
        memory.unmap();
    }
}
