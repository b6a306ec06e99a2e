package io.fedfs.nsdb.server;

import io.fedfs.nsdb.model.Fileset;
import io.fedfs.nsdb.model.FslKey;
import io.fedfs.nsdb.model.FslRecord;
import io.fedfs.nsdb.model.NamespaceRecord;
import io.fedfs.nsdb.model.NsdbException;
import io.fedfs.nsdb.model.Preference;
import io.fedfs.nsdb.model.ReferenceKey;
import io.fedfs.nsdb.store.FslFilter;
import io.fedfs.nsdb.store.FsnFilter;
import io.fedfs.nsdb.store.NsdbStore;
import io.fedfs.nsdb.store.ReferenceFilter;
import io.fedfs.protocol.FedFsStatus;
import io.fedfs.protocol.Wire;
import io.fedfs.service.ServiceException;
import io.fedfs.v1.FsnWithFsls;
import io.fedfs.v1.GetFsnRequest;
import io.fedfs.v1.GetNamespaceRequest;
import io.fedfs.v1.ListFslsRequest;
import io.fedfs.v1.ListFslsResponse;
import io.fedfs.v1.ListFsnsRequest;
import io.fedfs.v1.ListFsnsResponse;
import io.fedfs.v1.ListNamespacesRequest;
import io.fedfs.v1.ListNamespacesResponse;
import io.fedfs.v1.ListReferencesRequest;
import io.fedfs.v1.ListReferencesResponse;
import io.fedfs.v1.Namespace;
import io.fedfs.v1.Reference;
import io.fedfs.v1.Referral;
import io.fedfs.v1.ResolveManyRequest;
import io.fedfs.v1.ResolveManyResponse;
import io.fedfs.v1.ResolveManyResponse.Outcome;
import io.fedfs.v1.State;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/** The calls that only read. */
final class Lookups {
    private static final Comparator<FslRecord> BY_PREFERENCE = Comparator.comparing(
                    FslRecord::preference,
                    Comparator.comparingInt(Preference::readRank).thenComparingInt(Preference::readOrder))
            .thenComparing(f -> f.key().fsl().toString());

    private final NsdbStore store;

    Lookups(NsdbStore store) {
        this.store = store;
    }

    /** The usable locations of a fileset; never one that is invalidated, nor any of an invalidated FSN (R5a, R6). */
    Referral resolve(String fsnUuid) {
        UUID uuid = Checks.uuid("fsn_uuid", fsnUuid);
        long before = store.revision();
        Fileset fileset = store.fileset(uuid).orElseThrow(() -> Present.noFsn(uuid));
        if (!fileset.fsn().state().valid()) {
            String reason = fileset.fsn().state().reason();
            throw new NsdbException(
                    FedFsStatus.FSN_INVALIDATED,
                    "the FSN " + uuid + " is invalidated" + (reason.isEmpty() ? "" : ": " + reason));
        }
        List<FslRecord> usable = fileset.locations().stream()
                .filter(fsl -> fsl.state().valid())
                .sorted(BY_PREFERENCE)
                .toList();
        if (usable.isEmpty()) {
            throw new NsdbException(FedFsStatus.NSDB_NOFSL, "the FSN " + uuid + " has no usable location");
        }
        Referral.Builder referral = Referral.newBuilder()
                .setFsn(Messages.fsn(fileset.fsn()))
                .setRevision(fileset.revision())
                .setNsdbRevision(asOf(before, fileset));
        usable.forEach(fsl -> referral.addFsls(Messages.fsl(fsl)));
        return referral.build();
    }

    /** {@link #resolve} of each, until the message is full: the client has a limit as well. */
    ResolveManyResponse resolveMany(ResolveManyRequest request) {
        int asked = request.getFsnUuidsCount();
        if (asked > Wire.MOST_RESOLVED_AT_ONCE) {
            throw new NsdbException(
                    FedFsStatus.INVAL,
                    "fsn_uuids",
                    "a call may ask for at most " + Wire.MOST_RESOLVED_AT_ONCE + " filesets, not for " + asked);
        }
        ResolveManyResponse.Builder response = ResolveManyResponse.newBuilder();
        int size = 0;
        for (int i = 0; i < asked && size < Limits.PAGE_BYTES; i++) {
            Outcome outcome = outcome(request.getFsnUuids(i));
            response.addOutcomes(outcome);
            size += outcome.getSerializedSize();
        }
        return response.build();
    }

    private Outcome outcome(String fsnUuid) {
        try {
            return Outcome.newBuilder().setReferral(resolve(fsnUuid)).build();
        } catch (ServiceException e) {
            return Outcome.newBuilder().setRefusal(e.detail()).build();
        }
    }

    FsnWithFsls fsn(GetFsnRequest request) {
        UUID uuid = Checks.uuid("uuid", request.getUuid());
        long before = store.revision();
        Fileset fileset = store.fileset(uuid).orElseThrow(() -> Present.noFsn(uuid));
        return Messages.fileset(fileset, asOf(before, fileset));
    }

    /**
     * The revision from which a watch tells all that changes in this fileset later. The one read before the fileset is safe, but
     * the fileset may be newer than that, and is whole up to its own revision.
     */
    private static long asOf(long readBefore, Fileset fileset) {
        return Math.max(readBefore, fileset.revision());
    }

