package io.fedfs.fuse.jnr;

import java.io.IOException;
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
 * libfuse 2 through jnr-fuse: its operations structure, filled with callbacks that take addresses, and its main loop. jnr-fuse's own
 * {@code mount} is not used: it takes two seconds of silence for success and adds a shutdown hook of its own.
 */
final class LibFuse extends FuseStubFS {
    /** flag_nullpath_ok, flag_nopath, flag_utime_omit_ok: open files need no path, and UTIME_OMIT comes through. */
    private static final int FLAGS = 7;

    /** Functions that jnr-fuse binds not at all, or only with an object for each result. Public for jnr-ffi. */
    public interface Functions {
        /** Address of the calling thread's {@code struct fuse_context}. */
        long fuse_get_context();

        /** Whether the calling thread's request was interrupted. */
        int fuse_interrupted();
    }

    private final Functions functions;
    private final LongConsumer whenConnected;
    /** Closures live as long as they are reachable from here. */
    private final List<Object> kept = new ArrayList<>();

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

    /** Mounts, serves until unmounted, and returns libfuse's exit code: 0, or else its message is on standard error. */
    int run(List<String> arguments) {
        String[] argv = arguments.toArray(new String[0]);
        return libFuse.fuse_main_real(argv.length, argv, fuseOperations, Struct.size(fuseOperations), null);
    }
}
