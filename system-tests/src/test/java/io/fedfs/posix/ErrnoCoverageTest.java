package io.fedfs.posix;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * Each errno that section 2 of the manual (man-pages 6) promises of each call has a case, for root and for an ordinary user, or stands here with the
 * reason why it has none. A table that is wrong either way fails.
 */
final class ErrnoCoverageTest {
    /** Of any call, and not of the file system's making. */
    private static final String NOT_OURS = "EFAULT EINTR EIO EMFILE ENFILE ENOMEM ESRCH";

    /** What the manual pages promise beside {@link #NOT_OURS}. */
    private static final Map<String, String> PROMISED = new LinkedHashMap<>(Map.ofEntries(
            Map.entry(
                    "open",
                    "EACCES EBADF EBUSY EDQUOT EEXIST EFBIG EINVAL EISDIR ELOOP ENAMETOOLONG ENODEV ENOENT ENOSPC ENOTDIR "
                            + "ENXIO EOPNOTSUPP EPERM EROFS ETXTBSY EWOULDBLOCK"),
            Map.entry(
                    "rename",
                    "EACCES EBUSY EDQUOT EEXIST EINVAL EISDIR ELOOP EMLINK ENAMETOOLONG ENOENT ENOSPC ENOTDIR ENOTEMPTY EPERM "
                            + "EROFS EXDEV"),
            Map.entry("unlink", "EACCES EBUSY EISDIR ELOOP ENAMETOOLONG ENOENT ENOTDIR EPERM EROFS"),
            Map.entry("rmdir", "EACCES EBUSY EINVAL ELOOP ENAMETOOLONG ENOENT ENOTDIR ENOTEMPTY EPERM EROFS"),
            Map.entry("mkdir", "EACCES EDQUOT EEXIST ELOOP EMLINK ENAMETOOLONG ENOENT ENOSPC ENOTDIR EROFS"),
            Map.entry("link", "EACCES EDQUOT EEXIST ELOOP EMLINK ENAMETOOLONG ENOENT ENOSPC ENOTDIR EPERM EROFS EXDEV"),
            Map.entry("symlink", "EACCES EDQUOT EEXIST ELOOP ENAMETOOLONG ENOENT ENOSPC ENOTDIR EROFS"),
            Map.entry("chmod", "EACCES ELOOP ENAMETOOLONG ENOENT ENOTDIR EOPNOTSUPP EPERM EROFS"),
            Map.entry("chown", "EACCES ELOOP ENAMETOOLONG ENOENT ENOTDIR EPERM EROFS"),
            Map.entry("truncate", "EACCES EFBIG EINVAL EISDIR ELOOP ENAMETOOLONG ENOENT ENOTDIR EPERM EROFS ETXTBSY"),
            Map.entry("utimensat", "EACCES EINVAL ELOOP ENAMETOOLONG ENOENT ENOTDIR EPERM EROFS")));

    /** Tables whose names differ from the call's. */
    private static final Map<String, List<String>> NAMES = Map.of(
            "open", List.of("open", "create", "O_TMPFILE", "mode", "search", "write"), "rename", List.of("rename"));

    /** Promises that a case cannot hold in an empty directory, by {@code call errno} or {@code errno} for all, and who does. */
    private static final Map<String, String> ELSEWHERE = Map.ofEntries(
            Map.entry("EROFS", "UnderneathIT: a read-only location and -o ro, every call"),
            Map.entry("ENOSPC", "UnderneathIT: a full file system, every call that takes room"),
            Map.entry("EDQUOT", "needs a kernel with quota formats; passed through like ENOSPC"),
            Map.entry("EMLINK", "needs 65,000 links, and on many file systems more; passed through like ENOSPC"),
            Map.entry("rename EXDEV", "CrossingIT: between filesets"),
            Map.entry("link EXDEV", "HostileIT: out of a fileset"),
            Map.entry("rmdir EBUSY", "CrossingIT: a junction; the mount point is the kernel's"),
            Map.entry("unlink EBUSY", "NFS only"),
            Map.entry("open EBUSY", "block devices in use: the kernel opens devices by itself"),
            Map.entry("open ENODEV", "devices without a driver: the kernel opens devices by itself"),
            Map.entry("open EOPNOTSUPP", "O_TMPFILE where the file system below has it not: Unsupported, jnr-fuse"),
            Map.entry("open EWOULDBLOCK", "leases, which the kernel keeps by itself"),
            Map.entry("open EFBIG", "32-bit programs"),
            Map.entry("truncate EFBIG", "limits differ: the case \"to the largest number\" is as below"),
            Map.entry("truncate EPERM", "append-only files: the case \"FS_IOC_SETFLAGS makes a file append-only\""));

    /** What is promised only to an ordinary user, since root has the right. */
    private static final List<String> USERS = List.of("EACCES", "EPERM");

    @Test
    void everyPromisedErrnoHasACase() {
        List<String> wrong = new ArrayList<>();
        PROMISED.forEach((call, errnos) -> {
            for (String errno : errnos.split(" ")) {
                boolean excused = ELSEWHERE.containsKey(errno) || ELSEWHERE.containsKey(call + " " + errno);
                for (Caller caller : List.of(Caller.ROOT, Caller.ALICE)) {
                    if (caller.isRoot() && USERS.contains(errno)) {
                        continue;
                    }
                    boolean covered = isCovered(call, errno, caller);
                    if (!covered && !excused) {
                        wrong.add(call + " " + errno + " for " + caller.name() + " has no case");
                    }
                }
                if (ELSEWHERE.containsKey(call + " " + errno) && isCovered(call, errno, Caller.ALICE)) {
                    wrong.add(call + " " + errno + " has a case and needs no excuse");
                }
            }
        });
        assertThat(wrong).isEmpty();
    }

    private static boolean isCovered(String call, String errno, Caller caller) {
        return PosixContract.cases()
                .filter(c -> c.callers().contains(caller) && c.expected() != null)
                .filter(c -> NAMES.getOrDefault(call, List.of(call)).stream()
                        .anyMatch(n -> c.name().startsWith(n + ":")))
                .anyMatch(c -> Arrays.asList(c.expected().split(" ")).contains(errno));
    }

    @Test
    void theTableNamesErrnosOnce() {
        PROMISED.values().forEach(errnos -> assertThat(errnos.split(" ")).doesNotHaveDuplicates());
        assertThat(Stream.of(NOT_OURS.split(" "))).noneMatch(e -> PROMISED.values().stream()
                .anyMatch(p -> Arrays.asList(p.split(" ")).contains(e)));
    }
}
