package io.fedfs.nsdb.server;

import io.fedfs.nsdb.model.FslKey;
import io.fedfs.nsdb.model.FslRecord;
import io.fedfs.nsdb.model.FsnRecord;
import io.fedfs.nsdb.model.NamespaceRecord;
import io.fedfs.nsdb.model.NsdbException;
import io.fedfs.nsdb.store.Write;
import io.fedfs.protocol.FedFsStatus;
import io.fedfs.v1.AnnotateRequest;
import io.fedfs.v1.AnnotateResponse;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;

/**
 * Name/value pairs on any record, for whoever put them there (requirement R14). Only those that begin with {@code fedfs.} mean
 * something to the NSDB: {@link Exclusivity}, and the subtrees of the policy ({@link NsdbRules}).
 */
final class AnnotationOperations {

    Write<AnnotateResponse> annotate(AnnotateRequest request) {
        Edit edit = Edit.of(request);
        long expected = Checks.revision("expected_revision", request.getExpectedRevision());
        return switch (request.getTargetCase()) {
            case FSN_UUID -> fsn(Checks.uuid("fsn_uuid", request.getFsnUuid()), edit, expected);
            case FSL ->
                fsl(
                        FslOperations.key(
                                "fsl.fsn_uuid",
                                request.getFsl().getFsnUuid(),
                                "fsl.fsl_uuid",
                                request.getFsl().getFslUuid()),
                        edit,
                        expected);
            case NAMESPACE -> namespace(Checks.namespaceName("namespace", request.getNamespace()), edit, expected);
            case TARGET_NOT_SET ->
                throw new NsdbException(
                        FedFsStatus.INVAL, "target", "annotate what: an FSN, a location or a namespace");
        };
    }

    private static Write<AnnotateResponse> fsn(UUID uuid, Edit edit, long expected) {
        return transaction -> {
            FsnRecord fsn = Present.fsn(transaction, uuid);
            Present.atRevision(expected, fsn.revision(), "the FSN " + uuid);
            FsnRecord annotated =
                    fsn.withAnnotations(Checks.fsnAnnotations(edit.apply(fsn.annotations())), transaction.revision());
            Checks.size("FSN", Messages.fsn(annotated));
            Exclusivity.ofFsn(transaction, fsn, annotated);
            transaction.put(annotated);
            return response(annotated.annotations(), annotated.revision());
        };
    }

    private static Write<AnnotateResponse> fsl(FslKey key, Edit edit, long expected) {
        return transaction -> {
            FslRecord fsl = Present.fsl(transaction, key);
            Present.atRevision(expected, fsl.revision(), "the location " + key.fsl());
            FslRecord annotated = fsl.withAnnotations(edit.apply(fsl.annotations()), transaction.revision());
            Checks.size("location", Messages.fsl(annotated));
            transaction.put(annotated);
            return response(annotated.annotations(), annotated.revision());
        };
    }

    private static Write<AnnotateResponse> namespace(String name, Edit edit, long expected) {
        return transaction -> {
            NamespaceRecord namespace = Present.namespace(transaction, name);
            Present.atRevision(expected, namespace.revision(), "the namespace \"" + name + "\"");
            NamespaceRecord annotated =
                    namespace.withAnnotations(edit.apply(namespace.annotations()), transaction.revision());
            Checks.size("namespace", Messages.namespace(annotated));
            transaction.put(annotated);
            return response(annotated.annotations(), annotated.revision());
        };
    }

    private static AnnotateResponse response(Map<String, String> annotations, long revision) {
        return AnnotateResponse.newBuilder()
                .addAllAnnotations(Messages.annotations(annotations))
                .setRevision(revision)
                .build();
    }

    /** What to set and what to remove. Removing a key that is not there is no mistake: it is gone either way. */
    private record Edit(Map<String, String> set, Set<String> remove) {

        static Edit of(AnnotateRequest request) {
            Map<String, String> set = Checks.annotations("set", request.getSetList());
            request.getRemoveKeysList().forEach(key -> Checks.annotationKey("remove_keys", key));
            Set<String> remove = Set.copyOf(request.getRemoveKeysList());
            if (set.isEmpty() && remove.isEmpty()) {
                throw new NsdbException(FedFsStatus.INVAL, "set", "nothing to set and nothing to remove");
            }
            for (String key : remove) {
                if (set.containsKey(key)) {
                    throw new NsdbException(
                            FedFsStatus.INVAL, "remove_keys", "the key \"" + key + "\" is both set and removed");
                }
            }
            return new Edit(set, remove);
        }

        Map<String, String> apply(Map<String, String> before) {
            Map<String, String> after = new TreeMap<>(before);
            after.keySet().removeAll(remove);
            after.putAll(set);
            return Checks.annotationCount("set", after);
        }
    }
}
