package io.fedfs.junction.daos;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;

import io.fedfs.junction.JunctionException;
import io.fedfs.junction.daos.DaosLookup.Found;
import io.fedfs.linux.Errno;
import io.fedfs.linux.ErrnoException;
import io.fedfs.linux.Sys;
import io.fedfs.linux.Xattrs;
import io.fedfs.protocol.FedFsStatus;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.UUID;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What a crash or a full disk between two steps leaves behind, and what is removed on purpose. */
final class EntryCrashTest {
    private static final UUID POOL = UUID.fromString("11111111-2222-3333-4444-555555555555");
    private static final UUID CONT = UUID.fromString("aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee");

    /** No handler in the code under test catches it: as if the process had ended there. */
    private static final class Crash extends Error {
        private static final long serialVersionUID = 1L;
    }

    @TempDir
    Path dir;

    @BeforeEach
    void onlyRootMayDoThis() {
        assumeThat(Sys.geteuid()).isZero();
    }

    private static DaosLookup at(Path path) throws Exception {
        return DaosEntries.read(path, Files.isDirectory(path) ? Sys.S_IFDIR : Sys.S_IFREG, false);
    }

    private long entries() throws Exception {
        try (Stream<Path> all = Files.list(dir)) {
            return all.count();
        }
    }

    @ParameterizedTest
    @EnumSource
    void aCrashLeavesAWholeEntryOrNone(EntryWriter.Step step) throws Exception {
        for (String type : new String[] {"POSIX", "HDF5"}) {
            Path path = dir.resolve(type);
            EntryWriter crashing = new EntryWriter(path, DaosEntry.ofUserDaos(POOL, CONT, type), s -> {
                if (s == step) {
                    throw new Crash();
                }
            });
            assertThatThrownBy(crashing::create).isInstanceOf(Crash.class);
            if (step == EntryWriter.Step.NAMED) {
                assertThat(at(path)).isInstanceOf(Found.class);
            } else {
                assertThat(path).doesNotExist();
            }
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"MADE", "ATTRIBUTE_SET", "SYNCED"})
    void aFailureLeavesNothing(EntryWriter.Step step) throws Exception {
        for (String type : new String[] {"POSIX", "HDF5"}) {
            EntryWriter failing = new EntryWriter(dir.resolve("x"), DaosEntry.ofForeign(POOL, CONT, type), s -> {
                if (s == step) {
                    throw new ErrnoException(Errno.ENOSPC, "step " + s);
                }
            });
            assertThatThrownBy(failing::create)
                    .isInstanceOfSatisfying(
                            JunctionException.class, e -> assertThat(e.status()).isEqualTo(FedFsStatus.NOSPC));
        }
        assertThat(entries()).isZero();
    }

    @Test
    void oldDraftsAreTakenAwayByTheNextEntry() throws Exception {
        Path old = Files.createDirectory(dir.resolve(EntryWriter.DRAFT + "old"));
        Path oldFile = Files.createFile(dir.resolve(EntryWriter.DRAFT + "old-file"));
        Path full = Files.writeString(dir.resolve(EntryWriter.DRAFT + "full"), "data");
        Path young = Files.createDirectory(dir.resolve(EntryWriter.DRAFT + "young"));
        for (Path path : new Path[] {old, oldFile, full}) {
            Files.setLastModifiedTime(path, FileTime.from(Instant.now().minus(Duration.ofHours(2))));
        }
        DaosEntries.create(dir.resolve("x"), DaosEntry.ofUserDaos(POOL, CONT, "POSIX"));
        assertThat(old).doesNotExist();
        assertThat(oldFile).doesNotExist();
        assertThat(full).exists();
        assertThat(young).exists();
    }

    @ParameterizedTest
    @ValueSource(strings = {"POSIX", "HDF5"})
    void anEntryIsRemovedOnPurpose(String type) throws Exception {
        Path uns = dir.resolve("uns");
        DaosEntries.create(uns, DaosEntry.ofUserDaos(POOL, CONT, type));
        DaosEntries.remove(uns);
        assertThat(uns).doesNotExist();
        Path foreign = dir.resolve("foreign");
        DaosEntries.create(foreign, DaosEntry.ofForeign(POOL, CONT, type));
        DaosEntries.remove(foreign);
        assertThat(foreign).doesNotExist();
    }

    @Test
    void onlyEntriesAreRemoved() throws Exception {
        notRemoved(Files.createDirectory(dir.resolve("directory")), FedFsStatus.NOTJUNCT);
        notRemoved(Files.createFile(dir.resolve("file")), FedFsStatus.NOTJUNCT);
        notRemoved(Files.createSymbolicLink(dir.resolve("link"), Path.of("directory")), FedFsStatus.NOTJUNCT);
        Path data = Files.writeString(dir.resolve("data"), "data");
        byte[] value = ("DAOS.HDF5://" + POOL + "/" + CONT).getBytes(StandardCharsets.US_ASCII);
        Xattrs.set(data, "user.daos", value, 0, false);
        notRemoved(data, FedFsStatus.NOTJUNCT);
        Path full = dir.resolve("full");
        DaosEntries.create(full, DaosEntry.ofUserDaos(POOL, CONT, "POSIX"));
        Files.createFile(full.resolve("f"));
        notRemoved(full, FedFsStatus.EXIST);
        assertThatThrownBy(() -> DaosEntries.remove(dir.resolve("none"))).isInstanceOf(JunctionException.class);
    }

    private static void notRemoved(Path path, FedFsStatus why) {
        assertThatThrownBy(() -> DaosEntries.remove(path))
                .isInstanceOfSatisfying(
                        JunctionException.class,
                        e -> assertThat(e.status()).as(e.getMessage()).isEqualTo(why));
        assertThat(Files.exists(path)).isTrue();
    }

    @Test
    void aTargetThatDoesNotAnswerIsToldApart() throws Exception {
        Duration bound = Duration.ofSeconds(20);
        Path prefix = Files.createDirectory(dir.resolve("prefix"));
        String target = prefix + "/" + POOL + "/" + CONT;
        assertThat(TargetProbe.probe(target, bound))
                .satisfies(r -> assertThat(r.state()).isEqualTo(TargetProbe.State.MISSING))
                .satisfies(r -> assertThat(r.detail()).startsWith(prefix + "/" + POOL + ":"));
        Files.createDirectory(prefix.resolve(POOL.toString()));
        assertThat(TargetProbe.probe(target, bound).detail()).startsWith(target + ":");
        Files.createDirectory(Path.of(target));
        assertThat(TargetProbe.probe(target, bound))
                .isEqualTo(new TargetProbe.Result(TargetProbe.State.OK, 0, target + " answers"));
        assertThat(TargetProbe.probe("/no/such/" + POOL + "/" + CONT, bound).detail())
                .startsWith("/no/such: ");
        assertThat(TargetProbe.state(Errno.ENOLINK)).isEqualTo(TargetProbe.State.BROKEN);
        assertThat(TargetProbe.state(Errno.ENOTCONN)).isEqualTo(TargetProbe.State.DEAD);
        assertThat(TargetProbe.state(Errno.EPERM)).isEqualTo(TargetProbe.State.DENIED);
        assertThat(TargetProbe.state(Errno.EOPNOTSUPP)).isEqualTo(TargetProbe.State.UNSUPPORTED);
    }
}
