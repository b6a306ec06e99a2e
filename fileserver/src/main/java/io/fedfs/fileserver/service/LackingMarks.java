package io.fedfs.fileserver.service;

import io.fedfs.fileserver.journal.Journal;
import io.fedfs.protocol.FedFsStatus;
import io.fedfs.protocol.FslAnnotation;
import io.fedfs.protocol.Fsn;
import io.fedfs.resolver.grpc.NsdbCallException;
import io.fedfs.server.v1.Intent;
import io.fedfs.server.v1.Replica;
import io.fedfs.v1.AnnotateRequest;
import io.fedfs.v1.Annotation;
import io.fedfs.v1.FslKey;
import java.util.LinkedHashSet;
import java.util.Set;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Has the NSDB know which replicas of a fileset have not got a change of its junctions, so that a client that misses a name there asks another
 * one: an annotation of the FSL, of this agent's name ({@link FslAnnotation#LACKS_JUNCTIONS}).
 */
final class LackingMarks {
    private static final Logger log = LoggerFactory.getLogger(LackingMarks.class);

    private final String key;
    private final Nsdbs nsdbs;
    private final Journal journal;
    /** The trouble that was logged last: each is tried again and again, and logged once. */
    private volatile String said = "";

    LackingMarks(String agent, Nsdbs nsdbs, Journal journal) {
        this.key = FslAnnotation.LACKS_JUNCTIONS + agent;
        this.nsdbs = nsdbs;
        this.journal = journal;
    }

    /**
     * Marks those that lack a change, and takes the mark from those that have it now and lack no other.
     *
     * @param intent as it is in the journal
     * @return the FSLs that are marked for its sake now; what the NSDB could not be told is to be tried again
     */
    Set<String> update(Intent intent) {
        Fsn fsn = Fsn.parse(intent.getFsn());
        Set<String> lacking = lacking(intent);
        Set<String> marked = new LinkedHashSet<>(intent.getSpread().getMarkedList());
        for (String fsl : lacking) {
            if (!marked.contains(fsl) && tell(fsn, fsl, true)) {
                marked.add(fsl);
            }
        }
        marked.removeIf(fsl -> !lacking.contains(fsl) && (lacksAnother(intent, fsl) || tell(fsn, fsl, false)));
        return marked;
    }

    private static Set<String> lacking(Intent intent) {
        return intent.getSpread().getReplicasList().stream()
                .map(Replica::getFslUuid)
                .collect(Collectors.toCollection(LinkedHashSet::new));
    }

    private boolean lacksAnother(Intent but, String fsl) {
        return journal.all().stream()
                .anyMatch(other -> other.hasSpread()
                        && !other.getId().equals(but.getId())
                        && other.getFsn().equals(but.getFsn())
                        && lacking(other).contains(fsl));
    }

    /** True when the NSDB has it so, or has no such FSL any more. */
    private boolean tell(Fsn fsn, String fsl, boolean lacks) {
        AnnotateRequest.Builder request = AnnotateRequest.newBuilder()
                .setFsl(FslKey.newBuilder().setFsnUuid(fsn.uuid().toString()).setFslUuid(fsl));
        if (lacks) {
            request.addSet(Annotation.newBuilder().setKey(key).setValue("true"));
        } else {
            request.addRemoveKeys(key);
        }
        try {
            nsdbs.call(fsn.nsdb(), stub -> stub.annotate(request.build()));
            said = "";
            return true;
        } catch (NsdbCallException e) {
            if (e.status() == FedFsStatus.NSDB_NOFSN || e.status() == FedFsStatus.NSDB_NOFSL) {
                return true;
            }
            if (!said.equals(e.getMessage())) {
                log.warn(
                        "NSDB {} is not told which replicas of {} lack junctions: {}", fsn.nsdb(), fsn, e.getMessage());
                said = e.getMessage();
            }
            return false;
        }
    }
}
