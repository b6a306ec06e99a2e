package io.fedfs.fileserver.service;

import io.fedfs.fileserver.place.Exports;
import io.fedfs.fileserver.place.Exports.Located;
import io.fedfs.fileserver.place.HeldDirectory;
import io.fedfs.junction.Junction;
import io.fedfs.junction.JunctionException;
import io.fedfs.junction.JunctionPlace;
import io.fedfs.junction.Junctions;
import io.fedfs.linux.ErrnoException;
import io.fedfs.protocol.FedFsStatus;
import io.fedfs.protocol.Fsn;
import io.fedfs.resolver.Referral;
import io.fedfs.resolver.Resolution;
import io.fedfs.resolver.Resolver;
import io.fedfs.resolver.Unresolved;
import io.fedfs.server.v1.Intent;
import io.fedfs.server.v1.Spread;
import io.fedfs.service.ServiceException;
import io.fedfs.v1.Annotation;
import io.fedfs.v1.DeleteJunctionResponse;
import io.fedfs.v1.JunctionAt;
import io.fedfs.v1.JunctionLookup;
import io.fedfs.v1.PendingChange;
import io.fedfs.v1.ResolveMode;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Junctions below the exports (R3, R4, R8c, R14a). */
final class JunctionOperations {
    private static final Logger log = LoggerFactory.getLogger(JunctionOperations.class);

    private final Exports exports;
    private final Nsdbs nsdbs;
    private final Resolver resolver;
    private final Spreading spreading;
    private final References references;
    private final Duration timeout;
    private final Busy busy = new Busy();

    /** @param timeout how long a resolution may take */
    JunctionOperations(
            Exports exports,
            Nsdbs nsdbs,
            Resolver resolver,
            Spreading spreading,
            References references,
            Duration timeout) {
        this.exports = exports;
        this.nsdbs = nsdbs;
        this.resolver = resolver;
        this.spreading = spreading;
        this.references = references;
        this.timeout = timeout;
    }

    /** Makes a junction here and in the fileset's other replicas. */
    JunctionAt create(String path, Fsn fsn, List<Annotation> annotations) {
        Located where = exports.locate(path);
        List<PendingChange> pending;
        try (HeldDirectory parent = HeldDirectory.openParent(where);
                Busy.Hold hold = busy.take(where.path().toString(), where.path().toString())) {
            refuseFilesetRoot(where);
            Map<String, String> values = Messages.annotations(annotations);
            Optional<Intent> planned = spreading.plan(where, parent, Optional.of(fsn), Optional.empty(), annotations);
            try {
                Junctions.create(entry(parent, where), fsn, values);
            } catch (JunctionException e) {
                planned.ifPresent(spreading::forget);
                throw e;
            }
            log.info("junction {} leads to {}", where.path(), fsn);
            references.made(where, parent, fsn);
            pending = planned.map(spreading::spread).orElse(List.of());
        } catch (JunctionException e) {
            throw HeldDirectory.refused(e);
        }
        return Messages.junction(where.path().toString(), found(where)).toBuilder()
                .addAllPending(pending)
                .build();
    }

    /** Makes a junction of which another replica's agent tells; done already is done. */
    JunctionAt createHere(String path, Fsn fsn, Map<String, String> annotations, Collection<String> replaces) {
        Located where = exports.locate(path);
        try (HeldDirectory parent = HeldDirectory.openParent(where);
                Busy.Hold hold = busy.take(where.path().toString(), where.path().toString())) {
            refuseFilesetRoot(where);
            Optional<Junction> there = ifThere(where);
            if (there.isPresent()
                    && !there.get().fsn().equals(fsn)
                    && replaces.contains(there.get().fsn().toString())) {
                Junctions.delete(entry(parent, where));
                there = Optional.empty();
            }
            if (there.isEmpty() || !there.get().fsn().equals(fsn)) {
                Junctions.create(entry(parent, where), fsn, annotations);
                log.info("junction {} leads to {}, as another replica tells", where.path(), fsn);
            }
        } catch (JunctionException e) {
            throw HeldDirectory.refused(e);
        }
        return Messages.junction(where.path().toString(), found(where));
    }

