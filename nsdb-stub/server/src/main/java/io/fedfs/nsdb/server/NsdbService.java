package io.fedfs.nsdb.server;

import io.fedfs.nsdb.store.NsdbStore;
import io.fedfs.nsdb.store.StoreInfo;
import io.fedfs.nsdb.store.Write;
import io.fedfs.v1.AddFslRequest;
import io.fedfs.v1.AddReferenceRequest;
import io.fedfs.v1.AnnotateRequest;
import io.fedfs.v1.AnnotateResponse;
import io.fedfs.v1.CreateFsnRequest;
import io.fedfs.v1.CreateNamespaceRequest;
import io.fedfs.v1.DeleteFslRequest;
import io.fedfs.v1.DeleteFsnRequest;
import io.fedfs.v1.DeleteNamespaceRequest;
import io.fedfs.v1.DeleteResponse;
import io.fedfs.v1.Fsl;
import io.fedfs.v1.Fsn;
import io.fedfs.v1.FsnWithFsls;
import io.fedfs.v1.GetFsnRequest;
import io.fedfs.v1.GetInfoRequest;
import io.fedfs.v1.GetNamespaceRequest;
import io.fedfs.v1.ListClientsRequest;
import io.fedfs.v1.ListClientsResponse;
import io.fedfs.v1.ListFslsRequest;
import io.fedfs.v1.ListFslsResponse;
import io.fedfs.v1.ListFsnsRequest;
import io.fedfs.v1.ListFsnsResponse;
import io.fedfs.v1.ListNamespacesRequest;
import io.fedfs.v1.ListNamespacesResponse;
import io.fedfs.v1.ListReferencesRequest;
import io.fedfs.v1.ListReferencesResponse;
import io.fedfs.v1.Namespace;
import io.fedfs.v1.NsdbGrpc;
import io.fedfs.v1.NsdbInfo;
import io.fedfs.v1.Reference;
import io.fedfs.v1.Referral;
import io.fedfs.v1.RemoveReferenceRequest;
import io.fedfs.v1.ReportAttachedRequest;
import io.fedfs.v1.ReportAttachedResponse;
import io.fedfs.v1.ResolveManyRequest;
import io.fedfs.v1.ResolveManyResponse;
import io.fedfs.v1.ResolveRequest;
import io.fedfs.v1.SetFslStateRequest;
import io.fedfs.v1.SetFsnStateRequest;
import io.fedfs.v1.TransactRequest;
import io.fedfs.v1.TransactResponse;
import io.fedfs.v1.UpdateFslRequest;
import io.fedfs.v1.UpdateFsnRequest;
import io.fedfs.v1.WatchEvent;
import io.fedfs.v1.WatchRequest;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.time.Clock;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Supplier;

/** The calls of the NSDB, each handed to who knows what it means. What they throw is {@code io.fedfs.service}'s to map. */
final class NsdbService extends NsdbGrpc.NsdbImplBase {
    private final NsdbStore store;
    private final WatchHub hub;
    private final Executor answers;
    private final Supplier<NsdbInfo> identity;
    private final LongAdder resolves = new LongAdder();

    private final Lookups lookups;
    private final FsnOperations fsns;
    private final FslOperations fsls;
    private final NamespaceOperations namespaces;
    private final AnnotationOperations annotations;
    private final ReferenceOperations references;
    private final Transactions transactions;
    private final Clients clients;

    /**
     * @param answers where clients of finished writes are answered, so that the committing thread goes on committing
     * @param identity version and advertised name, as GetInfo tells them
     * @param uuids makes the UUIDs of new records: random ones (v4)
     */
    NsdbService(
            NsdbStore store,
            WatchHub hub,
            Executor answers,
            Supplier<NsdbInfo> identity,
            Clock clock,
            Supplier<UUID> uuids) {
        this.store = store;
        this.hub = hub;
        this.answers = answers;
        this.identity = identity;
        this.lookups = new Lookups(store);
        this.fsns = new FsnOperations(clock, uuids);
        this.fsls = new FslOperations(clock, uuids);
        this.namespaces = new NamespaceOperations(clock);
        this.annotations = new AnnotationOperations();
        this.references = new ReferenceOperations(clock);
        this.transactions = new Transactions(fsns, fsls, namespaces, annotations, references);
        this.clients = new Clients(clock);
    }

    /** Filesets resolved since the start, by either call; refused ones too. */
    long resolves() {
        return resolves.sum();
    }

    @Override
    public void getInfo(GetInfoRequest request, StreamObserver<NsdbInfo> observer) {
        StoreInfo info = store.info();
        answer(
                identity.get().toBuilder()
                        .setStoreFormat(info.format())
                        .setRevision(info.revision())
                        .setFsnCount(info.fsns())
                        .setFslCount(info.fsls())
                        .setResolveCount(resolves())
                        .setWatcherCount(hub.watchers())
                        .build(),
                observer);
    }

