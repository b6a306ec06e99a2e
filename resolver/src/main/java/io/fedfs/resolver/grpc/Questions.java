package io.fedfs.resolver.grpc;

import io.fedfs.protocol.FedFsStatus;
import io.fedfs.protocol.Fsn;
import io.fedfs.protocol.NsdbAddress;
import io.fedfs.protocol.Wire;
import io.fedfs.resolver.NsdbClient.Failed;
import io.fedfs.resolver.NsdbClient.Located;
import io.fedfs.resolver.NsdbClient.Ok;
import io.fedfs.resolver.NsdbClient.Reply;
import io.fedfs.resolver.Resolver.FailedLookup;
import io.fedfs.resolver.Unresolved.Reason;
import io.fedfs.resolver.config.NsdbConfigException;
import io.fedfs.v1.Referral;
import io.fedfs.v1.ResolveManyRequest;
import io.fedfs.v1.ResolveManyResponse;
import io.fedfs.v1.ResolveRequest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.LongSupplier;

/**
 * What one NSDB is asked about filesets. A question that comes alone is a {@code Resolve}; those that wait together for the I/O thread are
 * one {@code ResolveMany}: to send and read a call costs many times what a question in it does, so the busier that thread is, the less
 * each question costs.
 */
final class Questions {
    /** How long an NSDB that does not know {@code ResolveMany} is not tried with it again: it may be replaced by a newer one. */
    private static final long SINGLY_NANOS = Duration.ofMinutes(5).toNanos();

    private record Question(Fsn fsn, Duration timeout, CompletableFuture<Reply<Located>> reply) {}

    private final NsdbAddress nsdb;
    private final Calls calls;
    private final Executor io;
    private final LongSupplier ticks;
    private final Queue<Question> waiting = new ConcurrentLinkedQueue<>();
    private final AtomicBoolean sending = new AtomicBoolean();

    /** Up to when each is asked for by itself. */
    private volatile long singlyUntil;

    /**
     * @param io runs what sends, one after the other
     * @param ticks nanoseconds since any moment
     */
    Questions(NsdbAddress nsdb, Calls calls, Executor io, LongSupplier ticks) {
        this.nsdb = nsdb;
        this.calls = calls;
        this.io = io;
        this.ticks = ticks;
        this.singlyUntil = ticks.getAsLong();
    }

    /** Does not block. The reply comes within the time-out, counted from when it is sent. */
    CompletableFuture<Reply<Located>> ask(Fsn fsn, Duration timeout) {
        CompletableFuture<Reply<Located>> reply = new CompletableFuture<>();
        try {
            // Here, because it may read files: the I/O thread serves others.
            calls.prepare(nsdb);
        } catch (NsdbConfigException e) {
            reply.complete(new Failed<>(Calls.unusable(e)));
            return reply;
        }
        waiting.add(new Question(fsn, timeout, reply));
        if (!sending.getAndSet(true)) {
            try {
                io.execute(this::send);
            } catch (RejectedExecutionException e) {
                // The client was closed: gRPC says so to each.
                send();
            }
        }
        return reply;
    }

    private void send() {
        // First, so that a question that is added while the last ones are taken is not left.
        sending.set(false);
        while (true) {
            List<Question> together = new ArrayList<>();
            while (together.size() < Wire.MOST_RESOLVED_AT_ONCE) {
                Question next = waiting.poll();
                if (next == null) {
                    break;
                }
                together.add(next);
            }
            if (together.isEmpty()) {
                return;
            }
            if (together.size() == 1 || ticks.getAsLong() - singlyUntil < 0) {
                together.forEach(this::one);
            } else {
                many(together);
            }
        }
    }

    private void one(Question question) {
        ResolveRequest request = ResolveRequest.newBuilder()
                .setFsnUuid(question.fsn.uuid().toString())
                .build();
        var unused = calls.<Referral, Located>start(
                        nsdb,
                        question.timeout,
                        (stub, reply) -> stub.resolve(request, reply),
                        answer -> located(question.fsn, answer))
                .thenAccept(question.reply::complete);
    }

    private void many(List<Question> questions) {
        ResolveManyRequest.Builder request = ResolveManyRequest.newBuilder();
        Duration timeout = questions.get(0).timeout;
        for (Question question : questions) {
            request.addFsnUuids(question.fsn.uuid().toString());
            timeout = question.timeout.compareTo(timeout) < 0 ? question.timeout : timeout;
        }
        var unused = calls.<ResolveManyResponse, ResolveManyResponse>start(
                        nsdb, timeout, (stub, reply) -> stub.resolveMany(request.build(), reply), answer -> {
                            int count = answer.getOutcomesCount();
                            if (count == 0 || count > questions.size()) {
                                throw new IllegalArgumentException(
                                        count + " answers to " + questions.size() + " questions");
                            }
                            return new Ok<>(answer);
                        })
                .thenAccept(reply -> {
                    if (reply instanceof Ok<ResolveManyResponse> ok) {
                        answered(questions, ok.value().getOutcomesList());
                    } else {
                        failed(questions, ((Failed<ResolveManyResponse>) reply).failure());
                    }
                });
    }

    private void answered(List<Question> questions, List<ResolveManyResponse.Outcome> outcomes) {
        // What the message had no room for comes before what those ask who get their answers now.
        waiting.addAll(questions.subList(outcomes.size(), questions.size()));
        for (int i = 0; i < outcomes.size(); i++) {
            Question question = questions.get(i);
            question.reply.complete(reply(question.fsn, outcomes.get(i)));
        }
        if (outcomes.size() < questions.size()) {
            send();
        }
    }

    private Reply<Located> reply(Fsn fsn, ResolveManyResponse.Outcome outcome) {
        try {
            return switch (outcome.getOutcomeCase()) {
                case REFERRAL -> located(fsn, outcome.getReferral());
                case REFUSAL -> new Failed<>(StatusReader.said(nsdb, outcome.getRefusal()));
                case OUTCOME_NOT_SET -> new Failed<>(StatusReader.nonsense(nsdb, "an empty outcome"));
            };
        } catch (IllegalArgumentException e) {
            return new Failed<>(StatusReader.nonsense(nsdb, e.getMessage()));
        }
    }

    /** An NSDB that is not there is not there for any of them; whatever else it is may be the matter of one, or of this call. */
    private void failed(List<Question> questions, FailedLookup why) {
        switch (why.reason()) {
            case NSDB_UNREACHABLE, TIMED_OUT, UNTRUSTED ->
                questions.forEach(question -> question.reply.complete(new Failed<>(why)));
            default -> {
                if (why.status() == FedFsStatus.NOTSUPP) {
                    singlyUntil = ticks.getAsLong() + SINGLY_NANOS;
                }
                questions.forEach(this::one);
            }
        }
    }

    /** @throws IllegalArgumentException when it is no answer to the question, or malformed */
    private static Reply<Located> located(Fsn fsn, Referral answer) {
        Located located = AnswerReader.located(fsn, answer);
        return located.locations().isEmpty()
                ? new Failed<>(new FailedLookup(
                        Reason.NO_LOCATION,
                        FedFsStatus.NSDB_NOFSL,
                        "NSDB " + fsn.nsdb() + " has no usable location of " + fsn.uuid()))
                : new Ok<>(located);
    }
}
