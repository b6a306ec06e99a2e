package io.fedfs.nsdb.server;

import static io.fedfs.authority.Access.READ;
import static io.fedfs.authority.Access.WRITE;

import io.fedfs.authority.Check;
import io.fedfs.authority.Export;
import io.fedfs.authority.Rules;
import io.fedfs.authority.Subtree;
import io.fedfs.authority.Target;
import io.fedfs.nsdb.model.Fileset;
import io.fedfs.nsdb.model.FslKey;
import io.fedfs.nsdb.model.NamespaceRecord;
import io.fedfs.nsdb.model.Place;
import io.fedfs.nsdb.store.NsdbStore;
import io.fedfs.protocol.Fsn;
import io.fedfs.v1.AddFslRequest;
import io.fedfs.v1.AddReferenceRequest;
import io.fedfs.v1.AnnotateRequest;
import io.fedfs.v1.Annotation;
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
import io.fedfs.v1.NsdbGrpc;
import io.fedfs.v1.Operation;
import io.fedfs.v1.RemoveReferenceRequest;
import io.fedfs.v1.ReportAttachedRequest;
import io.fedfs.v1.ResolveManyRequest;
import io.fedfs.v1.ResolveRequest;
import io.fedfs.v1.SetFslStateRequest;
import io.fedfs.v1.SetFsnStateRequest;
import io.fedfs.v1.TransactRequest;
import io.fedfs.v1.UpdateFslRequest;
import io.fedfs.v1.UpdateFsnRequest;
import io.fedfs.v1.WatchRequest;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;

/**
 * What each call of the NSDB is about, for the policy.
 *
 * <p>An FSN and its FSLs are in the subtree that the FSN's annotation {@link Subtree#ANNOTATION} names, a namespace in that
 * of its own. Who moves a record to another subtree needs authority over both. A location is also an export
 * ({@code host:/path}); a change of it is about the old and the new place. A reference is about the fileset that holds the junction. Lists, Watch and GetInfo are about the whole
 * NSDB; ListFsns may be confined to one subtree by asking for its annotation. What is not known is about the whole NSDB too.
 */
final class NsdbRules {
    private static final String NSDB = "the NSDB";

    private final NsdbStore store;

    private NsdbRules(NsdbStore store) {
        this.store = store;
    }

    /** The rules of the service over this store. */
    static Rules over(NsdbStore store) {
        NsdbRules rules = new NsdbRules(store);
        return Rules.of(NsdbGrpc.getServiceDescriptor())
                .read("GetInfo", GetInfoRequest.class, r -> whole())
                .read("Resolve", ResolveRequest.class, r -> rules.now().fsn(r.getFsnUuid()))
                .several("ResolveMany", READ, ResolveManyRequest.class, rules::resolveMany)
                .write("CreateFsn", CreateFsnRequest.class, r -> rules.now().create(r))
                .read("GetFsn", GetFsnRequest.class, r -> rules.now().fsn(r.getUuid()))
                .read("ListFsns", ListFsnsRequest.class, NsdbRules::list)
                .write("UpdateFsn", UpdateFsnRequest.class, r -> rules.now().fsn(r.getUuid()))
                .write("SetFsnState", SetFsnStateRequest.class, r -> rules.now().fsn(r.getUuid()))
                .write("DeleteFsn", DeleteFsnRequest.class, r -> rules.now().fsn(r.getUuid()))
                .write("AddFsl", AddFslRequest.class, r -> rules.now().place(r.getFsl()))
                .write("UpdateFsl", UpdateFslRequest.class, r -> rules.now().change(r.getFsl()))
                .write("SetFslState", SetFslStateRequest.class, r -> rules.now().fsl(r.getFsnUuid(), r.getFslUuid()))
                .write("DeleteFsl", DeleteFslRequest.class, r -> rules.now().fsl(r.getFsnUuid(), r.getFslUuid()))
                .read("ListFsls", ListFslsRequest.class, r -> whole())
                .write("CreateNamespace", CreateNamespaceRequest.class, r -> rules.now()
                        .create(r))
                .read("GetNamespace", GetNamespaceRequest.class, r -> rules.now()
                        .namespace(r.getName()))
                .read("ListNamespaces", ListNamespacesRequest.class, r -> whole())
                .write("DeleteNamespace", DeleteNamespaceRequest.class, r -> rules.now()
                        .namespace(r.getName()))
                .write("Annotate", AnnotateRequest.class, r -> rules.now().annotate(r))
                .write("AddReference", AddReferenceRequest.class, r -> rules.now()
                        .reference(
                                r.getReference().getFromFsn(), r.getReference().getFsnUuid()))
                .write("RemoveReference", RemoveReferenceRequest.class, r -> rules.now()
                        .reference(r.getFromFsn(), r.getFsnUuid()))
                .read(
                        "ListReferences",
                        ListReferencesRequest.class,
                        r -> r.getFsnUuid().isEmpty() ? whole() : rules.now().fsn(r.getFsnUuid()))
                .read("ReportAttached", ReportAttachedRequest.class, r -> whole())
                .read("ListClients", ListClientsRequest.class, r -> rules.now().fsn(r.getFsnUuid()))
                .several("Transact", WRITE, TransactRequest.class, rules::transact)
                .read("Watch", WatchRequest.class, r -> whole())
                .build();
    }

