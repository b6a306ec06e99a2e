package io.fedfs.mount;

import io.fedfs.protocol.FedFsStatus;
import io.fedfs.protocol.Fsn;
import io.fedfs.protocol.NsdbAddress;
import io.fedfs.resolver.Resolver;
import java.time.Duration;
import java.util.Optional;

/** What is mounted: a fileset by its FSN, or the root of an NSDB's namespace by name. */
record Root(String written, Optional<Fsn> fsn, Optional<NsdbAddress> nsdb, String namespace) {

    /**
     * Reads {@code nsdb://host[:port]/uuid}, or {@code nsdb://host[:port][/namespace]}.
     *
     * @throws IllegalArgumentException with a message for the user
     */
    static Root parse(String text) {
        if (!text.regionMatches(true, 0, Fsn.SCHEME, 0, Fsn.SCHEME.length())) {
            throw new IllegalArgumentException(
                    "ROOT is written nsdb://host[:port]/uuid or nsdb://host[:port][/namespace], not \"" + text + "\"");
        }
        String rest = text.substring(Fsn.SCHEME.length());
        int slash = rest.indexOf('/');
        String name = slash < 0 ? "" : rest.substring(slash + 1);
        if (name.matches("[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")) {
            return new Root(text, Optional.of(Fsn.parse(text)), Optional.empty(), "");
        }
        NsdbAddress nsdb = NsdbAddress.parse(slash < 0 ? rest : rest.substring(0, slash));
        return new Root(text, Optional.empty(), Optional.of(nsdb), name);
    }

    /**
     * The root fileset.
     *
     * @throws MountFailure when the namespace is not known or its NSDB cannot be asked
     */
    Fsn resolve(Resolver resolver, Duration deadline) throws MountFailure {
        if (fsn.isPresent()) {
            return fsn.get();
        }
        Resolver.NamespaceRoot answer = resolver.namespaceRoot(nsdb.orElseThrow(), namespace, deadline);
        if (answer.root().isPresent()) {
            return answer.root().get();
        }
        FedFsStatus status = answer.failure().map(Resolver.FailedLookup::status).orElse(FedFsStatus.NO_NAMESPACE);
        throw new MountFailure(
                status, answer.failure().map(Resolver.FailedLookup::detail).orElse("no such namespace"));
    }
}
