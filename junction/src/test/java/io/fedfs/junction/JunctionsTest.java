package io.fedfs.junction;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;

import io.fedfs.linux.NativeBuffer;
import io.fedfs.linux.Sys;
import io.fedfs.linux.Xattrs;
import io.fedfs.protocol.FedFsStatus;
import io.fedfs.protocol.Fsn;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** On a real file system, as root: {@code trusted.*} needs it, and so does becoming somebody else. */
final class JunctionsTest {
    private static final Fsn FSN = Fsn.parse("nsdb://nsdb.example.net:7532/d2b09895-98ff-415e-ac73-565fad7b429b");
    private static final String NFS = "trusted.junction.nfs";
    private static final String MODE = "trusted.junction.mode";

    @TempDir
    Path dir;

    @BeforeEach
    void onlyRootMayDoThis() throws Exception {
        assumeThat(Sys.geteuid()).isZero();
        chmod(dir, 0755);
    }

    private Path directory(String name, int mode) throws Exception {
        Path d = Files.createDirectory(dir.resolve(name));
        chmod(d, mode);
        return d;
    }

    static void chmod(Path path, int mode) throws Exception {
        Files.setAttribute(path, "unix:mode", mode);
    }

    static int mode(Path path) throws Exception {
        return (int) Files.getAttribute(path, "unix:mode") & 07777;
    }

    static void fails(FedFsStatus status, ThrowingCallable call) {
        assertThatThrownBy(call).isInstanceOfSatisfying(JunctionException.class, e -> assertThat(e.status())
                .as(e.getMessage())
                .isEqualTo(status));
    }

    private static String text(Path path, String attribute) throws Exception {
        return new String(Xattrs.get(path, attribute, false).orElseThrow(), StandardCharsets.UTF_8);
    }

    private static List<String> attributes(Path path) throws Exception {
        return Xattrs.list(path, false).stream()
                .filter(n -> !n.startsWith("security."))
                .toList();
    }

    @Test
    void theModeMarksOnlyStickyDirectoriesWithoutExecute() {
        assertThat(Junctions.modeMarks(0041000)).isTrue();
        assertThat(Junctions.modeMarks(0041644)).isTrue();
        assertThat(Junctions.modeMarks(0041001)).isFalse();
        assertThat(Junctions.modeMarks(0041100)).isFalse();
        assertThat(Junctions.modeMarks(0040000)).isFalse();
        assertThat(Junctions.modeMarks(0041777)).isFalse();
        assertThat(Junctions.modeMarks(0101000)).isFalse();
        assertThat(Junctions.modeMarks(0061000)).isFalse();
    }

    @Test
    void aJunctionIsOnDiskWhatFedfsUtilsWrites() throws Exception {
        Path d = directory("d", 02750);
        Files.writeString(d.resolve("kept"), "x");
        Junctions.create(d, FSN, Map.of());
        assertThat(mode(d)).isEqualTo(01000);
        assertThat(text(d, NFS))
                .isEqualTo("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<junction>\n  <savedmode bits=\"2750\"/>\n"
                        + "  <fileset>\n    <name fsnuuid=\"d2b09895-98ff-415e-ac73-565fad7b429b\""
                        + " nsdbname=\"nsdb.example.net\" nsdbport=\"7532\"/>\n  </fileset>\n</junction>\n");
        assertThat(text(d, MODE)).isEqualTo("2750");
        assertThat(attributes(d)).containsExactlyInAnyOrder(NFS, MODE);

        Junctions.delete(d);
        assertThat(mode(d)).isEqualTo(02750);
        assertThat(attributes(d)).isEmpty();
        assertThat(d.resolve("kept")).hasContent("x");
    }

    @Test
    void aJunctionIsReadByPathAndByDescriptor() throws Exception {
        Path d = directory("d", 0711);
        Junctions.create(d, FSN, Map.of("b", "2", "a", "1"));
        Junction junction = Junctions.read(d, false).orElseThrow();
        assertThat(junction.fsn()).isEqualTo(FSN);
        assertThat(junction.inTrustedNamespace()).isTrue();
        assertThat(junction.savedMode()).isEqualTo(0711);
        assertThat(junction.annotations()).containsExactly(Map.entry("a", "1"), Map.entry("b", "2"));
        try (DirectoryHandle parent = DirectoryHandle.open(dir);
                DirectoryHandle handle = DirectoryHandle.open(d)) {
            assertThat(Junctions.read(handle.path(), true)).contains(junction);
            assertThat(Junctions.read(parent.path().resolve("d"), false)).contains(junction);
            assertThat(Junctions.recognise(handle.path(), true).orElseThrow().fsn())
                    .isEqualTo(FSN);
        }
        assertThat(Junctions.isJunction(d)).isTrue();
    }

