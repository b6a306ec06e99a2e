package io.fedfs.fuse.jnr;

import static org.assertj.core.api.Assertions.assertThat;

import io.fedfs.fuse.Request;
import io.fedfs.fuse.ScriptedFileSystem;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

final class DirectoriesTest {
    private final ScriptedFileSystem fs = new ScriptedFileSystem(false);
    private final AtomicLong given = new AtomicLong();
    private final Directories directories = new Directories(fs.fileSystem(), () -> 0);
    private final Request rq = new Request();
    private long valid = 1_000_000_000L;

    @BeforeEach
    void everyNameIsADirectory() {
        fs.on("lookup", (request, args) -> {
            request.entry.nodeid = 1000 + given.incrementAndGet();
            request.entry.entryValidNanos = valid;
            request.entry.attributes.mode = 0040755;
            return 0;
        });
        fs.on("forget", (request, args) -> given.addAndGet(-(long) args[1]));
    }

    private static PathBytes path(String s) {
        return new PathBytes().set(s.getBytes(StandardCharsets.UTF_8));
    }

    private Directories.Directory open(String s) {
        PathBytes p = path(s);
        return directories.open(rq, p, p.length());
    }

    @Test
    void noMoreAreRememberedThanAllowed() {
        for (int i = 0; i < Directories.REMEMBERED + 500; i++) {
            directories.release(open("/d" + i));
        }
        assertThat(directories.size()).isEqualTo(Directories.REMEMBERED);
        assertThat(given).hasValue(Directories.REMEMBERED);
    }

    @Test
    void aDirectoryInUseIsKeptUntilItIsReleased() {
        Directories.Directory d = open("/a");
        directories.forget(path("/a"));
        assertThat(given).hasValue(1);
        directories.release(d);
        assertThat(given).hasValue(0);
    }

    @Test
    void withoutAnEntryTimeoutNothingIsRemembered() {
        valid = 0;
        directories.release(open("/a/b/c"));
        assertThat(directories.size()).isZero();
        assertThat(given).hasValue(0);
    }

    @Test
    void onlyWhatIsAtOrBelowAPathIsForgotten() {
        directories.release(open("/a/b"));
        directories.release(open("/ab"));
        directories.forget(path("/a"));
        assertThat(directories.size()).isEqualTo(1);
        assertThat(given).hasValue(1);
    }

    @Test
    void aNameOfOneDirectoryIsForgottenAndNotThatOfAnother() {
        directories.release(open("/a/j/x"));
        directories.release(open("/b/j"));
        Directories.Directory a = open("/a");
        directories.release(a);
        directories.forget(a.nodeid, "j".getBytes(StandardCharsets.UTF_8));
        assertThat(directories.size()).as("/a, /b and /b/j").isEqualTo(3);
        directories.release(open("/a/j"));
        assertThat(directories.size()).isEqualTo(4);
    }
}
