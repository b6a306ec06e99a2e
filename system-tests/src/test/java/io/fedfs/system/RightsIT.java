package io.fedfs.system;

import static org.assertj.core.api.Assertions.assertThat;

import io.fedfs.linux.NativeBuffer;
import io.fedfs.linux.Sys;
import io.fedfs.posix.Caller;
import io.fedfs.posix.Ground;
import io.fedfs.posix.Seen;
import io.fedfs.posix.Stat;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What a mount of root's grants and refuses to others: exactly what the directory underneath does. */
@Tag("waits")
final class RightsIT {
    private static final int TEAM = Caller.TEAM;
    private static final Caller ALICE = Caller.ALICE;
    private static final Caller BOB = Caller.BOB;
    /** TEAM is her own group, and she is in Bob's too. */
    private static final Caller CAROL = new Caller("carol", 61_260, TEAM, List.of(BOB.gid()));

    private static final Duration END = Duration.ofSeconds(15);
    private static final List<Caller> USERS = List.of(ALICE, BOB, CAROL);

    @RegisterExtension
    static final Federation FEDERATION = new Federation();

    private static Nsdb nsdb;

    private Fileset root;
    private Fileset inner;

    @BeforeEach
    void start() {
        if (nsdb == null) {
            nsdb = FEDERATION.nsdb();
        }
        root = FEDERATION.fileset(nsdb);
        inner = FEDERATION.fileset(nsdb);
        FEDERATION.junction(root, "j", inner);
    }

    // ---- modes, owners, groups, ACLs

    /** Who owns the file. */
    private record Owner(int uid, int gid) {}

    private static final List<Owner> OWNERS = List.of(
            new Owner(ALICE.uid(), ALICE.gid()),
            new Owner(BOB.uid(), TEAM),
            new Owner(0, BOB.gid()),
            new Owner(CAROL.uid(), 0));

    private static final List<Integer> MODES =
            List.of(0, 0400, 0200, 0040, 0020, 0004, 0002, 0644, 0660, 0606, 0066, 0777, 0711, 04755, 02770, 01777);

    /** An access ACL on top of the mode. */
    private enum Acl {
        NONE,
        /** Alice may read and write, the team may read; the mask lets both. */
        GRANTS,
        /** The same, masked to nothing. */
        MASKED,
        /** The team and Carol are shut out, whatever others may. */
        SHUTS_OUT;

        /** The attribute's bytes (linux/posix_acl_xattr.h); the mode's owner and other entries are the ACL's. */
        NativeBuffer bytes(int mode) {
            int group = mode >> 3 & 7;
            List<int[]> entries = new ArrayList<>();
            entries.add(new int[] {0x01, mode >> 6 & 7, -1});
            switch (this) {
                case GRANTS, MASKED -> {
                    entries.add(new int[] {0x02, 6, ALICE.uid()});
                    entries.add(new int[] {0x04, group, -1});
                    entries.add(new int[] {0x08, 4, TEAM});
                    entries.add(new int[] {0x10, this == GRANTS ? 7 : 0, -1});
                }
                default -> {
                    entries.add(new int[] {0x02, 0, CAROL.uid()});
                    entries.add(new int[] {0x04, group, -1});
                    entries.add(new int[] {0x08, 0, TEAM});
                    entries.add(new int[] {0x10, 7, -1});
                }
            }
            entries.add(new int[] {0x20, mode & 7, -1});
            NativeBuffer b = new NativeBuffer(4 + 8 * entries.size());
            b.putInt(0, 2);
            for (int i = 0; i < entries.size(); i++) {
                int[] e = entries.get(i);
                b.putShort(4 + 8 * i, (short) e[0]);
                b.putShort(6 + 8 * i, (short) e[1]);
                b.putInt(8 + 8 * i, e[2]);
            }
            return b;
        }
    }

    /** Something a user tries with a name; what it gave, as text. */
    private interface Attempt {
        long on(Ground user, String name);
    }

    private record Operation(String name, Attempt attempt) {}

