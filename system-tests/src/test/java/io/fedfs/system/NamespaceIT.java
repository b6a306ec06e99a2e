package io.fedfs.system;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Several roots on one NSDB, found by DNS; filesets that belong to one of them only; who points where, and what does not fit. */
@Tag("waits")
final class NamespaceIT {
    @RegisterExtension
    final Federation federation = new Federation();

    private String fileset(Nsdb nsdb, Path directory, String... more) {
        List<String> all = new ArrayList<>(List.of(
                "fileset", "create", "--nsdb", nsdb.address(), "--path", directory.toString(), "--host", "localhost"));
        all.addAll(List.of(more));
        return federation.fedfs(all.toArray(String[]::new)).ok().line();
    }

    @Test
    void aDomainsNamespacesAreMountedByNameThroughDns() throws Exception {
        Nsdb nsdb = federation.nsdb();
        Path home = federation.directory("home");
        Path work = federation.directory("work");
        Files.writeString(home.resolve("here"), "home");
        Files.writeString(work.resolve("here"), "work");
        federation
                .fedfs("namespace", "create", "home", fileset(nsdb, home), "--nsdb", nsdb.address())
                .ok();
        federation
                .fedfs("namespace", "create", "work", fileset(nsdb, work), "--nsdb", nsdb.address())
                .ok();
        try (Dns dns = new Dns()) {
            // The first by priority does not listen; the second is asked then.
            dns.answer("_fedfs-nsdb._tcp.example.org", new int[] {10, 0, Federation.freePort()}, new int[] {
                20, 5, Integer.parseInt(nsdb.address().substring(nsdb.address().lastIndexOf(':') + 1))
            });
            Run found = federation
                    .fedfs("discover", "example.org", "--dns", dns.address())
                    .ok();
            assertThat(found.out().lines().toList().get(1))
                    .endsWith(":" + nsdb.address().split(":")[1]);

            Mount mount = federation
                    .mount("fedfs://example.org/work")
                    .option("dns=" + dns.address())
                    .start();
            assertThat(Files.readString(mount.path("here"))).isEqualTo("work");
            Mount other = federation
                    .mount("fedfs://Example.org/home")
                    .option("dns=" + dns.address())
                    .start();
            assertThat(Files.readString(other.path("here"))).isEqualTo("home");
            federation
                    .mount("fedfs://example.org/none")
                    .option("dns=" + dns.address())
                    .attempt()
                    .failed(105);
            Run nothing = federation
                    .mount("fedfs://example.net/home")
                    .option("dns=" + dns.address())
                    .attempt();
            nothing.failed(23);
            assertThat(nothing.err()).contains("_fedfs-nsdb._tcp.example.net");
        }
    }

    @Test
    void anExclusiveFilesetStaysInItsNamespace() throws Exception {
        Nsdb nsdb = federation.nsdb();
        Path inside = federation.directory("inside");
        String root = fileset(nsdb, inside, "--exclusive", "home");
        federation
                .fedfs("namespace", "create", "work", root, "--nsdb", nsdb.address())
                .failed(111);
        federation
                .fedfs("namespace", "create", "home", root, "--nsdb", nsdb.address())
                .ok();
        String mine = fileset(nsdb, federation.directory("mine"), "--exclusive", "home");
        Path outside = federation.directory("outside");
        fileset(nsdb, outside);
        Run refused = federation
                .fedfs("junction", "create", outside.resolve("mine").toString(), mine)
                .ok();
        assertThat(refused.err()).contains("exclusive to the namespace \"home\"");
        federation
                .fedfs("junction", "create", inside.resolve("mine").toString(), mine)
                .ok();
        assertThat(federation.fedfs("fsn", "refs", mine).ok().out())
                .contains("mine")
                .contains(root);
    }