    @Override
    public void resolve(ResolveRequest request, StreamObserver<Referral> observer) {
        resolves.increment();
        answer(lookups.resolve(request.getFsnUuid()), observer);
    }

    @Override
    public void resolveMany(ResolveManyRequest request, StreamObserver<ResolveManyResponse> observer) {
        ResolveManyResponse response = lookups.resolveMany(request);
        resolves.add(response.getOutcomesCount());
        answer(response, observer);
    }

    @Override
    public void createFsn(CreateFsnRequest request, StreamObserver<Fsn> observer) {
        write(fsns.create(request), observer);
    }

    @Override
    public void getFsn(GetFsnRequest request, StreamObserver<FsnWithFsls> observer) {
        answer(lookups.fsn(request), observer);
    }

    @Override
    public void listFsns(ListFsnsRequest request, StreamObserver<ListFsnsResponse> observer) {
        answer(lookups.fsns(request), observer);
    }

    @Override
    public void updateFsn(UpdateFsnRequest request, StreamObserver<Fsn> observer) {
        write(fsns.update(request), observer);
    }

    @Override
    public void setFsnState(SetFsnStateRequest request, StreamObserver<Fsn> observer) {
        write(fsns.setState(request), observer);
    }

    @Override
    public void deleteFsn(DeleteFsnRequest request, StreamObserver<DeleteResponse> observer) {
        write(fsns.delete(request), observer);
    }

    @Override
    public void addFsl(AddFslRequest request, StreamObserver<Fsl> observer) {
        write(fsls.add(request), observer);
    }

    @Override
    public void updateFsl(UpdateFslRequest request, StreamObserver<Fsl> observer) {
        write(fsls.update(request), observer);
    }

    @Override
    public void setFslState(SetFslStateRequest request, StreamObserver<Fsl> observer) {
        write(fsls.setState(request), observer);
    }

    @Override
    public void deleteFsl(DeleteFslRequest request, StreamObserver<DeleteResponse> observer) {
        write(fsls.delete(request), observer);
    }

    @Override
    public void listFsls(ListFslsRequest request, StreamObserver<ListFslsResponse> observer) {
        answer(lookups.fsls(request), observer);
    }

    @Override
    public void createNamespace(CreateNamespaceRequest request, StreamObserver<Namespace> observer) {
        write(namespaces.create(request), observer);
    }

    @Override
    public void getNamespace(GetNamespaceRequest request, StreamObserver<Namespace> observer) {
        answer(lookups.namespace(request), observer);
    }

    @Override
    public void listNamespaces(ListNamespacesRequest request, StreamObserver<ListNamespacesResponse> observer) {
        answer(lookups.namespaces(request), observer);
    }

    @Override
    public void deleteNamespace(DeleteNamespaceRequest request, StreamObserver<DeleteResponse> observer) {
        write(namespaces.delete(request), observer);
    }

    @Override
    public void annotate(AnnotateRequest request, StreamObserver<AnnotateResponse> observer) {
        write(annotations.annotate(request), observer);
    }

    @Override
    public void addReference(AddReferenceRequest request, StreamObserver<Reference> observer) {
        write(references.add(request), observer);
    }

    @Override
    public void removeReference(RemoveReferenceRequest request, StreamObserver<DeleteResponse> observer) {
        write(references.remove(request), observer);
    }

    @Override
    public void listReferences(ListReferencesRequest request, StreamObserver<ListReferencesResponse> observer) {
        answer(lookups.references(request), observer);
    }

    @Override
    public void reportAttached(ReportAttachedRequest request, StreamObserver<ReportAttachedResponse> observer) {
        answer(clients.report(request), observer);
    }

    @Override
    public void listClients(ListClientsRequest request, StreamObserver<ListClientsResponse> observer) {
        answer(clients.list(request), observer);
    }

    @Override
    public void transact(TransactRequest request, StreamObserver<TransactResponse> observer) {
        write(transactions.transact(request), observer);
    }

    @Override
    public void watch(WatchRequest request, StreamObserver<WatchEvent> observer) {
        hub.watch(request.getAfterRevision(), (ServerCallStreamObserver<WatchEvent>) observer);
    }

    private static <T> void answer(T message, StreamObserver<T> observer) {
        observer.onNext(message);
        observer.onCompleted();
    }

    private <T> void write(Write<T> write, StreamObserver<T> observer) {
        // A client that left does not undo its write; with a cancel handler an answer to it is dropped quietly.
        ((ServerCallStreamObserver<T>) observer).setOnCancelHandler(() -> {});
        // Nothing is lost with this future: the function that it runs is where a failure goes to the client.
        CompletableFuture<T> unused = store.write(write)
                .whenCompleteAsync(
                        (message, failure) -> {
                            if (failure == null) {
                                answer(message, observer);
                            } else {
                                observer.onError(failure);
                            }
                        },
                        answers);
    }
}
