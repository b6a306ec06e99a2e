package io.fedfs.resolver.grpc;

import io.fedfs.protocol.Fsn;
import io.fedfs.protocol.NsdbAddress;
import io.fedfs.resolver.NsdbClient;
import io.fedfs.resolver.Unresolved.Reason;
import io.fedfs.resolver.config.NsdbConfigException;
import io.fedfs.v1.Attached;
import io.fedfs.v1.Client;
import io.fedfs.v1.GetInfoRequest;
import io.fedfs.v1.GetNamespaceRequest;
import io.fedfs.v1.Namespace;
import io.fedfs.v1.NsdbGrpc;
import io.fedfs.v1.NsdbInfo;
import io.fedfs.v1.ReportAttachedRequest;
import io.fedfs.v1.ReportAttachedResponse;
import io.fedfs.v1.WatchRequest;
import io.grpc.Context;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.function.LongSupplier;

/**
 * {@link NsdbClient} over gRPC. A server that is itself called by gRPC may be who asks; its caller's going away ends nothing
 * here, for an answer is shared by all who wait for it, and a watch by all who come later.
 */
public final class GrpcNsdbClient implements NsdbClient {
    /** A shorter time-out says more about who asked than about the connection. */
    private static final Duration IMPATIENCE = Duration.ofSeconds(1);

    private final NsdbChannels channels;
    private final Calls calls;
    private final Executor io;
    private final LongSupplier ticks;
    private final Runnable onClose;
    private final Map<NsdbAddress, Questions> questions = new ConcurrentHashMap<>();

    /**
     * @param channels closed with this client
     * @param io where calls of {@code Resolve} start: what is asked while it is busy goes into one call
     * @param ticks nanoseconds since any moment
     * @param onClose what else ends with it, for instance the I/O thread
     */
    public GrpcNsdbClient(NsdbChannels channels, Executor io, LongSupplier ticks, Runnable onClose) {
        this.channels = channels;
        this.calls = new Calls(channels);
        this.io = io;
        this.ticks = ticks;
        this.onClose = onClose;
    }

    @Override
    public CompletableFuture<Reply<Located>> resolve(Fsn fsn, Duration timeout) {
        Questions open = questions.get(fsn.nsdb());
        return (open != null
                        ? open
                        : questions.computeIfAbsent(fsn.nsdb(), nsdb -> new Questions(nsdb, calls, io, ticks)))
                .ask(fsn, timeout);
    }

    @Override
    public CompletableFuture<Reply<Fsn>> namespaceRoot(NsdbAddress nsdb, String name, Duration timeout) {
        GetNamespaceRequest request =
                GetNamespaceRequest.newBuilder().setName(name).build();
        return calls.<Namespace, Fsn>start(
                nsdb,
                timeout,
                (stub, reply) -> stub.getNamespace(request, reply),
                answer -> new Ok<>(Fsn.parse(answer.getRootFsn())));
    }

    @Override
    public CompletableFuture<Reply<Info>> info(NsdbAddress nsdb, Duration timeout) {
        GetInfoRequest request = GetInfoRequest.getDefaultInstance();
        CompletableFuture<Reply<Info>> reply = calls.<NsdbInfo, Info>start(
                nsdb,
                timeout,
                (stub, observer) -> stub.getInfo(request, observer),
                answer -> new Ok<>(new Info(StatusReader.printable(answer.getServerVersion()), answer.getRevision())));
        return reply.thenApply(r -> {
            // A connection that swallows a probe may be dead without knowing it: TCP would wait for many minutes.
            if (r instanceof Failed<Info> failed
                    && failed.failure().reason() == Reason.TIMED_OUT
                    && timeout.compareTo(IMPATIENCE) >= 0) {
                channels.discard(nsdb);
            }
            return r;
        });
    }

    @Override
    public Stream watch(NsdbAddress nsdb, long afterRevision, WatchListener listener) {
        WatchObserver observer = new WatchObserver(nsdb, listener);
        WatchRequest request =
                WatchRequest.newBuilder().setAfterRevision(afterRevision).build();
        try {
            NsdbGrpc.NsdbStub stub = NsdbGrpc.newStub(channels.to(nsdb));
            Context.ROOT.run(() -> stub.watch(request, observer));
        } catch (NsdbConfigException e) {
            listener.ended(Calls.unusable(e));
        }
        return observer;
    }

    @Override
    public CompletableFuture<Reply<Boolean>> report(NsdbAddress nsdb, UseReport report, Duration timeout) {
        ReportAttachedRequest.Builder request = ReportAttachedRequest.newBuilder()
                .setClient(Client.newBuilder()
                        .setId(report.client().toString())
                        .setHost(thisHost())
                        .setName(report.name()))
                .setChangesOnly(report.changesOnly());
        report.gone().forEach(fsn -> request.addGone(fsn.toString()));
        for (Use use : report.uses()) {
            Attached.Builder attached =
                    Attached.newBuilder().setFsnUuid(use.fsn().toString()).setRevision(use.revision());
            use.locations().forEach(fsl -> attached.addFslUuids(fsl.toString()));
            request.addAttached(attached);
        }
        return calls.<ReportAttachedResponse, Boolean>start(
                nsdb,
                timeout,
                (stub, reply) -> stub.reportAttached(request.build(), reply),
                answer -> new Ok<>(answer.getKnown()));
    }

    /** As the kernel has it: a look into DNS could block. */
    private static String thisHost() {
        try {
            return Files.readString(Path.of("/proc/sys/kernel/hostname")).strip();
        } catch (IOException e) {
            return "";
        }
    }

    @Override
    public void close() {
        channels.close();
        onClose.run();
    }
}
