package io.fedfs.resolver;

import io.fedfs.protocol.Fsn;
import io.fedfs.protocol.NsdbAddress;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;

/** Breaks the contract of {@link NsdbClient}: it throws when asked. */
final class FailingClient implements NsdbClient {
    private final NsdbClient rest;

    FailingClient(NsdbClient rest) {
        this.rest = rest;
    }

    @Override
    public CompletableFuture<Reply<Located>> resolve(Fsn fsn, Duration timeout) {
        throw new IllegalStateException("broken");
    }

    @Override
    public CompletableFuture<Reply<Fsn>> namespaceRoot(NsdbAddress nsdb, String name, Duration timeout) {
        return rest.namespaceRoot(nsdb, name, timeout);
    }

    @Override
    public CompletableFuture<Reply<Info>> info(NsdbAddress nsdb, Duration timeout) {
        return rest.info(nsdb, timeout);
    }

    @Override
    public Stream watch(NsdbAddress nsdb, long afterRevision, WatchListener listener) {
        return rest.watch(nsdb, afterRevision, listener);
    }

    @Override
    public void close() {
        rest.close();
    }
}
