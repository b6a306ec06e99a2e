package io.fedfs.resolver.grpc;

import io.fedfs.protocol.FedFsStatus;
import io.fedfs.protocol.NsdbAddress;
import io.fedfs.resolver.NsdbClient.Failed;
import io.fedfs.resolver.NsdbClient.Reply;
import io.fedfs.resolver.Resolver.FailedLookup;
import io.fedfs.resolver.Unresolved.Reason;
import io.fedfs.resolver.config.NsdbConfigException;
import io.fedfs.v1.NsdbGrpc;
import io.grpc.Context;
import io.grpc.stub.StreamObserver;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;
import java.util.function.Function;

/** Starts calls that have one answer, and turns their ends into replies. */
final class Calls {
    private final NsdbChannels channels;

    Calls(NsdbChannels channels) {
        this.channels = channels;
    }

    /**
     * Opens the channel to an NSDB if there is none.
     *
     * @throws NsdbConfigException when it must not be asked, or cannot be as configured
     */
    void prepare(NsdbAddress nsdb) {
        var unused = channels.to(nsdb);
    }

    /**
     * Starts a call.
     *
     * @param start makes it
     * @param read checks its answer; an {@link IllegalArgumentException} says what is wrong with that
     * @return completes when the call ends, by the time-out at the latest, and never exceptionally
     */
    <M, T> CompletableFuture<Reply<T>> start(
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

    static FailedLookup unusable(NsdbConfigException e) {
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