    ListFsnsResponse fsns(ListFsnsRequest request) {
        int size = Limits.pageSize(request.getPageSize());
        String after = Page.after('f', request.getPageToken());
        if (request.getAnnotationKey().isEmpty()
                && !request.getAnnotationValue().isEmpty()) {
            throw new NsdbException(
                    FedFsStatus.INVAL, "annotation_key", "annotation_value needs the annotation_key it belongs to");
        }
        FsnFilter filter = new FsnFilter(
                request.getState() == State.STATE_UNSPECIFIED
                        ? Optional.empty()
                        : Optional.of(Checks.state("state", request.getState())),
                request.getAnnotationKey(),
                request.getAnnotationValue());
        long before = store.revision();
        Page<FsnWithFsls> page = Page.of(
                'f',
                store.filesets(filter, after.isEmpty() ? Optional.empty() : Optional.of(tokenUuid(after)), size + 1),
                size,
                fileset -> Messages.fileset(fileset, asOf(before, fileset)),
                fileset -> fileset.fsn().uuid().toString());
        return ListFsnsResponse.newBuilder()
                .addAllFsns(page.entries())
                .setNextPageToken(page.nextToken())
                .build();
    }

    ListFslsResponse fsls(ListFslsRequest request) {
        int size = Limits.pageSize(request.getPageSize());
        String after = Page.after('l', request.getPageToken());
        FslFilter filter = new FslFilter(
                Checks.host("host", request.getHost(), true),
                request.getExportPath().isEmpty() ? "" : Checks.absolutePath("export_path", request.getExportPath()));
        Page<io.fedfs.v1.Fsl> page = Page.of(
                'l',
                store.locations(filter, after.isEmpty() ? Optional.empty() : Optional.of(tokenKey(after)), size + 1),
                size,
                Messages::fsl,
                fsl -> fsl.key().fsn() + "/" + fsl.key().fsl());
        return ListFslsResponse.newBuilder()
                .addAllFsls(page.entries())
                .setNextPageToken(page.nextToken())
                .build();
    }

    /** One namespace; without a name the only one there is. */
    Namespace namespace(GetNamespaceRequest request) {
        if (!request.getName().isEmpty()) {
            String name = Checks.namespaceName("name", request.getName());
            return Messages.namespace(store.namespace(name).orElseThrow(() -> Present.noNamespace(name)));
        }
        List<NamespaceRecord> some = store.namespaces("", 2);
        if (some.isEmpty()) {
            throw new NsdbException(FedFsStatus.NO_NAMESPACE, "this NSDB has no namespace");
        }
        if (some.size() > 1) {
            throw new NsdbException(
                    FedFsStatus.NAMESPACE_AMBIGUOUS, "name", "this NSDB has several namespaces: name one");
        }
        return Messages.namespace(some.get(0));
    }

    ListNamespacesResponse namespaces(ListNamespacesRequest request) {
        int size = Limits.pageSize(request.getPageSize());
        Page<Namespace> page = Page.of(
                'n',
                store.namespaces(Page.after('n', request.getPageToken()), size + 1),
                size,
                Messages::namespace,
                NamespaceRecord::name);
        return ListNamespacesResponse.newBuilder()
                .addAllNamespaces(page.entries())
                .setNextPageToken(page.nextToken())
                .build();
    }

    ListReferencesResponse references(ListReferencesRequest request) {
        int size = Limits.pageSize(request.getPageSize());
        String after = Page.after('r', request.getPageToken());
        ReferenceFilter filter = new ReferenceFilter(
                request.getFsnUuid().isEmpty()
                        ? Optional.empty()
                        : Optional.of(Checks.uuid("fsn_uuid", request.getFsnUuid())),
                request.getFromFsn().isEmpty()
                        ? Optional.empty()
                        : Optional.of(
                                Checks.fsn("from_fsn", request.getFromFsn()).uuid()));
        Page<Reference> page = Page.of(
                'r',
                store.references(
                        filter, after.isEmpty() ? Optional.empty() : Optional.of(tokenReference(after)), size + 1),
                size,
                Messages::reference,
                r -> r.key().to() + "/" + r.key().from() + "/" + r.key().path());
        return ListReferencesResponse.newBuilder()
                .addAllReferences(page.entries())
                .setNextPageToken(page.nextToken())
                .build();
    }

    private static ReferenceKey tokenReference(String text) {
        String[] parts = text.split("/", 3);
        if (parts.length != 3) {
            throw Page.badToken();
        }
        return new ReferenceKey(tokenUuid(parts[0]), tokenUuid(parts[1]), parts[2]);
    }

    private static UUID tokenUuid(String text) {
        try {
            return io.fedfs.protocol.Fsn.parseUuid(text);
        } catch (IllegalArgumentException e) {
            throw Page.badToken();
        }
    }

    private static FslKey tokenKey(String text) {
        int slash = text.indexOf('/');
        if (slash < 0) {
            throw Page.badToken();
        }
        return new FslKey(tokenUuid(text.substring(0, slash)), tokenUuid(text.substring(slash + 1)));
    }
}
