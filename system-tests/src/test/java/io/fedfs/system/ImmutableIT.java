package io.fedfs.system;

import static org.assertj.core.api.Assertions.assertThat;

import io.fedfs.linux.Errno;
import io.fedfs.posix.Caller;
import io.fedfs.posix.Ground;
import io.fedfs.protocol.Fsn;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** A fileset whose NSDB says that nothing in it changes: what the kernel keeps of it, who may write, and how that ends. */
final class ImmutableIT {
    /** Longer than the time-outs of a fileset that may change. */
    private static final Duration PAST_TIMEOUTS = Duration.ofMillis(2500);

    private static final Duration LATER = Duration.ofSeconds(10);

    @RegisterExtension
    static final Federation FEDERATION = new Federation();

    private static Nsdb nsdb;

    private Path directory;
    private Ground below;
    private String fsn;

    @BeforeEach
    void start() {
        if (nsdb == null) {
            nsdb = FEDERATION.nsdb();
        }
        directory = FEDERATION.directory("data");
        below = new Ground(directory, Caller.ROOT);
        below.makeDir("d");
        below.makeFile("d/x", "x");
        below.makeFile("a", "a");
        fsn = FEDERATION
                .fedfs("fileset", "create", "--nsdb", nsdb.address(), "--path", directory.toString(), "--immutable")
                .ok()
                .line();
    }

    private static String look(Ground seen) {
        return seen.names(".") + " | " + seen.names("d") + " | "
                + seen.lstat("a").kind() + " " + seen.lstat("d/x").kind() + " " + seen.content("none");
    }

    private static long asked(Mount mount) {
        return mount.counter("requests_lookup")
                + mount.counter("requests_readdirplus")
                + mount.counter("requests_readdir")
                + mount.counter("requests_getattr");
    }

    @Test
    void whatWasSeenIsNotAskedForAgain() {
        Mount mount = FEDERATION.mount(fsn).start();
        Ground seen = mount.seen();
        String first = look(seen);
        assertThat(first).isEqualTo("a,d | x | file file ENOENT");
        look(seen);
        Await.pause(PAST_TIMEOUTS);
        long before = asked(mount);
        for (int i = 0; i < 3; i++) {
            assertThat(look(seen)).isEqualTo(first);
        }
        assertThat(asked(mount)).isEqualTo(before);
        below.makeFile("late");
        assertThat(seen.names(".")).isEqualTo("a,d");
        FEDERATION.fedfs("flush", mount.point().toString()).ok();
        Await.until(LATER, "a,d,late", () -> seen.names("."));
    }

    @Test
    void nobodyWritesItThroughTheMount() {
        Ground seen = FEDERATION.mount(fsn).start().seen();
        assertThat(seen.open("a", Ground.WRONLY)).isEqualTo(-Errno.EROFS);
        assertThat(seen.mkdir("new", 0755)).isEqualTo(-Errno.EROFS);
        assertThat(seen.unlink("a")).isEqualTo(-Errno.EROFS);
        assertThat(seen.chmod("a", 0600)).isEqualTo(-Errno.EROFS);
        assertThat(below.content("a")).isEqualTo("a");
    }

    @Test
    void behindAJunctionAndOnceItMayChangeAgainEverythingIsSeen() {
        Fileset root = FEDERATION.fileset(nsdb);
        FEDERATION.junction(root, "j", Fsn.parse(fsn));
        Mount mount = FEDERATION.mount(root).start();
        Ground seen = mount.seen("j", Caller.ROOT);
        look(seen);
        assertThat(look(seen)).isEqualTo("a,d | x | file file ENOENT");
        FEDERATION
                .fedfs("fsn", "annotate", fsn, "--set", "fedfs.immutable=perhaps")
                .failed(8);
        FEDERATION
                .fedfs("fsn", "annotate", fsn, "--set", "fedfs.immutable=false")
                .ok();
        below.makeFile("none", "there");
        below.makeFile("d/y", "y");
        below.unlink("a");
        Await.until(LATER, "d,none | x,y | ENOENT file there", () -> look(seen));
        seen.makeFile("made");
        assertThat(directory.resolve("made")).exists();
        FEDERATION
                .fedfs("fsn", "annotate", fsn, "--set", "fedfs.immutable=true")
                .ok();
        Await.until(LATER, (long) -Errno.EROFS, () -> (long) seen.mkdir("again", 0755));
        assertThat(root.directory().resolve("made")).doesNotExist();
    }
}
