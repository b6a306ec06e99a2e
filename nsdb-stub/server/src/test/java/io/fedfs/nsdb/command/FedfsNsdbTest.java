package io.fedfs.nsdb.command;

import static org.assertj.core.api.Assertions.assertThat;

import io.fedfs.nsdb.store.SqliteStore;
import io.fedfs.nsdb.store.StoreSettings;
import io.fedfs.v1.CreateFsnRequest;
import io.fedfs.v1.GetInfoRequest;
import io.fedfs.v1.NsdbGrpc;
import io.fedfs.v1.NsdbInfo;
import io.fedfs.v1.WatchRequest;
import io.grpc.Grpc;
import io.grpc.InsecureChannelCredentials;
import io.grpc.ManagedChannel;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The command line: what it prints, where, and its exit codes. */
@Timeout(180)
class FedfsNsdbTest {
    @TempDir
    Path directory;

    private record Outcome(int code, String out, String err) {}

    private static Outcome run(String... arguments) {
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        int code = FedfsNsdb.run(new PrintWriter(out, true), new PrintWriter(err, true), arguments);
        return new Outcome(code, out.toString(), err.toString());
    }

    private static void mistake(int code, String message, String... arguments) {
        Outcome outcome = run(arguments);
        assertThat(outcome.code()).isEqualTo(code);
        assertThat(outcome.out()).isEmpty();
        assertThat(outcome.err()).startsWith("fedfs-nsdb: ").contains(message).doesNotContain("\tat ");
        assertThat(outcome.err().lines()).hasSizeLessThanOrEqualTo(2);
    }

    private String data() {
        return directory.resolve("data").toString();
    }

    @Test
    void helpAndVersionAreForPeople() {
        assertThat(run("--help").out()).contains("serve", "backup", "restore", "check", "Exit codes");
        assertThat(run("serve", "--help").out()).contains("--data", "--tls-cert", "127.0.0.1:7532");
        assertThat(run("--version").out()).matches("fedfs-nsdb \\d+\\.\\d+.*\\s+");
        assertThat(run("--help").code()).isZero();
    }

    @Test
    void mistakesGetOneMessageAndACode() throws IOException {
        Path file = Files.writeString(directory.resolve("file"), "x");
        mistake(8, "serve, backup, restore or check");
        mistake(8, "bogus", "bogus");
        mistake(8, "--data", "serve");
        mistake(8, "--unknown", "serve", "--data", data(), "--unknown");
        mistake(8, "HOST:PORT", "serve", "--data", data(), "--listen", "7532");
        mistake(8, "not known", "serve", "--data", data(), "--listen", "no-such-host.invalid:0");
        mistake(8, "--allow-plaintext", "serve", "--data", data(), "--listen", "0.0.0.0:0");
        mistake(8, "both", "serve", "--data", data(), "--tls-cert", "x.pem");
        mistake(8, "none.pem", serve("--tls-cert", "none.pem", "--tls-key", "none.key"));
        mistake(8, "--advertise", serve("--advertise", "a b"));
        mistake(8, "--heartbeat", serve("--heartbeat", "0"));
        mistake(8, "loopback", serve("--metrics", "0.0.0.0:0"));
        mistake(8, "not a directory", "serve", "--data", file.toString(), "--listen", "127.0.0.1:0");
        mistake(8, "no NSDB store", "check", "--data", directory.toString());
        mistake(8, "no such backup", "restore", "none", "--data", data());
    }

    private String[] serve(String... more) {
        String[] all = new String[more.length + 5];
        System.arraycopy(new String[] {"serve", "--data", data(), "--listen", "127.0.0.1:0"}, 0, all, 0, 5);
        System.arraycopy(more, 0, all, 5, more.length);
        return all;
    }

