package io.fedfs.soak;

import io.fedfs.linux.Errno;
import io.fedfs.linux.NativeBuffer;
import io.fedfs.linux.Sys;
import io.fedfs.posix.Caller;
import io.fedfs.posix.Ground;
import io.fedfs.posix.Seen;
import io.fedfs.posix.Stat;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;
import java.util.stream.Collectors;

/** Draws random steps. What is drawn depends on the seed and on how many files are open, which is the same on both sides. */
final class Steps {
    /** Files a worker holds open at most. */
    static final int MOST_OPEN = 20;

    /** How long the directory underneath may see a lock of a file that was closed on the mount. */
    private static final long LONGEST_CLOSE_MILLIS = 500;

    private static final int LARGEST = 200_000;
    private static final int F_WRLCK = 1;
    private static final int F_RDLCK = 0;
    private static final int F_UNLCK = 2;
    private static final int SEEK_DATA = 3;
    private static final int SEEK_HOLE = 4;
    private static final int KEEP_SIZE = 1;
    private static final int PUNCH_HOLE = 2;
    private static final int ZERO_RANGE = 16;

    private static final List<String> DIRECTORIES = List.of("a", "b", "c");
    /** A name of 255 bytes, one that is not UTF-8, and a few that meet often. */
    private static final List<String> LEAVES =
            List.of("a", "b", "f", "f", "g", "g", "h", "n".repeat(255), "\u00ff\u00fe \n", "l");

    private static final List<String> TARGETS =
            List.of("f", "a", "../f", "b/g", "l", "/proc/nowhere", "h".repeat(300), ".");
    private static final List<String> ATTRIBUTES = List.of("user.one", "user.two", "user." + "m".repeat(100));
    private static final int[] DIRECTORY_MODES = {0777, 0777, 0777, 0777, 0777, 0755, 0775, 0750, 01777, 02775, 0711};
    private static final int[] FILE_MODES = {
        0666, 0666, 0666, 0777, 0644, 0664, 0640, 0755, 04777, 02777, 06777, 0444, 0
    };
    /**
     * For a file that may be open: when it gets set-id bits then, a write by root clears them too in passthrough (README, Limits). Files that
     * have them from the beginning are made in other ways.
     */
    private static final int[] CHANGED_MODES = {0666, 0666, 0777, 0777, 0644, 0660, 0755, 0444, 0};

    private static final List<Caller> CALLERS = List.of(
            Caller.ALICE,
            Caller.ALICE,
            Caller.ALICE,
            Caller.BOB,
            Caller.BOB,
            Caller.CAROL,
            Caller.CAROL,
            Caller.ROOT,
            Caller.ROOT);

    private final Random random;
    /** One of them is taken for each step; those that shall come often stand here several times. */
    private final List<Supplier<Step>> makers = new ArrayList<>();

    private int number;
    private int openFiles;

