package io.fedfs.nsdb.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fedfs.nsdb.model.NsdbException;
import io.fedfs.protocol.FedFsStatus;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What only another process can show: that its lock holds, and what its violent end leaves. */
@Timeout(120)
class ChildProcessTest {
    private static final StoreSettings SETTINGS = new StoreSettings(1_000, 1 << 20, 100, 4);

    @TempDir
    Path directory;

    /** The child: adds FSNs from several threads until it is killed, and prints each UUID once it is acknowledged. */
    static final class Writing {
        public static void main(String[] arguments) {
            SqliteStore store = SqliteStore.open(Path.of(arguments[0]), SETTINGS);
            for (int i = 0; i < 4; i++) {
                new Thread(() -> {
                            while (true) {
                                UUID uuid = Records.add(store);
                                synchronized (Writing.class) {
                                    System.out.println(uuid);
                                    System.out.flush();
                                }
                            }
                        })
                        .start();
            }
        }
    }

    private Process child() throws IOException {
        return new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-cp",
                        System.getProperty("java.class.path"),
                        Writing.class.getName(),
                        directory.toString())
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
    }

    @Test
    void acknowledgedWritesSurviveAKillAndTheLockDoesNot() throws Exception {
        for (int round = 0; round < 2; round++) {
            List<UUID> acknowledged = new ArrayList<>();
            Process child = child();
            try (BufferedReader lines = child.inputReader(StandardCharsets.US_ASCII)) {
                while (acknowledged.size() < 200) {
                    acknowledged.add(UUID.fromString(lines.readLine()));
                }
                assertThatThrownBy(() -> SqliteStore.open(directory, SETTINGS))
                        .isInstanceOfSatisfying(
                                NsdbException.class, e -> assertThat(e.status()).isEqualTo(FedFsStatus.DELAY))
                        .hasMessageContaining("process " + child.pid());
                assertThatThrownBy(() -> StoreBackup.restore(backup(), directory, true))
                        .isInstanceOf(NsdbException.class)
                        .hasMessageContaining("in use");
                assertThat(StoreCheck.ofDirectory(directory).problems()).isEmpty();

                // By its handle: Process.destroyForcibly would close the stream that has still to be read.
                assertThat(child.toHandle().destroyForcibly()).isTrue();
                String line;
                while ((line = lines.readLine()) != null) {
                    if (line.length() == 36) {
                        acknowledged.add(UUID.fromString(line));
                    }
                }
                assertThat(child.waitFor(60, TimeUnit.SECONDS)).isTrue();
            } finally {
                child.destroyForcibly();
            }
            try (SqliteStore store = SqliteStore.open(directory, SETTINGS)) {
                assertThat(acknowledged)
                        .hasSizeGreaterThanOrEqualTo(200)
                        .allSatisfy(uuid -> assertThat(store.fileset(uuid)).isPresent());
                assertThat(store.info().fsns()).isEqualTo(store.revision());
            }
            assertThat(StoreCheck.ofDirectory(directory).problems()).isEmpty();
        }
    }

    private Path backup() {
        Path file = directory.resolveSibling(directory.getFileName() + ".backup");
        StoreBackup.backup(directory, file);
        file.toFile().deleteOnExit();
        return file;
    }
}