    @Test
    void aJunctionWithAnyNameIsRecognisedInItsDirectory() throws Exception {
        Path d = directory("d", 0755);
        Junctions.create(d, FSN, Map.of());
        try (DirectoryHandle parent = DirectoryHandle.open(dir)) {
            byte[] start = (parent.path() + "/").getBytes(StandardCharsets.UTF_8);
            byte[] latin1 = java.util.Arrays.copyOf(start, start.length + 1);
            latin1[start.length] = (byte) 0xe9;
            NativeBuffer from = new NativeBuffer(4096);
            NativeBuffer to = new NativeBuffer(4096);
            from.putCString(0, d.toString().getBytes(StandardCharsets.UTF_8));
            to.putCString(0, latin1);
            assertThat(Sys.renameat2(Sys.AT_FDCWD, from.address(), Sys.AT_FDCWD, to.address(), 0))
                    .isZero();
            assertThat(Junctions.recognise(latin1, false).orElseThrow().fsn()).isEqualTo(FSN);
            assertThat(Sys.unlinkat(Sys.AT_FDCWD, to.address(), Sys.AT_REMOVEDIR))
                    .isZero();
        }
    }

    @Test
    void aMissingLastComponentIsMade() throws Exception {
        Path d = dir.resolve("new");
        Junctions.create(d, FSN, Map.of());
        assertThat(mode(d)).isEqualTo(01000);
        Junctions.delete(d);
        assertThat(mode(d)).isEqualTo(0755);
    }