    /**
     * @param without kinds of steps that the session cannot do
     */
    Steps(long seed, Set<String> without) {
        this.random = new Random(seed);
        add(without, 12, "create", this::create);
        add(without, 8, "open", this::open);
        add(without, 2, "tmpfile", this::nameless);
        add(without, 10, "mkdir", this::makeDirectory);
        add(without, 2, "mknod", this::makeNode);
        add(without, 3, "link", this::link);
        add(without, 2, "linkdescriptor", this::linkDescriptor);
        add(without, 3, "symlink", this::symlink);
        add(without, 6, "rename", () -> rename(0));
        add(without, 1, "noreplace", () -> rename(Sys.RENAME_NOREPLACE));
        add(without, 2, "exchange", () -> rename(Sys.RENAME_EXCHANGE));
        add(without, 1, "whiteout", () -> rename(Sys.RENAME_WHITEOUT));
        add(without, 4, "unlink", this::unlink);
        add(without, 3, "rmdir", this::removeDirectory);
        add(without, 1, "removetree", this::removeTree);
        add(without, 6, "stat", this::stat);
        add(without, 2, "readlink", this::readlink);
        add(without, 3, "access", this::access);
        add(without, 4, "readdir", this::list);
        add(without, 4, "content", this::content);
        add(without, 5, "chmod", this::changeMode);
        add(without, 4, "chown", this::changeOwner);
        add(without, 3, "utimens", this::changeTimes);
        add(without, 4, "truncate", this::truncate);
        add(without, 5, "setxattr", this::setAttribute);
        add(without, 3, "getxattr", this::getAttribute);
        add(without, 2, "removexattr", this::removeAttribute);
        add(without, 2, "listxattr", this::listAttributes);
        add(without, 3, "acl", this::setAcl);
        add(without, 1, "capability", this::setCapability);
        add(without, 3, "mmap", this::mapped);
        add(without, 2, "writebelow", this::writeBelow);
        add(without, 2, "lockbelow", this::lockBelow);
        add(without, 5, "close", this::close);
        add(without, 7, "read", this::read);
        add(without, 9, "write", this::write);
        add(without, 3, "append", this::writeOn);
        add(without, 3, "ftruncate", this::truncateOpen);
        add(without, 4, "fallocate", this::allocate);
        add(without, 3, "copyrange", this::copyRange);
        add(without, 2, "fsync", this::sync);
        add(without, 4, "fstat", this::statOpen);
        add(without, 2, "fchmod", this::changeModeOfOpen);
        add(without, 1, "fchown", this::changeOwnerOfOpen);
        add(without, 4, "flock", this::lockWhole);
        add(without, 5, "lock", this::lockRange);
        add(without, 1, "dup", this::duplicate);
    }

    private void add(Set<String> without, int often, String kind, Supplier<Step> maker) {
        if (!without.contains(kind)) {
            for (int i = 0; i < often; i++) {
                makers.add(maker);
            }
        }
    }

    /**
     * The next step.
     *
     * @param open how many files are open
     */
    Step next(int open) {
        openFiles = open;
        number++;
        if (open >= MOST_OPEN) {
            return close();
        }
        Step step = null;
        while (step == null) {
            step = pick(makers).get();
        }
        return step;
    }

    // ---- what is drawn

    private <T> T pick(List<T> some) {
        return some.get(random.nextInt(some.size()));
    }

    private int pick(int... some) {
        return some[random.nextInt(some.length)];
    }

    private boolean oneIn(int n) {
        return random.nextInt(n) == 0;
    }

    private Caller who() {
        return pick(CALLERS);
    }

    private String directory() {
        return oneIn(3) ? pick(DIRECTORIES) + "/" + pick(DIRECTORIES) : pick(DIRECTORIES);
    }

    private String name() {
        return oneIn(2) ? pick(LEAVES) : directory() + "/" + pick(LEAVES);
    }

    /** An open file's index, or -1 where there is none. */
    private int file() {
        return openFiles == 0 ? -1 : random.nextInt(openFiles);
    }

    private long offset() {
        return oneIn(20) ? (5L << 30) + random.nextInt(LARGEST) : random.nextInt(LARGEST);
    }

    private long smallOffset() {
        return random.nextInt(LARGEST);
    }

    private String bytes() {
        String pattern = "step " + number + "; ";
        int length = oneIn(3) ? 1 + random.nextInt(60_000) : 1 + random.nextInt(300);
        return pattern.repeat(length / pattern.length() + 1).substring(0, length);
    }

    private static Step on(String kind, Caller caller, String name, Step.Act act) {
        return new Step(kind, caller, quoted(name), List.of(name), act);
    }

    private static Step on(String kind, Caller caller, String name, Object more, Step.Act act) {
        return new Step(kind, caller, quoted(name) + " " + more, List.of(name), act);
    }

    private static Step onOpen(String kind, Caller caller, int index, Object more, Step.Act act) {
        return index < 0 ? null : new Step(kind, caller, "#" + index + " " + more, List.of(), act);
    }

    /** A name as a person reads it. */
    static String quoted(String name) {
        String shown = name.replace("n".repeat(255), "n*255").replace("\n", "\\n");
        return "\"" + new String(shown.getBytes(StandardCharsets.US_ASCII), StandardCharsets.US_ASCII) + "\"";
    }

