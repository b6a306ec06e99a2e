package io.fedfs.system;

import static org.assertj.core.api.Assertions.assertThat;

import io.fedfs.posix.Ground;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.time.Duration;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What an administrator changes in the NSDB, as programs on a running mount see it: within a second, without a remount. */
final class ChangeIT {
    private static final Duration SECOND = Duration.ofSeconds(1);
    private static final Duration LATER = Duration.ofSeconds(15);

    @RegisterExtension
    static final Federation FEDERATION = new Federation();

    private static Nsdb nsdb;

    private Fileset root;
    private Fileset inner;

    @BeforeEach
    void start() {
        if (nsdb == null) {
            nsdb = FEDERATION.nsdb();
        }
        root = FEDERATION.fileset(nsdb);
        inner = FEDERATION.fileset(nsdb, 3600);
        FEDERATION.junction(root, "j", inner);
        inner.below().makeFile("f", "old place");
    }

    private Ground mounted() {
        Ground seen = FEDERATION.mount(root).start().seen();
        assertThat(seen.content("j/f")).isEqualTo("old place");
        return seen;
    }

    @Test
    void anInvalidatedFsnIsGoneAndItsRevivalIsBackWithinASecond() {
        Ground seen = mounted();
        nsdb.setFsn(inner.fsn(), false);
        Await.until(SECOND, "ENOLINK", () -> seen.content("j/f"));
        assertThat(seen.names(".")).isEqualTo("j");
        nsdb.setFsn(inner.fsn(), true);
        Await.until(SECOND, "old place", () -> seen.content("j/f"));
    }

    @Test
    void anInvalidatedFslIsGoneAndItsRevivalIsBackWithinASecond() {
        Ground seen = mounted();
        nsdb.setFsl(inner.fsn(), inner.fsl(), false);
        Await.until(SECOND, "ENOLINK", () -> seen.content("j/f"));
        nsdb.setFsl(inner.fsn(), inner.fsl(), true);
        Await.until(SECOND, "old place", () -> seen.content("j/f"));
    }

    @Test
    void aMovedFilesetIsReadAtItsNewPlaceWithinASecondAndOpenFilesStay() throws Exception {
        Ground seen = mounted();
        int open = seen.open("j/f", Ground.RDONLY);
        var elsewhere = FEDERATION.directory("moved");
        Files.writeString(elsewhere.resolve("f"), "new place");
        nsdb.addFsl(inner.fsn(), elsewhere);
        nsdb.deleteFsl(inner.fsn(), inner.fsl());
        Await.until(SECOND, "new place", () -> seen.content("j/f"));
        assertThat(seen.read(open, 100)).isEqualTo("old place");
        seen.makeFile("j/made");
        assertThat(elsewhere.resolve("made")).exists();
    }

    @Test
    void aShellBelowAMovedFilesetGoesOn() throws Exception {
        inner.below().makeDir("d");
        Ground seen = mounted();
        var elsewhere = FEDERATION.directory("moved");
        Files.createDirectory(elsewhere.resolve("d"));
        Files.writeString(elsewhere.resolve("d/f"), "new place");
        int there = seen.open("j/d", io.fedfs.linux.Sys.O_DIRECTORY);
        nsdb.addFsl(inner.fsn(), elsewhere);
        nsdb.deleteFsl(inner.fsn(), inner.fsl());
        Await.until(SECOND, "new place", () -> seen.content("j/d/f"));
        assertThat(seen.fstat(there).kind()).as("its directory is still one").isEqualTo("dir");
    }

    @Test
    void aDeletedAndAFreshlyCreatedRecordAreSeenWithinASecond() {
        Fileset late = FEDERATION.fileset(nsdb);
        late.below().makeFile("f", "late");
        nsdb.deleteFsl(late.fsn(), late.fsl());
        FEDERATION.junction(root, "late", late);
        Ground seen = mounted();
        assertThat(seen.content("late/f")).isEqualTo("ENOLINK");
        nsdb.addFsl(late.fsn(), late.directory());
        Await.until(SECOND, "late", () -> seen.content("late/f"));
    }

