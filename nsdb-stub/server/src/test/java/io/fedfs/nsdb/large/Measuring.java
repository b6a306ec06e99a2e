package io.fedfs.nsdb.large;

import com.unboundid.ldap.sdk.LDAPConnection;
import com.unboundid.ldap.sdk.LDAPException;
import com.unboundid.ldap.sdk.SearchScope;
import io.fedfs.v1.GetInfoRequest;
import io.fedfs.v1.NsdbGrpc;
import io.fedfs.v1.ResolveRequest;
import io.fedfs.v1.UpdateFsnRequest;
import io.fedfs.v1.WatchEvent;
import io.fedfs.v1.WatchRequest;
import io.grpc.Grpc;
import io.grpc.InsecureChannelCredentials;
import io.grpc.ManagedChannel;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntFunction;

/**
 * Measures both servers with the same questions, in the same run: {@code NSDB-ADDRESS NSDB-PID LDAP-PORT LDAP-PID BASE FILESETS
 * SECONDS WATCHERS}. Each number of clients is measured twice, the servers taking turns; both rows are printed.
 */
public final class Measuring {
    private static final int[] CLIENTS = {1, 8, 32};
    private static final int CHANGES = 20;

    private final int filesets;
    private final long nanos;

    private Measuring(int filesets, int seconds) {
        this.filesets = filesets;
        this.nanos = TimeUnit.SECONDS.toNanos(seconds);
    }

    /** One client: asks for a fileset and looks at the whole answer. */
    private interface Client extends AutoCloseable {
        /** How many locations the answer has. */
        int resolve(int fileset) throws Exception;

        @Override
        void close();
    }

    public static void main(String[] arguments) throws Exception {
        String nsdb = arguments[0];
        int port = Integer.parseInt(arguments[2]);
        String base = arguments[4];
        Measuring measuring = new Measuring(Integer.parseInt(arguments[5]), Integer.parseInt(arguments[6]));
        System.out.printf("%-10s %8s %6s %14s %9s %9s%n", "server", "clients", "run", "resolves/s", "p50 us", "p99 us");
        for (int run = 1; run <= 2; run++) {
            for (int clients : CLIENTS) {
                measuring.row("nsdb", clients, run, i -> grpc(nsdb));
                measuring.row("slapd", clients, run, i -> ldap(port, base));
            }
        }
        System.out.println("memory: nsdb " + memory(arguments[1]) + "; slapd " + memory(arguments[3]));
        measuring.watch(nsdb, Integer.parseInt(arguments[7]));
        System.out.println("memory with watchers: nsdb " + memory(arguments[1]));
        System.exit(0);
    }

    private void row(String server, int clients, int run, IntFunction<Client> connect) throws Exception {
        ExecutorService threads = Executors.newFixedThreadPool(clients);
        List<Future<long[]>> running = new ArrayList<>();
        CountDownLatch connected = new CountDownLatch(clients);
        for (int i = 0; i < clients; i++) {
            long seed = 1_000L * run + i;
            int number = i;
            running.add(threads.submit(() -> {
                try (Client client = connect.apply(number)) {
                    client.resolve(0);
                    connected.countDown();
                    connected.await();
                    return ask(client, seed);
                }
            }));
        }
        long[][] times = new long[clients][];
        for (int i = 0; i < clients; i++) {
            times[i] = running.get(i).get();
        }
        threads.shutdown();
        long[] all = Arrays.stream(times).flatMapToLong(Arrays::stream).sorted().toArray();
        System.out.printf(
                "%-10s %8d %6d %14.0f %9d %9d%n",
                server,
                clients,
                run,
                all.length * 1e9 / nanos,
                all[all.length / 2] / 1_000,
                all[(int) (all.length * 0.99)] / 1_000);
    }

    private long[] ask(Client client, long seed) throws Exception {
        SplittableRandom random = new SplittableRandom(seed);
        long[] times = new long[1 << 16];
        int count = 0;
        long end = System.nanoTime() + nanos;
        for (long before = System.nanoTime(); before < end; ) {
            if (client.resolve(random.nextInt(filesets)) != Filesets.LOCATIONS) {
                throw new IllegalStateException("a fileset without its locations");
            }
            long after = System.nanoTime();
            if (count == times.length) {
                times = Arrays.copyOf(times, 2 * count);
            }
            times[count++] = after - before;
            before = after;
        }
        return Arrays.copyOf(times, count);
    }

