package io.fedfs.projection;

import io.fedfs.fuse.FsError;
import io.fedfs.fuse.FsException;
import io.fedfs.fuse.Request;
import io.fedfs.linux.Capabilities;
import io.fedfs.linux.NativeBuffer;
import io.fedfs.linux.Sys;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes the serving thread act as the caller: file system user and group id, supplementary groups, umask. A thread keeps what it has,
 * so a run of requests from one user costs nothing.
 *
 * <p>Only a daemon that runs as root changes anything; another one has its own user's rights and no more, and makes no files for others
 * (allow_other), since they would belong to the wrong user.
 *
 * <p>Leaving user id 0 by setfsuid(2) takes the file system capabilities (DAC_OVERRIDE, FOWNER, FSETID, CHOWN, MKNOD, LINUX_IMMUTABLE) from the
 * thread, but not the others that file systems ask for: SYS_RESOURCE is what passes over quotas and reserved blocks, SYS_ADMIN opens trusted.*
 * attributes, SETFCAP gives file capabilities (capabilities(7)). So a thread that acts for a user keeps only what it needs to act for the next
 * one, and, for passthrough, SYS_ADMIN: FUSE_DEV_IOC_BACKING_OPEN and _CLOSE ask for it. What SYS_ADMIN would give beyond is refused by the
 * kernel above (xattr_permission) and by {@link Projection}.
 *
 * <p>FUSE does not send supplementary groups, so they are read from {@code /proc/PID/status} and remembered for a second per caller. They
 * are believed only if the process has the caller's user id: the caller may be gone and its number another's.
 */
final class Callers {
    private static final Logger LOG = LoggerFactory.getLogger(Callers.class);
    private static final long GROUPS_VALID_NANOS = 1_000_000_000L;
    private static final int MAX_CACHED = 4096;
    private static final int[] NONE = new int[0];
    /** No user's or group's id, as setfsuid(2) has it. */
    private static final int UNKNOWN = -1;
    /** The kernel's own stand-in for ids that it cannot express (overflowuid in proc(5)). */
    private static final int NOBODY = 65_534;

    private final boolean root;
    /** Capabilities in effect while a thread acts for somebody who is not root. */
    private final long forOthers;
    /** The daemon's own user. */
    private final int user = Sys.geteuid();

    private final ConcurrentMap<Integer, Groups> groups = new ConcurrentHashMap<>();

    private record Groups(int uid, int gid, int[] list, long readAt) {}

    /** What one serving thread is at the moment. At first nothing is known: a library's thread may come back as another Java thread. */
    private static final class Identity {
        int uid = UNKNOWN;
        int gid = UNKNOWN;
        int umask = UNKNOWN;
        int[] groups;
        Capabilities capabilities;
        /** The capabilities that were put into effect last; 0: nothing is known. */
        long inEffect;
        /** Of the last caller, to recognise it without a map. */
        int pid = -1;

        Groups of;
        NativeBuffer memory;
    }

    /**
     * @param root whether the daemon may act for others
     * @param passthrough whether threads register backing files while they act for others
     */
    Callers(boolean root, boolean passthrough) {
        this.root = root;
        this.forOthers = Capabilities.SETUID | Capabilities.SETGID | (passthrough ? Capabilities.SYS_ADMIN : 0);
    }

    private Identity identity(Request rq) {
        Identity id = (Identity) rq.threadState;
        if (id == null) {
            id = new Identity();
            // A umask of its own: it belongs to the process otherwise.
            int r = Sys.unshare(Sys.CLONE_FS);
            if (r < 0) {
                LOG.warn(
                        "unshare(CLONE_FS): {}; umask and default ACLs may mix between callers",
                        io.fedfs.linux.Errno.message(-r));
            }
            rq.threadState = id;
        }
        return id;
    }

    /**
     * The caller of this request, about to make a file with this umask.
     *
     * @throws FsException DENIED when the file would belong to the daemon's user and not to the caller
     */
    void become(Request rq, int umask) {
        take(rq, umask);
        become(rq);
    }

    /** The same for a file without set-id bits: as {@link #becomeLoosely}. */
    void becomeLoosely(Request rq, int umask) {
        take(rq, umask);
        becomeLoosely(rq);
    }

    private void take(Request rq, int umask) {
        if (!root && rq.uid != user) {
            throw new FsException(
                    FsError.DENIED, "the mount belongs to user " + user + " and makes no files for " + rq.uid);
        }
        Identity id = identity(rq);
        if (id.umask != umask) {
            Sys.umask(umask);
            id.umask = umask;
        }
    }

    /** The caller of this request, who makes no file: the thread's umask is any. */
    void become(Request rq) {
        become(rq, false);
    }

    /**
     * The caller of this request, for what CAP_FSETID has no say in, which is all but changes of a file's data, size, mode, owner and ACL (inode(7)):
     * a root that the thread is without it, because it registered a backing file, it stays without. So who opens one file after another as
     * root changes nothing in between.
     */
    void becomeLoosely(Request rq) {
        become(rq, true);
    }

