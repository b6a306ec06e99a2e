package io.fedfs.benchmarks;

import io.fedfs.junction.JunctionException;
import io.fedfs.junction.Junctions;
import io.fedfs.protocol.Fsn;
import io.fedfs.protocol.NsdbAddress;
import io.fedfs.resolver.Referral;
import io.fedfs.resolver.Resolver;
import io.fedfs.resolver.ResolverConfig;
import io.fedfs.resolver.config.NsdbDirectory;
import io.fedfs.resolver.wiring.Resolvers;
import io.fedfs.v1.AddFslRequest;
import io.fedfs.v1.CreateFsnRequest;
import io.fedfs.v1.Fsl;
import io.fedfs.v1.NsdbGrpc;
import io.fedfs.v1.Operation;
import io.fedfs.v1.TransactRequest;
import io.grpc.Grpc;
import io.grpc.InsecureChannelCredentials;
import io.grpc.ManagedChannel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntConsumer;

/**
 * Thousands of junctions to as many filesets, crossed for the first time; and the same number of questions put to the NSDB by a resolver
 * alone, which is as fast as crossing can be.
 *
 * <pre>
 * make HOST:PORT DIRECTORY JUNCTIONS COUNT   filesets DIRECTORY/0..., junctions JUNCTIONS/j0...; their FSNs go to DIRECTORY/fsns
 * cross JUNCTIONS COUNT THREADS              reads a file behind each; prints how many a second
 * resolve DIRECTORY THREADS                  prints how many of the FSNs a second
 * </pre>
 */
public final class ColdCrossings {
    private static final int IN_ONE_TRANSACTION = 400;
    private static final Duration DEADLINE = Duration.ofSeconds(30);

    private ColdCrossings() {}

    /**
     * @param args see above
     * @throws Exception when anything fails: a measurement with a hole in it is none
     */
    public static void main(String[] args) throws Exception {
        switch (args[0]) {
            case "make" ->
                make(NsdbAddress.parse(args[1]), Path.of(args[2]), Path.of(args[3]), Integer.parseInt(args[4]));
            case "cross" -> {
                Path junctions = Path.of(args[1]);
                print(rate(
                        Integer.parseInt(args[2]), Integer.parseInt(args[3]), i -> read(junctions.resolve("j" + i))));
            }
            case "resolve" -> resolve(Path.of(args[1]), Integer.parseInt(args[2]));
            default -> throw new IllegalArgumentException(args[0]);
        }
    }

    private static void print(double rate) {
        System.out.printf("%.0f%n", rate);
    }

    private static void make(NsdbAddress nsdb, Path directory, Path junctions, int count)
            throws IOException, JunctionException {
        ManagedChannel channel = Grpc.newChannelBuilder(nsdb.toString(), InsecureChannelCredentials.create())
                .build();
        try {
            NsdbGrpc.NsdbBlockingStub stub = NsdbGrpc.newBlockingStub(channel);
            List<String> fsns = new ArrayList<>();
            TransactRequest.Builder transaction = TransactRequest.newBuilder();
            for (int i = 0; i < count; i++) {
                Path place = directory.resolve(Integer.toString(i));
                Files.createDirectory(place);
                Files.writeString(place.resolve("file"), "behind junction " + i + "\n");
                Fsn fsn = new Fsn(nsdb, UUID.randomUUID());
                transaction
                        .addOperations(Operation.newBuilder()
                                .setCreateFsn(CreateFsnRequest.newBuilder()
                                        .setUuid(fsn.uuid().toString())
                                        .setTtlSeconds(3600)))
                        .addOperations(Operation.newBuilder()
                                .setAddFsl(AddFslRequest.newBuilder()
                                        .setFsl(Fsl.newBuilder()
                                                .setFsnUuid(fsn.uuid().toString())
                                                .setType("local")
                                                .setHost("localhost")
                                                .setExportPath(place.toString())
                                                .setWritable(true))));
                if (transaction.getOperationsCount() >= IN_ONE_TRANSACTION || i == count - 1) {
                    stub.withDeadlineAfter(DEADLINE.toSeconds(), TimeUnit.SECONDS)
                            .transact(transaction.build());
                    transaction.clear();
                }
                Path junction = junctions.resolve("j" + i);
                Files.createDirectory(junction);
                Junctions.create(junction, fsn, Map.of());
                fsns.add(fsn.toString());
            }
            Files.write(directory.resolve("fsns"), fsns);
        } finally {
            channel.shutdownNow();
        }
    }

    private static void read(Path junction) {
        try {
            Files.readString(junction.resolve("file"));
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    private static void resolve(Path directory, int threads) throws Exception {
        List<Fsn> fsns = Files.readAllLines(directory.resolve("fsns")).stream()
                .map(Fsn::parse)
                .toList();
        // Once for nothing: the mount's JVM is warm too.
        resolveAll(fsns, threads);
        print(resolveAll(fsns, threads));
    }

    private static double resolveAll(List<Fsn> fsns, int threads) throws Exception {
        try (Resolver resolver = Resolvers.withoutState(ResolverConfig.defaults(), NsdbDirectory.ofDefaults())) {
            return rate(fsns.size(), threads, i -> {
                if (!(resolver.resolve(fsns.get(i), DEADLINE) instanceof Referral)) {
                    throw new IllegalStateException(fsns.get(i) + " is not resolved");
                }
            });
        }
    }

    /** How many a second of so many things are done by so many threads. */
    private static double rate(int count, int threads, IntConsumer thing)
            throws InterruptedException, ExecutionException {
        AtomicInteger next = new AtomicInteger();
        ExecutorService pool = Executors.newFixedThreadPool(threads);
        try {
            List<Future<?>> all = new ArrayList<>();
            long start = System.nanoTime();
            for (int t = 0; t < threads; t++) {
                all.add(pool.submit(() -> {
                    for (int i = next.getAndIncrement(); i < count; i = next.getAndIncrement()) {
                        thing.accept(i);
                    }
                }));
            }
            for (Future<?> each : all) {
                each.get();
            }
            return count / ((System.nanoTime() - start) / 1e9);
        } finally {
            pool.shutdownNow();
        }
    }
}