    // ---- names

    private Step create() {
        Caller who = who();
        String name = name();
        int flags = pick(Ground.RDWR, Ground.WRONLY, Ground.RDWR | Ground.APPEND, Ground.RDONLY)
                | Ground.CREAT
                | pick(0, 0, Ground.EXCL, Ground.TRUNC)
                | Sys.O_NONBLOCK;
        int mode = pick(FILE_MODES);
        return on("create", who, name, Integer.toOctalString(flags) + " " + Integer.toOctalString(mode), s -> {
            int fd = s.as(who).open(name, flags, mode);
            return opened(s, fd);
        });
    }

    private Step open() {
        Caller who = who();
        String name = oneIn(8) ? directory() : name();
        // A pipe that nobody writes to would hold the one who opens it.
        int flags = pick(Ground.RDWR, Ground.WRONLY, Ground.RDONLY, Ground.RDONLY)
                | pick(0, 0, 0, Ground.TRUNC, Ground.APPEND, Sys.O_NOFOLLOW, Sys.O_DIRECTORY, Sys.O_PATH)
                | Sys.O_NONBLOCK;
        return on(
                "open",
                who,
                name,
                Integer.toOctalString(flags),
                s -> opened(s, s.as(who).open(name, flags)));
    }

    private Step nameless() {
        Caller who = who();
        String directory = directory();
        int mode = pick(FILE_MODES);
        return on(
                "tmpfile",
                who,
                directory,
                Integer.toOctalString(mode),
                s -> opened(s, s.as(who).open(directory, Sys.O_TMPFILE | Ground.RDWR, mode)));
    }

    private static Object opened(Side s, int fd) {
        if (fd < 0) {
            return fd;
        }
        s.opened(fd);
        return "open";
    }

    private Step makeDirectory() {
        Caller who = who();
        String name = oneIn(6) ? name() : directory();
        int mode = pick(DIRECTORY_MODES);
        boolean exactly = oneIn(2);
        return on("mkdir", who, name, Integer.toOctalString(mode), s -> {
            long made = s.as(who).mkdir(name, mode);
            return made == 0 && exactly ? Seen.all(made, s.as(who).chmod(name, mode)) : made;
        });
    }

    private Step makeNode() {
        Caller who = who();
        String name = name();
        int mode = pick(Sys.S_IFIFO | 0644, Sys.S_IFSOCK | 0600, Sys.S_IFREG | 0640, Sys.S_IFCHR | 0666);
        // The null device: whoever opens it does no harm.
        long device = (mode & Sys.S_IFMT) == Sys.S_IFCHR ? 0x103 : 0;
        return on(
                "mknod", who, name, Integer.toOctalString(mode), s -> s.as(who).mknod(name, mode, device));
    }

    private Step link() {
        Caller who = who();
        String from = name();
        String to = name();
        return new Step("link", who, quoted(from) + " " + quoted(to), List.of(from, to), s -> s.as(who)
                .link(from, to));
    }

    private Step linkDescriptor() {
        String to = name();
        int index = file();
        return index < 0
                ? null
                : new Step("linkdescriptor", Caller.ROOT, "#" + index + " " + quoted(to), List.of(to), s -> s.as(
                                Caller.ROOT)
                        .linkDescriptor(s.fd(index), to));
    }

    private Step symlink() {
        Caller who = who();
        String target = pick(TARGETS);
        String name = name();
        return on("symlink", who, name, target, s -> s.as(who).symlink(target, name));
    }

    private Step rename(int flags) {
        Caller who = who();
        String from = oneIn(4) ? directory() : name();
        String to = oneIn(4) ? directory() : name();
        String kind =
                switch (flags) {
                    case 0 -> "rename";
                    case Sys.RENAME_NOREPLACE -> "noreplace";
                    case Sys.RENAME_EXCHANGE -> "exchange";
                    default -> "whiteout";
                };
        return new Step(kind, who, quoted(from) + " " + quoted(to), List.of(from, to), s -> s.as(who)
                .rename(from, to, flags));
    }

