package io.fedfs.nsdb.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fedfs.authority.AuditLog;
import io.fedfs.authority.Subtree;
import io.fedfs.authority.tls.ServerTls;
import io.fedfs.nsdb.store.NsdbStore;
import io.fedfs.nsdb.store.SqliteStore;
import io.fedfs.nsdb.store.StoreSettings;
import io.fedfs.pki.Credential;
import io.fedfs.pki.PrivateAuthority;
import io.fedfs.protocol.FedFsStatus;
import io.fedfs.protocol.StatusTrailer;
import io.fedfs.service.Guard;
import io.fedfs.service.ListenAddress;
import io.fedfs.service.Transport;
import io.fedfs.v1.AddFslRequest;
import io.fedfs.v1.AddReferenceRequest;
import io.fedfs.v1.AnnotateRequest;
import io.fedfs.v1.Annotation;
import io.fedfs.v1.Client;
import io.fedfs.v1.CreateFsnRequest;
import io.fedfs.v1.CreateNamespaceRequest;
import io.fedfs.v1.DeleteFslRequest;
import io.fedfs.v1.DeleteFsnRequest;
import io.fedfs.v1.DeleteNamespaceRequest;
import io.fedfs.v1.Fsl;
import io.fedfs.v1.GetFsnRequest;
import io.fedfs.v1.GetInfoRequest;
import io.fedfs.v1.GetNamespaceRequest;
import io.fedfs.v1.ListClientsRequest;
import io.fedfs.v1.ListFslsRequest;
import io.fedfs.v1.ListFsnsRequest;
import io.fedfs.v1.ListNamespacesRequest;
import io.fedfs.v1.ListReferencesRequest;
import io.fedfs.v1.Namespace;
import io.fedfs.v1.NsdbGrpc;
import io.fedfs.v1.Operation;
import io.fedfs.v1.Reference;
import io.fedfs.v1.RemoveReferenceRequest;
import io.fedfs.v1.ReportAttachedRequest;
import io.fedfs.v1.ResolveManyRequest;
import io.fedfs.v1.ResolveRequest;
import io.fedfs.v1.SetFslStateRequest;
import io.fedfs.v1.SetFsnStateRequest;
import io.fedfs.v1.State;
import io.fedfs.v1.TransactRequest;
import io.fedfs.v1.UpdateFslRequest;
import io.fedfs.v1.UpdateFsnRequest;
import io.fedfs.v1.WatchEvent;
import io.fedfs.v1.WatchRequest;
import io.grpc.ChannelCredentials;
import io.grpc.Grpc;
import io.grpc.ManagedChannel;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.TlsChannelCredentials;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Who may call what: every call by everybody, over real TLS connections. */
@Timeout(180)
class AuthorityTest {
    private static final ListenAddress ANY_PORT = new ListenAddress("127.0.0.1", 0);
    private static final Instant BEFORE = Instant.now().minus(Duration.ofDays(2));
    private static final Instant AFTER = Instant.now().plus(Duration.ofDays(2));
    private static final String SUBTREE = "fedfs.subtree";

    private static final String POLICY =
            """
            groups:
              admins: [admin]
            grants:
              - to: [group:admins]
                operations: [all]
              - to: [reader]
                operations: [read]
              - to: [physicist]
                operations: [all]
                subtree: physics
              - to: [fs1]
                operations: [add-fsl, delete-fsl]
                export: fs1.example.org:/srv
            """;

    @TempDir
    Path directory;

    private final PrivateAuthority authority = PrivateAuthority.unsaved("CA", BEFORE, AFTER);
    private final Map<String, ManagedChannel> channels = new LinkedHashMap<>();
    private NsdbStore store;
    private AuditLog audit;
    private NsdbServer server;
    private ListenAddress address;
    private Path policy;

    @BeforeEach
    void serve() throws Exception {
        store = SqliteStore.open(directory.resolve("data"), StoreSettings.defaults());
        policy = Files.writeString(directory.resolve("policy.yaml"), POLICY);
        audit = AuditLog.to(directory.resolve("audit.log"), Clock.systemUTC());
        Path ca = directory.resolve("ca.pem");
        authority.own().write(ca, directory.resolve("ca.key"));
        authority
                .issue("nsdb", List.of("localhost"), BEFORE, AFTER)
                .write(directory.resolve("nsdb.pem"), directory.resolve("nsdb.key"));
        ServerTls tls =
                new ServerTls(directory.resolve("nsdb.pem"), directory.resolve("nsdb.key"), Optional.of(ca), false);
        server = new NsdbServer(
                store,
                ServerSettings.defaults("test").withHeartbeat(Duration.ofSeconds(1)),
                Transport.tcp(
                        ANY_PORT,
                        Optional.of(tls),
                        (subject, from, why) -> audit.refusedConnection("fedfs.v1.Nsdb", subject, from, why)),
                Clock.systemUTC(),
                new Guard(Optional.of(policy), audit),
                List.of());
        address = server.start(ANY_PORT);
    }

