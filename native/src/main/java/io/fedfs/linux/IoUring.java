package io.fedfs.linux;

import com.kenai.jffi.CallContext;
import com.kenai.jffi.Invoker;
import com.kenai.jffi.LastError;
import com.kenai.jffi.Library;
import com.kenai.jffi.Type;
import java.lang.invoke.VarHandle;

/**
 * A submission and a completion ring shared with the kernel (io_uring(7)), for commands to devices. It belongs to the thread that made it: only
 * that thread may use it, and the kernel does a command's work when that thread waits ({@code SINGLE_ISSUER}, {@code DEFER_TASKRUN}). Needs Linux
 * 6.6. No method but {@link #open} allocates.
 *
 * <p>A submission has 128 bytes, the last 80 of them for the device ({@code SQE128}).
 *
 * <p>Who else touches the rings is the kernel alone, on this thread in io_uring_enter or, for completions, on any other: an acquiring read
 * of the completion ring's end before its entries, a releasing write of its beginning after them.
 */
public final class IoUring implements AutoCloseable {
    private static final int SETUP_CQSIZE = 1 << 3;
    private static final int SETUP_SQE128 = 1 << 10;
    private static final int SETUP_SINGLE_ISSUER = 1 << 12;
    private static final int SETUP_DEFER_TASKRUN = 1 << 13;
    private static final int SETUP_NO_SQARRAY = 1 << 16;
    private static final int FLAGS =
            SETUP_CQSIZE | SETUP_SQE128 | SETUP_SINGLE_ISSUER | SETUP_DEFER_TASKRUN | SETUP_NO_SQARRAY;

    private static final int FEAT_SINGLE_MMAP = 1;
    private static final long OFF_SQES = 0x10000000L;
    private static final int PARAMS = 120;
    private static final int SQ_OFFSETS = 40;
    private static final int CQ_OFFSETS = 80;

    private static final int SQE = 128;
    private static final int SQE_COMMAND = 48;
    private static final int CQE = 16;
    private static final byte OP_READ = 22;
    private static final byte OP_URING_CMD = 46;

    private static final int ENTER_GETEVENTS = 1;
    private static final int ENTER_EXT_ARG = 1 << 3;
    private static final int GETEVENTS_ARG = 24;
    private static final long SECOND = 1_000_000_000L;

    /**
     * {@code syscall(2)} with five arguments, called by its address: of the ways from Java to C this one takes six integers and allocates
     * nothing. A sixth argument, the length of the fifth, is in a place where the C library finds whatever was there, so it is only
     * used where the kernel does not look at it.
     */
    private static final CallContext SIX_LONGS =
            new CallContext(Type.SINT64, Type.SINT64, Type.SINT64, Type.SINT64, Type.SINT64, Type.SINT64, Type.SINT64);

    private static final long SYSCALL = symbol("syscall");
    private static final Invoker INVOKER = Invoker.getInstance();

    private final int fd;
    private final NativeBuffer rings;
    private final NativeBuffer submissions;
    /** {@code struct io_uring_getevents_arg}, and behind it a {@code struct __kernel_timespec}. */
    private final NativeBuffer timeout = new NativeBuffer(GETEVENTS_ARG + 16);

    private final int sqHead;
    private final int sqTail;
    private final int sqMask;
    private final int cqHead;
    private final int cqTail;
    private final int cqMask;
    private final int cqes;

    private int tail;
    private int toSubmit;
    private int head;
    private long userData;
    private int result;

    private IoUring(int fd, NativeBuffer params, NativeBuffer rings, NativeBuffer submissions) {
        this.fd = fd;
        this.rings = rings;
        this.submissions = submissions;
        sqHead = params.getInt(SQ_OFFSETS);
        sqTail = params.getInt(SQ_OFFSETS + 4);
        sqMask = rings.getInt(params.getInt(SQ_OFFSETS + 8));
        cqHead = params.getInt(CQ_OFFSETS);
        cqTail = params.getInt(CQ_OFFSETS + 4);
        cqMask = rings.getInt(params.getInt(CQ_OFFSETS + 8));
        cqes = params.getInt(CQ_OFFSETS + 20);
        tail = rings.getInt(sqTail);
        head = rings.getInt(cqHead);
        timeout.putLong(GETEVENTS_ARG - 8, timeout.address(GETEVENTS_ARG));
    }

    private static long symbol(String name) {
        return Library.getCachedInstance("libc.so.6", Library.LAZY).getSymbolAddress(name);
    }