    private void become(Request rq, boolean loosely) {
        if (!root) {
            return;
        }
        Identity id = identity(rq);
        if (rq.uid == 0) {
            // Root's rights do not come from groups.
            switchTo(id, 0, valid(rq.gid), id.groups == null ? NONE : id.groups, loosely);
            return;
        }
        Groups g = id.of;
        long now = System.nanoTime();
        if (g == null
                || id.pid != rq.pid
                || g.uid != rq.uid
                || g.gid != rq.gid
                || now - g.readAt > GROUPS_VALID_NANOS) {
            g = groupsOf(rq, now);
            id.of = g;
            id.pid = rq.pid;
        }
        switchTo(id, valid(rq.uid), valid(rq.gid), g.list, false);
    }

    /**
     * The caller of this request, for a backing file of passthrough: everybody who has the file open writes with the rights of this moment, and a
     * write by one who has no CAP_FSETID must clear set-id bits (inode(7)), even when root opened the file.
     */
    void becomeForBacking(Request rq) {
        becomeLoosely(rq);
        if (root && rq.uid == 0) {
            Identity id = identity(rq);
            effect(id, withoutSetId(id));
        }
    }

    private static long withoutSetId(Identity id) {
        return id.capabilities.permitted() & ~Capabilities.FSETID;
    }

    /** No kernel should send -1, which no thread can become; it is nobody. */
    private static int valid(int id) {
        return id == UNKNOWN ? NOBODY : id;
    }

    /** Root again, for what is the daemon's own business. False when the daemon is not root or the thread already is. */
    boolean becomeDaemon(Request rq) {
        Identity id = identity(rq);
        if (!root || id.uid == 0) {
            return false;
        }
        switchTo(id, 0, id.gid == UNKNOWN ? Sys.getegid() : id.gid, id.groups == null ? NONE : id.groups, false);
        return true;
    }

    private void switchTo(Identity id, int uid, int gid, int[] list, boolean loosely) {
        if (id.groups != list && !Arrays.equals(id.groups, list)) {
            if (id.memory == null || id.memory.capacity() < list.length * 4) {
                id.memory = new NativeBuffer(Math.max(256, list.length * 4));
            }
            for (int i = 0; i < list.length; i++) {
                id.memory.putInt(i * 4, list[i]);
            }
            int r = Sys.setgroups(list.length, id.memory.address());
            if (r < 0) {
                throw new IllegalStateException("setgroups: " + io.fedfs.linux.Errno.message(-r));
            }
        }
        id.groups = list;
        if (id.gid != gid) {
            Sys.setfsgid(gid);
            if (Sys.setfsgid(-1) != gid) {
                throw new IllegalStateException("setfsgid " + gid + " was refused");
            }
            id.gid = gid;
        }
        if (id.uid != uid) {
            Sys.setfsuid(uid);
            if (Sys.setfsuid(-1) != uid) {
                throw new IllegalStateException("setfsuid " + uid + " was refused");
            }
            id.uid = uid;
        }
        if (id.capabilities == null) {
            id.capabilities = new Capabilities();
        }
        if (!loosely || id.inEffect != withoutSetId(id)) {
            effect(id, uid == 0 ? id.capabilities.permitted() : forOthers);
        }
    }

    private static void effect(Identity id, long capabilities) {
        if (id.inEffect != capabilities) {
            id.capabilities.effect(capabilities);
            id.inEffect = capabilities;
        }
    }

    private Groups groupsOf(Request rq, long now) {
        Groups g = groups.get(rq.pid);
        if (g != null && g.uid == rq.uid && g.gid == rq.gid && now - g.readAt <= GROUPS_VALID_NANOS) {
            return g;
        }
        g = new Groups(rq.uid, rq.gid, read(rq.pid, rq.uid).orElse(NONE), now);
        if (groups.size() >= MAX_CACHED) {
            groups.values().removeIf(old -> now - old.readAt > GROUPS_VALID_NANOS);
        }
        if (groups.size() < MAX_CACHED) {
            groups.put(rq.pid, g);
        }
        return g;
    }

    /** The "Groups:" line of proc(5). Empty when the process is gone, not visible from here, or not one of this user. */
    private static Optional<int[]> read(int pid, int uid) {
        if (pid <= 0) {
            return Optional.empty();
        }
        try {
            for (String line : Files.readAllLines(
                    Path.of("/proc/" + pid + "/status"), java.nio.charset.StandardCharsets.ISO_8859_1)) {
                // Real, effective, saved and file system id: access(2) asks with the real one, a server with the last.
                if (line.startsWith("Uid:") && Arrays.stream(numbers(line)).noneMatch(u -> u == uid)) {
                    return Optional.empty();
                }
                if (line.startsWith("Groups:")) {
                    return Optional.of(numbers(line));
                }
            }
        } catch (IOException | NumberFormatException e) {
            LOG.debug("groups of process {}: {}", pid, e.toString());
        }
        return Optional.empty();
    }

    /** What stands behind the colon. */
    private static int[] numbers(String line) {
        String list = line.substring(line.indexOf(':') + 1).strip();
        return list.isEmpty()
                ? NONE
                : Arrays.stream(list.split("\\s+"))
                        .mapToInt(Integer::parseUnsignedInt)
                        .toArray();
    }
}
