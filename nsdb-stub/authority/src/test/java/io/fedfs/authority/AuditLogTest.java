package io.fedfs.authority;

import static org.assertj.core.api.Assertions.assertThat;

import io.fedfs.protocol.FedFsStatus;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AuditLogTest {
    private static final Clock CLOCK = Clock.fixed(Instant.parse("2026-11-24T12:00:00Z"), ZoneOffset.UTC);

    @TempDir
    Path directory;

    private static AuditEntry entry(String call, String message) {
        return new AuditEntry(
                "fedfs.v1.Nsdb",
                call,
                new Principal("cn:alice", Set.of("cn:alice")),
                "127.0.0.1:1",
                List.of(new Check(
                        "add-fsl",
                        Access.WRITE,
                        Target.in(Subtree.of("physics"), "fsn 1").withExport(Export.of("fs1:/srv")))),
                List.of("policy.yaml:3"),
                message.isEmpty() ? FedFsStatus.OK : FedFsStatus.ACCESS,
                message,
                Map.of("revision", 7L),
                Duration.ofMillis(3));
    }

    @Test
    void anEntryIsOneLineOfJsonThatSaysWhoWhatOnWhatFromWhereAndTheResult() throws Exception {
        Path file = directory.resolve("audit.log");
        try (AuditLog audit = AuditLog.to(file, CLOCK)) {
            audit.append(entry("AddFsl", "no\nway"));
        }
        assertThat(Files.readAllLines(file))
                .containsExactly(
                        "{\"time\":\"2026-11-24T12:00:00Z\",\"service\":\"fedfs.v1.Nsdb\",\"call\":\"AddFsl\","
                                + "\"principal\":\"cn:alice\",\"names\":[\"cn:alice\"],\"from\":\"127.0.0.1:1\","
                                + "\"on\":[{\"operation\":\"add-fsl\",\"what\":\"fsn 1\",\"subtree\":\"/physics\","
                                + "\"export\":\"fs1:/srv\"}],\"granted_by\":[\"policy.yaml:3\"],"
                                + "\"status\":1,\"result\":\"FEDFS_ERR_ACCESS\",\"message\":\"no\\nway\",\"revision\":7,\"ms\":3}");
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                .isEqualTo("rw-r-----");
    }

    @Test
    void aRenamedFileIsFollowedByANewOneAndAnOldOneIsAppendedTo() throws Exception {
        Path file = directory.resolve("audit.log");
        Path old = directory.resolve("audit.log.1");
        try (AuditLog audit = AuditLog.to(file, CLOCK)) {
            audit.append(entry("First", ""));
            Files.move(file, old);
            audit.append(entry("Second", ""));
        }
        try (AuditLog audit = AuditLog.to(file, CLOCK)) {
            audit.append(entry("Third", ""));
        }
        assertThat(Files.readString(old)).contains("First").doesNotContain("Second");
        assertThat(Files.readAllLines(file)).hasSize(2);
        assertThat(Files.readString(file)).contains("Second", "Third");
    }

    @Test
    void whatCannotBeWrittenIsSaid() throws Exception {
        Path gone = Files.createDirectory(directory.resolve("logs"));
        Path file = gone.resolve("audit.log");
        try (AuditLog audit = AuditLog.to(file, CLOCK)) {
            assertThat(audit.writable()).isTrue();
            Files.delete(file);
            Files.delete(gone);
            assertThat(audit.writable()).isFalse();
            audit.append(entry("Lost", ""));
            Files.createDirectory(gone);
            assertThat(audit.writable()).isTrue();
        }
        assertThat(AuditLog.none().writable()).isTrue();
    }
}
