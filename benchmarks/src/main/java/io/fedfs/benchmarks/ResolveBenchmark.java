package io.fedfs.benchmarks;

import io.fedfs.protocol.Fsn;
import io.fedfs.resolver.Referral;
import io.fedfs.resolver.Resolution;
import io.fedfs.resolver.Resolver;
import io.fedfs.resolver.ResolverConfig;
import io.fedfs.resolver.config.NsdbDirectory;
import io.fedfs.resolver.wiring.Resolvers;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/** What one resolve costs the mount: of a fileset that it knows, and of one that a running NSDB has to be asked for. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 8, time = 3)
@Measurement(iterations = 5, time = 2)
@Fork(1)
public class ResolveBenchmark {
    /** The system property that names the fileset, {@code nsdb://host:port/uuid}. */
    private static final String FSN = "fedfs.benchmark.fsn";

    private static final Duration DEADLINE = Duration.ofSeconds(10);

    private Fsn fsn;
    private Resolver resolver;

    @Setup
    public void start() {
        fsn = Fsn.parse(System.getProperty(FSN));
        resolver = Resolvers.withoutState(ResolverConfig.defaults(), NsdbDirectory.ofDefaults());
        checked(resolver.resolve(fsn, DEADLINE));
    }

    @TearDown
    public void end() {
        resolver.close();
    }

    /** From the cache, as for every crossing but the first within the FSN's TTL. */
    @Benchmark
    public Resolution warm() {
        return resolver.resolve(fsn, DEADLINE);
    }

    /** Forgotten before, so that the NSDB is asked: one call over loopback. */
    @Benchmark
    public Resolution cold() {
        resolver.flush(fsn);
        return checked(resolver.resolve(fsn, DEADLINE));
    }

    private static Resolution checked(Resolution answer) {
        if (!(answer instanceof Referral)) {
            throw new IllegalStateException("not resolved: " + answer);
        }
        return answer;
    }
}
