package io.fedfs.resolver.grpc;

import static io.fedfs.resolver.grpc.FakeService.fsl;
import static io.fedfs.resolver.grpc.FakeService.referral;
import static io.fedfs.resolver.grpc.FakeService.refusal;
import static org.assertj.core.api.Assertions.assertThat;

import io.fedfs.protocol.FedFsStatus;
import io.fedfs.protocol.Fsn;
import io.fedfs.protocol.NsdbAddress;
import io.fedfs.protocol.Wire;
import io.fedfs.resolver.NsdbClient.Failed;
import io.fedfs.resolver.NsdbClient.Located;
import io.fedfs.resolver.NsdbClient.Ok;
import io.fedfs.resolver.NsdbClient.Reply;
import io.fedfs.resolver.config.NsdbDirectory;
import io.fedfs.v1.ResolveManyResponse;
import io.fedfs.v1.ResolveManyResponse.Outcome;
import io.grpc.Server;
import io.grpc.Status;
import io.grpc.inprocess.InProcessChannelBuilder;
import io.grpc.inprocess.InProcessServerBuilder;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Which questions go together, and what comes of each. */
@Timeout(60)
class QuestionsTest {
    private static final NsdbAddress NSDB = new NsdbAddress("localhost", 7532);
    private static final Duration LONG = Duration.ofSeconds(20);

    private final FakeService service = new FakeService();
    private final String name = UUID.randomUUID().toString();
    /** What the I/O thread has to do; it is busy until the test lets it. */
    private final Queue<Runnable> io = new ConcurrentLinkedQueue<>();

    private final AtomicLong ticks = new AtomicLong(Long.MAX_VALUE);

    private Server server;
    private GrpcNsdbClient client;

    @BeforeEach
    void start() throws Exception {
        server = InProcessServerBuilder.forName(name)
                .directExecutor()
                .addService(service)
                .build()
                .start();
        client = new GrpcNsdbClient(channels(), io::add, ticks::get, () -> {});
    }

    private NsdbChannels channels() {
        return new NsdbChannels(NsdbDirectory.ofDefaults(), parameters -> InProcessChannelBuilder.forName(name)
                .directExecutor()
                .build());
    }

    @AfterEach
    void stop() throws InterruptedException {
        client.close();
        server.shutdownNow();
        assertThat(server.awaitTermination(10, TimeUnit.SECONDS)).isTrue();
    }

