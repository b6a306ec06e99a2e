package io.fedfs.protocol;

import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The outcome of a federation operation: names and numbers of RFC 7533 (section 4, {@code FedFsStatus}), ours from 100.
 *
 * <p>The number travels in gRPC trailers and over the control socket, and is the exit code of the commands.
 */
public enum FedFsStatus {
    OK(0),
    ACCESS(1),
    BADCHAR(2),
    BADNAME(3),
    NAMETOOLONG(4),
    LOOP(5),
    BADXDR(6),
    EXIST(7),
    INVAL(8),
    IO(9),
    NOSPC(10),
    NOTJUNCT(11),
    NOTLOCAL(12),
    PERM(13),
    ROFS(14),
    SVRFAULT(15),
    NOTSUPP(16),
    NSDB_ROUTE(17),
    NSDB_DOWN(18),
    NSDB_CONN(19),
    NSDB_AUTH(20),
    NSDB_LDAP(21),
    NSDB_LDAP_VAL(22),
    NSDB_NONCE(23),
    NSDB_NOFSN(24),
    NSDB_NOFSL(25),
    NSDB_RESPONSE(26),
    NSDB_FAULT(27),
    NSDB_PARAMS(28),
    NSDB_LDAP_REFERRAL(29),
    NSDB_LDAP_REFERRAL_VAL(30),
    NSDB_LDAP_REFERRAL_NOTFOLLOWED(31),
    NSDB_PARAMS_LDAP_REFERRAL(32),
    PATH_TYPE_UNSUPP(33),
    DELAY(34),
    NO_CACHE(35),
    UNKNOWN_CACHE(36),
    NO_CACHE_UPDATE(37),

    /** The record has another revision than the write expected. */
    REVISION_MISMATCH(100),
    /** The FSN exists and is invalidated. */
    FSN_INVALIDATED(101),
    /** The change history no longer reaches back to the revision asked for. */
    WATCH_TOO_OLD(102),
    /** An FSN that still has FSLs is not deleted unless asked for. */
    FSN_HAS_FSLS(103),
    /** The NSDB has several namespaces and none was named. */
    NAMESPACE_AMBIGUOUS(104),
    /** No such namespace. */
    NO_NAMESPACE(105),
    /** No such FSL below the FSN. */
    NO_FSL(106),
    /** The path is not inside a fedfs mount, or the mount does not answer. */
    NOT_MOUNTED(107),
    /** The directory is, by its marker, another fileset than it should be. */
    MARKER_MISMATCH(108),
    /** A deadline passed. */
    TIMEOUT(109),
    /** The FSL cannot be attached on this host, by its state or by the configuration. */
    NOT_ATTACHABLE(110),
    /** The fileset belongs to one namespace only, and not to that one. */
    EXCLUSIVE(111),
    /** The fileset is being moved, or is not, or not by that plan. */
    MOVING(112),
    /** The agent of a file server cannot be reached. */
    SERVER_DOWN(120);

    private static final Map<Integer, FedFsStatus> BY_NUMBER =
            Stream.of(values()).collect(Collectors.toUnmodifiableMap(FedFsStatus::number, Function.identity()));

    private final int number;

    FedFsStatus(int number) {
        this.number = number;
    }

    /** The RFC's number, or ours from 100; what a command exits with. */
    public int number() {
        return number;
    }

    /** The name as RFC 7533 spells it, {@code FEDFS_OK} or {@code FEDFS_ERR_…}. */
    public String rfcName() {
        return this == OK ? "FEDFS_OK" : "FEDFS_ERR_" + name();
    }

    /** The status with this number; {@link #SVRFAULT} for a number this version does not know. */
    public static FedFsStatus of(int number) {
        return BY_NUMBER.getOrDefault(number, SVRFAULT);
    }
}
