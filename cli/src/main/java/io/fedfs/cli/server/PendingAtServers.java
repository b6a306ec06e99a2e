package io.fedfs.cli.server;

import io.fedfs.cli.mount.PendingJunctions;
import io.fedfs.cli.nsdb.ReachOptions;
import io.fedfs.cli.terminal.CommandFailure;
import io.fedfs.cli.terminal.Terminal;
import io.fedfs.protocol.NsdbAddress;
import io.fedfs.resolver.config.NsdbDirectory;
import io.fedfs.v1.ListPendingRequest;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/** Asks agents by the call that {@code fedfs server pending} makes. Hosts are as in locations: the agent listens at its own port there. */
public final class PendingAtServers implements PendingJunctions {
    /** How many are asked at once. */
    private static final int AT_ONCE = 16;

    private final Terminal terminal;

    public PendingAtServers(Terminal terminal) {
        this.terminal = terminal;
    }

    @Override
    public List<Server> ask(Map<String, Set<String>> hosts, Optional<Path> parameters, Duration timeout) {
        NsdbDirectory directory = ReachOptions.directory(terminal, parameters);
        Set<String> all = new TreeSet<>();
        hosts.values().forEach(all::addAll);
        ExecutorService threads = Executors.newFixedThreadPool(Math.min(AT_ONCE, all.size()), task -> {
            Thread t = new Thread(task, "fedfs-pending");
            t.setDaemon(true);
            return t;
        });
        try {
            List<Future<Server>> asked = new ArrayList<>();
            for (String host : all) {
                asked.add(threads.submit(() -> ask(directory, host, hosts.keySet(), timeout)));
            }
            List<Server> answers = new ArrayList<>();
            for (Future<Server> answer : asked) {
                // Each ends by its own deadline.
                answers.add(answer.get());
            }
            return answers;
        } catch (ExecutionException e) {
            throw new IllegalStateException(e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return List.of();
        } finally {
            threads.shutdownNow();
        }
    }

    private static Server ask(NsdbDirectory directory, String host, Set<String> filesets, Duration timeout) {
        try {
            NsdbAddress address = NsdbAddress.parse(host, NsdbAddress.SERVER_PORT);
            try (ServerConnection connection = ServerConnection.open(directory, address, timeout)) {
                return new Server(
                        host,
                        "",
                        connection
                                .call(stub -> stub.listPending(ListPendingRequest.getDefaultInstance()))
                                .getChangesList()
                                .stream()
                                .filter(c -> filesets.contains(c.getFileset()))
                                .map(c -> new Change(ServerDocuments.pending(c), ServerDocuments.text(c)))
                                .toList());
            }
        } catch (CommandFailure | IllegalArgumentException e) {
            return new Server(host, e.getMessage(), List.of());
        }
    }
}
