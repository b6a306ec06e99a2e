package io.fedfs.resolver.grpc;

import io.fedfs.protocol.FedFsStatus;
import io.fedfs.protocol.StatusTrailer;
import io.fedfs.v1.Change;
import io.fedfs.v1.Fsl;
import io.fedfs.v1.Fsn;
import io.fedfs.v1.GetInfoRequest;
import io.fedfs.v1.GetNamespaceRequest;
import io.fedfs.v1.Namespace;
import io.fedfs.v1.NsdbGrpc;
import io.fedfs.v1.NsdbInfo;
import io.fedfs.v1.Referral;
import io.fedfs.v1.ResolveManyRequest;
import io.fedfs.v1.ResolveManyResponse;
import io.fedfs.v1.ResolveRequest;
import io.fedfs.v1.StatusDetail;
import io.fedfs.v1.WatchEvent;
import io.fedfs.v1.WatchRequest;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.StreamObserver;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;

/** A server whose answers the test decides, the impossible ones included. */
final class FakeService extends NsdbGrpc.NsdbImplBase {
    final AtomicInteger resolves = new AtomicInteger();
    final BlockingQueue<StreamObserver<WatchEvent>> watchers = new LinkedBlockingQueue<>();
    volatile long lastWatchAfter = -1;
    volatile Function<ResolveRequest, Referral> onResolve = r -> referral(r.getFsnUuid(), fsl(1, "/a"));

    /** How many were asked for in each call that was about several. */
    final List<Integer> together = new CopyOnWriteArrayList<>();

    volatile Function<ResolveManyRequest, ResolveManyResponse> onResolveMany = this::each;

    volatile Namespace namespace = Namespace.getDefaultInstance();
    volatile boolean silent;

    static Referral referral(String fsn, Fsl... locations) {
        return Referral.newBuilder()
                .setFsn(Fsn.newBuilder().setUuid(fsn).setTtlSeconds(300))
                .addAllFsls(List.of(locations))
                .setRevision(5)
                .setNsdbRevision(9)
                .build();
    }

    static Fsl fsl(int number, String path) {
        return Fsl.newBuilder()
                .setUuid(new UUID(8, number).toString())
                .setType("local")
                .setHost("h")
                .setExportPath(path)
                .build();
    }

    static StatusRuntimeException refusal(Status status, FedFsStatus number, String message) {
        Metadata trailers = new Metadata();
        StatusTrailer.put(
                trailers,
                StatusDetail.newBuilder()
                        .setStatus(number.number())
                        .setMessage(message)
                        .build());
        return status.withDescription(message).asRuntimeException(trailers);
    }

    static WatchEvent event(long revision, Change... changes) {
        return WatchEvent.newBuilder()
                .setRevision(revision)
                .addAllChanges(List.of(changes))
                .build();
    }

    static Change change(String key, Change.Kind kind, long revision) {
        return Change.newBuilder()
                .setKey(key)
                .setKind(kind)
                .setRevision(revision)
                .build();
    }

    @Override
    public void getInfo(GetInfoRequest request, StreamObserver<NsdbInfo> reply) {
        if (silent) {
            return;
        }
        reply.onNext(
                NsdbInfo.newBuilder().setServerVersion("test").setRevision(9).build());
        reply.onCompleted();
    }

    @Override
    public void resolve(ResolveRequest request, StreamObserver<Referral> reply) {
        resolves.incrementAndGet();
        if (silent) {
            return;
        }
        try {
            reply.onNext(onResolve.apply(request));
            reply.onCompleted();
        } catch (StatusRuntimeException e) {
            reply.onError(e);
        }
    }

    @Override
    public void resolveMany(ResolveManyRequest request, StreamObserver<ResolveManyResponse> reply) {
        together.add(request.getFsnUuidsCount());
        if (silent) {
            return;
        }
        try {
            reply.onNext(onResolveMany.apply(request));
            reply.onCompleted();
        } catch (StatusRuntimeException e) {
            reply.onError(e);
        }
    }

    /** As a server answers that has nothing to hide. */
    ResolveManyResponse each(ResolveManyRequest request) {
        ResolveManyResponse.Builder response = ResolveManyResponse.newBuilder();
        for (String fsn : request.getFsnUuidsList()) {
            ResolveManyResponse.Outcome.Builder outcome = response.addOutcomesBuilder();
            try {
                outcome.setReferral(onResolve.apply(
                        ResolveRequest.newBuilder().setFsnUuid(fsn).build()));
            } catch (StatusRuntimeException e) {
                outcome.setRefusal(StatusTrailer.read(e).orElseThrow());
            }
        }
        return response.build();
    }

    @Override
    public void getNamespace(GetNamespaceRequest request, StreamObserver<Namespace> reply) {
        reply.onNext(namespace);
        reply.onCompleted();
    }

    @Override
    public void watch(WatchRequest request, StreamObserver<WatchEvent> events) {
        lastWatchAfter = request.getAfterRevision();
        events.onNext(event(request.getAfterRevision() == 0 ? 9 : request.getAfterRevision()));
        watchers.add(events);
    }
}