    @AfterEach
    void stop() {
        channels.values().forEach(ManagedChannel::shutdownNow);
        server.close();
        store.close();
        audit.close();
    }

    private NsdbGrpc.NsdbBlockingStub as(String name) {
        ManagedChannel channel = channels.computeIfAbsent(name, who -> {
            try {
                return switch (who) {
                    case "nobody" -> dial(Optional.empty());
                    case "wrong CA" ->
                        dial(Optional.of(PrivateAuthority.unsaved("CA", BEFORE, AFTER)
                                .issue("admin", List.of(), BEFORE, AFTER)));
                    case "expired" ->
                        dial(Optional.of(authority.issue(
                                "admin", List.of(), BEFORE, Instant.now().minus(Duration.ofDays(1)))));
                    default -> dial(Optional.of(authority.issue(who, List.of(), BEFORE, AFTER)));
                };
            } catch (Exception e) {
                throw new AssertionError(who, e);
            }
        });
        return NsdbGrpc.newBlockingStub(channel).withDeadlineAfter(60, TimeUnit.SECONDS);
    }

    private ManagedChannel dial(Optional<Credential> shown) throws Exception {
        TlsChannelCredentials.Builder credentials = TlsChannelCredentials.newBuilder()
                .trustManager(directory.resolve("ca.pem").toFile());
        if (shown.isPresent()) {
            Path certificate = Files.createTempFile(directory, "client", ".pem");
            Path key = Files.createTempFile(directory, "client", ".key");
            shown.get().write(certificate, key);
            credentials.keyManager(certificate.toFile(), key.toFile());
        }
        ChannelCredentials made = credentials.build();
        return Grpc.newChannelBuilder(address.toString(), made)
                .overrideAuthority("localhost")
                .build();
    }

    /** What came of a call: a status of ours, or that of a connection that was refused. */
    private static String outcome(Runnable call) {
        try {
            call.run();
            return "OK";
        } catch (StatusRuntimeException e) {
            return StatusTrailer.read(e)
                    .map(detail -> {
                        FedFsStatus status = FedFsStatus.of(detail.getStatus());
                        if (status == FedFsStatus.ACCESS) {
                            assertThat(e.getStatus().getCode()).isEqualTo(Status.Code.PERMISSION_DENIED);
                        }
                        return status.name();
                    })
                    .orElse(e.getStatus().getCode().name());
        }
    }

    /** Every call of the service. Those in {@code here} are about the fileset and namespace given, the others about the whole. */
    private record Calls(
            Map<String, Consumer<NsdbGrpc.NsdbBlockingStub>> here,
            Map<String, Consumer<NsdbGrpc.NsdbBlockingStub>> whole) {}