    private Step unlink() {
        Caller who = who();
        String name = name();
        return on("unlink", who, name, s -> s.as(who).unlink(name));
    }

    private Step removeDirectory() {
        Caller who = who();
        String name = oneIn(2) ? directory() : name();
        return on("rmdir", who, name, s -> s.as(who).rmdir(name));
    }

    /** Root clears up, so that trees stay small and no directory stays shut for ever. */
    private Step removeTree() {
        String name = oneIn(2) ? pick(DIRECTORIES) : directory();
        return on("removetree", Caller.ROOT, name, s -> removeTree(s.as(Caller.ROOT), name));
    }

    /** How many entries went, or the errno of the entry itself. */
    static long removeTree(Ground g, String name) {
        Stat stat = g.lstat(name);
        if (!stat.exists()) {
            return stat.result();
        }
        if (!stat.kind().equals("dir")) {
            return g.unlink(name) < 0 ? -1 : 1;
        }
        long removed = 1;
        for (Ground.Listed entry : g.list(name)) {
            if (!entry.name().equals(".") && !entry.name().equals("..")) {
                removed += Ground.must(removeTree(g, name + "/" + entry.name()));
            }
        }
        Ground.must(g.rmdir(name));
        return removed;
    }

    // ---- looking

    /** What every file system says alike of the same file. */
    static String summary(Stat s) {
        String kind = s.kind();
        return !s.exists()
                ? kind
                : Seen.all(kind, s.mode(), s.owner(), s.links(), kind.equals("dir") ? "" : s.size(), s.rdev());
    }

    private Step stat() {
        Caller who = who();
        String name = name();
        boolean follow = oneIn(2);
        return on(
                "stat",
                who,
                name,
                follow ? "follow" : "",
                s -> summary(follow ? s.as(who).stat(name) : s.as(who).lstat(name)));
    }

    private Step readlink() {
        Caller who = who();
        String name = name();
        return on("readlink", who, name, s -> s.as(who).readlink(name));
    }

    private Step access() {
        Caller who = who();
        String name = oneIn(3) ? directory() : name();
        int mask = random.nextInt(8);
        return on("access", who, name, mask, s -> s.as(who).access(name, mask));
    }

    private Step list() {
        Caller who = who();
        String name = oneIn(10) ? "." : directory();
        return on("readdir", who, name, s -> s.as(who).names(name));
    }

    private Step content() {
        Caller who = who();
        String name = name();
        return on("content", who, name, s -> content(s.as(who), name));
    }

    /** The first megabyte of a regular file: files with a hole of gigabytes are read elsewhere. */
    private static String content(Ground g, String name) {
        int fd = g.open(name, Ground.RDONLY | Sys.O_NONBLOCK);
        if (fd < 0) {
            return Seen.render(fd);
        }
        try {
            return g.fstat(fd).kind().equals("file")
                    ? g.pread(fd, 1 << 20, 0)
                    : g.fstat(fd).kind();
        } finally {
            g.close(fd);
        }
    }

    // ---- attributes

    private Step changeMode() {
        Caller who = who();
        String name = oneIn(3) ? directory() : name();
        int mode = oneIn(4) ? 01777 : pick(CHANGED_MODES);
        return on(
                "chmod", who, name, Integer.toOctalString(mode), s -> s.as(who).chmod(name, mode));
    }

    private int anId() {
        return pick(-1, 0, Caller.ALICE.uid(), Caller.BOB.uid(), Caller.CAROL.uid(), Caller.TEAM, Caller.ALICE.gid());
    }

    private Step changeOwner() {
        Caller who = oneIn(2) ? Caller.ROOT : who();
        String name = oneIn(3) ? directory() : name();
        int uid = anId();
        // Without any id, of another's file with set-id bits, is refused underneath and does nothing here (README,
        // Limits).
        int gid = uid < 0 && !who.isRoot() ? Caller.TEAM : anId();
        boolean follow = oneIn(2);
        return on(
                "chown",
                who,
                name,
                uid + ":" + gid,
                s -> follow ? s.as(who).chown(name, uid, gid) : s.as(who).lchown(name, uid, gid));
    }