    @Test
    void anAuditFindsWhatDoesNotFitAndPutsRightWhatItCan() throws Exception {
        Nsdb nsdb = federation.nsdb();
        Path one = federation.directory("one");
        Path two = federation.directory("two");
        String holder = fileset(nsdb, one);
        String target = fileset(nsdb, federation.directory("target"));
        federation
                .fedfs("namespace", "create", "home", holder, "--nsdb", nsdb.address())
                .ok();
        federation
                .fedfs("junction", "create", one.resolve("to").toString(), target)
                .ok();
        audit(nsdb, 0);

        federation
                .fedfs("fsl", "add", holder, "--path", two.toString(), "--host", "localhost")
                .ok();
        federation.fedfs("fileset", "unmark", two.toString()).ok();
        Path gone = one.resolve("gone");
        federation.fedfs("junction", "create", gone.toString(), target).ok();
        federation.fedfs("junction", "delete", gone.toString(), "--no-record").ok();
        federation
                .fedfs("junction", "create", one.resolve("quiet").toString(), target, "--no-record")
                .ok();
        String lost =
                federation.fedfs("fsn", "create", "--nsdb", nsdb.address()).ok().line();
        federation
                .fedfs("junction", "create", one.resolve("dangling").toString(), lost)
                .ok();
        federation.fedfs("fsn", "delete", lost).ok();
        String orphan = fileset(nsdb, federation.directory("orphan"));

        String found = audit(nsdb, 9, "--walk");
        assertThat(found)
                .contains("JUNCTION_MISSING", two.resolve("to").toString())
                .contains("MARKER_MISSING", two + " should be marked")
                .contains("STALE_REFERENCE", "gone")
                .contains("UNRECORDED_JUNCTION", one.resolve("quiet").toString())
                .contains("DANGLING_JUNCTION", lost)
                .contains("UNREFERENCED_FILESET", orphan);
        audit(nsdb, 9, "--walk", "--fix");
        federation.fedfs("junction", "show", two.resolve("to").toString()).ok();
        assertThat(federation.fedfs("fileset", "show", two.toString()).ok().line())
                .isEqualTo(holder);
        federation
                .fedfs("junction", "delete", one.resolve("dangling").toString())
                .ok();
        federation
                .fedfs("junction", "delete", two.resolve("dangling").toString())
                .ok();
        federation.fedfs("fsn", "invalidate", orphan).ok();
        audit(nsdb, 0, "--walk", "--fix");
        audit(nsdb, 0, "--walk");
        federation
                .fedfs(
                        "fsl",
                        "add",
                        target,
                        "--path",
                        federation.directory("other").toString(),
                        "--host",
                        "localhost",
                        "--no-marker")
                .ok();
        assertThat(audit(nsdb, 9)).contains("MARKER_MISSING");
    }

    private String audit(Nsdb nsdb, int code, String... more) {
        List<String> all = new ArrayList<>(List.of("audit", "--nsdb", nsdb.address(), "--json"));
        all.addAll(List.of(more));
        Run run = federation.fedfs(all.toArray(String[]::new));
        assertThat(run.code()).as(run.out() + run.err()).isEqualTo(code);
        return run.out();
    }

    /** A DNS server on loopback that knows SRV records of localhost (RFC 2782), and no more. */
    private static final class Dns implements AutoCloseable {
        private static final byte[] LOCALHOST = {9, 'l', 'o', 'c', 'a', 'l', 'h', 'o', 's', 't', 0};

        private final DatagramSocket socket = new DatagramSocket(0, InetAddress.getLoopbackAddress());
        private volatile String name = "";
        private volatile int[][] records = {};

        Dns() throws IOException {
            Thread serving = new Thread(this::serve, "test-dns");
            serving.setDaemon(true);
            serving.start();
        }

        /** Each record: priority, weight, port. */
        void answer(String owner, int[]... values) {
            records = values;
            name = owner;
        }

        String address() {
            return "127.0.0.1:" + socket.getLocalPort();
        }

        private void serve() {
            byte[] bytes = new byte[512];
            try {
                while (true) {
                    DatagramPacket packet = new DatagramPacket(bytes, bytes.length);
                    socket.receive(packet);
                    byte[] answer = answer(bytes);
                    socket.send(new DatagramPacket(answer, answer.length, packet.getSocketAddress()));
                }
            } catch (IOException e) {
                // The test is over.
            }
        }

        private byte[] answer(byte[] query) throws IOException {
            StringBuilder asked = new StringBuilder();
            int at = 12;
            for (; query[at] != 0; at += query[at] + 1) {
                asked.append(asked.isEmpty() ? "" : ".")
                        .append(new String(query, at + 1, query[at], StandardCharsets.US_ASCII));
            }
            int[][] found = asked.toString().equalsIgnoreCase(name) ? records : null;
            ByteArrayOutputStream bytes = new ByteArrayOutputStream();
            DataOutputStream out = new DataOutputStream(bytes);
            out.write(query, 0, 2);
            out.writeShort(found == null ? 0x8583 : 0x8580);
            out.writeShort(1);
            out.writeShort(found == null ? 0 : found.length);
            out.writeInt(0);
            out.write(query, 12, at + 5 - 12);
            for (int[] record : found == null ? new int[0][] : found) {
                out.writeShort(0xc00c);
                out.writeShort(33);
                out.writeShort(1);
                out.writeInt(60);
                out.writeShort(6 + LOCALHOST.length);
                for (int number : record) {
                    out.writeShort(number);
                }
                out.write(LOCALHOST);
            }
            return bytes.toByteArray();
        }

        @Override
        public void close() {
            socket.close();
        }
    }
}