    private static final List<Operation> ON_FILES = List.of(
            new Operation("open to read", (g, n) -> g.tryOpen(n, Ground.RDONLY)),
            new Operation("open to write", (g, n) -> g.tryOpen(n, Ground.WRONLY)),
            new Operation("open to append", (g, n) -> g.tryOpen(n, Ground.RDWR | Ground.APPEND)),
            new Operation("open to truncate", (g, n) -> g.tryOpen(n, Ground.RDONLY | Ground.TRUNC)),
            new Operation("open without atime", (g, n) -> g.tryOpen(n, Sys.O_NOATIME)),
            new Operation("access to read", (g, n) -> g.access(n, 4)),
            new Operation("access to write", (g, n) -> g.access(n, 2)),
            new Operation("access to execute", (g, n) -> g.access(n, 1)),
            new Operation("truncate", (g, n) -> g.truncate(n, 1)),
            new Operation("chmod", (g, n) -> g.chmod(n, 0640)),
            new Operation("chmod with set-id", (g, n) -> g.chmod(n, 06755)),
            new Operation("chown to the team", (g, n) -> g.chown(n, -1, TEAM)),
            new Operation("chown to Bob's group", (g, n) -> g.chown(n, -1, BOB.gid())),
            new Operation("chown to Bob", (g, n) -> g.chown(n, BOB.uid(), -1)),
            new Operation("touch", (g, n) -> g.utimes(n, 0, (1L << 30) - 1, 0, (1L << 30) - 1, 0)),
            new Operation("set times", (g, n) -> g.utimes(n, 1, 0, 2, 0, 0)),
            new Operation("set an attribute", (g, n) -> g.setxattr(n, "user.a", "new", 0)),
            new Operation("get an attribute", (g, n) -> g.getxattr(n, "user.k", new NativeBuffer(64), 64)),
            new Operation("remove an attribute", (g, n) -> g.removexattr(n, "user.k")),
            new Operation("link", (g, n) -> g.link(n, n + ".link")),
            new Operation("rename", (g, n) -> g.rename(n, n + ".new")),
            new Operation("unlink", (g, n) -> g.unlink(n)));

    private static final List<Operation> ON_DIRECTORIES = List.of(
            new Operation("list", (g, n) -> g.tryOpen(n, Ground.RDONLY | Sys.O_DIRECTORY)),
            new Operation("look at an entry", (g, n) -> g.stat(n + "/f").result()),
            new Operation("look at nothing", (g, n) -> g.stat(n + "/none").result()),
            new Operation("open an entry", (g, n) -> g.tryOpen(n + "/f", Ground.RDONLY)),
            new Operation("create", (g, n) -> g.tryOpen(n + "/c", Ground.WRONLY | Ground.CREAT)),
            new Operation("mkdir", (g, n) -> g.mkdir(n + "/d", 0777)),
            new Operation("symlink", (g, n) -> g.symlink("x", n + "/s")),
            new Operation("fifo", (g, n) -> g.mknod(n + "/p", Sys.S_IFIFO | 0644)),
            new Operation("device", (g, n) -> g.mknod(n + "/c", Sys.S_IFCHR | 0644, 0x103)),
            new Operation("unlink an entry", (g, n) -> g.unlink(n + "/f")),
            new Operation("rename an entry", (g, n) -> g.rename(n + "/f", n + "/g")),
            new Operation("replace an entry", (g, n) -> g.rename(n + "/e", n + "/f")),
            new Operation("access", (g, n) -> g.access(n, 3)),
            new Operation("chmod", (g, n) -> g.chmod(n, 02775)),
            new Operation("rmdir", (g, n) -> g.rmdir(n)));

    /** One combination in both places: the one that is seen through the mount and the one that is not. */
    private void compare(
            Ground mount, Ground below, Ground plain, boolean directory, List<Acl> acls, List<String> different) {
        int number = 0;
        for (Owner owner : OWNERS) {
            for (int mode : MODES) {
                for (Acl acl : acls) {
                    for (Operation op : directory ? ON_DIRECTORIES : ON_FILES) {
                        for (Caller user : USERS) {
                            String name = (directory ? "d" : "f") + number++;
                            prepare(below, name, directory, owner, mode, acl);
                            prepare(plain, name, directory, owner, mode, acl);
                            String expected = tried(op, plain.as(user), plain, name);
                            String seen = tried(op, mount.as(user), below, name);
                            if (!seen.equals(expected)) {
                                different.add("%s: %s by %s, owner %d:%d, mode %04o, ACL %s: %s, not %s"
                                        .formatted(
                                                directory ? "directory" : "file",
                                                op.name(),
                                                user.name(),
                                                owner.uid(),
                                                owner.gid(),
                                                mode,
                                                acl,
                                                seen,
                                                expected));
                            }
                        }
                    }
                }
            }
        }
    }