    private Now now() {
        return new Now();
    }

    private static List<Target> whole() {
        return List.of(Target.whole(NSDB));
    }

    private static List<Target> list(ListFsnsRequest r) {
        boolean confined = r.getAnnotationKey().equals(Subtree.ANNOTATION)
                && !r.getAnnotationValue().isEmpty();
        return confined
                ? List.of(Target.in(subtree(r.getAnnotationValue()), "FSNs in subtree " + r.getAnnotationValue()))
                : whole();
    }

    /** As many times Resolve. */
    private List<Check> resolveMany(ResolveManyRequest request) {
        Now now = now();
        return request.getFsnUuidsList().stream()
                .flatMap(uuid -> now.fsn(uuid).stream())
                .map(target -> new Check(Rules.operation("Resolve"), READ, target))
                .toList();
    }

    /** Each operation, as the ones before it leave the store. */
    private List<Check> transact(TransactRequest request) {
        Now now = now();
        List<Check> checks = new ArrayList<>();
        for (Operation operation : request.getOperationsList()) {
            String method =
                    switch (operation.getOpCase()) {
                        case CREATE_FSN -> "CreateFsn";
                        case UPDATE_FSN -> "UpdateFsn";
                        case SET_FSN_STATE -> "SetFsnState";
                        case DELETE_FSN -> "DeleteFsn";
                        case ADD_FSL -> "AddFsl";
                        case UPDATE_FSL -> "UpdateFsl";
                        case SET_FSL_STATE -> "SetFslState";
                        case DELETE_FSL -> "DeleteFsl";
                        case CREATE_NAMESPACE -> "CreateNamespace";
                        case DELETE_NAMESPACE -> "DeleteNamespace";
                        case ANNOTATE -> "Annotate";
                        case ADD_REFERENCE -> "AddReference";
                        case REMOVE_REFERENCE -> "RemoveReference";
                        case OP_NOT_SET -> "Transact";
                    };
            for (Target target : now.targets(operation)) {
                checks.add(new Check(Rules.operation(method), WRITE, target));
            }
        }
        return checks;
    }

    /** A subtree as an annotation or request names it; one that cannot be is nobody's but who has all. */
    private static Subtree subtree(String text) {
        try {
            return Subtree.of(text);
        } catch (IllegalArgumentException e) {
            return Subtree.ROOT;
        }
    }

    /** The records as a request meets them: those of the store, and what the request itself has done so far. */
    private final class Now {
        private final Map<UUID, Subtree> fsns = new HashMap<>();
        private final Map<String, Subtree> namespaces = new HashMap<>();
        private final Map<FslKey, Export> places = new HashMap<>();

