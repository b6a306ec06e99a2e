package io.fedfs.projection;

import io.fedfs.attach.DaosType;
import io.fedfs.junction.daos.DaosEntry;
import io.fedfs.junction.daos.DaosPrefix;
import io.fedfs.protocol.Fsl;
import io.fedfs.protocol.Fsn;
import io.fedfs.protocol.NsdbAddress;
import io.fedfs.resolver.Referral;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;

/**
 * DAOS containers that are crossed into like junctions. No NSDB knows of them, so name and referral are made here: the FSN's host is
 * {@code <pool>.daos.invalid}, a name that resolves nowhere (RFC 2606), its UUID the container's, and its one location is of type
 * {@code daos}.
 */
public final class Containers {
    private static final String DOMAIN = ".daos.invalid";

    private Containers() {}

    static Fsn fsn(DaosEntry entry) {
        return new Fsn(new NsdbAddress(entry.pool() + DOMAIN, NsdbAddress.DEFAULT_PORT), entry.container());
    }

    /** Whether an FSN is one that was made here. */
    public static boolean is(Fsn fsn) {
        return fsn.nsdb().host().endsWith(DOMAIN);
    }

    /** Below another prefix it is another location, so the prefix is part of the location's UUID. */
    static Referral referral(Fsn fsn, DaosPrefix prefix) {
        String host = fsn.nsdb().host();
        String path = "/" + host.substring(0, host.length() - DOMAIN.length()) + "/" + fsn.uuid();
        UUID uuid = UUID.nameUUIDFromBytes((prefix.path() + path).getBytes(StandardCharsets.UTF_8));
        Fsl fsl = new Fsl(uuid, DaosType.NAME, "localhost", 0, path, "", Map.of(), true, false, 0, 0, 0, 0, 0);
        return new Referral(
                fsn, List.of(fsl), Duration.ZERO, false, 0, Instant.EPOCH, Referral.Source.CACHE, Optional.empty());
    }
}
