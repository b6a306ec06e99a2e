package io.fedfs.nsdb.command;

import io.fedfs.v1.AddFslRequest;
import io.fedfs.v1.CreateFsnRequest;
import io.fedfs.v1.Fsl;
import io.fedfs.v1.GetInfoRequest;
import io.fedfs.v1.NsdbGrpc;
import io.fedfs.v1.NsdbInfo;
import io.fedfs.v1.Operation;
import io.fedfs.v1.ResolveRequest;
import io.fedfs.v1.TransactRequest;
import io.grpc.Grpc;
import io.grpc.InsecureChannelCredentials;
import io.grpc.ManagedChannel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/**
 * A load on a daemon of its own, in a child process with a bounded heap, over real gRPC on loopback: filesets registered in
 * transactions, single durable writes, resolves. Run by {@code scripts/bench-nsdb}; no part of the tests.
 */
public final class NsdbLoad {
    private static final int CLIENTS = 8;
    private static final int BATCH = 250;
    private static final int SINGLE_WRITES = 8_000;
    private static final String HEAP = "-Xmx256m";

    private final List<ManagedChannel> channels = new ArrayList<>();
    private final ExecutorService threads = Executors.newFixedThreadPool(CLIENTS);
    private final Daemon daemon;

    private NsdbLoad(Daemon daemon) {
        this.daemon = daemon;
        for (int i = 0; i < CLIENTS; i++) {
            channels.add(Grpc.newChannelBuilder(daemon.address(), InsecureChannelCredentials.create())
                    .build());
        }
    }

    /**
     * Arguments: directory for the store (must not exist), number of filesets, number of resolves.
     */
    public static void main(String[] arguments) throws Exception {
        Path data = Path.of(arguments[0]);
        int filesets = Integer.parseInt(arguments[1]);
        int resolves = Integer.parseInt(arguments[2]);
        try (Daemon daemon =
                Daemon.start(List.of(HEAP), List.of("--data", data.toString(), "--listen", "127.0.0.1:0"))) {
            new NsdbLoad(daemon).run(filesets, resolves);
            daemon.terminate();
        }
        long began = System.nanoTime();
        try (Daemon daemon =
                Daemon.start(List.of(HEAP), List.of("--data", data.toString(), "--listen", "127.0.0.1:0"))) {
            System.out.printf("restart with the full store until it answers: %d ms%n", millisSince(began));
            daemon.terminate();
        }
    }

    private void run(int filesets, int resolves) throws Exception {
        String[] uuids = new String[filesets];
        Arrays.setAll(uuids, i -> UUID.randomUUID().toString());
        System.out.printf(
                "%-34s %10s %12s %9s %9s %16s%n", "", "number", "per second", "p50 us", "p99 us", "daemon cpu us");
        try {
            row("filesets, " + BATCH + " per transaction", filesets, together(client -> register(client, uuids)));
            row("single durable writes", SINGLE_WRITES, together(this::createSome));
            for (String run : List.of("resolves, first run", "resolves, second run")) {
                row(run, resolves, together(client -> resolve(client, uuids, resolves / CLIENTS)));
            }
            NsdbInfo info = NsdbGrpc.newBlockingStub(channels.get(0)).getInfo(GetInfoRequest.getDefaultInstance());
            System.out.printf(
                    "%d FSNs, %d locations, %d resolves counted; daemon with %s: %s resident, %s at its peak%n",
                    info.getFsnCount(),
                    info.getFslCount(),
                    info.getResolveCount(),
                    HEAP,
                    memory("VmRSS"),
                    memory("VmHWM"));
        } finally {
            threads.shutdownNow();
            channels.forEach(ManagedChannel::shutdownNow);
        }
    }

    private interface Client {
        /** Does its share and gives how long each call took, in nanoseconds. */
        long[] work(int client);
    }

    /** @param calls how long each took in nanoseconds, the shortest first */
    private record Measured(long nanos, long cpuNanos, List<Long> calls) {}