    private static void prepare(Ground at, String name, boolean directory, Owner owner, int mode, Acl acl) {
        if (directory) {
            at.makeDir(name).makeFile(name + "/f", "x", 0644).makeFile(name + "/e", "y", 0644);
        } else {
            at.makeFile(name, "some content");
            Ground.must(at.setxattr(name, "user.k", "value", 0));
        }
        Ground.must(at.chown(name, owner.uid(), owner.gid()));
        Ground.must(at.chmod(name, mode));
        if (acl != Acl.NONE) {
            NativeBuffer bytes = acl.bytes(mode);
            String value = new String(bytes.bytes(0, bytes.capacity()), StandardCharsets.ISO_8859_1);
            Ground.must(at.setxattr(name, "system.posix_acl_access", value, 0));
        }
    }

    /** The outcome, and what became of the file. */
    private static String tried(Operation op, Ground user, Ground below, String name) {
        StringBuilder s = new StringBuilder(Seen.render(op.attempt().on(user, name)));
        for (String after : List.of(name, name + ".new", name + "/c", name + "/d", name + "/f")) {
            Stat stat = below.lstat(after);
            if (stat.exists()) {
                s.append(", ")
                        .append(after.substring(name.length()))
                        .append(' ')
                        .append(stat.kind())
                        .append(' ')
                        .append(stat.mode())
                        .append(' ')
                        .append(stat.owner())
                        .append(' ')
                        .append(stat.kind().equals("dir") ? 0 : stat.size());
            }
        }
        return s.toString();
    }

    @ParameterizedTest
    @EnumSource
    void modesAndAclsDecideAsBelow(Engine engine) {
        Path plainDirectory = FEDERATION.directory("plain");
        Ground plain = new Ground(plainDirectory, Caller.ROOT);
        inner.below().makeDir("t", 0777);
        plain.makeDir("t", 0777);
        Mount mount = FEDERATION.mount(root).engine(engine).start();
        // libfuse 2 has the kernel judge by the mode bits alone.
        List<Acl> acls = engine == Engine.KERNEL ? List.of(Acl.values()) : List.of(Acl.NONE);
        List<String> different = new ArrayList<>();
        Ground seen = mount.seen("j/t", Caller.ROOT);
        Ground below = new Ground(inner.directory().resolve("t"), Caller.ROOT);
        try (Ground there = new Ground(plainDirectory.resolve("t"), Caller.ROOT)) {
            compare(seen, below, there, false, acls, different);
            compare(seen, below, there, true, acls, different);
        } finally {
            below.close();
        }
        assertThat(different.stream().limit(40))
                .as("%d differences", different.size())
                .isEmpty();
    }

    // ---- capabilities

    private Run as(Caller who, String script, Path directory) {
        List<String> command =
                new ArrayList<>(List.of("setpriv", "--reuid=" + who.uid(), "--regid=" + who.gid(), "--inh-caps=-all"));
        command.add(
                who.groups().isEmpty()
                        ? "--clear-groups"
                        : "--groups="
                                + String.join(
                                        ",",
                                        who.groups().stream()
                                                .map(String::valueOf)
                                                .toList()));
        command.addAll(List.of("sh", "-c", script, directory.toString()));
        return FEDERATION.run(command);
    }

