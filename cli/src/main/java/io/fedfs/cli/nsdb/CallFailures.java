package io.fedfs.cli.nsdb;

import io.fedfs.cli.terminal.CommandFailure;
import io.fedfs.protocol.FedFsStatus;
import io.fedfs.protocol.NsdbAddress;
import io.fedfs.protocol.StatusTrailer;
import io.fedfs.v1.StatusDetail;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.net.ConnectException;
import java.net.NoRouteToHostException;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.Optional;
import javax.net.ssl.SSLException;

/**
 * What a failed call means to the user of a command.
 *
 * @param who was called, for messages
 * @param kind what to say of one that cannot be reached
 */
public record CallFailures(String who, Kind kind) {
    /** The numbers for an NSDB are those that the resolver gives for the same causes. */
    public enum Kind {
        NSDB(
                FedFsStatus.NSDB_ROUTE,
                FedFsStatus.NSDB_CONN,
                FedFsStatus.NSDB_AUTH,
                FedFsStatus.NSDB_DOWN,
                FedFsStatus.NSDB_FAULT,
                "start it (fedfs-nsdb serve), or give another --nsdb",
                "its entry in nsdbs.yaml"),
        FILE_SERVER(
                FedFsStatus.SERVER_DOWN,
                FedFsStatus.SERVER_DOWN,
                FedFsStatus.SERVER_DOWN,
                FedFsStatus.SERVER_DOWN,
                FedFsStatus.SVRFAULT,
                "start the agent there (fedfs-server serve), or give SERVER:PORT",
                "its entry under servers in nsdbs.yaml");

        private final FedFsStatus route;
        private final FedFsStatus connection;
        private final FedFsStatus authentication;
        private final FedFsStatus down;
        private final FedFsStatus fault;
        private final String start;
        private final String entry;

        Kind(
                FedFsStatus route,
                FedFsStatus connection,
                FedFsStatus authentication,
                FedFsStatus down,
                FedFsStatus fault,
                String start,
                String entry) {
            this.route = route;
            this.connection = connection;
            this.authentication = authentication;
            this.down = down;
            this.fault = fault;
            this.start = start;
            this.entry = entry;
        }
    }

    static CallFailures ofNsdb(NsdbAddress nsdb) {
        return new CallFailures("NSDB " + nsdb, Kind.NSDB);
    }

    public static CallFailures ofServer(NsdbAddress server) {
        return new CallFailures("file server " + server, Kind.FILE_SERVER);
    }

    /** The failure of a call: as the one called says in the trailers, else as the transport says. */
    public CommandFailure of(Duration timeout, StatusRuntimeException e) {
        Optional<StatusDetail> detail = StatusTrailer.read(e);
        if (detail.isPresent()) {
            FedFsStatus status = FedFsStatus.of(detail.get().getStatus());
            return new CommandFailure(status, detail.get().getMessage(), remedy(status), e);
        }
        return transport(timeout, e);
    }

    private CommandFailure transport(Duration timeout, StatusRuntimeException e) {
        Status status = e.getStatus();
        String said = status.getDescription() == null ? status.getCode().name() : status.getDescription();
        return switch (status.getCode()) {
            case UNAVAILABLE -> unavailable(said, e);
            case DEADLINE_EXCEEDED ->
                new CommandFailure(
                        FedFsStatus.TIMEOUT,
                        who + " did not answer within " + timeout.toSeconds() + " s",
                        "is it reachable? --timeout SECONDS waits longer",
                        e);
            case UNAUTHENTICATED ->
                new CommandFailure(
                        kind.authentication, who + " does not accept who we are: " + said, "see nsdbs.yaml", e);
            case PERMISSION_DENIED -> new CommandFailure(FedFsStatus.ACCESS, who + " refused: " + said, "", e);
            case UNIMPLEMENTED ->
                new CommandFailure(
                        FedFsStatus.NOTSUPP, who + " does not know this operation", "is it an older version?", e);
            case INVALID_ARGUMENT -> new CommandFailure(FedFsStatus.INVAL, who + " refused: " + said, "", e);
            default -> new CommandFailure(kind.fault, who + " failed: " + said, "see its log", e);
        };
    }

    private CommandFailure unavailable(String said, StatusRuntimeException e) {
        for (Throwable t = e.getCause(); t != null; t = t.getCause()) {
            if (t instanceof UnknownHostException || t instanceof NoRouteToHostException) {
                return new CommandFailure(
                        kind.route, who + " cannot be found (" + t.getMessage() + ")", "check the name", e);
            }
            if (t instanceof ConnectException) {
                return new CommandFailure(kind.connection, who + " does not listen", kind.start, e);
            }
            if (t instanceof SSLException) {
                return new CommandFailure(
                        kind.authentication, who + ": TLS failed: " + t.getMessage(), "see " + kind.entry, e);
            }
        }
        return new CommandFailure(
                kind.down, who + " does not answer: " + said, "does it expect TLS? see nsdbs.yaml", e);
    }

    private static String remedy(FedFsStatus status) {
        return switch (status) {
            case FSN_HAS_FSLS -> "--with-fsls deletes them as well";
            case REVISION_MISMATCH -> "look at it again, then repeat the command";
            case FSN_INVALIDATED -> "fedfs fsn revive makes it valid again";
            case NAMESPACE_AMBIGUOUS -> "name one (fedfs namespace list)";
            case ACCESS -> "its policy decides; the certificate for it in nsdbs.yaml says who asks";
            default -> "";
        };
    }
}
