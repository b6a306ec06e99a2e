package io.fedfs.system;

import static org.assertj.core.api.Assertions.assertThat;

import io.fedfs.v1.CreateFsnRequest;
import io.grpc.StatusRuntimeException;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What an NSDB has acknowledged it still knows after kill -9. */
final class NsdbDurabilityIT {
    @RegisterExtension
    final Federation federation = new Federation();

    @Test
    void everyAcknowledgedWriteSurvivesKillMinusNine() throws Exception {
        Nsdb nsdb = federation.nsdb();
        ConcurrentLinkedQueue<String> acknowledged = new ConcurrentLinkedQueue<>();
        for (int round = 0; round < 3; round++) {
            int before = acknowledged.size();
            ExecutorService writers = Executors.newFixedThreadPool(4);
            for (int i = 0; i < 4; i++) {
                writers.execute(() -> writeUntilItDies(nsdb, acknowledged));
            }
            Await.until(Duration.ofSeconds(20), true, () -> acknowledged.size() > before + 100);
            nsdb.kill();
            writers.shutdown();
            assertThat(writers.awaitTermination(30, TimeUnit.SECONDS)).isTrue();
            nsdb.start();
            Set<String> kept = Set.copyOf(nsdb.allFsns());
            assertThat(kept).as("round %d", round).containsAll(acknowledged);
        }
        nsdb.stop();
        federation
                .run(List.of(
                        Distribution.command("fedfs-nsdb"),
                        "check",
                        "--data",
                        nsdb.data().toString()))
                .ok();
    }

    private static void writeUntilItDies(Nsdb nsdb, ConcurrentLinkedQueue<String> acknowledged) {
        try {
            while (true) {
                acknowledged.add(nsdb.stub()
                        .createFsn(CreateFsnRequest.getDefaultInstance())
                        .getUuid());
            }
        } catch (StatusRuntimeException e) {
            assertThat(acknowledged).isNotEmpty();
        }
    }

    @Test
    void twoDaemonsOnOneStoreAreRefused() {
        Nsdb nsdb = federation.nsdb();
        Run second = federation.run(List.of(
                Distribution.command("fedfs-nsdb"),
                "serve",
                "--data",
                nsdb.data().toString(),
                "--listen",
                "127.0.0.1:" + Federation.freePort()));
        second.complained();
        assertThat(nsdb.createFsn(10)).isNotNull();
    }

    @Test
    void anotherHostsAddressNeedsTlsOrAnExplicitChoice() {
        Run run = federation.run(List.of(
                Distribution.command("fedfs-nsdb"),
                "serve",
                "--data",
                federation.directory("open").toString(),
                "--listen",
                "0.0.0.0:" + Federation.freePort()));
        run.complained();
    }

    @Test
    void backupAndRestoreKeepEveryRecord() {
        Nsdb nsdb = federation.nsdb();
        Fileset fileset = federation.fileset(nsdb);
        nsdb.stop();
        String backup = federation.top().resolve("backup").toString();
        String command = Distribution.command("fedfs-nsdb");
        Run made = federation.run(List.of(command, "backup", "--help"));
        assertThat(made.ok().out()).contains("--data");
        federation
                .run(List.of(command, "backup", "--data", nsdb.data().toString(), "--to", backup))
                .ok();
        String restored = federation.top().resolve("restored").toString();
        federation
                .run(List.of(command, "restore", "--data", restored, "--from", backup))
                .ok();
        federation.run(List.of(command, "check", "--data", restored)).ok();
        assertThat(fileset.fsn()).isNotNull();
    }
}
