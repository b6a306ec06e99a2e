package io.fedfs.authority;

import io.fedfs.yaml.YamlException;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The policy in force: that of a file, read again when it changes, or one that lets everybody do everything. */
public final class LivePolicy implements Supplier<Policy>, AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(LivePolicy.class);

    private final Supplier<Policy> current;
    private final ScheduledExecutorService looking;

    private LivePolicy(Supplier<Policy> current, ScheduledExecutorService looking) {
        this.current = current;
        this.looking = looking;
    }

    /** Everybody may do everything: for a service without a policy. */
    public static LivePolicy open() {
        Policy policy = PolicyFile.parse("grants: [{to: [anyone], operations: [all]}]", "no policy", Set.of());
        return new LivePolicy(() -> policy, null);
    }

    /**
     * The policy of a file. It is looked at every second, so that a mistake in it is in the log when it is made.
     *
     * @param operations what the service knows ({@link Rules#operations})
     * @throws YamlException when it cannot be used now
     */
    public static LivePolicy of(Path file, Set<String> operations) {
        LiveFiles<Policy> live = reader(file, operations, System::nanoTime);
        log.info("policy {}: {} grants", file, live.current().size());
        ScheduledExecutorService looking = Executors.newSingleThreadScheduledExecutor(task -> {
            Thread thread = new Thread(task, "policy");
            thread.setDaemon(true);
            return thread;
        });
        var unused = looking.scheduleWithFixedDelay(live::refresh, 1, 1, TimeUnit.SECONDS);
        return new LivePolicy(live::current, looking);
    }

    static LiveFiles<Policy> reader(Path file, Set<String> operations, LongSupplier nanos) {
        try {
            return LiveFiles.open("the policy", List.of(file), () -> PolicyFile.read(file, operations), nanos);
        } catch (RuntimeException e) {
            throw e;
        } catch (Exception e) {
            throw new YamlException("cannot read the policy " + file + ": " + e.getMessage(), e);
        }
    }

    @Override
    public Policy get() {
        return current.get();
    }

    @Override
    public void close() {
        if (looking != null) {
            looking.shutdownNow();
        }
    }
}