    /** Everything in here takes a capability that the daemon has and its callers have not. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "setfattr -n trusted.a -v x $0/own",
                "getfattr -n trusted.k $0/own",
                "getfattr -d -m - --absolute-names $0/own | grep -v '^#'",
                "setfattr -x trusted.k $0/own",
                "setfattr -n security.a -v x $0/own",
                "setfattr -n security.capability -v 0x0100000200200000000000000000000000000000 $0/own",
                "setfattr -x security.capability $0/capable",
                "chattr +i $0/own",
                "chattr +a $0/own",
                "chattr +j $0/own",
                "chattr -i $0/fixed",
                "rm -f $0/fixed",
                "chown 61240 $0/own",
                "chgrp 61300 $0/own && stat -c %g $0/own",
                "chgrp 0 $0/own",
                "chgrp 61300 $0/own && chmod 2770 $0/own && stat -c %a $0/own",
                "chmod 2770 $0/foreign-group && stat -c %a $0/foreign-group",
                "mknod $0/n c 1 3",
                "mknod $0/n b 7 0",
                "mknod $0/n p && stat -c %F $0/n",
                "ln $0/roots $0/linked",
                "ln $0/readable $0/linked",
                "dd if=$0/readable iflag=noatime status=none",
                "dd if=$0/own iflag=noatime status=none",
                "echo x >> $0/capable && getfattr -n security.capability $0/capable",
                "echo x >> $0/setuid && stat -c %a $0/setuid",
                "touch -d @1 $0/readable",
            })
    void nothingIsGainedThroughTheDaemon(String script) {
        Path plain = FEDERATION.directory("plain");
        Ground.must(inner.below().chmod(plain.toString(), 0777));
        Ground.must(inner.below().chmod(inner.directory().toString(), 0777));
        Mount mount = FEDERATION.mount(root).start();
        try {
            capabilityTree(plain);
            capabilityTree(inner.directory());
            assertThat(outcome(script, mount.path("j"))).isEqualTo(outcome(script, plain));
        } finally {
            FEDERATION.sh("chattr -f -i -a $0/* $1/*; true", plain, inner.directory());
        }
    }

    private String outcome(String script, Path directory) {
        Run run = as(ALICE, "exec 2>&1; export LC_ALL=C; " + script, directory);
        return run.code() + " " + run.out().replace(directory.toString(), "…");
    }

    private static void capabilityTree(Path at) {
        FEDERATION
                .sh(
                        "cd $0; for f in own capable fixed foreign-group setuid; do echo content > $f; chown 61234:61235 $f; done;"
                                + " echo secret > roots; chmod 600 roots; echo all > readable; chown 0:0 foreign-group;"
                                + " chown 61234:0 foreign-group; chmod 4755 setuid;"
                                + " setfattr -n trusted.k -v x own; setfattr -n user.k -v x own;"
                                + " setfattr -n security.capability -v 0x0100000200200000000000000000000000000000 capable;"
                                + " chattr +i fixed",
                        at)
                .ok();
    }

    /** ext4 keeps a part of its blocks for whoever has CAP_SYS_RESOURCE; the same capability passes over quotas. */
    @Test
    void reservedBlocksAreForRootOnly() {
        for (List<String> options : List.of(List.<String>of(), List.of("nopassthrough"), List.of("engine=jnr-fuse"))) {
            Fileset full = FEDERATION.fileset(nsdb);
            Path image = FEDERATION.directory("image").resolve("ext4");
            FEDERATION
                    .sh(
                            "truncate -s 24M $0 && mkfs.ext4 -q -F -m 25 $0 && mount -o loop $0 $1 && mkdir -m 777 $1/u",
                            image,
                            full.directory())
                    .ok();
            Mount mount = FEDERATION.mount(full);
            if (options.contains("engine=jnr-fuse")) {
                mount.engine(Engine.JNR_FUSE);
            } else {
                options.forEach(mount::option);
            }
            try {
                mount.start();
                assertThat(as(ALICE, "dd if=/dev/zero of=$0/u/fill bs=64k status=none", mount.point())
                                .complained()
                                .err())
                        .contains("No space left");
                String[] free = FEDERATION
                        .sh("sync -f $0; stat -f -c '%b %f %a' $0", full.directory())
                        .ok()
                        .line()
                        .split(" ");
                assertThat(Long.parseLong(free[1]))
                        .as("%s: free of %s blocks, available %s", options, free[0], free[2])
                        .isGreaterThan(Long.parseLong(free[0]) / 5);
                FEDERATION
                        .sh("dd if=/dev/zero of=$0/u/roots bs=64k count=4 status=none", mount.point())
                        .ok();
            } finally {
                mount.umount();
                // A process has left /proc a moment before its files are closed.
                Await.until(END, 0, () -> FEDERATION
                        .sh("umount $0", full.directory())
                        .code());
            }
        }
    }
}
