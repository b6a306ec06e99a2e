package io.fedfs.fileserver.service;

import io.fedfs.v1.AddReplicaRequest;
import io.fedfs.v1.AnnotateJunctionRequest;
import io.fedfs.v1.CreateJunctionRequest;
import io.fedfs.v1.DeleteJunctionRequest;
import io.fedfs.v1.DeleteJunctionResponse;
import io.fedfs.v1.DemoteRequest;
import io.fedfs.v1.DemoteResponse;
import io.fedfs.v1.FileServerGrpc;
import io.fedfs.v1.FileSystemAttributes;
import io.fedfs.v1.FilesetAt;
import io.fedfs.v1.GetAttributesRequest;
import io.fedfs.v1.GetServerInfoRequest;
import io.fedfs.v1.JunctionAt;
import io.fedfs.v1.JunctionLookup;
import io.fedfs.v1.ListExportsRequest;
import io.fedfs.v1.ListExportsResponse;
import io.fedfs.v1.ListJunctionsRequest;
import io.fedfs.v1.ListPendingRequest;
import io.fedfs.v1.ListPendingResponse;
import io.fedfs.v1.LookupFsnRequest;
import io.fedfs.v1.LookupJunctionRequest;
import io.fedfs.v1.PromoteRequest;
import io.fedfs.v1.PromoteResponse;
import io.fedfs.v1.ServerInfo;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.util.function.Supplier;

/** The calls of the agent, each handed to whoever knows what it means. What they throw is {@code io.fedfs.service}'s to map. */
final class FileServerService extends FileServerGrpc.FileServerImplBase {
    private final Supplier<ServerInfo> info;
    private final ExportQueries exports;
    private final FilesetQueries filesets;
    private final Promotions promotions;
    private final JunctionOperations junctions;
    private final Spreading spreading;

    FileServerService(
            Supplier<ServerInfo> info,
            ExportQueries exports,
            FilesetQueries filesets,
            Promotions promotions,
            JunctionOperations junctions,
            Spreading spreading) {
        this.info = info;
        this.exports = exports;
        this.filesets = filesets;
        this.promotions = promotions;
        this.junctions = junctions;
        this.spreading = spreading;
    }

    private static <T> void answer(StreamObserver<T> observer, T value) {
        observer.onNext(value);
        observer.onCompleted();
    }

    @Override
    public void getServerInfo(GetServerInfoRequest request, StreamObserver<ServerInfo> observer) {
        answer(observer, info.get());
    }

    @Override
    public void listExports(ListExportsRequest request, StreamObserver<ListExportsResponse> observer) {
        answer(observer, exports.list());
    }

    @Override
    public void getAttributes(GetAttributesRequest request, StreamObserver<FileSystemAttributes> observer) {
        answer(observer, exports.attributes(request.getPath()));
    }

    @Override
    public void lookupFsn(LookupFsnRequest request, StreamObserver<FilesetAt> observer) {
        answer(observer, filesets.lookup(request.getPath(), request.getVerify()));
    }

    @Override
    public void promote(PromoteRequest request, StreamObserver<PromoteResponse> observer) {
        answer(observer, promotions.promote(request));
    }

    @Override
    public void addReplica(AddReplicaRequest request, StreamObserver<PromoteResponse> observer) {
        answer(observer, promotions.addReplica(request));
    }

    @Override
    public void demote(DemoteRequest request, StreamObserver<DemoteResponse> observer) {
        answer(observer, promotions.demote(request));
    }

    @Override
    public void createJunction(CreateJunctionRequest request, StreamObserver<JunctionAt> observer) {
        answer(
                observer,
                request.getLocalOnly()
                        ? junctions.createHere(
                                request.getPath(),
                                Messages.fsn(request.getFsn()),
                                Messages.annotations(request.getAnnotationsList()),
                                request.getReplacesList())
                        : junctions.create(
                                request.getPath(), Messages.fsn(request.getFsn()), request.getAnnotationsList()));
    }

    @Override
    public void deleteJunction(DeleteJunctionRequest request, StreamObserver<DeleteJunctionResponse> observer) {
        answer(
                observer,
                request.getLocalOnly()
                        ? junctions.deleteHere(request.getPath(), request.getReplacesList())
                        : junctions.delete(request.getPath()));
    }

    @Override
    public void lookupJunction(LookupJunctionRequest request, StreamObserver<JunctionLookup> observer) {
        answer(observer, junctions.lookup(request.getPath(), request.getResolve()));
    }

    @Override
    public void annotateJunction(AnnotateJunctionRequest request, StreamObserver<JunctionAt> observer) {
        answer(
                observer,
                junctions.annotate(
                        request.getPath(), Messages.annotations(request.getSetList()), request.getRemoveKeysList()));
    }

    @Override
    public void listPending(ListPendingRequest request, StreamObserver<ListPendingResponse> observer) {
        answer(
                observer,
                ListPendingResponse.newBuilder()
                        .addAllChanges(spreading.pending())
                        .build());
    }

    @Override
    public void listJunctions(ListJunctionsRequest request, StreamObserver<JunctionAt> observer) {
        Pace<JunctionAt> pace = new Pace<>((ServerCallStreamObserver<JunctionAt>) observer);
        junctions.list(request.getPath(), pace::send);
        if (!pace.isGone()) {
            observer.onCompleted();
        }
    }
}
