package io.fedfs.fileserver.service;

import io.fedfs.fileserver.place.Exports.Located;
import io.fedfs.fileserver.place.HeldDirectory;
import io.fedfs.protocol.Fsn;
import io.fedfs.resolver.grpc.NsdbCallException;
import io.fedfs.v1.AddReferenceRequest;
import io.fedfs.v1.NsdbGrpc;
import io.fedfs.v1.Reference;
import io.fedfs.v1.RemoveReferenceRequest;
import java.util.Optional;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells the NSDB of a junction's target who points there, so that it can say so. Nobody waits for it: a junction is good
 * without, and what an NSDB was not told, {@code fedfs audit} finds.
 */
final class References implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(References.class);
    private static final int WAITING = 10_000;

    private final Nsdbs nsdbs;
    private final ThreadPoolExecutor thread = new ThreadPoolExecutor(
            1,
            1,
            30,
            TimeUnit.SECONDS,
            new ArrayBlockingQueue<>(WAITING),
            task -> {
                Thread t = new Thread(task, "fedfs-server-references");
                t.setDaemon(true);
                return t;
            },
            (task, pool) -> log.warn("too many junctions at once: an NSDB is not told of one"));

    References(Nsdbs nsdbs) {
        this.nsdbs = nsdbs;
        thread.allowCoreThreadTimeOut(true);
    }

    /** A junction in a fileset was made. */
    void made(Located where, HeldDirectory parent, Fsn target) {
        reference(where, parent, target)
                .ifPresent(r -> tell(
                        target,
                        stub -> stub.addReference(
                                AddReferenceRequest.newBuilder().setReference(r).build())));
    }

    /** A junction in a fileset was deleted. */
    void removed(Located where, HeldDirectory parent, Fsn target) {
        reference(where, parent, target)
                .ifPresent(r -> tell(
                        target,
                        stub -> stub.removeReference(RemoveReferenceRequest.newBuilder()
                                .setFsnUuid(r.getFsnUuid())
                                .setFromFsn(r.getFromFsn())
                                .setPath(r.getPath())
                                .build())));
    }

    private static Optional<Reference> reference(Located where, HeldDirectory parent, Fsn target) {
        return parent.fileset().map(root -> Reference.newBuilder()
                .setFsnUuid(target.uuid().toString())
                .setFromFsn(root.marker().fsn().toString())
                .setPath(String.join(
                        "/", where.inside().subList(root.depth(), where.inside().size())))
                .build());
    }

    private void tell(Fsn target, Function<NsdbGrpc.NsdbBlockingStub, ?> call) {
        if (!nsdbs.mayAsk(target.nsdb(), true)) {
            return;
        }
        thread.execute(() -> {
            try {
                nsdbs.call(target.nsdb(), call);
            } catch (NsdbCallException e) {
                log.info("NSDB {} is not told of a junction to {}: {}", target.nsdb(), target, e.getMessage());
            }
        });
    }

    @Override
    public void close() {
        thread.shutdownNow();
    }
}