        List<Target> targets(Operation o) {
            return switch (o.getOpCase()) {
                case CREATE_FSN -> create(o.getCreateFsn());
                case UPDATE_FSN -> fsn(o.getUpdateFsn().getUuid());
                case SET_FSN_STATE -> fsn(o.getSetFsnState().getUuid());
                case DELETE_FSN -> fsn(o.getDeleteFsn().getUuid());
                case ADD_FSL -> place(o.getAddFsl().getFsl());
                case UPDATE_FSL -> change(o.getUpdateFsl().getFsl());
                case SET_FSL_STATE ->
                    fsl(o.getSetFslState().getFsnUuid(), o.getSetFslState().getFslUuid());
                case DELETE_FSL ->
                    fsl(o.getDeleteFsl().getFsnUuid(), o.getDeleteFsl().getFslUuid());
                case CREATE_NAMESPACE -> create(o.getCreateNamespace());
                case DELETE_NAMESPACE -> namespace(o.getDeleteNamespace().getName());
                case ANNOTATE -> annotate(o.getAnnotate());
                case ADD_REFERENCE ->
                    reference(
                            o.getAddReference().getReference().getFromFsn(),
                            o.getAddReference().getReference().getFsnUuid());
                case REMOVE_REFERENCE ->
                    reference(
                            o.getRemoveReference().getFromFsn(),
                            o.getRemoveReference().getFsnUuid());
                case OP_NOT_SET -> whole();
            };
        }

        List<Target> fsn(String uuid) {
            String what = "fsn " + uuid;
            return List.of(known(uuid).map(s -> Target.in(s, what)).orElseGet(() -> Target.whole(what)));
        }

        /** A junction is about the fileset that holds it; when that is another NSDB's, about the one it stands for. */
        List<Target> reference(String from, String to) {
            String holder = from.substring(from.lastIndexOf('/') + 1);
            return known(holder)
                    .map(s -> List.of(Target.in(s, "a junction in fsn " + holder + " to " + to)))
                    .orElseGet(() -> fsn(to));
        }

        /** A new FSN is in the subtree that it names; a recovered one leaves the one that it was in. */
        List<Target> create(CreateFsnRequest r) {
            Subtree wanted = named(r.getAnnotationsList());
            String what = r.getUuid().isEmpty() ? "a new fsn" : "fsn " + r.getUuid();
            List<Target> targets = new ArrayList<>();
            targets.add(Target.in(wanted, what));
            known(r.getUuid()).filter(s -> !s.equals(wanted)).ifPresent(s -> targets.add(Target.in(s, what)));
            uuid(r.getUuid()).ifPresent(u -> fsns.put(u, wanted));
            return targets;
        }

        List<Target> place(Fsl fsl) {
            Target target = fsn(fsl.getFsnUuid()).get(0).withExport(export(fsl));
            key(fsl.getFsnUuid(), fsl.getUuid()).ifPresent(key -> places.put(key, export(fsl)));
            return List.of(target);
        }

        List<Target> fsl(String fsnUuid, String fslUuid) {
            Target fsn = fsn(fsnUuid).get(0);
            Target target = new Target(
                    "fsl " + fslUuid + " of " + fsn.what(), fsn.subtree(), Optional.empty(), Optional.empty());
            return List.of(placed(fsnUuid, fslUuid).map(target::withExport).orElse(target));
        }

        List<Target> change(Fsl fsl) {
            Target before = fsl(fsl.getFsnUuid(), fsl.getUuid()).get(0);
            Target after = before.withExport(export(fsl));
            key(fsl.getFsnUuid(), fsl.getUuid()).ifPresent(key -> places.put(key, export(fsl)));
            return before.equals(after) ? List.of(before) : List.of(before, after);
        }

        List<Target> create(CreateNamespaceRequest r) {
            String name = r.getNamespace().getName();
            Subtree wanted = named(r.getNamespace().getAnnotationsList());
            namespaces.put(name, wanted);
            return List.of(Target.in(wanted, "namespace " + name).withNamespace(name));
        }

