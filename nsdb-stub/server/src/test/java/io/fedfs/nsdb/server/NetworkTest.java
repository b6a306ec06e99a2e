package io.fedfs.nsdb.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fedfs.authority.tls.ServerTls;
import io.fedfs.nsdb.store.NsdbStore;
import io.fedfs.nsdb.store.SqliteStore;
import io.fedfs.nsdb.store.StoreSettings;
import io.fedfs.protocol.FedFsStatus;
import io.fedfs.service.Guard;
import io.fedfs.service.ListenAddress;
import io.fedfs.service.ServiceException;
import io.fedfs.service.Transport;
import io.fedfs.v1.GetInfoRequest;
import io.fedfs.v1.NsdbGrpc;
import io.fedfs.v1.NsdbInfo;
import io.grpc.ChannelCredentials;
import io.grpc.Grpc;
import io.grpc.InsecureChannelCredentials;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.TlsChannelCredentials;
import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import io.grpc.health.v1.HealthGrpc;
import io.grpc.reflection.v1.ServerReflectionGrpc;
import io.grpc.reflection.v1.ServerReflectionRequest;
import io.grpc.reflection.v1.ServerReflectionResponse;
import io.grpc.reflection.v1.ServiceResponse;
import io.grpc.stub.StreamObserver;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What needs a real port: what is served on it, who is let in, and what is refused. */
@Timeout(120)
class NetworkTest {
    private static final ListenAddress ANY_PORT = new ListenAddress("127.0.0.1", 0);

    @TempDir
    Path directory;

    private NsdbStore store;

    @BeforeEach
    void open() {
        store = SqliteStore.open(directory.resolve("data"), StoreSettings.defaults());
    }

    @AfterEach
    void close() {
        store.close();
    }

    private NsdbServer server(ListenAddress listen, Optional<ServerTls> tls) {
        return new NsdbServer(
                store,
                ServerSettings.defaults("test"),
                Transport.tcp(listen, tls, (subject, from, why) -> {}),
                Clock.systemUTC(),
                Guard.NONE,
                List.of());
    }

    private static ServerTls tls(Path certificates, Path key, Optional<Path> clientCa) {
        return new ServerTls(certificates, key, clientCa, true);
    }

    private static <T> T call(ListenAddress address, ChannelCredentials credentials, Function<ManagedChannel, T> call) {
        ManagedChannel channel = Grpc.newChannelBuilder(address.toString(), credentials)
                .overrideAuthority("localhost")
                .build();
        try {
            return call.apply(channel);
        } finally {
            channel.shutdownNow();
        }
    }

    private static NsdbInfo info(ListenAddress address, ChannelCredentials credentials) {
        return call(address, credentials, channel -> NsdbGrpc.newBlockingStub(channel)
                .withDeadlineAfter(60, TimeUnit.SECONDS)
                .getInfo(GetInfoRequest.getDefaultInstance()));
    }

    @Test
    void portZeroIsAFreePortAndIsAdvertised() {
        try (NsdbServer server = server(ANY_PORT, Optional.empty())) {
            ListenAddress address = server.start(ANY_PORT);
            assertThat(address.port()).isPositive();
            assertThat(info(address, InsecureChannelCredentials.create()).getAdvertisedName())
                    .isEqualTo("127.0.0.1:" + address.port());
        }
    }

    @Test
    void busyPortIsRefusedWithItsAddress() {
        try (NsdbServer server = server(ANY_PORT, Optional.empty())) {
            ListenAddress taken = server.start(ANY_PORT);
            try (NsdbServer second = server(taken, Optional.empty())) {
                assertThatThrownBy(() -> second.start(taken))
                        .isInstanceOfSatisfying(ServiceException.class, e -> assertThat(e.status())
                                .isEqualTo(FedFsStatus.IO))
                        .hasMessageContaining(taken.toString())
                        .hasMessageContaining("in use");
            }
        }
    }

