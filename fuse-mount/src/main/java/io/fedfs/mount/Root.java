package io.fedfs.mount;

import io.fedfs.protocol.FedFsStatus;
import io.fedfs.protocol.Fsn;
import io.fedfs.protocol.NsdbAddress;
import io.fedfs.resolver.Resolver;
import io.fedfs.resolver.discovery.Discovery;
import io.fedfs.resolver.discovery.DiscoveryException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** What is mounted: a fileset by its FSN, or the root of a namespace of an NSDB, which a domain's DNS may name. */
record Root(String written, Optional<Fsn> fsn, Optional<NsdbAddress> nsdb, Optional<String> domain, String namespace) {

    /**
     * Reads {@code nsdb://host[:port]/uuid}, {@code nsdb://host[:port][/namespace]}, or {@code fedfs://domain[/namespace]}.
     *
     * @throws IllegalArgumentException with a message for the user
     */
    static Root parse(String text) {
        if (text.regionMatches(true, 0, Discovery.SCHEME, 0, Discovery.SCHEME.length())) {
            String rest = text.substring(Discovery.SCHEME.length());
            int slash = rest.indexOf('/');
            String domain = Discovery.domain(slash < 0 ? rest : rest.substring(0, slash));
            return new Root(
                    text,
                    Optional.empty(),
                    Optional.empty(),
                    Optional.of(domain),
                    slash < 0 ? "" : rest.substring(slash + 1));
        }
        if (!text.regionMatches(true, 0, Fsn.SCHEME, 0, Fsn.SCHEME.length())) {
            throw new IllegalArgumentException(
                    "ROOT is written nsdb://host[:port]/uuid, nsdb://host[:port][/namespace] or fedfs://domain[/namespace],"
                            + " not \"" + text + "\"");
        }
        String rest = text.substring(Fsn.SCHEME.length());
        int slash = rest.indexOf('/');
        String name = slash < 0 ? "" : rest.substring(slash + 1);
        if (name.matches("[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")) {
            return new Root(text, Optional.of(Fsn.parse(text)), Optional.empty(), Optional.empty(), "");
        }
        NsdbAddress nsdb = NsdbAddress.parse(slash < 0 ? rest : rest.substring(0, slash));
        return new Root(text, Optional.empty(), Optional.of(nsdb), Optional.empty(), name);
    }

    /**
     * The root fileset. A domain's NSDBs are asked one after another until one answers.
     *
     * @param dns the DNS server to ask, {@code HOST[:PORT]}; empty: this host's
     * @param deadline for each NSDB, and for DNS
     * @throws MountFailure when the namespace is not known or no NSDB can be asked
     */
    Fsn resolve(Resolver resolver, Optional<String> dns, Duration deadline) throws MountFailure {
        if (fsn.isPresent()) {
            return fsn.get();
        }
        MountFailure last = null;
        for (NsdbAddress one : nsdbs(dns, deadline)) {
            Resolver.NamespaceRoot answer = resolver.namespaceRoot(one, namespace, deadline);
            if (answer.root().isPresent()) {
                return answer.root().get();
            }
            last = failure(answer);
            if (answer.failure().isPresent() && answer.failure().get().reason().isTruth()) {
                throw last;
            }
        }
        throw last == null ? new MountFailure(FedFsStatus.NSDB_NONCE, "no NSDB to ask") : last;
    }

    private List<NsdbAddress> nsdbs(Optional<String> dns, Duration deadline) throws MountFailure {
        if (nsdb.isPresent()) {
            return List.of(nsdb.get());
        }
        try {
            return Discovery.by(dns, deadline).nsdbs(domain.orElseThrow());
        } catch (DiscoveryException e) {
            throw new MountFailure(e.status(), e.getMessage());
        }
    }

    private static MountFailure failure(Resolver.NamespaceRoot answer) {
        FedFsStatus status = answer.failure().map(Resolver.FailedLookup::status).orElse(FedFsStatus.NO_NAMESPACE);
        return new MountFailure(
                status, answer.failure().map(Resolver.FailedLookup::detail).orElse("no such namespace"));
    }
}