    private static Client grpc(String address) {
        ManagedChannel channel = Grpc.newChannelBuilder(address, InsecureChannelCredentials.create())
                .build();
        NsdbGrpc.NsdbBlockingStub stub = NsdbGrpc.newBlockingStub(channel);
        return new Client() {
            @Override
            public int resolve(int fileset) {
                return stub.resolve(ResolveRequest.newBuilder()
                                .setFsnUuid(Filesets.fsn(fileset).toString())
                                .build())
                        .getFslsCount();
            }

            @Override
            public void close() {
                channel.shutdownNow();
            }
        };
    }

    /** One search gives the FSN's entry, for its TTL, and those of its FSLs. */
    private static Client ldap(int port, String base) {
        try {
            LDAPConnection connection = new LDAPConnection("127.0.0.1", port);
            return new Client() {
                @Override
                public int resolve(int fileset) throws LDAPException {
                    return connection
                                    .search(
                                            "fedfsFsnUuid=" + Filesets.fsn(fileset) + "," + base,
                                            SearchScope.SUB,
                                            "(objectClass=*)")
                                    .getEntryCount()
                            - 1;
                }

                @Override
                public void close() {
                    connection.close();
                }
            };
        } catch (LDAPException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Each watcher has a connection of its own. */
    private void watch(String address, int watchers) throws Exception {
        List<ManagedChannel> channels = new ArrayList<>();
        CountDownLatch begun = new CountDownLatch(watchers);
        AtomicInteger heard = new AtomicInteger();
        CountDownLatch[] round = {new CountDownLatch(0)};
        for (int i = 0; i < watchers; i++) {
            ManagedChannel channel = Grpc.newChannelBuilder(address, InsecureChannelCredentials.create())
                    .build();
            channels.add(channel);
            NsdbGrpc.newStub(channel).watch(WatchRequest.getDefaultInstance(), new StreamObserver<>() {
                private boolean first = true;

                @Override
                public void onNext(WatchEvent event) {
                    if (first) {
                        first = false;
                        begun.countDown();
                    }
                    if (event.getChangesCount() > 0) {
                        heard.incrementAndGet();
                        synchronized (round) {
                            round[0].countDown();
                        }
                    }
                }

                @Override
                public void onError(Throwable failure) {
                    // The end of the run.
                }

                @Override
                public void onCompleted() {
                    // The end of the run.
                }
            });
        }
        if (!begun.await(120, TimeUnit.SECONDS)) {
            throw new IllegalStateException(begun.getCount() + " watches did not begin");
        }
        NsdbGrpc.NsdbBlockingStub stub = NsdbGrpc.newBlockingStub(channels.get(0));
        System.out.println(
                "watchers: " + stub.getInfo(GetInfoRequest.getDefaultInstance()).getWatcherCount());
        long[] times = new long[CHANGES];
        for (int i = 0; i < CHANGES; i++) {
            synchronized (round) {
                round[0] = new CountDownLatch(watchers);
            }
            CountDownLatch all = round[0];
            long before = System.nanoTime();
            var unused = stub.updateFsn(UpdateFsnRequest.newBuilder()
                    .setUuid(Filesets.fsn(i).toString())
                    .build());
            if (!all.await(60, TimeUnit.SECONDS)) {
                throw new IllegalStateException(all.getCount() + " watchers did not hear of a change");
            }
            times[i] = System.nanoTime() - before;
        }
        Arrays.sort(times);
        System.out.printf(
                "a change until all %d watchers have it: median %d ms, longest of %d: %d ms%n",
                watchers, times[CHANGES / 2] / 1_000_000, CHANGES, times[CHANGES - 1] / 1_000_000);
        channels.forEach(ManagedChannel::shutdownNow);
    }

    private static String memory(String pid) throws IOException {
        return Files.readAllLines(Path.of("/proc", pid, "status")).stream()
                .filter(line -> line.startsWith("VmRSS:") || line.startsWith("RssAnon:"))
                .map(line -> line.replaceAll("\\s+", " ").replaceAll(" (\\d+)\\d{3} kB", " $1 MB"))
                .reduce((a, b) -> a + ", " + b)
                .orElse("?");
    }
}