    @Test
    void healthAndReflectionAnswer() throws Exception {
        try (NsdbServer server = server(ANY_PORT, Optional.empty())) {
            ListenAddress address = server.start(ANY_PORT);
            ServingStatus health =
                    call(address, InsecureChannelCredentials.create(), channel -> HealthGrpc.newBlockingStub(channel)
                            .check(HealthCheckRequest.newBuilder()
                                    .setService("fedfs.v1.Nsdb")
                                    .build())
                            .getStatus());
            assertThat(health).isEqualTo(ServingStatus.SERVING);

            List<String> services = call(address, InsecureChannelCredentials.create(), channel -> reflect(channel)
                    .orTimeout(60, TimeUnit.SECONDS)
                    .join());
            assertThat(services).contains("fedfs.v1.Nsdb", "grpc.health.v1.Health");
        }
    }

    private static CompletableFuture<List<String>> reflect(ManagedChannel channel) {
        CompletableFuture<List<String>> services = new CompletableFuture<>();
        StreamObserver<ServerReflectionRequest> requests = ServerReflectionGrpc.newStub(channel)
                .serverReflectionInfo(new StreamObserver<>() {
                    @Override
                    public void onNext(ServerReflectionResponse response) {
                        services.complete(response.getListServicesResponse().getServiceList().stream()
                                .map(ServiceResponse::getName)
                                .toList());
                    }

                    @Override
                    public void onError(Throwable t) {
                        services.completeExceptionally(t);
                    }

                    @Override
                    public void onCompleted() {
                        services.cancel(false);
                    }
                });
        requests.onNext(ServerReflectionRequest.newBuilder().setListServices("").build());
        return services;
    }

    @Test
    void mutualTlsServesOnlyThoseWithACertificateOfTheAuthority() throws Exception {
        TestCertificate serverSide = TestCertificate.make(directory, "server");
        TestCertificate known = TestCertificate.make(directory, "known");
        TestCertificate stranger = TestCertificate.make(directory, "stranger");
        ServerTls tls = tls(serverSide.certificate(), serverSide.key(), Optional.of(known.certificate()));
        try (NsdbServer server = server(ANY_PORT, Optional.of(tls))) {
            ListenAddress address = server.start(ANY_PORT);

            assertThat(info(address, client(serverSide, Optional.of(known))).getStoreFormat())
                    .isEqualTo(2);
            assertUnavailable(address, client(serverSide, Optional.of(stranger)));
            assertUnavailable(address, client(serverSide, Optional.empty()));
            assertUnavailable(address, client(stranger, Optional.of(known)));
            assertUnavailable(address, InsecureChannelCredentials.create());
        }
        assertThatThrownBy(() -> server(
                        ANY_PORT, Optional.of(tls(directory.resolve("none.pem"), serverSide.key(), Optional.empty()))))
                .isInstanceOf(ServiceException.class)
                .hasMessageContaining("none.pem");
        Path junk = Files.writeString(directory.resolve("junk.pem"), "no certificate");
        assertThatThrownBy(() -> server(ANY_PORT, Optional.of(tls(junk, junk, Optional.empty()))))
                .isInstanceOf(ServiceException.class)
                .hasMessageContaining("TLS");
    }

    private static ChannelCredentials client(TestCertificate trusted, Optional<TestCertificate> shown)
            throws Exception {
        TlsChannelCredentials.Builder credentials = TlsChannelCredentials.newBuilder()
                .trustManager(trusted.certificate().toFile());
        if (shown.isPresent()) {
            credentials.keyManager(
                    shown.get().certificate().toFile(), shown.get().key().toFile());
        }
        return credentials.build();
    }

    private static void assertUnavailable(ListenAddress address, ChannelCredentials credentials) {
        assertThatThrownBy(() -> info(address, credentials))
                .isInstanceOfSatisfying(
                        StatusRuntimeException.class,
                        e -> assertThat(e.getStatus().getCode()).isEqualTo(Status.Code.UNAVAILABLE));
    }

    @Test
    void listenAddressIsReadAsWritten() {
        assertThat(ListenAddress.parse("127.0.0.1:0")).isEqualTo(ANY_PORT);
        assertThat(ListenAddress.parse("[::1]:7532")).isEqualTo(new ListenAddress("::1", 7532));
        assertThat(ListenAddress.parse("[::1]:7532")).hasToString("[::1]:7532");
        for (String bad : List.of("", "host", "host:", ":1", "host:x", "host:65536", "host:-1", "::1:7532", "[]:1")) {
            assertThatThrownBy(() -> ListenAddress.parse(bad))
                    .as(bad)
                    .isInstanceOf(ServiceException.class)
                    .hasMessageContaining("HOST:PORT");
        }
    }
}
