package io.fedfs.resolver.grpc;

import static org.assertj.core.api.Assertions.assertThat;

import io.fedfs.protocol.FedFsStatus;
import io.fedfs.protocol.Fsn;
import io.fedfs.protocol.NsdbAddress;
import io.fedfs.resolver.NsdbClient;
import io.fedfs.resolver.Referral;
import io.fedfs.resolver.Resolution;
import io.fedfs.resolver.Resolver;
import io.fedfs.resolver.Resolver.FailedLookup;
import io.fedfs.resolver.ResolverConfig;
import io.fedfs.resolver.Unresolved;
import io.fedfs.resolver.Unresolved.Reason;
import io.fedfs.resolver.config.NsdbDirectory;
import io.fedfs.resolver.wiring.Resolvers;
import io.fedfs.v1.Change;
import io.fedfs.v1.WatchEvent;
import io.grpc.InsecureServerCredentials;
import io.grpc.Server;
import io.grpc.ServerCredentials;
import io.grpc.TlsServerCredentials;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.UUID;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The resolver as programs make it, over real sockets of this host. */
class SocketTest {
    private static final Duration LONG = Duration.ofSeconds(20);
    private static final UUID FILESET = new UUID(4, 1);

    @TempDir
    Path dir;

    private final FakeService service = new FakeService();
    private Server server;

    @AfterEach
    void stop() throws InterruptedException {
        if (server != null) {
            server.shutdownNow();
            assertThat(server.awaitTermination(10, TimeUnit.SECONDS)).isTrue();
        }
    }

