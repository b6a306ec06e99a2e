package io.fedfs.junction;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;

import io.fedfs.linux.Sys;
import io.fedfs.linux.Xattrs;
import io.fedfs.protocol.FedFsStatus;
import io.fedfs.protocol.Fsn;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class FilesetMarkerTest {
    private static final Fsn FSN = Fsn.parse("nsdb://Nsdb.example.net/D2b09895-98ff-415e-ac73-565fad7b429b");
    private static final Fsn OTHER = Fsn.parse("nsdb://b:2/00000000-98ff-415e-ac73-565fad7b429b");
    private static final String TRUSTED = "trusted.fedfs.fsn";

    @TempDir
    Path dir;

    @BeforeEach
    void onlyRootMayDoThis() {
        assumeThat(Sys.geteuid()).isZero();
    }

    private void put(String attribute, String value) throws Exception {
        Xattrs.set(dir, attribute, value.getBytes(StandardCharsets.UTF_8), 0, false);
    }

    @Test
    void theMarkerIsTheFsnAsText() throws Exception {
        assertThat(FilesetMarker.read(dir, false)).isEmpty();
        FilesetMarker.write(dir, FSN);
        assertThat(new String(Xattrs.get(dir, TRUSTED, false).orElseThrow(), StandardCharsets.UTF_8))
                .isEqualTo("nsdb://nsdb.example.net:7532/d2b09895-98ff-415e-ac73-565fad7b429b");
        assertThat(FilesetMarker.read(dir, false)).contains(FSN);
        assertThat(FilesetMarker.find(dir, false)).contains(new FilesetMarker(FSN, true));
        FilesetMarker.write(dir, FSN);
        assertThat(FilesetMarker.remove(dir)).isTrue();
        assertThat(FilesetMarker.remove(dir)).isFalse();
        assertThat(FilesetMarker.read(dir, false)).isEmpty();
    }

    @Test
    void anotherFilesetsMarkerIsNotOverwritten() throws Exception {
        FilesetMarker.write(dir, OTHER);
        JunctionsTest.fails(FedFsStatus.EXIST, () -> FilesetMarker.write(dir, FSN));
        assertThat(FilesetMarker.read(dir, false)).contains(OTHER);
    }

    @Test
    void damagedMarkersAreFaultsUntilRemoved() throws Exception {
        for (String bad :
                new String[] {"", "x", "nsdb://h/..", "nsdb://h:0/" + FSN.uuid(), FSN + "\0", "n".repeat(3000)}) {
            put(TRUSTED, bad);
            assertThatThrownBy(() -> FilesetMarker.read(dir, false))
                    .isInstanceOf(JunctionFormatException.class)
                    .satisfies(e -> assertThat(e.getMessage()).hasSizeLessThan(150));
        }
        JunctionsTest.fails(FedFsStatus.EXIST, () -> FilesetMarker.write(dir, FSN));
        assertThat(FilesetMarker.remove(dir)).isTrue();
    }

    @Test
    void aMarkerThatAUserCouldForgeIsToldApart() throws Exception {
        put("user.fedfs.fsn", OTHER.toString());
        assertThat(FilesetMarker.find(dir, false)).contains(new FilesetMarker(OTHER, false));
        put(TRUSTED, FSN.toString());
        assertThat(FilesetMarker.find(dir, false)).contains(new FilesetMarker(FSN, true));
    }

    @Test
    void anOrdinaryUserMarksADirectoryOfHisOwn() throws Exception {
        JunctionsTest.chmod(dir, 0755);
        Path his = Files.createDirectory(dir.resolve("his"));
        Files.setAttribute(his, "unix:uid", Unprivileged.UID);
        Unprivileged.call(() -> {
            FilesetMarker.write(his, FSN);
            return null;
        });
        assertThat(FilesetMarker.find(his, false)).contains(new FilesetMarker(FSN, false));
    }

    @Test
    void onlyDirectoriesAreMarked() throws Exception {
        Path file = Files.writeString(dir.resolve("f"), "");
        JunctionsTest.fails(FedFsStatus.INVAL, () -> FilesetMarker.write(file, FSN));
        JunctionsTest.fails(FedFsStatus.INVAL, () -> FilesetMarker.write(dir.resolve("none"), FSN));
    }
}