    /** Deletes a junction here and in the fileset's other replicas. */
    DeleteJunctionResponse delete(String path) {
        Located where = exports.locate(path);
        try (HeldDirectory parent = HeldDirectory.openParent(where);
                Busy.Hold hold = busy.take(where.path().toString(), where.path().toString())) {
            Fsn led = found(where).fsn();
            Optional<Intent> planned = spreading.plan(where, parent, Optional.empty(), Optional.of(led), List.of());
            try {
                Junctions.delete(entry(parent, where));
            } catch (JunctionException e) {
                planned.ifPresent(spreading::forget);
                throw e;
            }
            log.info("junction {} to {} is deleted", where.path(), led);
            references.removed(where, parent, led);
            return DeleteJunctionResponse.newBuilder()
                    .setFsn(led.toString())
                    .addAllPending(planned.map(spreading::spread).orElse(List.of()))
                    .build();
        } catch (JunctionException e) {
            throw HeldDirectory.refused(e);
        }
    }

    /** Deletes a junction of which another replica's agent tells, if it leads where that one's led. */
    DeleteJunctionResponse deleteHere(String path, Collection<String> led) {
        Located where = exports.locate(path);
        try (HeldDirectory parent = HeldDirectory.openParent(where);
                Busy.Hold hold = busy.take(where.path().toString(), where.path().toString())) {
            Junction there = ifThere(where).orElseThrow(() -> notAJunction(where));
            if (!led.contains(there.fsn().toString())) {
                throw new ServiceException(
                        FedFsStatus.EXIST, "path", where.path() + " is a junction to " + there.fsn() + " here");
            }
            Junctions.delete(entry(parent, where));
            log.info("junction {} to {} is deleted, as another replica tells", where.path(), there.fsn());
            return DeleteJunctionResponse.newBuilder()
                    .setFsn(there.fsn().toString())
                    .build();
        } catch (JunctionException e) {
            throw HeldDirectory.refused(e);
        }
    }

    /**
     * Goes on telling the other replicas of a change.
     *
     * @return why that cannot be finished; empty when there is nothing more to do now
     */
    String resume(Intent intent) {
        try {
            Located where = exports.locate(intent.getPath());
            try (HeldDirectory parent = HeldDirectory.openParent(where);
                    Busy.Hold hold = busy.take(where.path().toString(), intent.getPath())) {
                int depth = parent.fileset()
                        .filter(root -> root.marker().fsn().toString().equals(intent.getFsn()))
                        .map(HeldDirectory.Root::depth)
                        .orElse(-1);
                return spreading.resume(intent, where, depth, change -> isHere(change, where, parent));
            }
        } catch (ServiceException e) {
            if (e.status() == FedFsStatus.INVAL) {
                spreading.drop(intent);
                log.warn("{} is gone, and its change with it", intent.getPath());
                return "";
            }
            return e.status() == FedFsStatus.DELAY ? "" : e.getMessage();
        }
    }

    /** Whether a change is still what is here; one that a crash interrupted is made first. */
    private static boolean isHere(Intent change, Located where, HeldDirectory parent) {
        Spread spread = change.getSpread();
        Optional<Junction> there = ifThere(where);
        try {
            if (spread.getTarget().isEmpty()) {
                boolean toDelete = there.isPresent()
                        && !spread.getApplied()
                        && spread.getReplacesList().contains(there.get().fsn().toString());
                if (toDelete) {
                    Junctions.delete(entry(parent, where));
                }
                return there.isEmpty() || toDelete;
            }
            if (there.isEmpty() && !spread.getApplied()) {
                Junctions.create(
                        entry(parent, where),
                        Messages.fsn(spread.getTarget()),
                        Messages.annotations(spread.getAnnotationsList()));
                return true;
            }
            return there.isPresent() && there.get().fsn().toString().equals(spread.getTarget());
        } catch (JunctionException e) {
            log.warn("{}", e.getMessage());
            return false;
        }
    }

    private static JunctionPlace entry(HeldDirectory parent, Located where) {
        return parent.entry(name(where), where.path().toString());
    }

    JunctionAt annotate(String path, Map<String, String> set, Collection<String> remove) {
        Located where = exports.locate(path);
        try (HeldDirectory parent = HeldDirectory.openParent(where)) {
            Junctions.annotate(entry(parent, where), set, remove);
            log.info("junction {} is annotated", where.path());
        } catch (JunctionException e) {
            throw HeldDirectory.refused(e);
        }
        return Messages.junction(where.path().toString(), found(where));
    }

    JunctionLookup lookup(String path, ResolveMode mode) {
        Located where = exports.locate(path);
        Junction junction = found(where);
        JunctionLookup.Builder answer = JunctionLookup.newBuilder()
                .setJunction(Messages.junction(where.path().toString(), junction));
        return switch (mode) {
            case RESOLVE_NONE -> answer.setSource("none").build();
            case RESOLVE_CACHE -> cached(answer, junction.fsn());
            case RESOLVE_NSDB -> asked(answer, junction);
            case UNRECOGNIZED -> throw new ServiceException(FedFsStatus.INVAL, "resolve", "no such resolve mode");
        };
    }