    private Measured together(Client work) throws Exception {
        long cpuBefore = daemonCpu();
        long began = System.nanoTime();
        List<Future<long[]>> running = new ArrayList<>();
        for (int i = 0; i < CLIENTS; i++) {
            int client = i;
            running.add(threads.submit((Callable<long[]>) () -> work.work(client)));
        }
        List<long[]> all = new ArrayList<>();
        for (Future<long[]> future : running) {
            all.add(future.get());
        }
        long nanos = System.nanoTime() - began;
        List<Long> calls =
                all.stream().flatMapToLong(Arrays::stream).sorted().boxed().toList();
        return new Measured(nanos, daemonCpu() - cpuBefore, calls);
    }

    private long daemonCpu() {
        return ProcessHandle.of(daemon.pid())
                .flatMap(p -> p.info().totalCpuDuration())
                .map(Duration::toNanos)
                .orElse(0L);
    }

    private long[] register(int client, String[] uuids) {
        NsdbGrpc.NsdbBlockingStub nsdb = NsdbGrpc.newBlockingStub(channels.get(client));
        List<Long> times = new ArrayList<>();
        for (int from = client * BATCH; from < uuids.length; from += CLIENTS * BATCH) {
            TransactRequest.Builder batch = TransactRequest.newBuilder();
            for (int i = from; i < Math.min(from + BATCH, uuids.length); i++) {
                batch.addOperations(Operation.newBuilder()
                        .setCreateFsn(CreateFsnRequest.newBuilder().setUuid(uuids[i])));
                batch.addOperations(Operation.newBuilder()
                        .setAddFsl(AddFslRequest.newBuilder()
                                .setFsl(Fsl.newBuilder()
                                        .setFsnUuid(uuids[i])
                                        .setType("local")
                                        .setHost("files" + i % 50 + ".example.org")
                                        .setExportPath("/export/projects/p" + i)
                                        .setWritable(true))));
            }
            long began = System.nanoTime();
            nsdb.transact(batch.build());
            times.add(System.nanoTime() - began);
        }
        return times.stream().mapToLong(Long::longValue).toArray();
    }

    private long[] createSome(int client) {
        NsdbGrpc.NsdbBlockingStub nsdb = NsdbGrpc.newBlockingStub(channels.get(client));
        long[] times = new long[SINGLE_WRITES / CLIENTS];
        for (int i = 0; i < times.length; i++) {
            long began = System.nanoTime();
            nsdb.createFsn(CreateFsnRequest.getDefaultInstance());
            times[i] = System.nanoTime() - began;
        }
        return times;
    }

    private long[] resolve(int client, String[] uuids, int count) {
        NsdbGrpc.NsdbBlockingStub nsdb = NsdbGrpc.newBlockingStub(channels.get(client));
        Random random = new Random(client);
        long[] times = new long[count];
        for (int i = 0; i < count; i++) {
            ResolveRequest request = ResolveRequest.newBuilder()
                    .setFsnUuid(uuids[random.nextInt(uuids.length)])
                    .build();
            long began = System.nanoTime();
            if (nsdb.resolve(request).getFslsCount() != 1) {
                throw new IllegalStateException("a fileset without its location");
            }
            times[i] = System.nanoTime() - began;
        }
        return times;
    }

    private static void row(String what, int number, Measured measured) {
        List<Long> calls = measured.calls();
        System.out.printf(
                "%-34s %10d %12.0f %9d %9d %16.0f%n",
                what,
                number,
                number * 1e9 / measured.nanos(),
                calls.get(calls.size() / 2) / 1_000,
                calls.get((int) (calls.size() * 0.99)) / 1_000,
                measured.cpuNanos() / 1e3 / number);
    }

    private String memory(String field) throws IOException {
        return Files.readAllLines(Path.of("/proc", String.valueOf(daemon.pid()), "status")).stream()
                .filter(line -> line.startsWith(field + ":"))
                .map(line -> Long.parseLong(line.replaceAll("\\D", "")) / 1024 + " MiB")
                .findFirst()
                .orElse("?");
    }

    private static long millisSince(long nanos) {
        return (System.nanoTime() - nanos) / 1_000_000;
    }
}
