package io.fedfs.resolver.grpc;

import static io.fedfs.resolver.grpc.FakeService.change;
import static io.fedfs.resolver.grpc.FakeService.event;
import static io.fedfs.resolver.grpc.FakeService.fsl;
import static io.fedfs.resolver.grpc.FakeService.referral;
import static io.fedfs.resolver.grpc.FakeService.refusal;
import static org.assertj.core.api.Assertions.assertThat;

import io.fedfs.protocol.FedFsStatus;
import io.fedfs.protocol.Fsn;
import io.fedfs.protocol.NsdbAddress;
import io.fedfs.resolver.NsdbClient;
import io.fedfs.resolver.NsdbClient.Changed;
import io.fedfs.resolver.NsdbClient.Located;
import io.fedfs.resolver.NsdbClient.Reply;
import io.fedfs.resolver.Resolver.FailedLookup;
import io.fedfs.resolver.Unresolved.Reason;
import io.fedfs.resolver.config.NsdbDirectory;
import io.fedfs.v1.Change;
import io.fedfs.v1.Fsl;
import io.fedfs.v1.Namespace;
import io.fedfs.v1.Referral;
import io.fedfs.v1.State;
import io.fedfs.v1.StateInfo;
import io.fedfs.v1.WatchEvent;
import io.grpc.Context;
import io.grpc.Server;
import io.grpc.Status;
import io.grpc.inprocess.InProcessChannelBuilder;
import io.grpc.inprocess.InProcessServerBuilder;
import io.grpc.stub.StreamObserver;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class GrpcNsdbClientTest {
    private static final NsdbAddress NSDB = new NsdbAddress("localhost", 7532);
    private static final Fsn FSN = new Fsn(NSDB, new UUID(4, 1));
    private static final Duration LONG = Duration.ofSeconds(20);

    private final FakeService service = new FakeService();
    private final String name = UUID.randomUUID().toString();
    private Server server;
    private GrpcNsdbClient client;

    @BeforeEach
    void start() throws Exception {
        server = InProcessServerBuilder.forName(name)
                .directExecutor()
                .addService(service)
                .build()
                .start();
        NsdbChannels channels =
                new NsdbChannels(NsdbDirectory.ofDefaults(), parameters -> InProcessChannelBuilder.forName(name)
                        .maxInboundMessageSize(1 << 20)
                        .directExecutor()
                        .build());
        client = new GrpcNsdbClient(channels, Runnable::run, System::nanoTime, () -> {});
    }

    @AfterEach
    void stop() throws InterruptedException {
        client.close();
        server.shutdownNow();
        assertThat(server.awaitTermination(10, TimeUnit.SECONDS)).isTrue();
    }

    private Reply<Located> resolve() {
        return get(client.resolve(FSN, LONG));
    }

    private static <T> T get(CompletableFuture<T> future) {
        return future.orTimeout(20, TimeUnit.SECONDS).join();
    }

    private static <T> FailedLookup failure(Reply<T> reply) {
        assertThat(reply).isInstanceOf(NsdbClient.Failed.class);
        return ((NsdbClient.Failed<T>) reply).failure();
    }

    private static <T> T value(Reply<T> reply) {
        assertThat(reply).isInstanceOf(NsdbClient.Ok.class);
        return ((NsdbClient.Ok<T>) reply).value();
    }

    @Test
    void answerBecomesValues() {
        Located located = value(resolve());
        assertThat(located.ttl()).isEqualTo(Duration.ofMinutes(5));
        assertThat(located.revision()).isEqualTo(5);
        assertThat(located.nsdbRevision()).isEqualTo(9);
        assertThat(located.locations()).singleElement().satisfies(fsl -> {
            assertThat(fsl.path()).isEqualTo("/a");
            assertThat(fsl.type()).isEqualTo("local");
        });
    }

    @Test
    void ttlIsUnsigned() {
        service.onResolve =
                r -> edit(r.getFsnUuid(), b -> b.setFsn(b.getFsn().toBuilder().setTtlSeconds(-1)));
        assertThat(value(resolve()).ttl()).isEqualTo(Duration.ofSeconds(0xffffffffL));
    }

    @Test
    void invalidatedLocationIsNotUsed() {
        service.onResolve = r -> referral(
                r.getFsnUuid(),
                fsl(1, "/a").toBuilder()
                        .setState(StateInfo.newBuilder().setState(State.STATE_INVALID))
                        .build(),
                fsl(2, "/b"));
        assertThat(value(resolve()).locations()).extracting(f -> f.path()).containsExactly("/b");
    }

    @Test
    void noLocationAtAllIsSaidSo() {
        service.onResolve = r -> referral(r.getFsnUuid());
        FailedLookup why = failure(resolve());
        assertThat(why.reason()).isEqualTo(Reason.NO_LOCATION);
        assertThat(why.status()).isEqualTo(FedFsStatus.NSDB_NOFSL);
    }

    @ParameterizedTest
    @EnumSource(Lie.class)
    void lyingServerIsNotBelieved(Lie lie) {
        service.onResolve = r -> lie.answer(r.getFsnUuid());
        FailedLookup why = failure(resolve());
        assertThat(why.reason()).isEqualTo(Reason.BAD_ANSWER);
        assertThat(why.detail()).contains(NSDB.toString()).doesNotContain("\u001b", "\n");
        assertThat(why.detail().length()).isLessThan(600);
    }

    private static Referral edit(String fsn, UnaryOperator<Referral.Builder> change) {
        return change.apply(referral(fsn, fsl(1, "/a")).toBuilder()).build();
    }

    /** What a broken or hostile server might say. */
    @SuppressWarnings("ImmutableEnumChecker")
    enum Lie {
        OTHER_FSN(fsn -> referral(new UUID(4, 2).toString(), fsl(1, "/a"))),
        FSN_IS_NO_UUID(fsn -> referral("x", fsl(1, "/a"))),
        FSL_IS_NO_UUID(fsn ->
                referral(fsn, fsl(1, "/a").toBuilder().setUuid("1-1-1-1-1").build())),
        CONTROL_CHARACTERS(fsn -> referral(
                fsn,
                fsl(1, "/a").toBuilder()
                        .setUuid("\u001b[2J\nboo" + "x".repeat(5000))
                        .build())),
        SAME_FSL_TWICE(fsn -> referral(fsn, fsl(1, "/a"), fsl(1, "/b"))),
        NO_TYPE(fsn -> referral(fsn, fsl(1, "/a").toBuilder().clearType().build())),
        RELATIVE_EXPORT(fsn -> referral(fsn, fsl(1, "a"))),
        CLIMBING_EXPORT(fsn -> referral(fsn, fsl(1, "/a/../../etc"))),
        CLIMBING_INSIDE(fsn ->
                referral(fsn, fsl(1, "/a").toBuilder().setPathInside("..").build())),
        ABSOLUTE_INSIDE(fsn ->
                referral(fsn, fsl(1, "/a").toBuilder().setPathInside("/etc").build())),
        NUL_IN_PATH(fsn -> referral(fsn, fsl(1, "/a\0b"))),
        SLASH_IN_HOST(
                fsn -> referral(fsn, fsl(1, "/a").toBuilder().setHost("a/b").build())),
        PORT_TOO_LARGE(
                fsn -> referral(fsn, fsl(1, "/a").toBuilder().setPort(65536).build())),
        PORT_NEGATIVE(fsn -> referral(fsn, fsl(1, "/a").toBuilder().setPort(-1).build())),
        INVALID_FSN(fsn -> edit(
                fsn,
                b -> b.setFsn(
                        b.getFsn().toBuilder().setState(StateInfo.newBuilder().setState(State.STATE_INVALID))))),
        TOO_MANY(fsn -> edit(fsn, b -> {
            for (int i = 2; i < 1100; i++) {
                b.addFsls(fsl(i, "/a"));
            }
            return b;
        })),
        HUGE_MESSAGE(fsn -> referral(fsn, fsl(1, "/" + "x".repeat(2 << 20))));

        private final java.util.function.Function<String, Referral> answer;

        Lie(java.util.function.Function<String, Referral> answer) {
            this.answer = answer;
        }

        Referral answer(String fsn) {
            return answer.apply(fsn);
        }
    }

    @Test
    void statusNumberInTheTrailersDecides() {
        assertThat(refused(Status.NOT_FOUND, FedFsStatus.NSDB_NOFSN).reason()).isEqualTo(Reason.NO_SUCH_FSN);
        assertThat(refused(Status.FAILED_PRECONDITION, FedFsStatus.FSN_INVALIDATED)
                        .reason())
                .isEqualTo(Reason.INVALIDATED);
        assertThat(refused(Status.FAILED_PRECONDITION, FedFsStatus.NSDB_NOFSL).reason())
                .isEqualTo(Reason.NO_LOCATION);
        assertThat(refused(Status.PERMISSION_DENIED, FedFsStatus.ACCESS).reason())
                .isEqualTo(Reason.DENIED);
        assertThat(refused(Status.UNAVAILABLE, FedFsStatus.DELAY).reason()).isEqualTo(Reason.NSDB_UNREACHABLE);
        assertThat(refused(Status.DEADLINE_EXCEEDED, FedFsStatus.TIMEOUT).reason())
                .isEqualTo(Reason.TIMED_OUT);
        FailedLookup odd = refused(Status.INTERNAL, FedFsStatus.IO);
        assertThat(odd.reason()).isEqualTo(Reason.BAD_ANSWER);
        assertThat(odd.status()).isEqualTo(FedFsStatus.IO);
        assertThat(odd.detail()).contains("because");
    }

    private FailedLookup refused(Status status, FedFsStatus number) {
        service.onResolve = r -> {
            throw refusal(status, number, "because");
        };
        return failure(resolve());
    }

    @Test
    void withoutANumberTheGrpcCodeDecides() {
        assertThat(plain(Status.PERMISSION_DENIED).reason()).isEqualTo(Reason.DENIED);
        FailedLookup unknown = plain(Status.UNAUTHENTICATED);
        assertThat(unknown.reason()).isEqualTo(Reason.DENIED);
        assertThat(unknown.status()).isEqualTo(FedFsStatus.NSDB_AUTH);
        assertThat(plain(Status.NOT_FOUND).reason()).isEqualTo(Reason.NO_SUCH_FSN);
        assertThat(plain(Status.UNAVAILABLE).reason()).isEqualTo(Reason.NSDB_UNREACHABLE);
        assertThat(plain(Status.UNIMPLEMENTED).status()).isEqualTo(FedFsStatus.NOTSUPP);
        assertThat(plain(Status.RESOURCE_EXHAUSTED).reason()).isEqualTo(Reason.BAD_ANSWER);
        assertThat(plain(Status.INTERNAL).reason()).isEqualTo(Reason.BAD_ANSWER);
    }

    private FailedLookup plain(Status status) {
        service.onResolve = r -> {
            throw status.asRuntimeException();
        };
        return failure(resolve());
    }

    @Test
    void slowServerIsGivenUpAtTheTimeout() {
        service.silent = true;
        FailedLookup why = failure(get(client.resolve(FSN, Duration.ofMillis(50))));
        assertThat(why.reason()).isEqualTo(Reason.TIMED_OUT);
        assertThat(failure(get(client.info(NSDB, Duration.ofMillis(50)))).reason())
                .isEqualTo(Reason.TIMED_OUT);
        service.silent = false;
        assertThat(value(get(client.info(NSDB, LONG))).version()).isEqualTo("test");
    }

    @Test
    void namespaceRootIsAnFsn() {
        service.namespace =
                Namespace.newBuilder().setName("n").setRootFsn(FSN.toString()).build();
        assertThat(value(get(client.namespaceRoot(NSDB, "n", LONG)))).isEqualTo(FSN);
        service.namespace = Namespace.newBuilder().setRootFsn("http://x").build();
        assertThat(failure(get(client.namespaceRoot(NSDB, "n", LONG))).reason()).isEqualTo(Reason.BAD_ANSWER);
    }

    @Test
    void nsdbThatMustNotBeAskedIsNot() {
        Fsn elsewhere = new Fsn(NsdbAddress.parse("nsdb.example.org"), new UUID(4, 1));
        FailedLookup why = failure(get(client.resolve(elsewhere, LONG)));
        assertThat(why.reason()).isEqualTo(Reason.UNTRUSTED);
        assertThat(service.resolves).hasValue(0);
        News news = new News();
        client.watch(elsewhere.nsdb(), 0, news);
        assertThat(news.ends).singleElement().satisfies(f -> assertThat(f.reason())
                .isEqualTo(Reason.UNTRUSTED));
    }

    private static final class News implements NsdbClient.WatchListener {
        record Told(long revision, List<Changed> changes) {}

        final BlockingQueue<Told> told = new LinkedBlockingQueue<>();
        final BlockingQueue<FailedLookup> ends = new LinkedBlockingQueue<>();

        @Override
        public void events(long revision, List<Changed> changes) {
            told.add(new Told(revision, changes));
        }

        @Override
        public void ended(FailedLookup why) {
            ends.add(why);
        }
    }

    @Test
    void watchTellsChangesOfFilesetsOnly() throws InterruptedException {
        News news = new News();
        client.watch(NSDB, 3, news);
        StreamObserver<WatchEvent> server = service.watchers.poll(10, TimeUnit.SECONDS);
        assertThat(service.lastWatchAfter).isEqualTo(3);
        assertThat(news.told.poll(10, TimeUnit.SECONDS)).isEqualTo(new News.Told(3, List.of()));
        server.onNext(event(
                8,
                change(FSN.uuid().toString(), Change.Kind.KIND_FSN, 7),
                change("home", Change.Kind.KIND_NAMESPACE, 7),
                change("not a uuid", Change.Kind.KIND_FSN, 7),
                change(new UUID(4, 2).toString(), Change.Kind.KIND_FSN_DELETED, 8)));
        assertThat(news.told.poll(10, TimeUnit.SECONDS))
                .isEqualTo(new News.Told(
                        8, List.of(new Changed(FSN.uuid(), 7, false), new Changed(new UUID(4, 2), 8, true))));
    }

    @Test
    void endOfAWatchSaysWhy() throws InterruptedException {
        assertThat(endOf(o -> o.onError(refusal(Status.OUT_OF_RANGE, FedFsStatus.WATCH_TOO_OLD, "too old")))
                        .status())
                .isEqualTo(FedFsStatus.WATCH_TOO_OLD);
        assertThat(endOf(o -> o.onError(Status.OUT_OF_RANGE.asRuntimeException()))
                        .status())
                .isEqualTo(FedFsStatus.WATCH_TOO_OLD);
        assertThat(endOf(StreamObserver::onCompleted).reason()).isEqualTo(Reason.NSDB_UNREACHABLE);
        assertThat(endOf(o -> o.onError(Status.UNAVAILABLE.asRuntimeException()))
                        .reason())
                .isEqualTo(Reason.NSDB_UNREACHABLE);
        assertThat(endOf(o -> o.onError(Status.UNIMPLEMENTED.asRuntimeException()))
                        .status())
                .isEqualTo(FedFsStatus.NOTSUPP);
    }

    private FailedLookup endOf(java.util.function.Consumer<StreamObserver<WatchEvent>> end)
            throws InterruptedException {
        News news = new News();
        client.watch(NSDB, 0, news);
        end.accept(service.watchers.poll(10, TimeUnit.SECONDS));
        FailedLookup why = news.ends.poll(10, TimeUnit.SECONDS);
        assertThat(why).isNotNull();
        return why;
    }

    @Test
    void theEndOfTheCallInWhichOneAsksEndsNothing() throws InterruptedException {
        News news = new News();
        service.silent = true;
        CompletableFuture<Reply<Located>> asked = new CompletableFuture<>();
        try (Context.CancellableContext call = Context.current().withCancellation()) {
            call.run(() -> {
                client.watch(NSDB, 3, news);
                client.resolve(FSN, Duration.ofMillis(300)).thenAccept(asked::complete);
            });
        }
        StreamObserver<WatchEvent> server = service.watchers.poll(10, TimeUnit.SECONDS);
        assertThat(news.told.poll(10, TimeUnit.SECONDS)).isEqualTo(new News.Told(3, List.of()));
        server.onNext(event(4));
        assertThat(news.told.poll(10, TimeUnit.SECONDS)).isEqualTo(new News.Told(4, List.of()));
        assertThat(news.ends).isEmpty();
        assertThat(failure(get(asked)).reason()).isEqualTo(Reason.TIMED_OUT);
    }

    @Test
    void cancelledWatchIsSilent() throws InterruptedException {
        News news = new News();
        NsdbClient.Stream stream = client.watch(NSDB, 0, news);
        assertThat(service.watchers.poll(10, TimeUnit.SECONDS)).isNotNull();
        stream.cancel();
        assertThat(news.ends).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 50})
    void closeEndsEverythingUnderWay(int calls) {
        service.silent = true;
        List<CompletableFuture<Reply<Located>>> waiting = new java.util.ArrayList<>();
        for (int i = 0; i < calls; i++) {
            waiting.add(client.resolve(FSN, LONG));
        }
        client.close();
        waiting.forEach(f -> assertThat(failure(get(f)).reason()).isEqualTo(Reason.NSDB_UNREACHABLE));
    }

    @Test
    void unusedFieldsDoNoHarm() {
        Fsl rich = fsl(1, "/a").toBuilder()
                .setPathInside("b/..c/d")
                .putOptions("o", "v")
                .setCurrency(-1)
                .setReadRank(255)
                .build();
        service.onResolve = r -> referral(r.getFsnUuid(), rich);
        assertThat(value(resolve()).locations()).singleElement().satisfies(f -> {
            assertThat(f.path()).isEqualTo("/a/b/..c/d");
            assertThat(f.currency()).isEqualTo(-1);
        });
    }
}
