package io.fedfs.posix;

import java.util.HashMap;
import java.util.Map;

/**
 * What a session cannot do, by the name of the case, and why. Nothing else excuses a case. {@link PosixContract} fails when a
 * case named here works after all.
 */
public final class Unsupported {
    /** What the kernel itself refuses for every FUSE file system (fuse_file_fallocate in fs/fuse/file.c). */
    public static final Map<String, String> KERNEL = Map.of(
            "fallocate: FALLOC_FL_COLLAPSE_RANGE", "the kernel passes only KEEP_SIZE, PUNCH_HOLE and ZERO_RANGE on",
            "fallocate: FALLOC_FL_INSERT_RANGE", "the kernel passes only KEEP_SIZE, PUNCH_HOLE and ZERO_RANGE on");

    private static final String NO_FLAGS = "libfuse 2 has no rename with flags, so the kernel refuses them";
    private static final String NO_TMPFILE = "libfuse 2 has no operation for a nameless file";
    private static final String TWO_INODES =
            "libfuse 2 names files by path: the kernel has an inode, with cached attributes, for each name of a hard link";
    private static final String NO_ACL = "libfuse 2 cannot ask the kernel to judge by ACLs; it judges by the mode bits";
    private static final String NO_IOCTL = "the session does not pass ioctl on";

    /** libfuse 2.9's high-level interface, which jnr-fuse binds, and what the kernel refuses. */
    public static final Map<String, String> JNR_FUSE = with(
            KERNEL,
            Map.entry("rename: RENAME_NOREPLACE to a new name", NO_FLAGS),
            Map.entry("rename: RENAME_EXCHANGE of two files", NO_FLAGS),
            Map.entry("rename: RENAME_EXCHANGE of a file and a directory", NO_FLAGS),
            Map.entry("rename: RENAME_EXCHANGE of directories with different parents", NO_FLAGS),
            Map.entry("rename: RENAME_WHITEOUT", NO_FLAGS),
            Map.entry("O_TMPFILE: write and read back", NO_TMPFILE),
            Map.entry("O_TMPFILE: no name appears", NO_TMPFILE),
            Map.entry("O_TMPFILE: given a name later", NO_TMPFILE),
            Map.entry("O_TMPFILE: O_EXCL forbids a name", NO_TMPFILE),
            Map.entry("owner: of a nameless file", NO_TMPFILE),
            Map.entry("link: both names tell the count at once", TWO_INODES),
            Map.entry("link: a change by one name shows by the other at once", TWO_INODES),
            Map.entry("link: moves ctime forward", TWO_INODES),
            Map.entry("rename: onto one of two names", TWO_INODES),
            Map.entry("program: cp -a keeps everything", TWO_INODES),
            Map.entry(
                    "lseek: SEEK_DATA and SEEK_HOLE", "libfuse 2 has no lseek, so the kernel sees data up to the end"),
            Map.entry("chown: without any id moves ctime forward", "libfuse 2 calls no operation for it"),
            Map.entry("acl: one user more may read", NO_ACL),
            Map.entry("acl: a default one is inherited", NO_ACL),
            Map.entry("ioctl: FS_IOC_GETFLAGS", NO_IOCTL),
            Map.entry("ioctl: FS_IOC_SETFLAGS makes a file append-only", NO_IOCTL));

    private Unsupported() {}

    @SafeVarargs
    private static Map<String, String> with(Map<String, String> some, Map.Entry<String, String>... more) {
        Map<String, String> all = new HashMap<>(some);
        all.putAll(Map.ofEntries(more));
        return Map.copyOf(all);
    }
}
