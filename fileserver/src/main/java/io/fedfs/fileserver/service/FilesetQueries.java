package io.fedfs.fileserver.service;

import io.fedfs.fileserver.place.Exports;
import io.fedfs.fileserver.place.Exports.Located;
import io.fedfs.fileserver.place.HeldDirectory;
import io.fedfs.fileserver.place.HeldDirectory.Root;
import io.fedfs.protocol.FedFsStatus;
import io.fedfs.protocol.Fsn;
import io.fedfs.resolver.grpc.NsdbCallException;
import io.fedfs.service.ServiceException;
import io.fedfs.v1.FilesetAt;
import io.fedfs.v1.FilesetAt.Registration;
import io.fedfs.v1.Fsl;
import io.fedfs.v1.FsnWithFsls;
import io.fedfs.v1.State;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Which fileset is at a place (R1). The marker on disk decides, so a fileset that was moved here, or another one put in its
 * place, is told as what it is (R1c), whatever the NSDB has on record.
 */
final class FilesetQueries {
    private static final Logger log = LoggerFactory.getLogger(FilesetQueries.class);

    private final Exports exports;
    private final ThisServer server;
    private final Nsdbs nsdbs;
    private final Promotions promotions;

    FilesetQueries(Exports exports, ThisServer server, Nsdbs nsdbs, Promotions promotions) {
        this.exports = exports;
        this.server = server;
        this.nsdbs = nsdbs;
        this.promotions = promotions;
    }

    FilesetAt lookup(String path, boolean verify) {
        Located where = exports.locate(path);
        FilesetAt.Builder answer = FilesetAt.newBuilder();
        Located root;
        Fsn fsn;
        boolean trusted;
        try (HeldDirectory directory = HeldDirectory.open(where)) {
            directory.junction().ifPresent(junction -> {
                throw new ServiceException(
                        FedFsStatus.NOTLOCAL,
                        "path",
                        where.path() + " is a junction to " + junction.fsn() + ", which is elsewhere");
            });
            Root found = directory
                    .fileset()
                    .orElseThrow(() -> new ServiceException(
                            FedFsStatus.NSDB_NOFSN,
                            "path",
                            where.path() + " is in no fileset: no marker is at or above it"));
            root = new Located(where.export(), HeldDirectory.rootOf(where, found));
            fsn = found.marker().fsn();
            trusted = found.marker().inTrustedNamespace();
        }
        List<String> inside =
                where.inside().subList(root.inside().size(), where.inside().size());
        answer.setFsn(fsn.toString())
                .setFilesetPath(root.path().toString())
                .setPathInside(String.join("/", inside))
                .setTrusted(trusted)
                .setUnfinished(promotions.isUnfinished(fsn))
                .setRegistration(Registration.REGISTRATION_NOT_ASKED);
        if (verify) {
            register(answer, fsn, root, trusted);
        }
        return answer.build();
    }

    private void register(FilesetAt.Builder answer, Fsn fsn, Located root, boolean trusted) {
        if (!nsdbs.mayAsk(fsn.nsdb(), trusted)) {
            answer.setRegistration(Registration.REGISTRATION_UNKNOWN);
            return;
        }
        try {
            Optional<FsnWithFsls> records = nsdbs.find(fsn);
            Optional<Fsl> here = records.stream()
                    .flatMap(r -> r.getFslsList().stream())
                    .filter(fsl -> fsl.getState().getState() != State.STATE_INVALID && server.isAt(fsl, root))
                    .findFirst();
            here.ifPresent(fsl -> answer.setFslUuid(fsl.getUuid()));
            answer.setRegistration(
                    records.isEmpty()
                            ? Registration.REGISTRATION_NO_SUCH_FSN
                            : here.isPresent() ? Registration.REGISTRATION_HERE : Registration.REGISTRATION_ELSEWHERE);
        } catch (NsdbCallException e) {
            log.info("cannot verify {}: {}", fsn, e.getMessage());
            answer.setRegistration(Registration.REGISTRATION_UNKNOWN);
        }
    }
}
