package io.fedfs.resolver.discovery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fedfs.protocol.FedFsStatus;
import io.fedfs.protocol.NsdbAddress;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class DiscoveryTest {
    private static final String NSDB = "_fedfs-nsdb._tcp.example.org";

    private DnsServer dns;

    @BeforeEach
    void serve() throws Exception {
        dns = new DnsServer();
    }

    @AfterEach
    void stop() {
        dns.close();
    }

    private Discovery discovery(Duration bound) {
        return Discovery.by(Optional.of(dns.address()), bound, new Random(1));
    }

    private List<NsdbAddress> found() throws DiscoveryException {
        return discovery(Duration.ofSeconds(20)).nsdbs("example.org");
    }

    private static void fails(FedFsStatus status, String message, ThrowingCallable call) {
        assertThatThrownBy(call)
                .isInstanceOfSatisfying(
                        DiscoveryException.class, e -> assertThat(e.status()).isEqualTo(status))
                .hasMessageContaining(message);
    }

    @Test
    void lowerPrioritiesComeFirst() throws Exception {
        dns.put(
                NSDB,
                new Srv(20, 0, 7533, "c.example.org"),
                new Srv(10, 0, 7532, "a.example.org"),
                new Srv(15, 9, 7532, "b.example.net"));
        assertThat(found())
                .containsExactly(
                        NsdbAddress.parse("a.example.org:7532"),
                        NsdbAddress.parse("b.example.net:7532"),
                        NsdbAddress.parse("c.example.org:7533"));
    }

    @Test
    void equalsAreDrawnByWeight() {
        List<Srv> records = List.of(new Srv(1, 1, 1, "light"), new Srv(1, 9, 1, "heavy"), new Srv(1, 0, 1, "last"));
        Random random = new Random(7);
        Map<String, Integer> first = new HashMap<>();
        for (int i = 0; i < 10_000; i++) {
            List<Srv> order = SrvOrder.of(records, random);
            assertThat(order).containsExactlyInAnyOrderElementsOf(records);
            first.merge(order.get(0).target(), 1, Integer::sum);
        }
        assertThat(first.get("heavy")).isBetween(7_700, 8_700);
        assertThat(first.get("light")).isBetween(600, 1_250);
        assertThat(first.get("last")).as("weight 0 has a small chance").isBetween(500, 1_250);
    }

    @Test
    void aDomainWithoutAnNsdbIsToldSo() {
        fails(FedFsStatus.NSDB_NONCE, "publishes no NSDB in DNS (SRV " + NSDB + ")", this::found);
        dns.put(NSDB, new Srv(0, 0, 0, ""));
        fails(FedFsStatus.NSDB_NONCE, "says in DNS that it has no NSDB", this::found);
    }

    @Test
    void aDomainRootOfRfc6641IsTold() throws Exception {
        dns.put("_nfs-domainroot._tcp.example.org", new Srv(0, 0, 2049, "nfs.example.org"));
        fails(FedFsStatus.NSDB_NONCE, "nfs.example.org:2049:/.domainroot/example.org", this::found);
        assertThat(discovery(Duration.ofSeconds(20)).domainRoots("example.org"))
                .containsExactly("nfs.example.org:2049:/.domainroot/example.org");
        assertThat(discovery(Duration.ofSeconds(20)).domainRoots("example.net")).isEmpty();
    }

    @Test
    void aServerThatDoesNotAnswerIsWaitedForWithABound() {
        dns.silent = true;
        long began = System.nanoTime();
        fails(FedFsStatus.NSDB_ROUTE, "DNS does not answer", () -> discovery(Duration.ofMillis(700))
                .nsdbs("example.org"));
        assertThat(Duration.ofNanos(System.nanoTime() - began)).isLessThan(Duration.ofSeconds(10));
        assertThat(dns.asked.get()).as("asked again").isGreaterThan(1);
    }

    @Test
    void domainsAndServersAreCheckedBeforeAnythingIsAsked() {
        assertThat(Discovery.domain("Example.ORG.")).isEqualTo("example.org");
        for (String bad : List.of("", ".", "a..b", "-a.org", "127.0.0.1", "exa mple.org", "a/b", "x".repeat(300))) {
            assertThatThrownBy(() -> Discovery.domain(bad)).as(bad).isInstanceOf(IllegalArgumentException.class);
        }
        assertThatThrownBy(() -> Discovery.by(Optional.of("a/b"), Duration.ofSeconds(1)))
                .hasMessageContaining("HOST[:PORT]");
    }
}