    /**
     * Makes rings for the calling thread.
     *
     * @param submissions how many commands can be prepared before {@link #enter}, at least 1
     * @param completions how many completions find room; the kernel keeps those beyond
     * @throws ErrnoException ENOSYS: no io_uring in this kernel, or a seccomp filter hides it; EPERM: forbidden, by sysctl
     *     kernel.io_uring_disabled or a seccomp filter; EINVAL: the kernel is too old; ENOMEM: the limit of locked memory
     */
    public static IoUring open(int submissions, int completions) throws ErrnoException {
        NativeBuffer params = new NativeBuffer(PARAMS);
        params.putInt(4, completions);
        params.putInt(8, FLAGS);
        int fd = Sys.ioUringSetup(submissions, params.address());
        if (fd < 0) {
            throw new ErrnoException(-fd, "io_uring_setup");
        }
        NativeBuffer rings = null;
        try {
            if ((params.getInt(20) & FEAT_SINGLE_MMAP) == 0) {
                throw new ErrnoException(Errno.EINVAL, "io_uring_setup: separate mappings");
            }
            int length = params.getInt(CQ_OFFSETS + 20) + params.getInt(4) * CQE;
            rings = NativeBuffer.shared(fd, 0, length);
            return new IoUring(fd, params, rings, NativeBuffer.shared(fd, OFF_SQES, params.getInt(0) * SQE));
        } catch (ErrnoException e) {
            if (rings != null) {
                rings.unmap();
            }
            Sys.close(fd);
            throw e;
        }
    }

    /** How many more commands can be prepared. */
    public int room() {
        VarHandle.acquireFence();
        return sqMask + 1 - (tail - rings.getInt(sqHead));
    }

    private int prepare(byte operation, int file, long offset, long address, int length, long data) {
        if (room() == 0) {
            throw new IllegalStateException("the submission ring is full");
        }
        int at = (tail & sqMask) * SQE;
        NativeBuffer s = submissions;
        s.putLong(at, operation & 0xffL | (long) file << 32);
        s.putLong(at + 8, offset);
        s.putLong(at + 16, address);
        s.putLong(at + 24, length & 0xffff_ffffL);
        s.putLong(at + 32, data);
        s.putLong(at + 40, 0);
        tail++;
        toSubmit++;
        return at + SQE_COMMAND;
    }

    /**
     * Prepares a command for the device {@code file}, as {@code IORING_OP_URING_CMD}.
     *
     * @param operation the device's number of it
     * @param first to {@code third}: the first 24 of the 80 bytes for the device; the others are 0
     * @param data comes back as {@link #userData}
     */
    public void command(
            int file, int operation, long address, int length, long first, long second, long third, long data) {
        int at = prepare(OP_URING_CMD, file, operation & 0xffff_ffffL, address, length, data);
        submissions.putLong(at, first);
        submissions.putLong(at + 8, second);
        submissions.putLong(at + 16, third);
        for (int o = 24; o < SQE - SQE_COMMAND; o += 8) {
            submissions.putLong(at + o, 0);
        }
    }

    /** Prepares {@code read(2)} of a file without an offset. */
    public void read(int file, long address, int length, long data) {
        int at = prepare(OP_READ, file, -1, address, length, data);
        submissions.putLong(at, 0);
        submissions.putLong(at + 8, 0);
    }

    /**
     * Hands over what was prepared, and waits.
     *
     * @param wait for how many completions to wait; 0: for none
     * @return a negated errno, or how many commands were taken; EINTR: a signal came, whatever was taken
     */
    public int enter(int wait) {
        // The kernel does the work of earlier commands only for a thread that asks for completions.
        return entered(call(wait, ENTER_GETEVENTS, 0));
    }

    /** The same, but waits no longer than so many nanoseconds; ETIME when they are over. */
    public int enter(int wait, long nanos) {
        timeout.putLong(GETEVENTS_ARG, nanos / SECOND);
        timeout.putLong(GETEVENTS_ARG + 8, nanos % SECOND);
        publish();
        return entered(Sys.ioUringEnter(
                fd, toSubmit, wait, ENTER_GETEVENTS | ENTER_EXT_ARG, timeout.address(), GETEVENTS_ARG));
    }

    private int call(int wait, int flags, long argument) {
        publish();
        int r = (int) INVOKER.invokeN6(SIX_LONGS, SYSCALL, Sys.IO_URING_ENTER, fd, toSubmit, wait, flags, argument);
        return r >= 0 ? r : -LastError.getInstance().get();
    }

    private void publish() {
        VarHandle.releaseFence();
        rings.putInt(sqTail, tail);
    }

    private int entered(int r) {
        if (r > 0) {
            toSubmit -= r;
        }
        return r;
    }

    /** Whether {@link #next} would take one. */
    public boolean ready() {
        int end = rings.getInt(cqTail);
        VarHandle.acquireFence();
        return head != end;
    }

    /** Takes the next completion; false when there is none. {@link #userData} and {@link #result} are its own then. */
    public boolean next() {
        int end = rings.getInt(cqTail);
        VarHandle.acquireFence();
        if (head == end) {
            return false;
        }
        int at = cqes + (head & cqMask) * CQE;
        userData = rings.getLong(at);
        result = rings.getInt(at + 8);
        head++;
        VarHandle.releaseFence();
        rings.putInt(cqHead, head);
        return true;
    }

    /** Of the completion taken last: what its command was given. */
    public long userData() {
        return userData;
    }

    /** Of the completion taken last: a negated errno, or what the command gave. */
    public int result() {
        return result;
    }

    /** Gives the rings back; commands under way are cancelled. */
    @Override
    public void close() {
        submissions.unmap();
        rings.unmap();
        Sys.close(fd);
    }
}
