package io.fedfs.system;

import io.fedfs.posix.PosixContract;
import io.fedfs.posix.Unsupported;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The POSIX contract on mounts, each time in a fileset behind a junction. */
final class PosixIT {
    /** One mount for all the cases; the data is in an ordinary directory. */
    abstract static class OnMount implements PosixContract {
        @RegisterExtension
        static final Federation FEDERATION = new Federation();

        private static Path onTrial;
        private static Path below;

        static void mount(Engine engine, List<String> options) throws Exception {
            mount(m -> m.engine(engine), options);
        }

        static void mountByRing(List<String> options) throws Exception {
            mount(Mount::byRing, options);
        }

        private static void mount(UnaryOperator<Mount> kind, List<String> options) throws Exception {
            Nsdb nsdb = FEDERATION.nsdb();
            Fileset root = FEDERATION.fileset(nsdb);
            Fileset inner = FEDERATION.fileset(nsdb);
            FEDERATION.junction(root, "j", inner);
            Mount mount = kind.apply(FEDERATION.mount(root));
            options.forEach(mount::option);
            onTrial = mount.start().path("j");
            below = Files.createDirectory(inner.directory().resolve("below"));
        }

        @Override
        public Path onTrial() {
            return onTrial;
        }

        @Override
        public Path below() {
            return below;
        }

        @Override
        public Map<String, String> excused() {
            return Unsupported.KERNEL;
        }
    }

    @Nested
    final class KernelSession extends OnMount {
        @BeforeAll
        static void start() throws Exception {
            mount(Engine.KERNEL, List.of());
        }
    }

    /** Every question reaches the daemon. */
    @Nested
    final class KernelSessionWithoutCaches extends OnMount {
        @BeforeAll
        static void start() throws Exception {
            mount(Engine.KERNEL, List.of("entry_timeout=0", "attr_timeout=0", "negative_timeout=0"));
        }
    }

    /** Data goes through the daemon, as where the kernel has no passthrough. */
    @Nested
    final class KernelSessionWithoutPassthrough extends OnMount {
        @BeforeAll
        static void start() throws Exception {
            mount(Engine.KERNEL, List.of("nopassthrough"));
        }
    }

    /** Requests come through memory shared with the kernel. */
    @Nested
    final class KernelSessionByRing extends OnMount {
        @BeforeAll
        static void start() throws Exception {
            mountByRing(List.of());
        }
    }

    /** And so does the data, and every question. */
    @Nested
    final class KernelSessionByRingWithoutPassthrough extends OnMount {
        @BeforeAll
        static void start() throws Exception {
            mountByRing(List.of("nopassthrough", "entry_timeout=0", "attr_timeout=0", "negative_timeout=0"));
        }
    }

    @Nested
    final class JnrFuseSession extends OnMount {
        @BeforeAll
        static void start() throws Exception {
            // What is cached stays so: whether a stale attribute is seen must not depend on the machine's speed.
            mount(Engine.JNR_FUSE, List.of("entry_timeout=60", "attr_timeout=60"));
        }

        @Override
        public Map<String, String> excused() {
            return Unsupported.JNR_FUSE;
        }
    }
}
