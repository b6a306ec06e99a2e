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
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.TimeUnit;

/** One NSDB daemon of the distribution, on a port of its own, and a gRPC client to make records with. */
final class Nsdb {
    private final Path home;
    private final int port;
    private final List<String> options;
    private final DaemonProcess daemon;
    private final ManagedChannel channel;
    private final NsdbGrpc.NsdbBlockingStub stub;

    /** Does not start it. Records can be made here only when the options leave it without TLS. */
    Nsdb(Path home, int port, Map<String, String> environment, List<String> options) {
        this.home = home;
        this.port = port;
        this.options = List.copyOf(options);
        this.daemon = new DaemonProcess("fedfs-nsdb", home, environment);
        this.channel =
                NettyChannelBuilder.forAddress("127.0.0.1", port).usePlaintext().build();
        this.stub = NsdbGrpc.newBlockingStub(channel);
    }

    /** Starts the daemon and waits for its one line on stdout. */
    Nsdb start() {
        List<String> command = new ArrayList<>(List.of(
                Distribution.command("fedfs-nsdb"), "serve", "--data", data().toString(), "--listen", address()));
        command.addAll(options);
        daemon.start(command);
        channel.resetConnectBackoff();
        return this;
    }

    /** As a power cut would: no warning, no clean up. */
    void kill() {
        daemon.kill();
    }

    /** SIGTERM. */
    void stop() {
        daemon.stop();
    }

    /** Stops answering without closing anything, as an overloaded machine does. */
    void freeze() {
        daemon.freeze();
    }

    void thaw() {
        daemon.thaw();
    }

    /** Ends daemon and client, whatever state they are in. */
    void close() {
        channel.shutdownNow();
        daemon.close();
    }

    boolean isAlive() {
        return daemon.isAlive();
    }

    String address() {
        return "127.0.0.1:" + port;
    }

    String errors() {
        return daemon.log();
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
