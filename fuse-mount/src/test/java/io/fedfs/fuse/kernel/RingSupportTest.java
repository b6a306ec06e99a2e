package io.fedfs.fuse.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fedfs.linux.Errno;
import io.fedfs.linux.ErrnoException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class RingSupportTest {
    @TempDir
    Path dir;

    private Path parameter;
    private Path processors;
    private RingSupport support;

    @BeforeEach
    void start() {
        parameter = dir.resolve("enable_uring");
        processors = dir.resolve("possible");
        support = new RingSupport(parameter, processors);
    }

    @Test
    void turnedOnIsEnough() throws Exception {
        Files.writeString(parameter, "Y\n");
        assertThatCode(support::require).doesNotThrowAnyException();
    }

    @Test
    void turnedOffItSaysHowToTurnItOn() throws Exception {
        Files.writeString(parameter, "N\n");
        assertThatThrownBy(support::require)
                .isInstanceOf(IOException.class)
                .hasMessageContainingAll("turned off", "echo Y > " + parameter, "options fuse enable_uring=1");
    }

    @Test
    void anOldKernelIsNamed() {
        assertThatThrownBy(support::require).hasMessageContainingAll("6.14", parameter.toString());
    }

    @Test
    void thereIsAQueueForEachProcessorThatThereMayBe() throws Exception {
        Files.writeString(processors, "0-63\n");
        assertThat(support.queues()).isEqualTo(64);
        Files.writeString(processors, "0\n");
        assertThat(support.queues()).isEqualTo(1);
    }

    /** The kernel waits until every queue has an entry: a wrong number would hang the mount. */
    @Test
    void oddNumbersOfProcessorsAreNotGuessedAt() throws Exception {
        assertThatThrownBy(support::queues).isInstanceOf(IOException.class);
        Files.writeString(processors, "0-3,8-11\n");
        assertThatThrownBy(support::queues).hasMessageContaining("0-3,8-11");
    }

    @Test
    void whyThereIsNoRingIsSaidInWords() {
        assertThat(explained(Errno.ENOSYS)).contains("seccomp");
        assertThat(explained(Errno.EPERM)).contains("kernel.io_uring_disabled", "seccomp");
        assertThat(explained(Errno.EINVAL)).contains("too old");
        assertThat(explained(Errno.ENOMEM)).contains("ulimit -l");
        assertThat(explained(Errno.EMFILE)).contains("ulimit -n");
        assertThat(explained(Errno.EIO)).contains("EIO");
    }

    private static String explained(int errno) {
        return RingSupport.explain(new ErrnoException(errno, "io_uring_setup")).getMessage();
    }
}
