package io.fedfs.system;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** A site with its own authority: mutual TLS, a policy, an audit log; commands and mounts as different principals. */
@Tag("waits")
final class AuthorityIT {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Duration SOON = Duration.ofSeconds(30);

    @RegisterExtension
    final Federation federation = new Federation();

    private Path pki;
    private Path policy;
    private Path audit;
    private Nsdb nsdb;

    @BeforeEach
    void serve() throws Exception {
        pki = federation.directory("pki");
        federation.fedfs("pki", "init", pki.toString()).ok();
        issue("nsdb", "--host", "127.0.0.1");
        issue("root");
        issue("client");
        issue("alice");
        policy = federation.top().resolve("policy.yaml");
        policy(
                """
                grants:
                  - {to: [root], operations: [all]}
                  - {to: [client], operations: [read]}
                  - {to: [alice], operations: [all], subtree: physics}
                  - {to: [authenticated], operations: [get-info]}
                """);
        audit = federation.top().resolve("audit.log");
        nsdb = federation.nsdb(
                "--tls-cert",
                pki.resolve("nsdb.pem").toString(),
                "--tls-key",
                pki.resolve("nsdb.key").toString(),
                "--tls-client-ca",
                pki.resolve("ca.pem").toString(),
                "--policy",
                policy.toString(),
                "--audit",
                audit.toString());
        for (String who : List.of("root", "client", "alice", "nobody")) {
            String own = who.equals("nobody") ? "" : ", cert: %s.pem, key: %s.key".formatted(who, who);
            Files.writeString(
                    pki.resolve(who + ".yaml"),
                    "nsdbs:\n  - address: %s\n    trusted: true\n    tls: {trust: ca.pem%s}\n"
                            .formatted(nsdb.address(), own));
        }
    }

    private void issue(String name, String... more) {
        List<String> arguments = new ArrayList<>(List.of("pki", "issue", pki.toString(), name));
        arguments.addAll(List.of(more));
        federation.fedfs(arguments.toArray(String[]::new)).ok();
    }

    private void policy(String text) throws Exception {
        Path fresh = Files.writeString(federation.top().resolve("policy.new"), text);
        Files.move(fresh, policy, StandardCopyOption.ATOMIC_MOVE);
    }

    private Run as(String who, String... arguments) {
        List<String> all = new ArrayList<>(List.of(arguments));
        all.addAll(List.of("--nsdbs", pki.resolve(who + ".yaml").toString()));
        return federation.fedfs(all.toArray(String[]::new));
    }

    private String fileset(String who, Path directory, String... more) {
        List<String> all =
                new ArrayList<>(List.of("fileset", "create", "--nsdb", nsdb.address(), "--path", directory.toString()));
        all.addAll(List.of(more));
        return as(who, all.toArray(String[]::new)).ok().line();
    }

    private List<JsonNode> audited() throws Exception {
        List<JsonNode> entries = new ArrayList<>();
        for (String line : Files.readAllLines(audit)) {
            entries.add(JSON.readTree(line));
        }
        return entries;
    }

    @Test
    void everybodyDoesWhatThePolicySaysAndTheLogTellsIt() throws Exception {
        Path data = federation.directory("data");
        String fsn = fileset("alice", data, "--subtree", "physics/atlas");
        as("client", "resolve", fsn).ok();
        as("client", "fsn", "invalidate", fsn).failed(1);
        as("alice", "fsn", "show", fsn).ok();
        as("alice", "fsn", "list", "--nsdb", nsdb.address()).failed(1);
        as("alice", "fsn", "create", "--nsdb", nsdb.address()).failed(1);
        Run nobody = as("nobody", "resolve", fsn);
        nobody.failed(1);
        assertThat(nobody.err()).contains("nobody may not resolve");

        Path root = federation.directory("data");
        String top = fileset("root", root);
        as("root", "namespace", "create", "home", top, "--nsdb", nsdb.address()).ok();
        Files.createDirectory(root.resolve("atlas"));
        federation
                .fedfs("junction", "create", root.resolve("atlas").toString(), fsn)
                .ok();
        Files.writeString(data.resolve("file"), "here");
        Mount mount = federation
                .mount("nsdb://" + nsdb.address() + "/home")
                .option("nsdbs=" + pki.resolve("client.yaml"))
                .start();
        assertThat(Files.readString(mount.path("atlas/file"))).isEqualTo("here");

        assertThat(audited())
                .anySatisfy(e -> {
                    assertThat(e.get("call").asText()).isEqualTo("Transact");
                    assertThat(e.get("principal").asText()).isEqualTo("cn:alice");
                    assertThat(e.get("from").asText()).startsWith("127.0.0.1:");
                    assertThat(e.get("result").asText()).isEqualTo("FEDFS_OK");
                    assertThat(e.get("on").get(0).get("subtree").asText()).isEqualTo("/physics/atlas");
                })
                .anySatisfy(e -> {
                    assertThat(e.get("call").asText()).isEqualTo("SetFsnState");
                    assertThat(e.get("principal").asText()).isEqualTo("cn:client");
                    assertThat(e.get("status").asInt()).isEqualTo(1);
                })
                .anySatisfy(e -> {
                    assertThat(e.get("call").asText()).isEqualTo("Resolve");
                    assertThat(e.get("principal").asText()).isEqualTo("nobody");
                });
    }

    @Test
    void aWrongPolicyLeavesTheOneBeforeInForceAndTheLogSaysWhere() throws Exception {
        policy("grants:\n  - {to: [root], operations: [all]}\n  - {to: [alice], operations: [fly]}\n");
        Await.until(SOON, true, () -> nsdb.errors().contains("policy.yaml:3: operations: \"fly\" is not an operation"));
        String fsn = fileset("alice", federation.directory("data"), "--subtree", "physics");
        policy("grants:\n  - {to: [root], operations: [all]}\n");
        Await.until(SOON, 1, () -> as("alice", "fsn", "show", fsn).code());
        as("root", "fsn", "show", fsn).ok();
    }

    @Test
    void certificatesAreReplacedUnderARunningMountAndNsdb() throws Exception {
        Path root = federation.directory("data");
        String fsn = fileset("root", root);
        Files.writeString(root.resolve("file"), "here");
        Mount mount = federation
                .mount(fsn)
                .option("nsdbs=" + pki.resolve("client.yaml"))
                .start();
        // A new authority altogether: everything that was issued before is worth nothing.
        Files.delete(pki.resolve("ca.pem"));
        Files.delete(pki.resolve("ca.key"));
        federation
                .fedfs("pki", "init", pki.toString(), "--name", "the next one")
                .ok();
        for (String name : List.of("root", "client", "alice")) {
            issue(name, "--renew");
        }
        issue("nsdb", "--host", "127.0.0.1", "--renew");
        Await.until(SOON, 0, () -> as("root", "fsn", "show", fsn).code());

        // The mount dials anew with its own new certificate.
        nsdb.stop();
        nsdb.start();
        federation.fedfs("flush", "all", "--mount", mount.point().toString()).ok();
        Await.until(
                SOON,
                true,
                () -> federation.fedfs("check", mount.point().toString()).code() == 0);
        assertThat(Files.readString(mount.path("file"))).isEqualTo("here");
    }
}