    @Test
    void busyPortIsAnIoErrorAndLeavesTheStoreFree() throws IOException {
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            String address = "127.0.0.1:" + taken.getLocalPort();
            mistake(9, "cannot listen on " + address, "serve", "--data", data(), "--listen", address);
        }
        SqliteStore.open(Path.of(data()), StoreSettings.defaults()).close();
    }

    @Test
    void backupRestoreAndCheckSayWhatTheyDid() {
        SqliteStore.open(Path.of(data()), StoreSettings.defaults()).close();
        String file = directory.resolve("backup").toString();
        assertThat(run("backup", "--data", data(), file).out()).contains("backed up");
        mistake(7, "already", "restore", file, "--data", data());
        assertThat(run("restore", file, "--data", data(), "--force").out()).contains("restored", "0 FSNs");
        Outcome check = run("check", "--data", data());
        assertThat(check.code()).isZero();
        assertThat(check.out()).contains("format 2, revision 1000000000", "sound");
    }

    private static NsdbInfo info(ManagedChannel channel) {
        return NsdbGrpc.newBlockingStub(channel)
                .withDeadlineAfter(60, TimeUnit.SECONDS)
                .getInfo(GetInfoRequest.getDefaultInstance());
    }

    @Test
    void daemonServesStopsWithinItsBoundAndKeepsWhatItAcknowledged() throws Exception {
        List<String> serve =
                List.of("--data", data(), "--listen", "127.0.0.1:0", "--advertise", "NSDB.example.org:7000");
        try (Daemon daemon = Daemon.start(List.of(), serve)) {
            assertThat(daemon.revision()).isZero();
            mistake(34, "process " + daemon.pid(), "serve", "--data", data(), "--listen", "127.0.0.1:0");
            assertThat(run("check", "--data", data()).code()).isZero();
            ManagedChannel channel = Grpc.newChannelBuilder(daemon.address(), InsecureChannelCredentials.create())
                    .build();
            try {
                NsdbGrpc.newBlockingStub(channel).createFsn(CreateFsnRequest.getDefaultInstance());
                assertThat(info(channel).getAdvertisedName()).isEqualTo("nsdb.example.org:7000");
                // An open watch must not keep it from stopping.
                assertThat(NsdbGrpc.newBlockingStub(channel)
                                .watch(WatchRequest.getDefaultInstance())
                                .next()
                                .getRevision())
                        .isEqualTo(1);
                assertThat(daemon.terminate()).isEqualTo(128 + 15);
            } finally {
                channel.shutdownNow();
            }
        }
        try (Daemon daemon = Daemon.start(List.of(), serve)) {
            assertThat(daemon.revision()).isEqualTo(1);
            daemon.kill();
        }
        assertThat(run("check", "--data", data()).out()).contains("1 FSNs", "sound");
    }

    @Test
    void metricsCountCallsByMethodAndOutcome() throws Exception {
        int port;
        try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = free.getLocalPort();
        }
        List<String> serve = List.of("--data", data(), "--listen", "127.0.0.1:0", "--metrics", "127.0.0.1:" + port);
        try (Daemon daemon = Daemon.start(List.of(), serve)) {
            ManagedChannel channel = Grpc.newChannelBuilder(daemon.address(), InsecureChannelCredentials.create())
                    .build();
            try {
                info(channel);
                NsdbGrpc.newBlockingStub(channel).createFsn(CreateFsnRequest.getDefaultInstance());
            } finally {
                channel.shutdownNow();
            }
            try (InputStream in =
                    URI.create("http://127.0.0.1:" + port + "/metrics").toURL().openStream()) {
                assertThat(new String(in.readAllBytes(), StandardCharsets.UTF_8))
                        .contains("fedfs_nsdb_calls_seconds_count{code=\"OK\",method=\"CreateFsn\"} 1")
                        .contains("fedfs_nsdb_fsns 1.0")
                        .contains("fedfs_nsdb_revision 1.0")
                        .contains("jvm_memory_used_bytes");
            }
        }
    }
}