    private Step changeTimes() {
        Caller who = who();
        String name = name();
        long second = random.nextInt(2_000_000_000);
        int nanos = random.nextInt(1_000_000_000);
        return on("utimens", who, name, second + "." + nanos, s -> {
            long r = s.as(who).utimes(name, second, nanos, second + 1, nanos, Sys.AT_SYMLINK_NOFOLLOW);
            return r < 0 ? r : s.as(Caller.ROOT).lstat(name).mtime();
        });
    }

    private Step truncate() {
        Caller who = who();
        String name = name();
        long length = oneIn(3) ? 0 : offset();
        return on("truncate", who, name, length, s -> s.as(who).truncate(name, length));
    }

    private Step setAttribute() {
        Caller who = who();
        String name = oneIn(3) ? directory() : name();
        String attribute = who.isRoot() && oneIn(3) ? "trusted.one" : pick(ATTRIBUTES);
        String value = ("value " + number).repeat(random.nextInt(20));
        int flags = pick(0, 0, Sys.XATTR_CREATE, Sys.XATTR_REPLACE);
        return on("setxattr", who, name, attribute + " " + value.length() + " " + flags, s -> s.as(who)
                .setxattr(name, attribute, value, flags));
    }

    private Step getAttribute() {
        Caller who = who();
        String name = oneIn(3) ? directory() : name();
        String attribute = oneIn(3) ? "system.posix_acl_access" : pick(ATTRIBUTES);
        return on("getxattr", who, name, attribute, s -> s.as(who).getxattr(name, attribute));
    }

    private Step removeAttribute() {
        Caller who = who();
        String name = name();
        String attribute = oneIn(3) ? "system.posix_acl_access" : pick(ATTRIBUTES);
        return on("removexattr", who, name, attribute, s -> s.as(who).removexattr(name, attribute));
    }

    private Step listAttributes() {
        Caller who = who();
        String name = name();
        return on("listxattr", who, name, s -> s.as(who).listxattr(name));
    }

    private Step setAcl() {
        Caller who = who();
        String name = oneIn(2) ? directory() : name();
        String attribute = oneIn(3) ? "system.posix_acl_default" : "system.posix_acl_access";
        String value = acl(random.nextInt(8), random.nextInt(8), random.nextInt(8));
        return on("acl", who, name, attribute, s -> s.as(who).setxattr(name, attribute, value, 0));
    }

    /** The attribute's form, of linux/posix_acl_xattr.h: version 2, then tag, permissions and id of each entry. */
    private static String acl(int user, int group, int mask) {
        ByteBuffer b =
                ByteBuffer.allocate(4 + 6 * 8).order(ByteOrder.LITTLE_ENDIAN).putInt(2);
        entry(b, 0x01, 7, -1);
        entry(b, 0x02, user, Caller.BOB.uid());
        entry(b, 0x04, 5, -1);
        entry(b, 0x08, group, Caller.TEAM);
        entry(b, 0x10, mask, -1);
        entry(b, 0x20, 5, -1);
        return new String(b.array(), StandardCharsets.ISO_8859_1);
    }

    private static void entry(ByteBuffer b, int tag, int permissions, int id) {
        b.putShort((short) tag).putShort((short) permissions).putInt(id);
    }

    /** A write has to take it away again. The form is {@code struct vfs_cap_data} of linux/capability.h. */
    private Step setCapability() {
        String name = name();
        ByteBuffer b = ByteBuffer.allocate(20)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putInt(0x02000001)
                .putInt(1 << 10);
        String value = new String(b.array(), StandardCharsets.ISO_8859_1);
        return on("capability", Caller.ROOT, name, s -> {
            Ground g = s.as(Caller.ROOT);
            // A file with both loses both when root writes (README, Limits).
            return g.stat(name).exists() && !g.stat(name).mode().startsWith("0")
                    ? "none"
                    : g.setxattr(name, "security.capability", value, 0);
        });
    }

    // ---- by ways past the calls