    private List<CompletableFuture<Reply<Located>>> ask(int count) {
        List<CompletableFuture<Reply<Located>>> replies = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            replies.add(client.resolve(new Fsn(NSDB, new UUID(4, i)), LONG));
        }
        return replies;
    }

    private void work() {
        for (Runnable next = io.poll(); next != null; next = io.poll()) {
            next.run();
        }
    }

    /** In one word each: the path of the location, or the reason of the failure. */
    private static List<String> words(List<CompletableFuture<Reply<Located>>> replies) {
        return replies.stream()
                .map(reply -> {
                    assertThat(reply).isDone();
                    return reply.join() instanceof Ok<Located> ok
                            ? ok.value().locations().get(0).path()
                            : ((Failed<Located>) reply.join())
                                    .failure()
                                    .reason()
                                    .name();
                })
                .toList();
    }

    @Test
    void whatWaitsTogetherIsOneCallAndWhatIsAloneAnOrdinaryOne() {
        service.onResolve = r -> referral(
                r.getFsnUuid(), fsl(1, "/" + UUID.fromString(r.getFsnUuid()).getLeastSignificantBits()));
        var one = ask(1);
        work();
        assertThat(words(one)).containsExactly("/0");
        assertThat(service.together).isEmpty();
        assertThat(service.resolves).hasValue(1);

        var three = ask(3);
        assertThat(three).noneMatch(CompletableFuture::isDone);
        assertThat(io).as("one look is enough").hasSize(1);
        work();
        assertThat(words(three)).containsExactly("/0", "/1", "/2");
        assertThat(service.together).containsExactly(3);
        assertThat(service.resolves).hasValue(1);
    }

    @Test
    void noCallAsksForMoreThanAnNsdbAnswers() {
        var replies = ask(2 * Wire.MOST_RESOLVED_AT_ONCE + 1);
        work();
        assertThat(words(replies)).containsOnly("/a");
        assertThat(service.together).containsExactly(Wire.MOST_RESOLVED_AT_ONCE, Wire.MOST_RESOLVED_AT_ONCE);
        assertThat(service.resolves).hasValue(1);
    }

    @Test
    void eachHasAnOutcomeOfItsOwn() {
        service.onResolve = r -> {
            long n = UUID.fromString(r.getFsnUuid()).getLeastSignificantBits();
            if (n == 1) {
                throw refusal(Status.NOT_FOUND, FedFsStatus.NSDB_NOFSN, "none");
            }
            return n == 2
                    ? referral(new UUID(4, 0).toString(), fsl(1, "/a"))
                    : n == 3 ? referral(r.getFsnUuid()) : referral(r.getFsnUuid(), fsl(1, "/" + n));
        };
        var replies = ask(5);
        work();
        assertThat(words(replies)).containsExactly("/0", "NO_SUCH_FSN", "BAD_ANSWER", "NO_LOCATION", "/4");
        assertThat(service.resolves).as("none is asked for again").hasValue(0);
    }

    @Test
    void whatTheAnswerHadNoRoomForIsAskedForAgain() {
        service.onResolveMany = r -> ResolveManyResponse.newBuilder()
                .addAllOutcomes(service.each(r).getOutcomesList().subList(0, Math.min(2, r.getFsnUuidsCount())))
                .build();
        var replies = ask(5);
        work();
        assertThat(words(replies)).containsOnly("/a");
        assertThat(service.together).containsExactly(5, 3);
        assertThat(service.resolves).as("the last is alone").hasValue(1);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 4})
    void anAnswerOfAnotherLengthIsNotBelieved(int length) {
        service.onResolveMany = r -> {
            ResolveManyResponse.Builder b = ResolveManyResponse.newBuilder();
            for (int i = 0; i < length; i++) {
                b.addOutcomes(Outcome.newBuilder().setReferral(referral(new UUID(4, i).toString(), fsl(1, "/many"))));
            }
            return b.build();
        };
        var replies = ask(3);
        work();
        assertThat(words(replies)).as("asked for by themselves").containsOnly("/a");
        assertThat(service.resolves).hasValue(3);
    }

    @Test
    void anEmptyOutcomeIsNonsense() {
        service.onResolveMany = r -> service.each(r).toBuilder()
                .setOutcomes(1, Outcome.getDefaultInstance())
                .build();
        var replies = ask(3);
        work();
        assertThat(words(replies)).containsExactly("/a", "BAD_ANSWER", "/a");
    }

    @Test
    void anNsdbThatDoesNotKnowTheCallIsAskedForEachAndNotTriedAgainSoon() {
        service.onResolveMany = r -> {
            throw Status.UNIMPLEMENTED.asRuntimeException();
        };
        var replies = ask(3);
        work();
        assertThat(words(replies)).containsOnly("/a");
        var later = ask(2);
        work();
        assertThat(words(later)).containsOnly("/a");
        assertThat(service.together).containsExactly(3);
        assertThat(service.resolves).hasValue(5);

        service.onResolveMany = service::each;
        ticks.addAndGet(Duration.ofMinutes(6).toNanos());
        var muchLater = ask(2);
        work();
        assertThat(words(muchLater)).containsOnly("/a");
        assertThat(service.together).as("a newer one may be there now").containsExactly(3, 2);
    }

    @Test
    void whoMayNotHaveOneOfThemGetsTheOthers() {
        service.onResolveMany = r -> {
            throw refusal(Status.PERMISSION_DENIED, FedFsStatus.ACCESS, "not fsn 1");
        };
        service.onResolve = r -> {
            if (r.getFsnUuid().equals(new UUID(4, 1).toString())) {
                throw refusal(Status.PERMISSION_DENIED, FedFsStatus.ACCESS, "not fsn 1");
            }
            return referral(r.getFsnUuid(), fsl(1, "/a"));
        };
        var replies = ask(3);
        work();
        assertThat(words(replies)).containsExactly("/a", "DENIED", "/a");
        var later = ask(2);
        work();
        assertThat(words(later)).containsExactly("/a", "DENIED");
        assertThat(service.together).as("tried again with others").containsExactly(3, 2);
    }

    @ParameterizedTest
    @CsvSource({"UNAVAILABLE,NSDB_UNREACHABLE", "DEADLINE_EXCEEDED,TIMED_OUT"})
    void anNsdbThatIsNotThereIsAskedOnce(Status.Code code, String reason) {
        service.onResolveMany = r -> {
            throw Status.fromCode(code).asRuntimeException();
        };
        var replies = ask(3);
        work();
        assertThat(words(replies)).containsOnly(reason);
        assertThat(service.resolves).hasValue(0);
    }

    @Test
    void theMostImpatientSetsTheTimeOfAll() {
        service.silent = true;
        var patient = client.resolve(new Fsn(NSDB, new UUID(4, 1)), LONG);
        var impatient = client.resolve(new Fsn(NSDB, new UUID(4, 2)), Duration.ofMillis(50));
        work();
        impatient.orTimeout(10, TimeUnit.SECONDS).join();
        assertThat(words(List.of(patient.orTimeout(10, TimeUnit.SECONDS), impatient)))
                .containsOnly("TIMED_OUT");
    }

    @Test
    void whatIsAskedWhenTheThreadHasEndedFailsAtOnce() {
        client.close();
        client = new GrpcNsdbClient(
                channels(),
                work -> {
                    throw new RejectedExecutionException();
                },
                ticks::get,
                () -> {});
        client.close();
        assertThat(words(ask(2))).containsOnly("NSDB_UNREACHABLE");
    }

    @Test
    void noneIsLeftWhenManyAskWhileItIsSent() throws Exception {
        client.close();
        ExecutorService one = Executors.newSingleThreadExecutor();
        ExecutorService pool = Executors.newFixedThreadPool(8);
        try {
            client = new GrpcNsdbClient(channels(), one, ticks::get, () -> {});
            List<java.util.concurrent.Future<List<CompletableFuture<Reply<Located>>>>> all = new ArrayList<>();
            for (int t = 0; t < 8; t++) {
                all.add(pool.submit(() -> ask(500)));
            }
            int answered = 0;
            for (var replies : all) {
                for (var reply : replies.get(20, TimeUnit.SECONDS)) {
                    assertThat(reply.get(20, TimeUnit.SECONDS)).isInstanceOf(Ok.class);
                    answered++;
                }
            }
            assertThat(answered).isEqualTo(4_000);
        } finally {
            pool.shutdownNow();
            one.shutdownNow();
        }
    }
}
