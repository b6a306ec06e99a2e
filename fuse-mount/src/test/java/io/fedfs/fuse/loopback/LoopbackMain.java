package io.fedfs.fuse.loopback;

import io.fedfs.fuse.MountSpec;
import io.fedfs.fuse.Session;
import io.fedfs.fuse.jnr.JnrFuseSession;
import io.fedfs.fuse.kernel.KernelSession;
import io.fedfs.linux.Sys;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;

/**
 * Mounts a directory of this host: {@code LoopbackMain kernel|jnr-fuse SOURCE MOUNTPOINT [option…]}, in a process of its own, because a
 * process must not use the mount that it serves. Prints one line when the mount answers, and what was left when it is gone.
 */
public final class LoopbackMain {
    private LoopbackMain() {}

    public static void main(String[] args) throws Exception {
        List<String> options = Arrays.asList(args).subList(3, args.length);
        Sys.umask(0);
        MountSpec spec = MountSpec.builder(Path.of(args[2]).toAbsolutePath(), "loop:" + args[1], Sys.geteuid() == 0)
                .passthrough(!options.contains("nopassthrough"))
                .debug(options.contains("debug"))
                .readOnly(options.contains("ro"))
                .build();
        LoopbackFileSystem fs = new LoopbackFileSystem(args[1], !options.contains("nopassthrough"));
        try (Session session = session(args[0], spec, fs)) {
            Runtime.getRuntime().addShutdownHook(new Thread(session::close));
            session.start();
            System.out.println("mounted, " + fs.kernel().features());
            session.awaitEnd();
            System.out.println("ended, files open " + fs.filesOpen() + ", " + session.counters());
        }
    }

    private static Session session(String engine, MountSpec spec, LoopbackFileSystem fs) {
        return switch (engine) {
            case "kernel" -> new KernelSession(spec, fs);
            case "jnr-fuse" -> new JnrFuseSession(spec, fs);
            default -> throw new IllegalArgumentException(engine);
        };
    }
}