    private static Calls calls(String fsn, String fsl, String namespace, String fresh, String subtree) {
        Map<String, Consumer<NsdbGrpc.NsdbBlockingStub>> here = new LinkedHashMap<>();
        Map<String, Consumer<NsdbGrpc.NsdbBlockingStub>> whole = new LinkedHashMap<>();
        Annotation in =
                Annotation.newBuilder().setKey(SUBTREE).setValue(subtree).build();
        Fsl place = TestNsdb.local(fsn, "/srv/x").setUuid(fsl).build();
        whole.put("GetInfo", n -> n.getInfo(GetInfoRequest.getDefaultInstance()));
        whole.put("ListFsns", n -> n.listFsns(ListFsnsRequest.getDefaultInstance()));
        whole.put("ListFsls", n -> n.listFsls(ListFslsRequest.getDefaultInstance()));
        whole.put("ListNamespaces", n -> n.listNamespaces(ListNamespacesRequest.getDefaultInstance()));
        whole.put("Watch", n -> {
            Iterator<WatchEvent> events = n.watch(WatchRequest.getDefaultInstance());
            events.next();
        });
        Reference reference = Reference.newBuilder()
                .setFsnUuid(fsn)
                .setFromFsn("nsdb://localhost/" + fsn)
                .setPath("a/b")
                .build();
        whole.put(
                "ReportAttached",
                n -> n.reportAttached(ReportAttachedRequest.newBuilder()
                        .setClient(Client.newBuilder().setId(fresh))
                        .build()));
        here.put(
                "AddReference",
                n -> n.addReference(
                        AddReferenceRequest.newBuilder().setReference(reference).build()));
        here.put(
                "ListReferences",
                n -> n.listReferences(
                        ListReferencesRequest.newBuilder().setFsnUuid(fsn).build()));
        here.put(
                "RemoveReference",
                n -> n.removeReference(RemoveReferenceRequest.newBuilder()
                        .setFsnUuid(fsn)
                        .setFromFsn(reference.getFromFsn())
                        .setPath("a/b")
                        .build()));
        here.put(
                "ListClients",
                n -> n.listClients(
                        ListClientsRequest.newBuilder().setFsnUuid(fsn).build()));
        here.put(
                "Resolve",
                n -> n.resolve(ResolveRequest.newBuilder().setFsnUuid(fsn).build()));
        here.put(
                "ResolveMany",
                n -> n.resolveMany(
                        ResolveManyRequest.newBuilder().addFsnUuids(fsn).build()));
        here.put("GetFsn", n -> n.getFsn(GetFsnRequest.newBuilder().setUuid(fsn).build()));
        here.put(
                "GetNamespace",
                n -> n.getNamespace(
                        GetNamespaceRequest.newBuilder().setName(namespace).build()));
        here.put(
                "CreateFsn",
                n -> n.createFsn(CreateFsnRequest.newBuilder()
                        .setUuid(fresh)
                        .addAnnotations(in)
                        .build()));
        here.put(
                "UpdateFsn",
                n -> n.updateFsn(UpdateFsnRequest.newBuilder().setUuid(fsn).build()));
        here.put(
                "SetFsnState",
                n -> n.setFsnState(SetFsnStateRequest.newBuilder()
                        .setUuid(fsn)
                        .setState(State.STATE_VALID)
                        .build()));
        here.put(
                "AddFsl",
                n -> n.addFsl(AddFslRequest.newBuilder()
                        .setFsl(TestNsdb.local(fsn, "/srv/y"))
                        .build()));
        here.put(
                "UpdateFsl",
                n -> n.updateFsl(UpdateFslRequest.newBuilder().setFsl(place).build()));
        here.put(
                "SetFslState",
                n -> n.setFslState(SetFslStateRequest.newBuilder()
                        .setFsnUuid(fsn)
                        .setFslUuid(fsl)
                        .setState(State.STATE_VALID)
                        .build()));
        here.put(
                "Annotate",
                n -> n.annotate(AnnotateRequest.newBuilder()
                        .setFsnUuid(fsn)
                        .addSet(Annotation.newBuilder().setKey("k").setValue("v"))
                        .build()));
        here.put(
                "CreateNamespace",
                n -> n.createNamespace(CreateNamespaceRequest.newBuilder()
                        .setNamespace(Namespace.newBuilder()
                                .setName("new-" + fresh.substring(0, 8))
                                .setRootFsn("nsdb://localhost/" + fsn)
                                .addAnnotations(in))
                        .build()));
        here.put(
                "DeleteNamespace",
                n -> n.deleteNamespace(
                        DeleteNamespaceRequest.newBuilder().setName(namespace).build()));
        here.put(
                "Transact",
                n -> n.transact(TransactRequest.newBuilder()
                        .addOperations(Operation.newBuilder()
                                .setUpdateFsn(UpdateFsnRequest.newBuilder().setUuid(fsn)))
                        .build()));
        here.put(
                "DeleteFsl",
                n -> n.deleteFsl(DeleteFslRequest.newBuilder()
                        .setFsnUuid(fsn)
                        .setFslUuid(fsl)
                        .build()));
        here.put(
                "DeleteFsn",
                n -> n.deleteFsn(DeleteFsnRequest.newBuilder()
                        .setUuid(fsn)
                        .setWithFsls(true)
                        .build()));
        return new Calls(here, whole);
    }

