package io.fedfs.service;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class CallThreadsTest {
    @Test
    void whatComesAfterTheEndIsDoneByWhoeverBringsIt() throws Exception {
        ExecutorService calls = CallThreads.pool("test", 2);
        CompletableFuture<String> before = new CompletableFuture<>();
        calls.execute(() -> before.complete(Thread.currentThread().getName()));
        assertThat(before.get(20, TimeUnit.SECONDS)).isEqualTo("test-call-1");
        calls.shutdown();
        CompletableFuture<Thread> after = new CompletableFuture<>();
        calls.execute(() -> after.complete(Thread.currentThread()));
        assertThat(after).isCompletedWithValue(Thread.currentThread());
    }
}
