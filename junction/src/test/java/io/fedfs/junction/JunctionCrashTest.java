package io.fedfs.junction;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;

import io.fedfs.junction.JunctionWriter.Step;
import io.fedfs.linux.Errno;
import io.fedfs.linux.ErrnoException;
import io.fedfs.linux.Sys;
import io.fedfs.linux.Xattrs;
import io.fedfs.protocol.FedFsStatus;
import io.fedfs.protocol.Fsn;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.EnumSource.Mode;

/** What a power loss or a full disk between two steps leaves behind. */
final class JunctionCrashTest {
    private static final Fsn FSN = Fsn.parse("nsdb://a:1/d2b09895-98ff-415e-ac73-565fad7b429b");
    private static final Fsn OTHER = Fsn.parse("nsdb://b:2/00000000-98ff-415e-ac73-565fad7b429b");

    /** No handler in the code under test catches it: as if the process had ended there. */
    private static final class Crash extends Error {
        private static final long serialVersionUID = 1L;
    }

    @TempDir
    Path dir;

    @BeforeEach
    void onlyRootMayDoThis() {
        assumeThat(Sys.geteuid()).isZero();
    }

    private static JunctionWriter crashing(Path d, Step at) {
        return new JunctionWriter(d, step -> {
            if (step == at) {
                throw new Crash();
            }
        });
    }

    private static JunctionWriter failing(Path d, Step at) {
        return new JunctionWriter(d, step -> {
            if (step == at) {
                throw new ErrnoException(Errno.ENOSPC, "step " + step);
            }
        });
    }

    private static boolean hasAttributes(Path d) throws Exception {
        return Xattrs.list(d, false).stream().anyMatch(n -> n.contains("junction"));
    }

    private static void isWholeOrNone(Path d, int ordinaryMode) throws Exception {
        if (Junctions.isJunction(d)) {
            Junction junction = Junctions.read(d, false).orElseThrow();
            assertThat(junction.fsn()).isEqualTo(FSN);
            assertThat(junction.savedMode()).isEqualTo(ordinaryMode);
            assertThat(junction.annotations()).isEqualTo(Map.of("k", "v"));
            Junctions.delete(d);
        } else {
            assertThat(JunctionsTest.mode(d)).isEqualTo(ordinaryMode);
            Junctions.create(d, OTHER, Map.of());
            Junction junction = Junctions.read(d, false).orElseThrow();
            assertThat(junction.fsn()).isEqualTo(OTHER);
            assertThat(junction.annotations()).isEmpty();
            Junctions.delete(d);
        }
        assertThat(JunctionsTest.mode(d)).isEqualTo(ordinaryMode);
        assertThat(hasAttributes(d)).isFalse();
    }

    @ParameterizedTest
    @EnumSource(
            value = Step.class,
            names = {"MODE_RESTORED", "ATTRIBUTES_REMOVED"},
            mode = Mode.EXCLUDE)
    void aCrashWhileCreatingLeavesAWholeJunctionOrNone(Step at) throws Exception {
        // 01640 marks by itself: the hardest case, because the attribute alone then makes the junction.
        for (int ordinaryMode : new int[] {0750, 01640}) {
            Path d = Files.createDirectory(dir.resolve("d" + ordinaryMode));
            JunctionsTest.chmod(d, ordinaryMode);
            assertThatThrownBy(() -> crashing(d, at).create(FSN, Map.of("k", "v")))
                    .isInstanceOf(Crash.class);
            isWholeOrNone(d, ordinaryMode);
        }
    }

    @ParameterizedTest
    @EnumSource(
            value = Step.class,
            names = {"MODE_RESTORED", "DOCUMENT_REMOVED", "ATTRIBUTES_REMOVED"})
    void aCrashWhileDeletingLeavesAWholeJunctionOrNone(Step at) throws Exception {
        for (int ordinaryMode : new int[] {0750, 01640}) {
            Path d = Files.createDirectory(dir.resolve("d" + ordinaryMode));
            JunctionsTest.chmod(d, ordinaryMode);
            Junctions.create(d, FSN, Map.of("k", "v"));
            assertThatThrownBy(() -> crashing(d, at).delete()).isInstanceOf(Crash.class);
            isWholeOrNone(d, ordinaryMode);
        }
    }

    @ParameterizedTest
    @EnumSource(
            value = Step.class,
            names = {"MODE_RESTORED", "ATTRIBUTES_REMOVED"},
            mode = Mode.EXCLUDE)
    void aFailureWhileCreatingLeavesTheDirectoryAsItWas(Step at) throws Exception {
        Path old = Files.createDirectory(dir.resolve("old"));
        JunctionsTest.chmod(old, 0711);
        JunctionsTest.fails(FedFsStatus.NOSPC, () -> failing(old, at).create(FSN, Map.of("k", "v")));
        assertThat(JunctionsTest.mode(old)).isEqualTo(0711);
        assertThat(hasAttributes(old)).isFalse();

        Path made = dir.resolve("made");
        JunctionsTest.fails(FedFsStatus.NOSPC, () -> failing(made, at).create(FSN, Map.of("k", "v")));
        assertThat(made).doesNotExist();
    }

    @Test
    void aFailedDeleteCanBeRepeatedOrReplaced() throws Exception {
        Path d = Files.createDirectory(dir.resolve("d"));
        JunctionsTest.chmod(d, 0750);
        Junctions.create(d, FSN, Map.of("k", "v"));
        JunctionsTest.fails(
                FedFsStatus.NOSPC, () -> failing(d, Step.MODE_RESTORED).delete());
        isWholeOrNone(d, 0750);
    }

    @Test
    void leftoversOfFedfsUtilsAreNoSavedMode() throws Exception {
        Path d = Files.createDirectory(dir.resolve("d"));
        JunctionsTest.chmod(d, 0750);
        Xattrs.set(d, "trusted.junction.mode", new byte[] {'7', '0', '0'}, 0, false);
        Junctions.create(d, FSN, Map.of());
        Junctions.delete(d);
        assertThat(JunctionsTest.mode(d)).isEqualTo(0750);
    }

    @Test
    void twoWritersDoNotMix() throws Exception {
        Path d = Files.createDirectory(dir.resolve("d"));
        JunctionWriter first = new JunctionWriter(d, step -> {
            if (step == Step.DOCUMENT_WRITTEN) {
                Thread.currentThread().interrupt();
                JunctionsTest.fails(FedFsStatus.DELAY, () -> Junctions.create(d, OTHER, Map.of()));
                assertThat(Thread.interrupted()).isTrue();
            }
        });
        first.create(FSN, Map.of());
        assertThat(Junctions.read(d, false).orElseThrow().fsn()).isEqualTo(FSN);
    }
}
