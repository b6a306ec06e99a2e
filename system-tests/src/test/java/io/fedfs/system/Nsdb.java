package io.fedfs.system;

import io.fedfs.protocol.Fsn;
import io.fedfs.protocol.NsdbAddress;
import io.fedfs.v1.AddFslRequest;
import io.fedfs.v1.CreateFsnRequest;
import io.fedfs.v1.DeleteFslRequest;
import io.fedfs.v1.Fsl;
import io.fedfs.v1.GetInfoRequest;
import io.fedfs.v1.NsdbGrpc;
import io.fedfs.v1.SetFslStateRequest;
import io.fedfs.v1.SetFsnStateRequest;
import io.fedfs.v1.State;
import io.grpc.ManagedChannel;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.TimeUnit;

/** One NSDB daemon of the distribution, on a port of its own, and a gRPC client to make records with. */
final class Nsdb {
    private static final Duration START = Duration.ofSeconds(30);

    private final Path home;
    private final int port;
    private final Map<String, String> environment;
    private final List<String> options;
    private final ManagedChannel channel;
    private final NsdbGrpc.NsdbBlockingStub stub;
    private Process process;

    /** Does not start it. Records can be made here only when the options leave it without TLS. */
    Nsdb(Path home, int port, Map<String, String> environment, List<String> options) {
        this.home = home;
        this.port = port;
        this.environment = environment;
        this.options = List.copyOf(options);
        this.channel =
                NettyChannelBuilder.forAddress("127.0.0.1", port).usePlaintext().build();
        this.stub = NsdbGrpc.newBlockingStub(channel);
    }

    /** Starts the daemon and waits for its one line on stdout. */
    Nsdb start() {
        try {
            Path out = home.resolve("nsdb.out");
            Files.deleteIfExists(out);
            Files.createDirectories(home.resolve("data"));
            List<String> command = new ArrayList<>(List.of(
                    Distribution.command("fedfs-nsdb"),
                    "serve",
                    "--data",
                    home.resolve("data").toString(),
                    "--listen",
                    address()));
            command.addAll(options);
            ProcessBuilder builder = new ProcessBuilder(command)
                    .redirectInput(Path.of("/dev/null").toFile())
                    .redirectOutput(out.toFile())
                    .redirectError(ProcessBuilder.Redirect.appendTo(
                            home.resolve("nsdb.err").toFile()));
            builder.environment().putAll(environment);
            process = builder.start();
            long end = System.nanoTime() + START.toNanos();
            while (!Files.readString(out).contains("\n")) {
                if (!process.isAlive() || System.nanoTime() > end) {
                    throw new AssertionError("fedfs-nsdb does not answer; it said: " + errors());
                }
                Await.pause(Duration.ofMillis(10));
            }
            channel.resetConnectBackoff();
            return this;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** As a power cut would: no warning, no clean up. */
    void kill() {
        process.destroyForcibly();
        awaitEnd();
    }

    /** SIGTERM. */
    void stop() {
        process.destroy();
        awaitEnd();
    }

    private void awaitEnd() {
        try {
            if (!process.waitFor(20, TimeUnit.SECONDS)) {
                process.destroyForcibly();
                throw new AssertionError("fedfs-nsdb did not end within 20 s after SIGTERM");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    /** Stops answering without closing anything, as an overloaded machine does. */
    void freeze() {
        signal("STOP");
    }

    void thaw() {
        signal("CONT");
    }

    private void signal(String name) {
        Run.program(home, Map.of(), List.of("kill", "-" + name, Long.toString(process.pid())))
                .ok();
    }

    /** Ends daemon and client, whatever state they are in. */
    void close() {
        channel.shutdownNow();
        if (process != null && process.isAlive()) {
            signal("CONT");
            stop();
        }
    }

    boolean isAlive() {
        return process != null && process.isAlive();
    }

    String address() {
        return "127.0.0.1:" + port;
    }

    String errors() throws IOException {
        return Files.readString(home.resolve("nsdb.err"), StandardCharsets.UTF_8);
    }

    Path data() {
        return home.resolve("data");
    }

    NsdbGrpc.NsdbBlockingStub stub() {
        return stub.withDeadlineAfter(20, TimeUnit.SECONDS);
    }

    long resolveCount() {
        return stub().getInfo(GetInfoRequest.getDefaultInstance()).getResolveCount();
    }

    // ---- records

    Fsn fsn(UUID uuid) {
        return new Fsn(NsdbAddress.parse(address()), uuid);
    }

    Fsn createFsn(int ttlSeconds) {
        return fsn(UUID.fromString(stub().createFsn(
                        CreateFsnRequest.newBuilder().setTtlSeconds(ttlSeconds).build())
                .getUuid()));
    }

    String addFsl(Fsn fsn, Path directory) {
        return addFsl(fsn, directory, 0);
    }

    String addFsl(Fsn fsn, Path directory, int rank) {
        return addFsl(fsn, directory, rank, true);
    }

    String addFsl(Fsn fsn, Path directory, int rank, boolean writable) {
        return stub().addFsl(AddFslRequest.newBuilder()
                        .setFsl(Fsl.newBuilder()
                                .setFsnUuid(fsn.uuid().toString())
                                .setType("local")
                                .setHost("localhost")
                                .setExportPath(directory.toString())
                                .setWritable(writable)
                                .setReadRank(rank)
                                .setWriteRank(rank))
                        .build())
                .getUuid();
    }

    void deleteFsl(Fsn fsn, String fsl) {
        stub().deleteFsl(DeleteFslRequest.newBuilder()
                .setFsnUuid(fsn.uuid().toString())
                .setFslUuid(fsl)
                .build());
    }

    void setFsn(Fsn fsn, boolean valid) {
        stub().setFsnState(SetFsnStateRequest.newBuilder()
                .setUuid(fsn.uuid().toString())
                .setState(valid ? State.STATE_VALID : State.STATE_INVALID)
                .setReason("a test")
                .build());
    }

    void setFsl(Fsn fsn, String fsl, boolean valid) {
        stub().setFslState(SetFslStateRequest.newBuilder()
                .setFsnUuid(fsn.uuid().toString())
                .setFslUuid(fsl)
                .setState(valid ? State.STATE_VALID : State.STATE_INVALID)
                .setReason("a test")
                .build());
    }

    /** The UUIDs of all FSNs, page by page. */
    List<String> allFsns() {
        List<String> all = new ArrayList<>();
        String token = "";
        do {
            var page = stub().listFsns(io.fedfs.v1.ListFsnsRequest.newBuilder()
                    .setPageSize(1000)
                    .setPageToken(token)
                    .build());
            page.getFsnsList().forEach(f -> all.add(f.getFsn().getUuid()));
            token = page.getNextPageToken();
        } while (!token.isEmpty());
        return all;
    }
}
