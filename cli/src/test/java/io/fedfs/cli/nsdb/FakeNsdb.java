package io.fedfs.cli.nsdb;

import io.fedfs.protocol.FedFsStatus;
import io.fedfs.protocol.StatusTrailer;
import io.fedfs.v1.AnnotateRequest;
import io.fedfs.v1.AnnotateResponse;
import io.fedfs.v1.CreateFsnRequest;
import io.fedfs.v1.DeleteFsnRequest;
import io.fedfs.v1.DeleteResponse;
import io.fedfs.v1.Fsl;
import io.fedfs.v1.Fsn;
import io.fedfs.v1.FsnWithFsls;
import io.fedfs.v1.GetFsnRequest;
import io.fedfs.v1.GetInfoRequest;
import io.fedfs.v1.ListFsnsRequest;
import io.fedfs.v1.ListFsnsResponse;
import io.fedfs.v1.NsdbGrpc;
import io.fedfs.v1.NsdbInfo;
import io.fedfs.v1.Operation;
import io.fedfs.v1.Referral;
import io.fedfs.v1.ResolveRequest;
import io.fedfs.v1.SetFsnStateRequest;
import io.fedfs.v1.State;
import io.fedfs.v1.StateInfo;
import io.fedfs.v1.StatusDetail;
import io.fedfs.v1.TransactRequest;
import io.fedfs.v1.TransactResponse;
import io.fedfs.v1.UpdateFslRequest;
import io.grpc.Grpc;
import io.grpc.InsecureServerCredentials;
import io.grpc.Metadata;
import io.grpc.Server;
import io.grpc.Status;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.TimeUnit;

/**
 * An NSDB in memory with as much of the contract as the commands need, on a free port of this host. Two FSNs make a page, so
 * lists are long at once.
 */
final class FakeNsdb extends NsdbGrpc.NsdbImplBase implements AutoCloseable {
    private static final int PAGE = 2;

    private final Server server;
    private final Map<String, FsnWithFsls> filesets = new TreeMap<>();
    private long revision;

    /** Every transaction is refused with this while it is set. */
    volatile FedFsStatus refuseTransactions;

    /** What FSNs made here are to be named by. */
    volatile String advertised = "";

    FakeNsdb() throws IOException {
        server = Grpc.newServerBuilderForPort(0, InsecureServerCredentials.create())
                .addService(this)
                .build()
                .start();
    }

    String address() {
        return "127.0.0.1:" + server.getPort();
    }

    synchronized List<FsnWithFsls> filesets() {
        return List.copyOf(filesets.values());
    }

    @Override
    public void close() throws InterruptedException {
        server.shutdownNow().awaitTermination(10, TimeUnit.SECONDS);
    }

    /** Work that changes or reads the store; what it throws becomes the call's failure. */
    private interface Work<T> {
        T run() throws Refused;
    }

    private static final class Refused extends Exception {
        private static final long serialVersionUID = 1L;
        private final FedFsStatus status;

        Refused(FedFsStatus status, String message) {
            super(message);
            this.status = status;
        }
    }

    private synchronized <T> void answer(StreamObserver<T> observer, Work<T> work) {
        try {
            observer.onNext(work.run());
            observer.onCompleted();
        } catch (Refused e) {
            Metadata trailers = new Metadata();
            StatusTrailer.put(
                    trailers,
                    StatusDetail.newBuilder()
                            .setStatus(e.status.number())
                            .setMessage(e.getMessage())
                            .build());
            observer.onError(Status.FAILED_PRECONDITION.asRuntimeException(trailers));
        }
    }

    private FsnWithFsls known(String uuid) throws Refused {
        FsnWithFsls found = filesets.get(uuid);
        if (found == null) {
            throw new Refused(FedFsStatus.NSDB_NOFSN, "no FSN " + uuid);
        }
        return found;
    }

    private Fsn create(CreateFsnRequest request) throws Refused {
        String uuid = request.getUuid().isEmpty() ? UUID.randomUUID().toString() : request.getUuid();
        FsnWithFsls old = filesets.get(uuid);
        boolean revivable =
                old != null && request.getRecover() && old.getFsn().getState().getState() == State.STATE_INVALID;
        if (old != null && !revivable) {
            throw new Refused(FedFsStatus.EXIST, "FSN " + uuid + " exists");
        }
        Fsn made = Fsn.newBuilder()
                .setUuid(uuid)
                .setTtlSeconds(request.hasTtlSeconds() ? request.getTtlSeconds() : 300)
                .setState(StateInfo.newBuilder().setState(State.STATE_VALID))
                .addAllAnnotations(request.getAnnotationsList())
                .addAllDescriptions(request.getDescriptionsList())
                .setRevision(++revision)
                .build();
        FsnWithFsls.Builder kept = old == null ? FsnWithFsls.newBuilder() : old.toBuilder();
        filesets.put(uuid, kept.setFsn(made).build());
        return made;
    }

    private Fsl add(Fsl fsl) throws Refused {
        Fsl made = fsl.toBuilder()
                .setUuid(fsl.getUuid().isEmpty() ? UUID.randomUUID().toString() : fsl.getUuid())
                .setState(StateInfo.newBuilder().setState(State.STATE_VALID))
                .setRevision(++revision)
                .build();
        filesets.put(
                fsl.getFsnUuid(),
                known(fsl.getFsnUuid()).toBuilder().addFsls(made).build());
        return made;
    }

    private Fsn setState(SetFsnStateRequest request) throws Refused {
        FsnWithFsls old = known(request.getUuid());
        Fsn now = old.getFsn().toBuilder()
                .setState(StateInfo.newBuilder()
                        .setState(request.getState())
                        .setReason(request.getReason())
                        .setSinceMs(1_000))
                .setRevision(++revision)
                .build();
        filesets.put(request.getUuid(), old.toBuilder().setFsn(now).build());
        return now;
    }

