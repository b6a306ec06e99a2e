package io.fedfs.resolver.grpc;

import io.fedfs.protocol.FedFsStatus;
import io.fedfs.protocol.Fsn;
import io.fedfs.protocol.NsdbAddress;
import io.fedfs.resolver.NsdbClient;
import io.fedfs.resolver.Resolver.FailedLookup;
import io.fedfs.resolver.Unresolved.Reason;
import io.fedfs.resolver.config.NsdbConfigException;
import io.fedfs.v1.Attached;
import io.fedfs.v1.Client;
import io.fedfs.v1.GetInfoRequest;
import io.fedfs.v1.GetNamespaceRequest;
import io.fedfs.v1.Namespace;
import io.fedfs.v1.NsdbGrpc;
import io.fedfs.v1.NsdbInfo;
import io.fedfs.v1.Referral;
import io.fedfs.v1.ReportAttachedRequest;
import io.fedfs.v1.ReportAttachedResponse;
import io.fedfs.v1.ResolveRequest;
import io.fedfs.v1.WatchRequest;
import io.grpc.Context;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;
import java.util.function.Function;

/**
 * {@link NsdbClient} over gRPC. A server that is itself called by gRPC may be who asks; its caller's going away ends nothing
 * here, for an answer is shared by all who wait for it, and a watch by all who come later.
 */
public final class GrpcNsdbClient implements NsdbClient {
    /** A shorter time-out says more about who asked than about the connection. */
    private static final Duration IMPATIENCE = Duration.ofSeconds(1);

    private final NsdbChannels channels;
    private final Runnable onClose;

    /**
     * @param channels closed with this client
     * @param onClose what else ends with it, for instance the I/O thread
     */
    public GrpcNsdbClient(NsdbChannels channels, Runnable onClose) {
        this.channels = channels;
        this.onClose = onClose;
    }

    @Override
    public CompletableFuture<Reply<Located>> resolve(Fsn fsn, Duration timeout) {
        ResolveRequest request =
                ResolveRequest.newBuilder().setFsnUuid(fsn.uuid().toString()).build();
        return this.<Referral, Located>call(
                fsn.nsdb(), timeout, (stub, reply) -> stub.resolve(request, reply), answer -> {
                    Located located = AnswerReader.located(fsn, answer);
                    return located.locations().isEmpty()
                            ? new Failed<>(new FailedLookup(
                                    Reason.NO_LOCATION,
                                    FedFsStatus.NSDB_NOFSL,
                                    "NSDB " + fsn.nsdb() + " has no usable location of " + fsn.uuid()))
                            : new Ok<>(located);
                });
    }

    @Override
    public CompletableFuture<Reply<Fsn>> namespaceRoot(NsdbAddress nsdb, String name, Duration timeout) {
        GetNamespaceRequest request =
                GetNamespaceRequest.newBuilder().setName(name).build();
        return this.<Namespace, Fsn>call(
                nsdb,
                timeout,
                (stub, reply) -> stub.getNamespace(request, reply),
                answer -> new Ok<>(Fsn.parse(answer.getRootFsn())));
    }

    @Override
    public CompletableFuture<Reply<Info>> info(NsdbAddress nsdb, Duration timeout) {
        GetInfoRequest request = GetInfoRequest.getDefaultInstance();
        CompletableFuture<Reply<Info>> reply = this.<NsdbInfo, Info>call(
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
            listener.ended(unusable(e));
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
        return this.<ReportAttachedResponse, Boolean>call(
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

    private <M, T> CompletableFuture<Reply<T>> call(
            NsdbAddress nsdb,
            Duration timeout,
            BiConsumer<NsdbGrpc.NsdbStub, StreamObserver<M>> start,
            Function<M, Reply<T>> read) {
        CompletableFuture<Reply<T>> reply = new CompletableFuture<>();
        NsdbGrpc.NsdbStub stub;
        try {
            stub = NsdbGrpc.newStub(channels.to(nsdb)).withDeadlineAfter(timeout.toNanos(), TimeUnit.NANOSECONDS);
        } catch (NsdbConfigException e) {
            reply.complete(new Failed<>(unusable(e)));
            return reply;
        }
        Context.ROOT.run(() -> start.accept(stub, new OneReply<>(nsdb, read, reply)));
        return reply;
    }

    private static FailedLookup unusable(NsdbConfigException e) {
        return new FailedLookup(Reason.UNTRUSTED, FedFsStatus.NSDB_PARAMS, e.getMessage());
    }

    /** Completes a future with the one message of a call, or with its failure. */
    private static final class OneReply<M, T> implements StreamObserver<M> {
        private final NsdbAddress nsdb;
        private final Function<M, Reply<T>> read;
        private final CompletableFuture<Reply<T>> reply;

        OneReply(NsdbAddress nsdb, Function<M, Reply<T>> read, CompletableFuture<Reply<T>> reply) {
            this.nsdb = nsdb;
            this.read = read;
            this.reply = reply;
        }

        @Override
        public void onNext(M message) {
            Reply<T> value;
            try {
                value = read.apply(message);
            } catch (IllegalArgumentException e) {
                value = new Failed<>(StatusReader.nonsense(nsdb, e.getMessage()));
            }
            reply.complete(value);
        }

        @Override
        public void onError(Throwable failure) {
            reply.complete(new Failed<>(StatusReader.read(nsdb, failure)));
        }

        @Override
        public void onCompleted() {
            reply.complete(new Failed<>(StatusReader.nonsense(nsdb, "none at all")));
        }
    }
}