    private int serve(int port, ServerCredentials credentials) throws IOException {
        server = NettyServerBuilder.forAddress(
                        new InetSocketAddress(InetAddress.getLoopbackAddress(), port), credentials)
                .addService(service)
                .build()
                .start();
        return server.getPort();
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    private static Fsn fsn(int port) {
        return new Fsn(new NsdbAddress("127.0.0.1", port), FILESET);
    }

    private static Resolution eventually(Resolver resolver, Fsn fsn, Class<? extends Resolution> wanted)
            throws InterruptedException {
        long end = System.nanoTime() + LONG.toNanos();
        Resolution answer = resolver.resolve(fsn, LONG);
        while (!wanted.isInstance(answer) && System.nanoTime() < end) {
            TimeUnit.MILLISECONDS.sleep(50);
            answer = resolver.resolve(fsn, LONG);
        }
        assertThat(answer).isInstanceOf(wanted);
        return answer;
    }

    @Test
    void refusedConnectionIsToldAtOnceAndRecoveryIsNoticed() throws Exception {
        int port = freePort();
        try (Resolver resolver = Resolvers.withoutState(ResolverConfig.defaults(), NsdbDirectory.ofDefaults())) {
            Resolution answer = resolver.resolve(fsn(port), LONG);
            assertThat(answer).isInstanceOfSatisfying(Unresolved.class, why -> {
                assertThat(why.reason()).isEqualTo(Reason.NSDB_UNREACHABLE);
                assertThat(why.status()).isEqualTo(FedFsStatus.NSDB_CONN);
                assertThat(why.detail()).containsIgnoringCase("refused");
            });
            serve(port, InsecureServerCredentials.create());
            eventually(resolver, fsn(port), Referral.class);
            assertThat(resolver.resolve(fsn(port), LONG))
                    .isInstanceOfSatisfying(
                            Referral.class, r -> assertThat(r.source()).isEqualTo(Referral.Source.CACHE));
            assertThat(service.resolves).hasValue(1);
        }
    }

    @Test
    void changeReachesTheListenerThroughTheStream() throws Exception {
        int port = serve(0, InsecureServerCredentials.create());
        BlockingQueue<Resolution> told = new LinkedBlockingQueue<>();
        try (Resolver resolver =
                Resolvers.forMount(ResolverConfig.defaults(), NsdbDirectory.ofDefaults(), dir.resolve("state"))) {
            Resolution first = resolver.resolve(fsn(port), LONG);
            resolver.follow(fsn(port), first, (fsn, now) -> told.add(now));
            StreamObserver<WatchEvent> watcher = service.watchers.poll(20, TimeUnit.SECONDS);
            service.onResolve = r -> FakeService.referral(r.getFsnUuid(), FakeService.fsl(2, "/b"));
            watcher.onNext(FakeService.event(12, FakeService.change(FILESET.toString(), Change.Kind.KIND_FSN, 12)));
            assertThat(told.poll(20, TimeUnit.SECONDS)).isInstanceOfSatisfying(Referral.class, r -> assertThat(
                            r.locations().get(0).path())
                    .isEqualTo("/b"));
        }
        assertThat(dir.resolve("state").resolve("referrals")).exists();

        stop();
        try (Resolver resolver =
                Resolvers.forMount(ResolverConfig.defaults(), NsdbDirectory.ofDefaults(), dir.resolve("state"))) {
            assertThat(resolver.resolve(fsn(port), LONG)).isInstanceOfSatisfying(Referral.class, r -> {
                assertThat(r.source()).isEqualTo(Referral.Source.OFFLINE_COPY);
                assertThat(r.locations().get(0).path()).isEqualTo("/b");
            });
        }
    }

    @Test
    void connectionThatSwallowsEverythingCostsNoMoreThanTheTimeout() throws Exception {
        try (ServerSocket hole = new ServerSocket(0, 10, InetAddress.getLoopbackAddress())) {
            ResolverConfig quick = ResolverConfig.defaults().withCrossingDeadline(Duration.ofMillis(250));
            try (Resolver resolver = Resolvers.withoutState(quick, NsdbDirectory.ofDefaults())) {
                Fsn fsn = fsn(hole.getLocalPort());
                Resolution answer = resolver.resolve(fsn, LONG);
                assertThat(answer).isInstanceOfSatisfying(Unresolved.class, why -> assertThat(why.reason())
                        .isIn(Reason.TIMED_OUT, Reason.NSDB_UNREACHABLE));
                assertThat(resolver.nsdbs())
                        .extracting(Resolver.NsdbReport::state)
                        .containsExactly("down");
            }
        }
    }

    @Test
    void tlsWithBothSidesNamedWorks() throws Exception {
        int port = serve(
                0,
                TlsServerCredentials.newBuilder()
                        .keyManager(resource("server.pem"), resource("server.key"))
                        .trustManager(resource("client.pem"))
                        .clientAuth(TlsServerCredentials.ClientAuth.REQUIRE)
                        .build());
        try (NsdbClientOver client =
                new NsdbClientOver(entry(port, "trust: server.pem, cert: client.pem, key: client.key"))) {
            assertThat(client.resolve()).isInstanceOf(NsdbClient.Ok.class);
        }
        try (NsdbClientOver client = new NsdbClientOver(entry(port, "trust: server.pem"))) {
            assertThat(client.failure().reason()).isEqualTo(Reason.NSDB_UNREACHABLE);
        }
    }

    @Test
    void certificateThatIsNotTrustedOrOfAnotherNameIsRefused() throws Exception {
        int port = serve(0, TlsServerCredentials.create(resource("server.pem"), resource("server.key")));
        try (NsdbClientOver client = new NsdbClientOver(entry(port, "trust: client.pem"))) {
            FailedLookup why = client.failure();
            assertThat(why.reason()).isEqualTo(Reason.NSDB_UNREACHABLE);
            assertThat(why.status()).isEqualTo(FedFsStatus.NSDB_AUTH);
            assertThat(why.detail()).contains("TLS");
        }
        try (NsdbClientOver client = new NsdbClientOver(entry(port, "trust: server.pem, server_name: other.test"))) {
            assertThat(client.failure().status()).isEqualTo(FedFsStatus.NSDB_AUTH);
        }
        try (NsdbClientOver client = new NsdbClientOver(entry(port, "trust: server.pem"))) {
            assertThat(client.resolve()).isInstanceOf(NsdbClient.Ok.class);
        }
    }

    @Test
    void tlsFileThatCannotBeUsedIsNamed() throws Exception {
        try (NsdbClientOver client = new NsdbClientOver(entry(1, "trust: missing.pem"))) {
            assertThat(client.failure().status()).isEqualTo(FedFsStatus.NSDB_PARAMS);
            assertThat(client.failure().detail()).contains("missing.pem");
        }
        try (NsdbClientOver client = new NsdbClientOver(entry(1, "trust: server.key"))) {
            assertThat(client.failure().status()).isEqualTo(FedFsStatus.NSDB_PARAMS);
        }
    }

    private static InputStream resource(String name) {
        return SocketTest.class.getResourceAsStream(name);
    }

    /** nsdb.test, dialled at a port of this host, with these TLS keys. */
    private NsdbDirectory entry(int port, String tls) {
        for (String name : new String[] {"server.pem", "server.key", "client.pem", "client.key"}) {
            Path copy = dir.resolve(name);
            if (!copy.toFile().exists()) {
                try (InputStream in = resource(name)) {
                    java.nio.file.Files.copy(in, copy);
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            }
        }
        return NsdbDirectory.parse(
                "nsdbs: [{address: nsdb.test, connect: '127.0.0.1:" + port + "', tls: {" + tls + "}}]", "test", dir);
    }

    /** A client with its I/O thread. */
    private static final class NsdbClientOver implements AutoCloseable {
        private final GrpcNsdbClient client;

        NsdbClientOver(NsdbDirectory directory) {
            NettyDialer dialer = new NettyDialer();
            client = new GrpcNsdbClient(
                    new NsdbChannels(directory, dialer), dialer.io(), System::nanoTime, dialer::close);
        }

        NsdbClient.Reply<NsdbClient.Located> resolve() {
            return client.resolve(new Fsn(NsdbAddress.parse("nsdb.test"), FILESET), LONG)
                    .join();
        }

        FailedLookup failure() {
            NsdbClient.Reply<NsdbClient.Located> reply = resolve();
            assertThat(reply).isInstanceOf(NsdbClient.Failed.class);
            return ((NsdbClient.Failed<NsdbClient.Located>) reply).failure();
        }

        @Override
        public void close() {
            client.close();
        }
    }
}