    private Calls prepared(String subtree) {
        String fsn = UUID.randomUUID().toString();
        String fsl = UUID.randomUUID().toString();
        String namespace = "ns-" + fsn.substring(0, 13);
        Annotation in =
                Annotation.newBuilder().setKey(SUBTREE).setValue(subtree).build();
        as("admin")
                .createFsn(CreateFsnRequest.newBuilder()
                        .setUuid(fsn)
                        .addAnnotations(in)
                        .build());
        as("admin")
                .addFsl(AddFslRequest.newBuilder()
                        .setFsl(TestNsdb.local(fsn, "/srv/x").setUuid(fsl))
                        .build());
        as("admin")
                .createNamespace(CreateNamespaceRequest.newBuilder()
                        .setNamespace(Namespace.newBuilder()
                                .setName(namespace)
                                .setRootFsn("nsdb://localhost/" + fsn)
                                .addAnnotations(in))
                        .build());
        return calls(fsn, fsl, namespace, UUID.randomUUID().toString(), subtree);
    }

    private static boolean reads(String method) {
        return method.startsWith("Get")
                || method.startsWith("List")
                || method.matches("Resolve|ResolveMany|Watch|ReportAttached");
    }

    private String fsnIn(String subtree) {
        return as("admin")
                .createFsn(CreateFsnRequest.newBuilder()
                        .addAnnotations(Annotation.newBuilder()
                                .setKey(Subtree.ANNOTATION)
                                .setValue(subtree))
                        .build())
                .getUuid();
    }

    @Test
    void whoMayNotResolveOneOfSeveralIsRefusedAll() {
        String mine = fsnIn("physics/atlas");
        String theirs = fsnIn("biology");
        assertThat(outcome(() -> as("physicist")
                        .resolveMany(ResolveManyRequest.newBuilder()
                                .addFsnUuids(mine)
                                .addFsnUuids(mine)
                                .build())))
                .isEqualTo("OK");
        assertThat(outcome(() -> as("physicist")
                        .resolveMany(ResolveManyRequest.newBuilder()
                                .addFsnUuids(mine)
                                .addFsnUuids(theirs)
                                .build())))
                .isEqualTo("ACCESS");
    }

    @Test
    void everyCallByEverybody() throws Exception {
        List<String> wrong = new ArrayList<>();
        for (String who : List.of("nobody", "wrong CA", "expired", "reader", "physicist", "admin")) {
            for (String subtree : List.of("physics/atlas", "biology")) {
                Calls calls = prepared(subtree);
                Map<String, Consumer<NsdbGrpc.NsdbBlockingStub>> all = new LinkedHashMap<>(calls.whole);
                all.putAll(calls.here);
                assertThat(all.keySet())
                        .as("a new call needs its line here")
                        .isEqualTo(NsdbGrpc.getServiceDescriptor().getMethods().stream()
                                .map(MethodDescriptor::getBareMethodName)
                                .collect(Collectors.toSet()));
                all.forEach((method, call) -> {
                    boolean mine = subtree.startsWith("physics") && calls.here.containsKey(method);
                    String expected =
                            switch (who) {
                                case "nobody" -> "ACCESS";
                                case "wrong CA", "expired" -> "UNAVAILABLE";
                                case "reader" -> reads(method) ? "OK" : "ACCESS";
                                case "physicist" -> mine ? "OK" : "ACCESS";
                                default -> "OK";
                            };
                    String got = outcome(() -> call.accept(as(who)));
                    if (!got.equals(expected)) {
                        wrong.add(who + " " + method + " in " + subtree + ": " + got + ", expected " + expected);
                    }
                });
            }
        }
        assertThat(wrong).isEmpty();

        List<String> log = Files.readAllLines(directory.resolve("audit.log"));
        assertThat(log)
                .as("a refused read")
                .anyMatch(l -> l.contains("\"call\":\"GetInfo\"")
                        && l.contains("\"principal\":\"nobody\"")
                        && l.contains("FEDFS_ERR_ACCESS"))
                .as("a write that was let in, by which grant")
                .anyMatch(l -> l.contains("\"call\":\"DeleteFsl\"")
                        && l.contains("\"principal\":\"cn:physicist\"")
                        && l.contains("policy.yaml:8")
                        && l.contains("\"from\":\"127.0.0.1:")
                        && l.contains("FEDFS_OK"))
                .as("connections that were refused")
                .anyMatch(l -> l.contains("\"call\":\"connect\"")
                        && l.contains("dn:CN=admin")
                        && l.contains("FEDFS_ERR_NSDB_AUTH"))
                .as("reads that were let in are not written down")
                .noneMatch(l -> l.contains("\"call\":\"Resolve\"") && l.contains("FEDFS_OK"));
    }

