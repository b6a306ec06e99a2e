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

/** What a failed call means to the user of a command. */
final class NsdbFailures {
    private NsdbFailures() {}

    /** The failure of a call: as the NSDB says in the trailers, else as the transport says. */
    static CommandFailure of(NsdbAddress nsdb, Duration timeout, StatusRuntimeException e) {
        Optional<StatusDetail> detail = StatusTrailer.read(e);
        if (detail.isPresent()) {
            FedFsStatus status = FedFsStatus.of(detail.get().getStatus());
            return new CommandFailure(status, detail.get().getMessage(), remedy(status), e);
        }
        return transport(nsdb, timeout, e);
    }

    private static CommandFailure transport(NsdbAddress nsdb, Duration timeout, StatusRuntimeException e) {
        Status status = e.getStatus();
        String who = "NSDB " + nsdb;
        String said = status.getDescription() == null ? status.getCode().name() : status.getDescription();
        return switch (status.getCode()) {
            case UNAVAILABLE -> unavailable(who, said, e);
            case DEADLINE_EXCEEDED ->
                new CommandFailure(
                        FedFsStatus.TIMEOUT,
                        who + " did not answer within " + timeout.toSeconds() + " s",
                        "is it reachable? --timeout SECONDS waits longer",
                        e);
            case UNAUTHENTICATED ->
                new CommandFailure(
                        FedFsStatus.NSDB_AUTH, who + " does not accept who we are: " + said, "see nsdbs.yaml", e);
            case PERMISSION_DENIED -> new CommandFailure(FedFsStatus.ACCESS, who + " refused: " + said, "", e);
            case UNIMPLEMENTED ->
                new CommandFailure(
                        FedFsStatus.NOTSUPP, who + " does not know this operation", "is it an older version?", e);
            case INVALID_ARGUMENT -> new CommandFailure(FedFsStatus.INVAL, who + " refused: " + said, "", e);
            default -> new CommandFailure(FedFsStatus.NSDB_FAULT, who + " failed: " + said, "see its log", e);
        };
    }

    /** The numbers are those that the resolver gives for the same causes. */
    private static CommandFailure unavailable(String who, String said, StatusRuntimeException e) {
        for (Throwable t = e.getCause(); t != null; t = t.getCause()) {
            if (t instanceof UnknownHostException || t instanceof NoRouteToHostException) {
                return new CommandFailure(
                        FedFsStatus.NSDB_ROUTE,
                        who + " cannot be found (" + t.getMessage() + ")",
                        "check the name, or give another --nsdb",
                        e);
            }
            if (t instanceof ConnectException) {
                return new CommandFailure(
                        FedFsStatus.NSDB_CONN,
                        who + " does not listen",
                        "start it (fedfs-nsdb serve), or give another --nsdb",
                        e);
            }
            if (t instanceof SSLException) {
                return new CommandFailure(
                        FedFsStatus.NSDB_AUTH,
                        who + ": TLS failed: " + t.getMessage(),
                        "see its entry in nsdbs.yaml",
                        e);
            }
        }
        return new CommandFailure(
                FedFsStatus.NSDB_DOWN, who + " does not answer: " + said, "does it expect TLS? see nsdbs.yaml", e);
    }

    private static String remedy(FedFsStatus status) {
        return switch (status) {
            case FSN_HAS_FSLS -> "--with-fsls deletes them as well";
            case REVISION_MISMATCH -> "look at it again, then repeat the command";
            case FSN_INVALIDATED -> "fedfs fsn revive makes it valid again";
            case NAMESPACE_AMBIGUOUS -> "name one (fedfs namespace list)";
            case ACCESS -> "the NSDB's policy decides; its certificate in nsdbs.yaml says who asks";
            default -> "";
        };
    }
}
