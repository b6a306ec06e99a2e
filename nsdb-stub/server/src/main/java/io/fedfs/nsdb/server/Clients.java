package io.fedfs.nsdb.server;

import io.fedfs.authority.Caller;
import io.fedfs.nsdb.model.NsdbException;
import io.fedfs.protocol.FedFsStatus;
import io.fedfs.v1.Attached;
import io.fedfs.v1.Client;
import io.fedfs.v1.ClientOfFileset;
import io.fedfs.v1.ListClientsRequest;
import io.fedfs.v1.ListClientsResponse;
import io.fedfs.v1.ReportAttachedRequest;
import io.fedfs.v1.ReportAttachedResponse;
import java.time.Clock;
import java.time.Duration;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;

/**
 * What clients have said they use. In memory only: a client says it again when the NSDB was restarted, and is forgotten when
 * it has said nothing for {@link #LEASE}.
 */
final class Clients {
    /** Three times as long as clients are silent. */
    static final Duration LEASE = Duration.ofSeconds(90);

    private static final int MOST_CLIENTS = 10_000;
    private static final int MOST_ATTACHED = 10_000;
    private static final long MOST_ATTACHED_IN_ALL = 2_000_000;

    private final Clock clock;
    private final Map<String, Known> clients = new ConcurrentHashMap<>();
    private final AtomicLong attachedInAll = new AtomicLong();

    private record Known(Client client, Map<UUID, Attached> attached) {}

    Clients(Clock clock) {
        this.clock = clock;
    }

    /** Takes a report; the caller is who it proved to be, whatever the report says. */
    ReportAttachedResponse report(ReportAttachedRequest request) {
        Client said = request.getClient();
        String id = Checks.uuid("client.id", said.getId()).toString();
        forgetTheSilent();
        Map<UUID, Attached> attached = attached(request.getAttachedList());
        List<UUID> gone = request.getGoneList().stream()
                .map(fsn -> Checks.uuid("gone", fsn))
                .toList();
        if (clients.size() >= MOST_CLIENTS && !clients.containsKey(id)
                || attachedInAll.get() + attached.size() > MOST_ATTACHED_IN_ALL) {
            throw new NsdbException(FedFsStatus.DELAY, "the NSDB knows of too many clients already");
        }
        if (request.getChangesOnly()) {
            Known changed =
                    clients.computeIfPresent(id, (key, known) -> changed(known, stamped(known.client), attached, gone));
            return ReportAttachedResponse.newBuilder().setKnown(changed != null).build();
        }
        Client client = stamped(Client.newBuilder()
                .setId(id)
                .setHost(Checks.text("client.host", said.getHost(), Checks.NAME_BYTES))
                .setName(Checks.text("client.name", said.getName(), Checks.PATH_BYTES))
                .build());
        Known replaced = clients.put(id, new Known(client, attached));
        attachedInAll.addAndGet(attached.size() - (replaced == null ? 0 : replaced.attached.size()));
        return ReportAttachedResponse.newBuilder().setKnown(true).build();
    }

    private Known changed(Known known, Client client, Map<UUID, Attached> attached, List<UUID> gone) {
        if (attached.isEmpty() && gone.isEmpty()) {
            return new Known(client, known.attached);
        }
        Map<UUID, Attached> all = new HashMap<>(known.attached);
        gone.forEach(all::remove);
        all.putAll(attached);
        checkNumber(all.size());
        attachedInAll.addAndGet(all.size() - known.attached.size());
        return new Known(client, all);
    }

    private static void checkNumber(int attached) {
        if (attached > MOST_ATTACHED) {
            throw new NsdbException(
                    FedFsStatus.INVAL,
                    "attached",
                    "a client may report " + MOST_ATTACHED + " filesets, not " + attached);
        }
    }

    private Client stamped(Client client) {
        Caller caller = Caller.current();
        return client.toBuilder()
                .setPrincipal(caller.principal().name())
                .setAddress(caller.from())
                .setReportedMs(clock.millis())
                .build();
    }

    private static Map<UUID, Attached> attached(List<Attached> said) {
        checkNumber(said.size());
        Map<UUID, Attached> attached = new HashMap<>();
        for (Attached one : said) {
            if (one.getFslUuidsCount() > Checks.FSLS) {
                throw new NsdbException(FedFsStatus.INVAL, "attached.fsl_uuids", "a fileset has not so many locations");
            }
            one.getFslUuidsList().forEach(fsl -> Checks.uuid("attached.fsl_uuids", fsl));
            attached.put(Checks.uuid("attached.fsn_uuid", one.getFsnUuid()), one);
        }
        return attached;
    }

    /** Who uses a fileset, in the order of the clients' ids. */
    ListClientsResponse list(ListClientsRequest request) {
        UUID fsn = Checks.uuid("fsn_uuid", request.getFsnUuid());
        int size = Limits.pageSize(request.getPageSize());
        String after = Page.after('c', request.getPageToken());
        forgetTheSilent();
        Page<ClientOfFileset> page = Page.of(
                'c',
                clients.values().stream()
                        .filter(known -> known.attached.containsKey(fsn)
                                && known.client.getId().compareTo(after) > 0)
                        .map(known -> ClientOfFileset.newBuilder()
                                .setClient(known.client)
                                .setAttached(known.attached.get(fsn))
                                .build())
                        .sorted(Comparator.comparing(c -> c.getClient().getId()))
                        .limit(size + 1L)
                        .toList(),
                size,
                client -> client,
                client -> client.getClient().getId());
        return ListClientsResponse.newBuilder()
                .addAllClients(page.entries())
                .setNextPageToken(page.nextToken())
                .build();
    }

    private void forgetTheSilent() {
        long oldest = clock.millis() - LEASE.toMillis();
        for (Known known : clients.values()) {
            if (known.client.getReportedMs() < oldest && clients.remove(known.client.getId(), known)) {
                attachedInAll.addAndGet(-known.attached.size());
            }
        }
    }
}