    @Test
    void whatIsNotThereIsNotToldToThoseWithAuthorityOverAPart() {
        GetFsnRequest unknown =
                GetFsnRequest.newBuilder().setUuid(UUID.randomUUID().toString()).build();
        assertThat(outcome(() -> as("physicist").getFsn(unknown))).isEqualTo("ACCESS");
        assertThat(outcome(() -> as("nobody").getFsn(unknown))).isEqualTo("ACCESS");
        assertThat(outcome(() -> as("reader").getFsn(unknown))).isEqualTo("NSDB_NOFSN");
    }

    @Test
    void whoMovesAFilesetToAnotherSubtreeNeedsBoth() {
        String fsn = as("physicist")
                .createFsn(CreateFsnRequest.newBuilder()
                        .addAnnotations(Annotation.newBuilder().setKey(SUBTREE).setValue("physics"))
                        .build())
                .getUuid();
        AnnotateRequest.Builder move = AnnotateRequest.newBuilder().setFsnUuid(fsn);
        Annotation.Builder to = Annotation.newBuilder().setKey(SUBTREE);
        assertThat(outcome(() -> as("physicist")
                        .annotate(move.clone()
                                .addSet(to.clone().setValue("biology"))
                                .build())))
                .isEqualTo("ACCESS");
        assertThat(outcome(() -> as("physicist")
                        .annotate(move.clone().addRemoveKeys(SUBTREE).build())))
                .isEqualTo("ACCESS");
        assertThat(outcome(() -> as("physicist")
                        .annotate(move.clone()
                                .addSet(to.clone().setValue("physics/cms"))
                                .build())))
                .isEqualTo("OK");
        assertThat(outcome(() -> as("physicist").createFsn(CreateFsnRequest.getDefaultInstance())))
                .as("an FSN without a subtree is in the root")
                .isEqualTo("ACCESS");
    }

    @Test
    void aTransactionIsJudgedAsItGoesAlong() {
        String fsn = UUID.randomUUID().toString();
        Operation create = Operation.newBuilder()
                .setCreateFsn(CreateFsnRequest.newBuilder()
                        .setUuid(fsn)
                        .addAnnotations(Annotation.newBuilder().setKey(SUBTREE).setValue("physics")))
                .build();
        Operation add = Operation.newBuilder()
                .setAddFsl(AddFslRequest.newBuilder().setFsl(TestNsdb.local(fsn, "/srv/a")))
                .build();
        assertThat(outcome(() -> as("physicist")
                        .transact(TransactRequest.newBuilder()
                                .addOperations(create)
                                .addOperations(add)
                                .build())))
                .isEqualTo("OK");
        Operation other = Operation.newBuilder()
                .setCreateFsn(
                        CreateFsnRequest.newBuilder().setUuid(UUID.randomUUID().toString()))
                .build();
        assertThat(outcome(() -> as("physicist")
                        .transact(TransactRequest.newBuilder()
                                .addOperations(add)
                                .addOperations(other)
                                .build())))
                .as("one operation that is not covered refuses all of it")
                .isEqualTo("ACCESS");
        assertThat(as("admin")
                        .getFsn(GetFsnRequest.newBuilder().setUuid(fsn).build())
                        .getFslsCount())
                .isEqualTo(1);
    }

    @Test
    void authorityOverAnExportIsOverItsLocations() {
        String fsn =
                as("admin").createFsn(CreateFsnRequest.getDefaultInstance()).getUuid();
        Fsl.Builder inside = TestNsdb.local(fsn, "/srv/a").setHost("fs1.example.org");
        assertThat(outcome(() -> as("fs1")
                        .addFsl(AddFslRequest.newBuilder().setFsl(inside).build())))
                .isEqualTo("OK");
        assertThat(outcome(() -> as("fs1")
                        .addFsl(AddFslRequest.newBuilder()
                                .setFsl(inside.clone().setExportPath("/etc"))
                                .build())))
                .isEqualTo("ACCESS");
        assertThat(outcome(() -> as("fs1")
                        .addFsl(AddFslRequest.newBuilder()
                                .setFsl(inside.clone().setHost("fs2.example.org"))
                                .build())))
                .isEqualTo("ACCESS");
    }

