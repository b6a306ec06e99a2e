package io.fedfs.resolver.grpc;

import io.fedfs.protocol.FedFsStatus;
import io.fedfs.protocol.NsdbAddress;
import io.fedfs.protocol.StatusTrailer;
import io.fedfs.resolver.Resolver.FailedLookup;
import io.fedfs.resolver.Unresolved.Reason;
import io.fedfs.v1.StatusDetail;
import io.grpc.Status;
import java.net.ConnectException;
import java.net.NoRouteToHostException;
import java.net.UnknownHostException;
import java.util.Optional;
import javax.net.ssl.SSLException;

/**
 * Turns the end of a failed call into a {@link FailedLookup}: the one place that reads gRPC statuses. What the NSDB says in its
 * trailers (a {@code FedFsStatus} number) decides; the gRPC code only where there is no such number.
 */
final class StatusReader {
    private static final int LONGEST_TEXT = 300;

    private StatusReader() {}

    /** @param failure what a stub threw or passed to {@code onError} */
    static FailedLookup read(NsdbAddress nsdb, Throwable failure) {
        Status status = Status.fromThrowable(failure);
        Optional<StatusDetail> said = StatusTrailer.read(failure);
        if (said.isPresent()) {
            return said(nsdb, status.getCode(), said.get());
        }
        String text = printable(status.getDescription() == null ? "" : status.getDescription());
        return switch (status.getCode()) {
            case UNAVAILABLE -> unreachable(nsdb, status, text);
            case DEADLINE_EXCEEDED ->
                new FailedLookup(Reason.TIMED_OUT, FedFsStatus.TIMEOUT, "NSDB " + nsdb + " did not answer in time");
            case CANCELLED ->
                new FailedLookup(
                        Reason.NSDB_UNREACHABLE, FedFsStatus.NSDB_DOWN, "the call to NSDB " + nsdb + " was cut off");
            case PERMISSION_DENIED ->
                new FailedLookup(Reason.DENIED, FedFsStatus.ACCESS, "NSDB " + nsdb + " refused: " + text);
            case UNAUTHENTICATED ->
                new FailedLookup(
                        Reason.DENIED,
                        FedFsStatus.NSDB_AUTH,
                        "NSDB " + nsdb + " wants to know who asks: " + text + "; configure cert and key for it");
            case NOT_FOUND ->
                new FailedLookup(
                        Reason.NO_SUCH_FSN, FedFsStatus.NSDB_NOFSN, "NSDB " + nsdb + " does not know it: " + text);
            case UNIMPLEMENTED ->
                new FailedLookup(
                        Reason.BAD_ANSWER,
                        FedFsStatus.NOTSUPP,
                        nsdb + " is no NSDB, or an older one that does not know this call: " + text);
            case OUT_OF_RANGE -> badAnswer(nsdb, status, text, FedFsStatus.WATCH_TOO_OLD);
            case OK,
                    UNKNOWN,
                    INVALID_ARGUMENT,
                    ALREADY_EXISTS,
                    RESOURCE_EXHAUSTED,
                    FAILED_PRECONDITION,
                    ABORTED,
                    INTERNAL,
                    DATA_LOSS -> badAnswer(nsdb, status, text, FedFsStatus.NSDB_FAULT);
        };
    }

    /** The NSDB broke the contract. */
    static FailedLookup nonsense(NsdbAddress nsdb, String what) {
        return new FailedLookup(
                Reason.BAD_ANSWER,
                FedFsStatus.NSDB_RESPONSE,
                "NSDB " + nsdb + " gave an answer that makes no sense: " + printable(what));
    }

    /** Untrusted text for a log or a terminal: bounded, without control characters. */
    static String printable(String text) {
        String cut = text.length() > LONGEST_TEXT ? text.substring(0, LONGEST_TEXT) + "…" : text;
        StringBuilder clean = new StringBuilder(cut.length());
        cut.codePoints()
                .map(c -> Character.isISOControl(c) || Character.getType(c) == Character.FORMAT ? ' ' : c)
                .forEach(clean::appendCodePoint);
        return clean.toString();
    }

    /** What an NSDB said of one of several questions, in the answer to them. */
    static FailedLookup said(NsdbAddress nsdb, StatusDetail detail) {
        return said(nsdb, StatusTrailer.code(FedFsStatus.of(detail.getStatus())), detail);
    }

    private static FailedLookup said(NsdbAddress nsdb, Status.Code code, StatusDetail detail) {
        FedFsStatus number = FedFsStatus.of(detail.getStatus());
        String text = "NSDB " + nsdb + ": " + printable(detail.getMessage());
        return switch (number) {
            case NSDB_NOFSN, NO_NAMESPACE, NAMESPACE_AMBIGUOUS -> new FailedLookup(Reason.NO_SUCH_FSN, number, text);
            case FSN_INVALIDATED -> new FailedLookup(Reason.INVALIDATED, number, text);
            case NSDB_NOFSL, NO_FSL -> new FailedLookup(Reason.NO_LOCATION, number, text);
            case ACCESS, PERM, NSDB_AUTH -> new FailedLookup(Reason.DENIED, number, text);
            default -> {
                if (code == Status.Code.UNAVAILABLE) {
                    yield new FailedLookup(Reason.NSDB_UNREACHABLE, FedFsStatus.NSDB_DOWN, text);
                }
                if (code == Status.Code.DEADLINE_EXCEEDED) {
                    yield new FailedLookup(Reason.TIMED_OUT, FedFsStatus.TIMEOUT, text);
                }
                yield new FailedLookup(Reason.BAD_ANSWER, number, text);
            }
        };
    }

    private static FailedLookup badAnswer(NsdbAddress nsdb, Status status, String text, FedFsStatus number) {
        return new FailedLookup(
                Reason.BAD_ANSWER, number, "NSDB " + nsdb + " failed: " + status.getCode() + " " + text);
    }

    private static FailedLookup unreachable(NsdbAddress nsdb, Status status, String text) {
        String where = "NSDB " + nsdb + " cannot be reached: ";
        for (Throwable cause = status.getCause(); cause != null; cause = cause.getCause()) {
            String why = printable(cause.getMessage() == null ? cause.toString() : cause.getMessage());
            if (cause instanceof SSLException) {
                return new FailedLookup(Reason.NSDB_UNREACHABLE, FedFsStatus.NSDB_AUTH, where + "TLS failed: " + why);
            }
            if (cause instanceof UnknownHostException) {
                return new FailedLookup(
                        Reason.NSDB_UNREACHABLE, FedFsStatus.NSDB_ROUTE, where + "unknown host: " + why);
            }
            if (cause instanceof NoRouteToHostException) {
                return new FailedLookup(Reason.NSDB_UNREACHABLE, FedFsStatus.NSDB_ROUTE, where + why);
            }
            if (cause instanceof ConnectException) {
                return new FailedLookup(Reason.NSDB_UNREACHABLE, FedFsStatus.NSDB_CONN, where + why);
            }
        }
        return new FailedLookup(Reason.NSDB_UNREACHABLE, FedFsStatus.NSDB_DOWN, where + text);
    }
}
