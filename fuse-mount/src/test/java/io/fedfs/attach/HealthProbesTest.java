package io.fedfs.attach;

import static org.assertj.core.api.Assertions.assertThat;

import io.fedfs.fuse.Bulkhead;
import io.fedfs.linux.Errno;
import io.fedfs.protocol.Fsl;
import io.fedfs.protocol.Fsn;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/** Health as it is asked for, with a clock that the test moves and threads that run when the test says so. */
final class HealthProbesTest {
    private final ArrayDeque<Runnable> threads = new ArrayDeque<>();
    private final List<String> told = new ArrayList<>();
    private final List<Attachment> done = new ArrayList<>();
    private final Map<Attachment, Integer> answers = new HashMap<>();
    private long now;
    private final HealthProbes probes = new HealthProbes(
            threads::add,
            Duration.ofSeconds(5),
            () -> now,
            a -> answers.getOrDefault(a, 0),
            (a, trouble) -> told.add(
                    a.fsl().host() + " " + (trouble == null ? "up" : trouble.silent() ? "silent" : trouble.what())));
    private final Attachment a1 = attachment("a");
    private final Attachment a2 = attachment("a");
    private final Attachment b = attachment("b");

    private static Attachment attachment(String server) {
        Fsl fsl = new Fsl(UUID.randomUUID(), "nfs", server, 0, "/", "", Map.of(), true, false, 0, 0, 0, 0, 0);
        Reached reached = new Reached(-1, "nfs://" + server, () -> {});
        Fsn fsn = Fsn.parse("nsdb://localhost/" + UUID.randomUUID());
        return new Attachment(1, fsn, fsl, reached, 0, 0, new Bulkhead(1));
    }

    private void look() {
        probes.look(List.of(a1, a2, b), done::add);
    }

    private void runAll() {
        while (!threads.isEmpty()) {
            threads.remove().run();
        }
    }

    @Test
    void eachServerIsAskedByOneThread() {
        look();
        assertThat(threads).hasSize(2);
        look();
        assertThat(threads).as("nobody is asked twice at once").hasSize(2);
        assertThat(done).as("the second look holds nothing").containsExactly(a1, a2, b);
        runAll();
        assertThat(told).containsExactly("a up", "a up", "b up");
        assertThat(done).hasSize(6);
        look();
        assertThat(threads).hasSize(2);
    }

    @Test
    void aServerThatHangsIsSilentAndDelaysNobody() {
        look();
        Runnable hanging = threads.removeFirst();
        runAll();
        assertThat(told).containsExactly("b up");
        now = Duration.ofSeconds(4).toNanos();
        look();
        runAll();
        assertThat(told).containsExactly("b up", "b up");
        now = Duration.ofSeconds(6).toNanos();
        look();
        runAll();
        assertThat(told).containsExactly("b up", "b up", "a silent", "a silent", "b up");
        told.clear();
        hanging.run();
        assertThat(told).as("it answered while it was asked").containsExactly("a up", "a up");
        assertThat(probes.unanswered()).isEqualTo(1);
    }

    @Test
    void whatItSaysIsToldAndWhoMayNotLookHasBeenAnswered() {
        answers.put(a1, -Errno.ENOTCONN);
        answers.put(b, -Errno.EACCES);
        look();
        runAll();
        assertThat(told).containsExactly("a " + Errno.message(Errno.ENOTCONN), "a up", "b up");
    }
}