    @Test
    void aChangedPolicyHoldsForTheNextCallAndForOpenStreams() throws Exception {
        Iterator<WatchEvent> events = as("reader").watch(WatchRequest.getDefaultInstance());
        events.next();
        assertThat(outcome(() -> as("nobody").getInfo(GetInfoRequest.getDefaultInstance())))
                .isEqualTo("ACCESS");

        replacePolicy("grants: [{to: anyone, operations: [get-info]}]");
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
        while (!outcome(() -> as("nobody").getInfo(GetInfoRequest.getDefaultInstance()))
                .equals("OK")) {
            assertThat(System.nanoTime()).as("the policy is read again").isLessThan(end);
            Thread.onSpinWait();
        }
        assertThatThrownBy(() -> {
                    while (true) {
                        events.next();
                    }
                })
                .isInstanceOfSatisfying(StatusRuntimeException.class, e -> assertThat(
                                StatusTrailer.read(e).orElseThrow().getStatus())
                        .isEqualTo(FedFsStatus.ACCESS.number()));
        while (server.watchers() > 0) {
            assertThat(System.nanoTime()).as("the stream is forgotten").isLessThan(end);
            Thread.onSpinWait();
        }
    }

    @Test
    void aStreamBegunWhenEverybodyMightEndsWhenThatIsOver() throws Exception {
        replacePolicy("grants: [{to: anyone, operations: [all]}]");
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
        while (!outcome(() -> as("nobody").getInfo(GetInfoRequest.getDefaultInstance()))
                .equals("OK")) {
            assertThat(System.nanoTime()).as("the policy is read again").isLessThan(end);
            Thread.onSpinWait();
        }
        Iterator<WatchEvent> events = as("nobody").watch(WatchRequest.getDefaultInstance());
        events.next();
        replacePolicy("grants: [{to: anyone, operations: [get-info]}]");
        assertThatThrownBy(() -> {
                    while (true) {
                        events.next();
                    }
                })
                .isInstanceOfSatisfying(StatusRuntimeException.class, e -> assertThat(
                                StatusTrailer.read(e).orElseThrow().getStatus())
                        .isEqualTo(FedFsStatus.ACCESS.number()));
    }

    private void replacePolicy(String text) throws Exception {
        Path fresh = Files.writeString(directory.resolve("policy.new"), text);
        Files.move(fresh, policy, StandardCopyOption.ATOMIC_MOVE);
    }

    @Test
    void certificatesAreReplacedWithoutARestart() throws Exception {
        assertThat(outcome(() -> as("admin").getInfo(GetInfoRequest.getDefaultInstance())))
                .isEqualTo("OK");
        PrivateAuthority next = PrivateAuthority.unsaved("next CA", BEFORE, AFTER);
        next.issue("nsdb", List.of("localhost"), BEFORE, AFTER)
                .write(directory.resolve("nsdb.pem"), directory.resolve("nsdb.key"));
        next.own().write(directory.resolve("ca.pem"), directory.resolve("ca.key"));

        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
        String last;
        do {
            ManagedChannel channel = dial(Optional.of(next.issue("admin", List.of(), BEFORE, AFTER)));
            try {
                last = outcome(() -> NsdbGrpc.newBlockingStub(channel)
                        .withDeadlineAfter(60, TimeUnit.SECONDS)
                        .getInfo(GetInfoRequest.getDefaultInstance()));
            } finally {
                channel.shutdownNow();
            }
        } while (!last.equals("OK") && System.nanoTime() < end);
        assertThat(last)
                .as("new connections see the new certificate and believe the new authority")
                .isEqualTo("OK");
        assertThat(outcome(() -> as("admin").getInfo(GetInfoRequest.getDefaultInstance())))
                .as("open connections go on")
                .isEqualTo("OK");
    }

    @Test
    void nothingIsChangedWhenItCannotBeWrittenDown() throws Exception {
        Files.delete(directory.resolve("audit.log"));
        Files.createDirectory(directory.resolve("audit.log"));
        assertThat(outcome(() -> as("admin").createFsn(CreateFsnRequest.getDefaultInstance())))
                .isEqualTo("IO");
        assertThat(store.info().fsns()).isZero();
        assertThat(outcome(() -> as("admin").getInfo(GetInfoRequest.getDefaultInstance())))
                .isEqualTo("OK");
    }
}
