package io.fedfs.fuse.jnr;

import io.fedfs.linux.NativeBuffer;
import java.io.IOException;
import java.nio.charset.Charset;
import java.util.ArrayList;
import java.util.List;
import java.util.function.LongConsumer;
import jnr.ffi.BaseStruct;
import jnr.ffi.LibraryLoader;
import jnr.ffi.Pointer;
import jnr.ffi.Runtime;
import jnr.ffi.Struct;
import ru.serce.jnrfuse.FuseStubFS;
import ru.serce.jnrfuse.struct.FuseOperations;

/**
 * libfuse 2 through jnr-fuse: its operations structure, filled with callbacks that take addresses. jnr-fuse's own {@code mount} is not used:
 * it takes two seconds of silence for success, adds a shutdown hook of its own, and leaves the threads to libfuse. A callback on
 * a thread of libfuse's attaches it to the JVM and detaches it again, which costs more than most operations; so threads of Java run
 * libfuse's loop here.
 */
final class LibFuse extends FuseStubFS {
    /** flag_nullpath_ok, flag_nopath, flag_utime_omit_ok: open files need no path, and UTIME_OMIT comes through. */
    private static final int FLAGS = 7;

    /** Functions that jnr-fuse binds not at all, or only with an object for each result. Public for jnr-ffi. */
    public interface Functions {
        /** Mounts; a handle, or 0 when it failed and told why on standard error. The C strings that come out are malloc'ed. */
        long fuse_setup(
                int argc,
                long argv,
                long operations,
                long operationsSize,
                long mountPointOut,
                long multithreadedOut,
                long userData);

        /** Serves on the calling thread until the mount is gone. Several threads may be in it. */
        int fuse_loop(long fuse);

        /** Unmounts if need be and frees everything. */
        void fuse_teardown(long fuse, long mountPoint);

        /** Address of the calling thread's {@code struct fuse_context}. */
        long fuse_get_context();

        /** Whether the calling thread's request was interrupted. */
        int fuse_interrupted();
    }

    private final Functions functions;
    private final LongConsumer whenConnected;
    /** Closures live as long as they are reachable from here. */
    private final List<Object> kept = new ArrayList<>();

    private long handle;
    private long mountedOn;

    private LibFuse(Functions functions, LongConsumer whenConnected) {
        this.functions = functions;
        this.whenConnected = whenConnected;
        // The bit fields stand between bmap and ioctl.
        Struct.getMemory(fuseOperations).putInt(fuseOperations.bmap.offset() + Long.BYTES, FLAGS);
    }

    /**
     * Loads the library.
     *
     * @param whenConnected called with the address of {@code struct fuse_conn_info} when the kernel's INIT came, before it is answered
     * @throws IOException it is not installed; the message names the package
     */
    static LibFuse load(LongConsumer whenConnected) throws IOException {
        try {
            Functions f =
                    LibraryLoader.create(Functions.class).failImmediately().load("libfuse.so.2");
            return new LibFuse(f, whenConnected);
        } catch (UnsatisfiedLinkError e) {
            throw new IOException(
                    "libfuse 2 is not installed: engine=jnr-fuse needs the package libfuse2 (libfuse2t64 on newer Ubuntu,"
                            + " fuse-libs on Fedora); engine=kernel needs none",
                    e);
        }
    }

    @Override
    public Pointer init(Pointer connection) {
        whenConnected.accept(connection.address());
        return null;
    }

    /** The members of jnr-fuse's operations structure, for {@link #set}. */
    FuseOperations operations() {
        return fuseOperations;
    }

    /** Puts a callback in its slot. */
    <T> void set(BaseStruct.Func<?> slot, Class<T> type, T callback) {
        Pointer closure = Runtime.getSystemRuntime().getClosureManager().getClosurePointer(type, callback);
        kept.add(callback);
        kept.add(closure);
        Struct.getMemory(fuseOperations).putPointer(slot.offset(), closure);
    }

    Functions functions() {
        return functions;
    }

    /**
     * Mounts. The kernel's INIT waits for {@link #loop}.
     *
     * @throws IOException it could not
     */
    void mount(List<String> arguments) throws IOException {
        NativeBuffer out = new NativeBuffer(2 * Long.BYTES);
        int pointers = (arguments.size() + 1) * Long.BYTES;
        List<byte[]> texts = arguments.stream()
                .map(a -> a.getBytes(Charset.forName(System.getProperty("sun.jnu.encoding", "UTF-8"))))
                .toList();
        NativeBuffer argv = new NativeBuffer(
                pointers + texts.stream().mapToInt(t -> t.length + 1).sum());
        int at = pointers;
        for (int i = 0; i < texts.size(); i++) {
            argv.putLong(i * Long.BYTES, argv.putCString(at, texts.get(i)));
            at += texts.get(i).length + 1;
        }
        NativeBuffer callbacks = operationsTable();
        handle = functions.fuse_setup(
                texts.size(),
                argv.address(),
                callbacks.address(),
                callbacks.capacity(),
                out.address(),
                out.address(Long.BYTES),
                0);
        mountedOn = out.getLong(0);
        // Both were in use until here, and are looked at so that they are not collected before.
        if (handle == 0 || argv.getLong(pointers - Long.BYTES) != 0 || callbacks.capacity() == 0) {
            throw new IOException("libfuse could not mount; its own message is on standard error");
        }
    }

    /** jnr-fuse's structure may live in the Java heap; libfuse copies this one. */
    private NativeBuffer operationsTable() {
        Pointer from = Struct.getMemory(fuseOperations);
        NativeBuffer to = new NativeBuffer(Struct.size(fuseOperations));
        for (int i = 0; i < to.capacity(); i += Long.BYTES) {
            to.putLong(i, from.getLong(i));
        }
        return to;
    }

    /** Serves on this thread until the mount is gone. */
    void loop() {
        functions.fuse_loop(handle);
    }

    /** Frees everything; no thread is in {@link #loop} any more. */
    void end() {
        functions.fuse_teardown(handle, mountedOn);
    }
}