    @Test
    void whatIsMadeIsRemovedWhenCreationFails() {
        Path d = dir.resolve("new");
        fails(FedFsStatus.INVAL, () -> Junctions.create(d, FSN, Map.of("", "nameless")));
        assertThat(d).doesNotExist();
        // More than an ext4 inode holds; a file system that holds it makes the junction.
        try {
            Junctions.create(d, FSN, Map.of("a", "x".repeat(4000), "b", "x".repeat(4000)));
            assertThat(Junctions.list(dir)).containsExactly(d);
        } catch (JunctionException e) {
            assertThat(e.status()).isEqualTo(FedFsStatus.NOSPC);
            assertThat(d).doesNotExist();
        } catch (java.io.IOException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void twoJunctionsInOnePlaceAreRefused() throws Exception {
        Path d = directory("d", 0755);
        Junctions.create(d, FSN, Map.of());
        fails(FedFsStatus.EXIST, () -> Junctions.create(d, FSN, Map.of()));
        assertThat(Junctions.isJunction(d)).isTrue();
        assertThat(text(d, MODE)).isEqualTo("755");
    }

    @Test
    void anNfsBasicJunctionIsNeitherReplacedNorDeleted() throws Exception {
        Path d = directory("d", 01000);
        Xattrs.set(
                d,
                NFS,
                "<junction><fileset><location/></fileset></junction>".getBytes(StandardCharsets.UTF_8),
                0,
                false);
        fails(FedFsStatus.EXIST, () -> Junctions.create(d, FSN, Map.of()));
        fails(FedFsStatus.NOTJUNCT, () -> Junctions.delete(d));
        assertThat(Junctions.isJunction(d)).isFalse();
        assertThat(text(d, NFS)).contains("location");
    }

    @Test
    void neitherModeNorAttributeAloneIsAJunction() throws Exception {
        Path marked = directory("marked", 01000);
        Path sticky = directory("sticky", 01777);
        Junctions.create(sticky, FSN, Map.of());
        chmod(sticky, 01777);
        assertThat(Junctions.isJunction(marked)).isFalse();
        assertThat(Junctions.isJunction(sticky)).isFalse();
        assertThat(Junctions.read(marked, false)).isEmpty();
        fails(FedFsStatus.NOTJUNCT, () -> Junctions.delete(marked));
        fails(FedFsStatus.NOTJUNCT, () -> Junctions.delete(sticky));
        fails(FedFsStatus.NOTJUNCT, () -> Junctions.annotate(marked, Map.of("a", "b"), List.of()));
    }

    @Test
    void aDamagedDocumentIsNoJunctionAndIsReplaced() throws Exception {
        Path d = directory("d", 0750);
        Junctions.create(d, FSN, Map.of());
        Xattrs.set(d, NFS, "<junction>".getBytes(StandardCharsets.UTF_8), 0, false);
        assertThat(Junctions.isJunction(d)).isFalse();
        assertThatThrownBy(() -> Junctions.read(d, false)).isInstanceOf(JunctionFormatException.class);
        fails(FedFsStatus.NOTJUNCT, () -> Junctions.delete(d));
        Junctions.create(d, FSN, Map.of());
        Junctions.delete(d);
        assertThat(mode(d)).isEqualTo(0750);
    }

    @Test
    void nothingIsMadeBehindAJunctionOrOutsideDirectories() throws Exception {
        Path outer = directory("outer", 0755);
        Path inner = Files.createDirectories(outer.resolve("a/b"));
        Path file = Files.writeString(dir.resolve("file"), "x");
        Path link = Files.createSymbolicLink(dir.resolve("link"), inner);
        Junctions.create(outer, FSN, Map.of());
        fails(FedFsStatus.NOTLOCAL, () -> Junctions.create(inner, FSN, Map.of()));
        fails(FedFsStatus.NOTLOCAL, () -> Junctions.delete(inner));
        fails(FedFsStatus.NOTLOCAL, () -> Junctions.create(link.resolve("c"), FSN, Map.of()));
        assertThat(inner.resolve("c")).doesNotExist();
        fails(FedFsStatus.INVAL, () -> Junctions.create(link, FSN, Map.of()));
        fails(FedFsStatus.INVAL, () -> Junctions.create(file, FSN, Map.of()));
        fails(FedFsStatus.INVAL, () -> Junctions.create(file.resolve("x"), FSN, Map.of()));
        fails(FedFsStatus.INVAL, () -> Junctions.create(dir.resolve("no/such"), FSN, Map.of()));
        fails(FedFsStatus.INVAL, () -> Junctions.delete(dir.resolve("none")));
        fails(FedFsStatus.NAMETOOLONG, () -> Junctions.create(dir.resolve("n".repeat(300)), FSN, Map.of()));
        assertThat(file).hasContent("x");
    }

    @Test
    void theModeOfAJunctionOfFedfsUtilsComesBackFromWhereverItIs() throws Exception {
        Path d = directory("d", 01000);
        byte[] xml = new JunctionXml(FSN, 0751).toBytes();
        Xattrs.set(d, NFS, xml, 0, false);
        assertThat(Junctions.read(d, false).orElseThrow().savedMode()).isEqualTo(0751);
        Xattrs.set(d, MODE, "1777".getBytes(StandardCharsets.US_ASCII), 0, false);
        assertThat(Junctions.read(d, false).orElseThrow().savedMode()).isEqualTo(01777);
        Junctions.delete(d);
        assertThat(mode(d)).isEqualTo(01777);

        chmod(d, 01000);
        String unknown = new String(xml, StandardCharsets.UTF_8).replace("<savedmode bits=\"751\"/>", "");
        Xattrs.set(d, NFS, unknown.getBytes(StandardCharsets.UTF_8), 0, false);
        assertThat(Junctions.read(d, false).orElseThrow().savedMode()).isEqualTo(-1);
        Junctions.delete(d);
        assertThat(mode(d)).isEqualTo(0755);
    }

    @Test
    void annotationsAreSetReplacedAndRemovedTogether() throws Exception {
        Path d = directory("d", 0755);
        Junctions.create(d, FSN, Map.of("a", "1", "b", "2"));
        Junctions.annotate(d, Map.of("b", "two", "c", "3"), List.of("a", "absent"));
        assertThat(Junctions.read(d, false).orElseThrow().annotations()).isEqualTo(Map.of("b", "two", "c", "3"));
        fails(FedFsStatus.INVAL, () -> Junctions.annotate(d, Map.of("x".repeat(999), ""), List.of()));
        Junctions.annotate(d, Map.of(), List.of("b", "c"));
        assertThat(attributes(d)).containsExactlyInAnyOrder(NFS, MODE);
        Xattrs.set(d, "trusted.junction.annotations", new byte[] {'?'}, 0, false);
        assertThatThrownBy(() -> Junctions.read(d, false)).hasMessageContaining("annotations");
        assertThat(Junctions.isJunction(d)).isTrue();
        Junctions.delete(d);
        assertThat(attributes(d)).isEmpty();
    }

    @Test
    void anOrdinaryUserMakesReadsAndDeletesAJunctionOfHisOwn() throws Exception {
        Path d = directory("d", 0751);
        Files.setAttribute(d, "unix:uid", Unprivileged.UID);
        Unprivileged.call(() -> {
            Junctions.create(d, FSN, Map.of("by", "me"));
            Junctions.annotate(d, Map.of("and", "again"), List.of());
            return null;
        });
        assertThat(mode(d)).isEqualTo(01640);
        assertThat(attributes(d))
                .containsExactlyInAnyOrder("user.junction.nfs", "user.junction.mode", "user.junction.annotations");
        Optional<Junction> his = Unprivileged.call(() -> Junctions.read(d, false));
        assertThat(his.orElseThrow().inTrustedNamespace()).isFalse();
        assertThat(his.orElseThrow().annotations()).isEqualTo(Map.of("by", "me", "and", "again"));
        assertThat(Junctions.read(d, false)).isEqualTo(his);
        Unprivileged.call(() -> {
            assertThat(Junctions.isJunction(d)).isTrue();
            assertThat(Junctions.list(dir)).containsExactly(d);
            Junctions.delete(d);
            return null;
        });
        assertThat(mode(d)).isEqualTo(0751);
        assertThat(attributes(d)).isEmpty();
    }

    @Test
    void theOwnerDeletesAJunctionOfADirectoryWithoutWritePermission() throws Exception {
        Path d = directory("d", 0755);
        Files.setAttribute(d, "unix:uid", Unprivileged.UID);
        Unprivileged.call(() -> {
            Junctions.create(d, FSN, Map.of());
            return null;
        });
        Xattrs.set(d, "user.junction.mode", "555".getBytes(StandardCharsets.US_ASCII), 0, false);
        Unprivileged.call(() -> {
            Junctions.delete(d);
            return null;
        });
        assertThat(mode(d)).isEqualTo(0555);
        assertThat(attributes(d)).isEmpty();
    }

    @Test
    void anOrdinaryUserCannotMakeADirectoryOfOthersAJunction() throws Exception {
        Path d = directory("d", 0755);
        Path writable = directory("writable", 0777);
        Unprivileged.call(() -> {
            fails(FedFsStatus.ACCESS, () -> Junctions.create(d, FSN, Map.of()));
            fails(FedFsStatus.PERM, () -> Junctions.create(writable, FSN, Map.of()));
            fails(FedFsStatus.ACCESS, () -> Junctions.create(dir.resolve("new"), FSN, Map.of()));
            return null;
        });
        assertThat(mode(d)).isEqualTo(0755);
        assertThat(mode(writable)).isEqualTo(0777);
        assertThat(attributes(writable)).isEmpty();
    }

    @Test
    void aTrustedJunctionIsClosedToOrdinaryUsers() throws Exception {
        Path d = directory("d", 0755);
        Junctions.create(d, FSN, Map.of());
        Unprivileged.call(() -> {
            assertThatThrownBy(() -> Junctions.isJunction(d)).hasMessageContaining("EACCES");
            fails(FedFsStatus.ACCESS, () -> Junctions.delete(d));
            return null;
        });
    }

    @Test
    void aTrustedJunctionHidesOneThatAUserWrote() throws Exception {
        Path d = directory("d", 0755);
        Junctions.create(d, FSN, Map.of());
        Xattrs.set(d, "user.junction.nfs", "<junction>".getBytes(StandardCharsets.UTF_8), 0, false);
        assertThat(Junctions.read(d, false).orElseThrow().fsn()).isEqualTo(FSN);
        Junctions.delete(d);
        assertThat(attributes(d)).isEmpty();
    }

    @Test
    void theListHoldsEveryJunctionAndEntersNone() throws Exception {
        Path one = directory("one", 0755);
        Path two = Files.createDirectories(dir.resolve("x/y/two"));
        Path behind = Files.createDirectories(one.resolve("behind"));
        Junctions.create(behind, FSN, Map.of());
        Junctions.create(one, FSN, Map.of());
        Junctions.create(two, FSN, Map.of());
        directory("marked", 01000);
        Files.createSymbolicLink(dir.resolve("x/loop"), dir);
        Files.createSymbolicLink(dir.resolve("link"), two);
        Files.writeString(dir.resolve("x/file"), "");
        assertThat(Junctions.list(dir)).containsExactly(one, two);
        assertThat(Junctions.list(two)).containsExactly(two);
        assertThatThrownBy(() -> Junctions.list(dir.resolve("none"))).isInstanceOf(java.io.IOException.class);
    }

    @Test
    void anUnreadableDirectoryIsReported() throws Exception {
        Path closed = directory("closed", 0700);
        Path open = directory("open", 0755);
        Files.setAttribute(open, "unix:uid", Unprivileged.UID);
        Unprivileged.call(() -> {
            Junctions.create(open, FSN, Map.of());
            assertThatThrownBy(() -> Junctions.list(dir)).hasMessageContaining("closed");
            List<Path> unreadable = new java.util.ArrayList<>();
            assertThat(Junctions.list(dir, (p, e) -> unreadable.add(p))).containsExactly(open);
            assertThat(unreadable).containsExactly(closed);
            return null;
        });
    }
}
