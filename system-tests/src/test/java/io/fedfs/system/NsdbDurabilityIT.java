package io.fedfs.system;

import static org.assertj.core.api.Assertions.assertThat;

import io.fedfs.protocol.Fsn;
import io.fedfs.v1.CreateFsnRequest;
import io.grpc.StatusRuntimeException;
import java.time.Duration;
import java.util.ArrayList;
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
        run("check", "--data", nsdb.data().toString()).ok();
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
    void aBackupOfARunningDaemonIsRestoredWhole() {
        Nsdb nsdb = federation.nsdb();
        Fileset fileset = federation.fileset(nsdb);
        String backup = federation.top().resolve("backup").toString();
        run("backup", "--data", nsdb.data().toString(), backup).ok();
        Fsn later = nsdb.createFsn(10);
        nsdb.stop();
        run("restore", "--data", nsdb.data().toString(), backup).complained();
        run("restore", "--force", "--data", nsdb.data().toString(), backup).ok();
        run("check", "--data", nsdb.data().toString()).ok();
        nsdb.start();
        assertThat(nsdb.allFsns())
                .contains(fileset.fsn().uuid().toString())
                .doesNotContain(later.uuid().toString());
    }

    private Run run(String... arguments) {
        List<String> command = new ArrayList<>(List.of(Distribution.command("fedfs-nsdb")));
        command.addAll(List.of(arguments));
        return federation.run(command);
    }
}