    private DeleteResponse delete(DeleteFsnRequest request) throws Refused {
        if (known(request.getUuid()).getFslsCount() > 0 && !request.getWithFsls()) {
            throw new Refused(FedFsStatus.FSN_HAS_FSLS, "FSN " + request.getUuid() + " still has FSLs");
        }
        filesets.remove(request.getUuid());
        return DeleteResponse.newBuilder().setRevision(++revision).build();
    }

    @Override
    public void getInfo(GetInfoRequest request, StreamObserver<NsdbInfo> observer) {
        answer(
                observer,
                () -> NsdbInfo.newBuilder().setAdvertisedName(advertised).build());
    }

    @Override
    public void createFsn(CreateFsnRequest request, StreamObserver<Fsn> observer) {
        answer(observer, () -> create(request));
    }

    @Override
    public void getFsn(GetFsnRequest request, StreamObserver<FsnWithFsls> observer) {
        answer(observer, () -> known(request.getUuid()));
    }

    @Override
    public void listFsns(ListFsnsRequest request, StreamObserver<ListFsnsResponse> observer) {
        answer(observer, () -> {
            int from = request.getPageToken().isEmpty() ? 0 : Integer.parseInt(request.getPageToken());
            List<FsnWithFsls> all = new ArrayList<>(filesets.values());
            int to = Math.min(all.size(), from + PAGE);
            return ListFsnsResponse.newBuilder()
                    .addAllFsns(all.subList(from, to))
                    .setNextPageToken(to < all.size() ? Integer.toString(to) : "")
                    .build();
        });
    }

    @Override
    public void setFsnState(SetFsnStateRequest request, StreamObserver<Fsn> observer) {
        answer(observer, () -> setState(request));
    }

    @Override
    public void deleteFsn(DeleteFsnRequest request, StreamObserver<DeleteResponse> observer) {
        answer(observer, () -> delete(request));
    }

    @Override
    public void addFsl(io.fedfs.v1.AddFslRequest request, StreamObserver<Fsl> observer) {
        answer(observer, () -> add(request.getFsl()));
    }

    @Override
    public void updateFsl(UpdateFslRequest request, StreamObserver<Fsl> observer) {
        answer(observer, () -> {
            FsnWithFsls.Builder fileset = known(request.getFsl().getFsnUuid()).toBuilder();
            for (int i = 0; i < fileset.getFslsCount(); i++) {
                Fsl old = fileset.getFsls(i);
                if (old.getUuid().equals(request.getFsl().getUuid())) {
                    if (request.getExpectedRevision() != old.getRevision()) {
                        throw new Refused(FedFsStatus.REVISION_MISMATCH, "it has revision " + old.getRevision());
                    }
                    Fsl now = request.getFsl().toBuilder()
                            .setState(old.getState())
                            .setRevision(++revision)
                            .build();
                    filesets.put(now.getFsnUuid(), fileset.setFsls(i, now).build());
                    return now;
                }
            }
            throw new Refused(FedFsStatus.NO_FSL, "no such FSL");
        });
    }

    @Override
    public void annotate(AnnotateRequest request, StreamObserver<AnnotateResponse> observer) {
        answer(observer, () -> AnnotateResponse.newBuilder()
                .addAllAnnotations(request.getSetList())
                .setRevision(++revision)
                .build());
    }

    @Override
    public void resolve(ResolveRequest request, StreamObserver<Referral> observer) {
        answer(observer, () -> {
            FsnWithFsls found = known(request.getFsnUuid());
            if (found.getFslsCount() == 0) {
                throw new Refused(FedFsStatus.NSDB_NOFSL, "FSN " + request.getFsnUuid() + " has no usable FSL");
            }
            return Referral.newBuilder()
                    .setFsn(found.getFsn())
                    .addAllFsls(found.getFslsList())
                    .setRevision(revision)
                    .build();
        });
    }

    @Override
    public void transact(TransactRequest request, StreamObserver<TransactResponse> observer) {
        answer(observer, () -> {
            if (refuseTransactions != null) {
                throw new Refused(refuseTransactions, "not now");
            }
            Map<String, FsnWithFsls> before = new TreeMap<>(filesets);
            try {
                for (Operation operation : request.getOperationsList()) {
                    apply(operation);
                }
            } catch (Refused e) {
                filesets.clear();
                filesets.putAll(before);
                throw e;
            }
            return TransactResponse.newBuilder().setRevision(revision).build();
        });
    }

    private void apply(Operation operation) throws Refused {
        switch (operation.getOpCase()) {
            case CREATE_FSN -> create(operation.getCreateFsn());
            case ADD_FSL -> add(operation.getAddFsl().getFsl());
            case DELETE_FSN -> delete(operation.getDeleteFsn());
            case SET_FSN_STATE -> setState(operation.getSetFsnState());
            case DELETE_FSL -> {
                FsnWithFsls.Builder fileset = known(operation.getDeleteFsl().getFsnUuid()).toBuilder();
                List<Fsl> rest = fileset.getFslsList().stream()
                        .filter(fsl ->
                                !fsl.getUuid().equals(operation.getDeleteFsl().getFslUuid()))
                        .toList();
                filesets.put(
                        operation.getDeleteFsl().getFsnUuid(),
                        fileset.clearFsls().addAllFsls(rest).build());
            }
            default -> throw new Refused(FedFsStatus.NOTSUPP, "not in this fake: " + operation.getOpCase());
        }
    }
}
