package io.fedfs.projection;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.fedfs.fuse.Request;
import io.fedfs.linux.Capabilities;
import io.fedfs.linux.Sys;
import io.fedfs.linux.ThreadCredentials;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.FutureTask;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What a thread may do while it acts for somebody, as the kernel says (proc(5)). Acting for others takes root. */
@Timeout(60)
final class CallersTest {
    private static final int ALICE = 61_234;
    private static final int BOB = 61_240;

    @BeforeEach
    void asRoot() {
        assumeTrue(Sys.geteuid() == 0, "only root acts for others");
    }

    /** On a thread of its own, whose credentials end with it. */
    private static <T> T onThread(Callable<T> task) throws Exception {
        FutureTask<T> future = new FutureTask<>(task);
        new Thread(future, "acting").start();
        return future.get();
    }

    private static Request of(int user) {
        Request rq = new Request();
        rq.uid = user;
        rq.gid = user;
        return rq;
    }

    private static Map<String, String> status() throws Exception {
        return Files.readAllLines(Path.of("/proc/thread-self/status")).stream()
                .map(l -> l.split(":", 2))
                .collect(Collectors.toMap(f -> f[0], f -> f[1].strip()));
    }

    private static long effective() throws Exception {
        return Long.parseUnsignedLong(status().get("CapEff"), 16);
    }

    @Test
    void forAUserOnlyWhatTheNextSwitchNeedsIsInEffect() throws Exception {
        long effective = onThread(() -> {
            new Callers(true, false).become(of(ALICE));
            return effective();
        });
        assertThat(effective).isEqualTo(Capabilities.SETUID | Capabilities.SETGID);
    }

    @Test
    void passthroughKeepsTheRightToRegisterFiles() throws Exception {
        long effective = onThread(() -> {
            new Callers(true, true).become(of(ALICE));
            return effective();
        });
        assertThat(effective).isEqualTo(Capabilities.SETUID | Capabilities.SETGID | Capabilities.SYS_ADMIN);
    }

    @Test
    void rootAndTheDaemonHaveEverything() throws Exception {
        long all = onThread(CallersTest::effective);
        assertThat(all).isNotEqualTo(Capabilities.SETUID | Capabilities.SETGID);
        Callers callers = new Callers(true, false);
        Request rq = of(ALICE);
        long[] seen = onThread(() -> {
            callers.become(rq);
            boolean changed = callers.becomeDaemon(rq);
            long daemon = effective();
            callers.become(rq);
            rq.uid = BOB;
            callers.become(rq);
            long bob = effective();
            rq.uid = 0;
            callers.become(rq);
            return new long[] {changed ? daemon : -1, bob, effective()};
        });
        assertThat(seen).containsExactly(all, Capabilities.SETUID | Capabilities.SETGID, all);
    }

    @Test
    void aThreadStartedWhileActingIsMadeWholeAgain() throws Exception {
        long all = onThread(CallersTest::effective);
        long seen = onThread(() -> {
            new Callers(true, false).become(of(ALICE));
            return onThread(() -> {
                assertThat(effective()).isNotEqualTo(all);
                ThreadCredentials.reset();
                assertThat(status().get("Uid")).isEqualTo("0\t0\t0\t0");
                return effective();
            });
        });
        assertThat(seen).isEqualTo(all);
    }
}