    /** Writes through memory, and reads what it wrote by a call. */
    private Step mapped() {
        String name = name();
        if (!StandardCharsets.US_ASCII.newEncoder().canEncode(name)) {
            return null; // Java cannot open it.
        }
        String written = bytes();
        return on("mmap", Caller.ROOT, name, written.length(), s -> {
            Ground g = s.as(Caller.ROOT);
            Stat stat = g.lstat(name);
            if (!stat.kind().equals("file")
                    || stat.size() < written.length()
                    || !stat.mode().startsWith("0")) {
                return "none"; // Files with set-id bits are not in passthrough, and their maps are written back later.
            }
            try (FileChannel channel =
                    FileChannel.open(g.path(name), StandardOpenOption.READ, StandardOpenOption.WRITE)) {
                MappedByteBuffer map = channel.map(FileChannel.MapMode.READ_WRITE, 0, written.length());
                map.put(written.getBytes(StandardCharsets.ISO_8859_1));
            } catch (IOException e) {
                throw new Difference("mmap of " + quoted(name) + ": " + e);
            }
            return content(g, name);
        });
    }

    /** What is written to the file underneath is read at once. */
    private Step writeBelow() {
        String name = name();
        String written = bytes();
        return on("writebelow", Caller.ROOT, name, written.length(), s -> {
            Stat stat = s.underneath().lstat(name);
            if (!stat.kind().equals("file") || stat.size() < written.length()) {
                return "too small";
            }
            int fd = s.underneath().open(name, Ground.WRONLY);
            if (fd < 0) {
                return fd;
            }
            long wrote = s.underneath().pwrite(fd, written, 0);
            s.underneath().close(fd);
            return Seen.all(wrote, content(s.as(Caller.ROOT), name));
        });
    }

