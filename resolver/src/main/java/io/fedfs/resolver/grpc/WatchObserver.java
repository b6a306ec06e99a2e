package io.fedfs.resolver.grpc;

import io.fedfs.protocol.FedFsStatus;
import io.fedfs.protocol.NsdbAddress;
import io.fedfs.resolver.NsdbClient.Stream;
import io.fedfs.resolver.NsdbClient.WatchListener;
import io.fedfs.resolver.Resolver.FailedLookup;
import io.fedfs.resolver.Unresolved.Reason;
import io.fedfs.v1.WatchEvent;
import io.fedfs.v1.WatchRequest;
import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.ClientResponseObserver;

/** One watch stream: messages in, values out. */
final class WatchObserver implements ClientResponseObserver<WatchRequest, WatchEvent>, Stream {
    private final NsdbAddress nsdb;
    private final WatchListener listener;
    private volatile ClientCallStreamObserver<WatchRequest> call;
    private volatile boolean cancelled;

    WatchObserver(NsdbAddress nsdb, WatchListener listener) {
        this.nsdb = nsdb;
        this.listener = listener;
    }

    @Override
    public void beforeStart(ClientCallStreamObserver<WatchRequest> starting) {
        call = starting;
    }

    @Override
    public void onNext(WatchEvent event) {
        if (!cancelled) {
            listener.events(event.getRevision(), AnswerReader.changes(event));
        }
    }

    @Override
    public void onError(Throwable failure) {
        if (!cancelled) {
            listener.ended(StatusReader.read(nsdb, failure));
        }
    }

    @Override
    public void onCompleted() {
        if (!cancelled) {
            listener.ended(new FailedLookup(
                    Reason.NSDB_UNREACHABLE, FedFsStatus.NSDB_DOWN, "NSDB " + nsdb + " ended the watch stream"));
        }
    }

    @Override
    public void cancel() {
        cancelled = true;
        ClientCallStreamObserver<WatchRequest> open = call;
        if (open != null) {
            open.cancel("no longer wanted", null);
        }
    }
}