    private JunctionLookup cached(JunctionLookup.Builder answer, Fsn fsn) {
        answer.setSource("cache");
        resolver.cached(fsn).ifPresent(resolution -> {
            if (resolution instanceof Referral referral) {
                referral(answer, fsn, referral);
            }
        });
        return answer.build();
    }

    private JunctionLookup asked(JunctionLookup.Builder answer, Junction junction) {
        Fsn fsn = junction.fsn();
        if (!nsdbs.mayAsk(fsn.nsdb(), junction.inTrustedNamespace())) {
            throw new ServiceException(
                    FedFsStatus.ACCESS,
                    "users could have written this junction, and NSDB " + fsn.nsdb()
                            + " is not listed as trusted in the agent's nsdbs.yaml");
        }
        resolver.flush(fsn);
        Resolution resolution = resolver.resolve(fsn, timeout);
        if (resolution instanceof Unresolved why) {
            throw new ServiceException(why.status(), why.detail());
        }
        referral(answer, fsn, (Referral) resolution);
        return answer.setSource("nsdb").build();
    }

    private static void referral(JunctionLookup.Builder answer, Fsn fsn, Referral referral) {
        referral.locations().forEach(fsl -> answer.addFsls(Messages.fsl(fsn, fsl)));
        answer.setTtlSeconds((int) referral.ttl().toSeconds());
    }

    /**
     * Tells the junctions at and below a path.
     *
     * @param more takes one and says whether more are wanted
     */
    void list(String path, Predicate<JunctionAt> more) {
        Located where = exports.locate(path);
        try (HeldDirectory root = HeldDirectory.open(where)) {
            Junctions.walk(
                    root.fd(),
                    below -> {
                        Located at = below(where, below);
                        // One deleted since the walk is no longer of interest.
                        Optional<Junction> junction = lookAt(at);
                        if (junction.isPresent()
                                && !more.test(Messages.junction(at.path().toString(), junction.get()))) {
                            throw new Enough();
                        }
                    },
                    (below, e) -> {
                        throw e;
                    });
        } catch (Enough e) {
            log.debug("a list of junctions below {} is no longer wanted", path);
        } catch (ErrnoException e) {
            throw HeldDirectory.refused(JunctionException.of(e, "cannot list all junctions below " + where.path()));
        } catch (IOException e) {
            throw new ServiceException(FedFsStatus.BADNAME, "path", e.getMessage());
        }
    }

    /** Ends a walk early. */
    private static final class Enough extends IOException {
        private static final long serialVersionUID = 1L;
    }

    private static Located below(Located where, String below) {
        List<String> names = new ArrayList<>(where.inside());
        Path.of(below).forEach(name -> {
            if (!name.toString().isEmpty()) {
                names.add(name.toString());
            }
        });
        return new Located(where.export(), names);
    }

    private Junction found(Located where) {
        return lookAt(where).orElseThrow(() -> notAJunction(where));
    }

    private static ServiceException notAJunction(Located where) {
        return new ServiceException(FedFsStatus.NOTJUNCT, "path", where.path() + " is not a junction");
    }

    /** The junction at a name that may be anything or nothing. */
    private static Optional<Junction> ifThere(Located where) {
        try {
            return lookAt(where);
        } catch (ServiceException e) {
            if (e.status() == FedFsStatus.INVAL) {
                return Optional.empty();
            }
            throw e;
        }
    }

    private static Optional<Junction> lookAt(Located where) {
        try (HeldDirectory directory = HeldDirectory.open(where)) {
            return directory.junction();
        }
    }

    private static void refuseFilesetRoot(Located where) {
        try (HeldDirectory there = HeldDirectory.open(where)) {
            if (there.isFilesetRoot()) {
                throw new ServiceException(
                        FedFsStatus.EXIST,
                        "path",
                        where.path() + " is the root of the fileset "
                                + there.fileset().orElseThrow().marker().fsn() + " and cannot be a junction");
            }
        } catch (ServiceException e) {
            // What is not there yet will be made; what else is wrong, the writer says.
            if (e.status() == FedFsStatus.EXIST || e.status() == FedFsStatus.MARKER_MISMATCH) {
                throw e;
            }
        }
    }

    private static String name(Located where) {
        return where.inside().get(where.inside().size() - 1);
    }
}