    /** Somebody who works on the directory underneath meets the locks of those on the mount. */
    private Step lockBelow() {
        String name = name();
        int type = pick(F_RDLCK, F_WRLCK);
        long start = smallOffset();
        return on("lockbelow", Caller.ROOT, name, type + " " + start, s -> {
            if (!s.underneath().lstat(name).kind().equals("file")) {
                return "no file";
            }
            int fd = s.underneath().open(name, Ground.RDWR);
            if (fd < 0) {
                return fd;
            }
            long range = s.underneath()
                    .fcntl(fd, Sys.F_OFD_SETLK, region(type, start, 1000).address());
            long whole = s.underneath().flock(fd, Sys.LOCK_EX | Sys.LOCK_NB);
            // The kernel tells a FUSE file system of the last close in the background: underneath, the lock goes a
            // moment after close(2).
            long until = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(LONGEST_CLOSE_MILLIS);
            while (whole == -Errno.EAGAIN && System.nanoTime() < until) {
                LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(5));
                whole = s.underneath().flock(fd, Sys.LOCK_EX | Sys.LOCK_NB);
            }
            s.underneath().close(fd);
            return Seen.all(range, whole);
        });
    }

    // ---- open files

    private Step close() {
        int index = file();
        return onOpen("close", Caller.ROOT, index, "", s -> s.close(index));
    }

    private Step read() {
        int index = file();
        Caller who = who();
        long at = smallOffset();
        int size = 1 + random.nextInt(70_000);
        return onOpen("read", who, index, at + " " + size, s -> s.as(who).pread(s.fd(index), size, at));
    }

    private Step write() {
        int index = file();
        Caller who = who();
        long at = offset();
        String what = bytes();
        return onOpen(
                "write", who, index, at + " " + what.length(), s -> s.as(who).pwrite(s.fd(index), what, at));
    }

    /** Where the descriptor stands, or at the end. */
    private Step writeOn() {
        int index = file();
        Caller who = who();
        String what = bytes();
        return onOpen("append", who, index, what.length(), s -> {
            Ground g = s.as(who);
            // An endless file would take the disk.
            return g.fstat(s.fd(index)).size() > 4 * LARGEST ? "large" : g.write(s.fd(index), what);
        });
    }

    private Step truncateOpen() {
        int index = file();
        Caller who = who();
        long length = oneIn(3) ? 0 : offset();
        return onOpen("ftruncate", who, index, length, s -> s.as(who).ftruncate(s.fd(index), length));
    }

    private Step allocate() {
        int index = file();
        Caller who = who();
        int mode = pick(0, KEEP_SIZE, PUNCH_HOLE | KEEP_SIZE, ZERO_RANGE, ZERO_RANGE | KEEP_SIZE);
        long at = smallOffset();
        long length = 1 + smallOffset();
        return onOpen("fallocate", who, index, mode + " " + at + " " + length, s -> s.as(who)
                .fallocate(s.fd(index), mode, at, length));
    }

    private Step copyRange() {
        int from = file();
        int to = file();
        Caller who = who();
        long at = smallOffset();
        long target = smallOffset();
        int length = 1 + random.nextInt(100_000);
        return onOpen("copyrange", who, from, "#" + to + " " + at + " " + target + " " + length, s -> s.as(who)
                .copyFileRange(s.fd(from), at, s.fd(to), target, length));
    }

    private Step sync() {
        int index = file();
        boolean data = oneIn(2);
        return onOpen(
                "fsync",
                Caller.ROOT,
                index,
                data,
                s -> data
                        ? s.as(Caller.ROOT).fdatasync(s.fd(index))
                        : s.as(Caller.ROOT).fsync(s.fd(index)));
    }

    private Step statOpen() {
        int index = file();
        return onOpen(
                "fstat", Caller.ROOT, index, "", s -> summary(s.as(Caller.ROOT).fstat(s.fd(index))));
    }

    private Step changeModeOfOpen() {
        int index = file();
        Caller who = who();
        int mode = pick(CHANGED_MODES);
        return onOpen("fchmod", who, index, Integer.toOctalString(mode), s -> s.as(who)
                .fchmod(s.fd(index), mode));
    }

    private Step changeOwnerOfOpen() {
        int index = file();
        int uid = anId();
        int gid = anId();
        return onOpen("fchown", Caller.ROOT, index, uid + ":" + gid, s -> s.as(Caller.ROOT)
                .fchown(s.fd(index), uid, gid));
    }

    private Step lockWhole() {
        int index = file();
        int operation = pick(Sys.LOCK_SH, Sys.LOCK_EX, Sys.LOCK_UN);
        return onOpen("flock", Caller.ROOT, index, operation, s -> s.as(Caller.ROOT)
                .flock(s.fd(index), operation | Sys.LOCK_NB));
    }

    private Step lockRange() {
        int index = file();
        int type = pick(F_RDLCK, F_WRLCK, F_UNLCK);
        long start = smallOffset();
        long length = random.nextInt(LARGEST);
        return onOpen("lock", Caller.ROOT, index, type + " " + start + " " + length, s -> s.as(Caller.ROOT)
                .fcntl(s.fd(index), Sys.F_OFD_SETLK, region(type, start, length).address()));
    }

    /** {@code struct flock} of fcntl(2), from the file's begin. */
    static NativeBuffer region(int type, long start, long length) {
        NativeBuffer b = new NativeBuffer(32);
        b.putShort(0, (short) type);
        b.putLong(8, start);
        b.putLong(16, length);
        return b;
    }

    private Step duplicate() {
        int index = file();
        return onOpen(
                "dup", Caller.ROOT, index, "", s -> opened(s, s.as(Caller.ROOT).dup(s.fd(index))));
    }

    /** Where data and holes are: asked of the mount and of the directory underneath, for two files of one content may lie differently. */
    static String extents(Ground g, String name) {
        int fd = g.open(name, Ground.RDONLY | Sys.O_NONBLOCK | Sys.O_NOFOLLOW);
        if (fd < 0) {
            return Seen.render(fd);
        }
        List<Long> found = new ArrayList<>();
        long at = 0;
        while (found.size() < 64) {
            long data = g.lseek(fd, at, SEEK_DATA);
            if (data < 0) {
                break;
            }
            at = g.lseek(fd, data, SEEK_HOLE);
            found.add(data);
            found.add(at);
        }
        g.close(fd);
        return found.stream().map(String::valueOf).collect(Collectors.joining(" "));
    }
}