    @Test
    void withoutAWatchTheTtlBoundsTheAge() {
        // libfuse 2 has no push: names expire by entry_timeout, referrals by their TTL.
        Fileset brief = FEDERATION.fileset(nsdb, 1);
        FEDERATION.junction(root, "brief", brief);
        brief.below().makeFile("f", "x");
        Ground seen = FEDERATION.mount(root).engine(Engine.JNR_FUSE).start().seen();
        assertThat(seen.content("brief/f")).isEqualTo("x");
        nsdb.setFsn(brief.fsn(), false);
        Await.until(LATER, "ENOLINK", () -> seen.content("brief/f"));
        nsdb.setFsn(brief.fsn(), true);
        Await.until(LATER, "x", () -> seen.content("brief/f"));
    }

    @Test
    void theSecondReplicaIsUsedWhenTheFirstIsMissing() throws Exception {
        var second = FEDERATION.directory("replica");
        Files.writeString(second.resolve("f"), "second");
        nsdb.addFsl(inner.fsn(), second, 1);
        Files.delete(inner.directory().resolve("f"));
        Files.delete(inner.directory());
        assertThat(FEDERATION.mount(root).start().seen().content("j/f")).isEqualTo("second");
    }

    @Test
    void theBetterRankIsUsed() throws Exception {
        var second = FEDERATION.directory("replica");
        Files.writeString(second.resolve("f"), "second");
        nsdb.addFsl(inner.fsn(), second, 1);
        mounted();
    }

    @Test
    void aReplicaTakesOverWhenTheAttachedOneIsInvalidated() throws Exception {
        var second = FEDERATION.directory("replica");
        Files.writeString(second.resolve("f"), "second");
        nsdb.addFsl(inner.fsn(), second, 1);
        Ground seen = mounted();
        nsdb.setFsl(inner.fsn(), inner.fsl(), false);
        Await.until(SECOND, "second", () -> seen.content("j/f"));
    }

    @Test
    void whenEveryLocationIsMissingItIsEHOSTDOWN() throws Exception {
        Files.delete(inner.directory().resolve("f"));
        Files.delete(inner.directory());
        Ground seen = FEDERATION.mount(root).start().seen();
        assertThat(seen.names("j")).isEqualTo("EHOSTDOWN");
        assertThat(seen.names(".")).isEqualTo("j");
    }

    @Test
    void aDirectoryMarkedAsAnotherFilesetIsRefused() {
        OnDisk.attribute(
                inner.directory(), "trusted.fedfs.fsn", root.fsn().toString().getBytes(StandardCharsets.UTF_8));
        Ground seen = FEDERATION.mount(root).start().seen();
        assertThat(seen.names("j")).isIn("EHOSTDOWN", "EACCES");
        OnDisk.attribute(
                inner.directory(), "trusted.fedfs.fsn", inner.fsn().toString().getBytes(StandardCharsets.UTF_8));
        Await.until(LATER, "old place", () -> seen.content("j/f"));
    }

    @Test
    void aReadOnlyLocationRefusesWritesWithEROFS() {
        Fileset readOnly = FEDERATION.fileset(nsdb);
        readOnly.below().makeFile("f", "x");
        nsdb.deleteFsl(readOnly.fsn(), readOnly.fsl());
        FEDERATION
                .fedfs(
                        "fsl",
                        "add",
                        readOnly.fsn().toString(),
                        "--path",
                        readOnly.directory().toString(),
                        "--read-only")
                .ok();
        FEDERATION.junction(root, "ro", readOnly);
        Ground seen = mounted();
        assertThat(seen.content("ro/f")).isEqualTo("x");
        assertThat(seen.tryOpen("ro/f", Ground.WRONLY)).isEqualTo(-io.fedfs.linux.Errno.EROFS);
        assertThat(seen.mkdir("ro/d", 0755)).isEqualTo(-io.fedfs.linux.Errno.EROFS);
    }
}
