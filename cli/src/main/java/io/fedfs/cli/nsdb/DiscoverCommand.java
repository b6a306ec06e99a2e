package io.fedfs.cli.nsdb;

import io.fedfs.cli.terminal.CommandFailure;
import io.fedfs.cli.terminal.FedfsCommand;
import io.fedfs.cli.terminal.Terminal;
import io.fedfs.protocol.FedFsStatus;
import io.fedfs.protocol.NsdbAddress;
import io.fedfs.resolver.discovery.Discovery;
import io.fedfs.resolver.discovery.DiscoveryException;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code fedfs discover}. */
@Command(
        name = "discover",
        description = {
            "Show which NSDBs a domain publishes in DNS (SRV _fedfs-nsdb._tcp.DOMAIN), in the order a mount would try them,",
            "and its NFS domain root (RFC 6641), if it has one."
        })
public final class DiscoverCommand extends FedfsCommand {
    private static final Duration PATIENCE = Duration.ofSeconds(5);

    @Parameters(index = "0", paramLabel = "DOMAIN", description = "The domain, or fedfs://DOMAIN.")
    private String domain;

    @Option(
            names = "--dns",
            paramLabel = "HOST[:PORT]",
            description = "The DNS server to ask. Default: the variable FEDFS_DNS, else this host's.")
    private String dns;

    public DiscoverCommand(Terminal terminal) {
        super(terminal);
    }

    @Override
    protected FedFsStatus run() {
        String server = dns != null ? dns : terminal().variable("FEDFS_DNS");
        String name;
        Discovery discovery;
        try {
            name = Discovery.domain(
                    domain.startsWith(Discovery.SCHEME) ? domain.substring(Discovery.SCHEME.length()) : domain);
            discovery = Discovery.by(Optional.ofNullable(server), PATIENCE);
        } catch (IllegalArgumentException e) {
            throw new CommandFailure(FedFsStatus.INVAL, e.getMessage(), "", e);
        }
        try {
            List<String> nsdbs =
                    discovery.nsdbs(name).stream().map(NsdbAddress::toString).toList();
            List<String> roots = discovery.domainRoots(name);
            Map<String, Object> document = new LinkedHashMap<>();
            document.put("domain", name);
            document.put("nsdbs", nsdbs);
            document.put("domain_roots", roots);
            print(document, () -> {
                nsdbs.forEach(nsdb -> terminal().line("NSDB " + nsdb));
                roots.forEach(root -> terminal().line("NFS domain root " + root));
            });
            return FedFsStatus.OK;
        } catch (DiscoveryException e) {
            throw new CommandFailure(e.status(), e.getMessage(), "", e);
        }
    }
}