        /** The empty name is the only one there is, or nothing in particular. */
        List<Target> namespace(String asked) {
            String name = asked;
            if (asked.isEmpty()) {
                List<NamespaceRecord> all = store.namespaces("", 2);
                name = all.size() == 1 ? all.get(0).name() : "";
            }
            String what = name.isEmpty() ? "the NSDB's namespace" : "namespace " + name;
            Subtree local = namespaces.get(name);
            Optional<Subtree> subtree = local != null
                    ? Optional.of(local)
                    : name.isEmpty() ? Optional.empty() : store.namespace(name).map(n -> subtreeOf(n.annotations()));
            Target target = subtree.map(s -> Target.in(s, what)).orElseGet(() -> Target.whole(what));
            return List.of(name.isEmpty() ? target : target.withNamespace(name));
        }

        List<Target> annotate(AnnotateRequest r) {
            List<Target> at =
                    switch (r.getTargetCase()) {
                        case FSN_UUID -> fsn(r.getFsnUuid());
                        case FSL -> fsl(r.getFsl().getFsnUuid(), r.getFsl().getFslUuid());
                        case NAMESPACE -> namespace(r.getNamespace());
                        case TARGET_NOT_SET -> whole();
                    };
            Optional<Subtree> moved = moved(r);
            if (moved.isEmpty() || r.hasFsl()) {
                return at;
            }
            Target from = at.get(0);
            Target to = new Target(from.what(), moved, from.namespace(), from.export());
            if (r.hasFsnUuid()) {
                uuid(r.getFsnUuid()).ifPresent(u -> fsns.put(u, moved.get()));
            } else if (r.hasNamespace()) {
                namespaces.put(r.getNamespace(), moved.get());
            }
            return List.of(from, to);
        }

        /** Where an annotation moves its record to. */
        private Optional<Subtree> moved(AnnotateRequest r) {
            if (r.getSetList().stream().anyMatch(a -> a.getKey().equals(Subtree.ANNOTATION))) {
                return Optional.of(named(r.getSetList()));
            }
            return r.getRemoveKeysList().contains(Subtree.ANNOTATION) ? Optional.of(Subtree.ROOT) : Optional.empty();
        }

        private Optional<Subtree> known(String text) {
            Optional<UUID> uuid = uuid(text);
            if (uuid.isEmpty()) {
                return Optional.empty();
            }
            Subtree local = fsns.get(uuid.get());
            return local != null
                    ? Optional.of(local)
                    : store.fileset(uuid.get()).map(f -> subtreeOf(f.fsn().annotations()));
        }

        private Optional<Export> placed(String fsnUuid, String fslUuid) {
            Optional<FslKey> key = key(fsnUuid, fslUuid);
            if (key.isEmpty()) {
                return Optional.empty();
            }
            Export local = places.get(key.get());
            return local != null
                    ? Optional.of(local)
                    : store.fileset(key.get().fsn()).map(Fileset::locations).orElse(List.of()).stream()
                            .filter(f -> f.key().equals(key.get()))
                            .map(f -> export(f.place()))
                            .findAny();
        }

        private Subtree named(List<Annotation> annotations) {
            return annotations.stream()
                    .filter(a -> a.getKey().equals(Subtree.ANNOTATION))
                    .reduce((first, last) -> last)
                    .map(a -> subtree(a.getValue()))
                    .orElse(Subtree.ROOT);
        }

        private Subtree subtreeOf(Map<String, String> annotations) {
            return subtree(annotations.getOrDefault(Subtree.ANNOTATION, ""));
        }

        private Export export(Fsl fsl) {
            return new Export(fsl.getHost(), join(fsl.getExportPath(), fsl.getPathInside()));
        }

        private Export export(Place place) {
            return new Export(place.host(), join(place.exportPath(), place.pathInside()));
        }

        private String join(String export, String inside) {
            return inside.isEmpty() ? export : export + "/" + inside;
        }

        private Optional<FslKey> key(String fsnUuid, String fslUuid) {
            return uuid(fsnUuid).flatMap(fsn -> uuid(fslUuid).map(fsl -> new FslKey(fsn, fsl)));
        }

        private Optional<UUID> uuid(String text) {
            try {
                return text.isEmpty() ? Optional.empty() : Optional.of(Fsn.parseUuid(text));
            } catch (IllegalArgumentException e) {
                // The service says what is wrong with it, to somebody who may ask.
                return Optional.empty();
            }
        }
    }
}
