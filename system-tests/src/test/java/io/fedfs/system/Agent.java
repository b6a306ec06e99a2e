package io.fedfs.system;

import io.fedfs.v1.FileServerGrpc;
import io.grpc.ManagedChannel;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;

/** One file server agent of the distribution, on a port of its own, and a gRPC client beside it. */
final class Agent {
    private final Path home;
    private final int port;
    private final UnaryOperator<List<String>> as;
    private final ManagedChannel channel;
    private final List<String> options = new ArrayList<>();
    private final DaemonProcess daemon;

    /**
     * Does not start it.
     *
     * @param home a directory of its own
     * @param as from a command to one that runs it, as another user for instance
     */
    Agent(Path home, int port, Map<String, String> environment, UnaryOperator<List<String>> as) {
        this.home = home;
        this.port = port;
        this.as = as;
        this.daemon = new DaemonProcess("fedfs-server", home, environment);
        this.channel =
                NettyChannelBuilder.forAddress("127.0.0.1", port).usePlaintext().build();
    }

    /** Writes the configuration: a name and exports, each "PATH" or "PATH EXPORT". */
    Agent exporting(String name, String... exports) {
        StringBuilder yaml = new StringBuilder("name: " + name + "\nexports:\n");
        for (String export : exports) {
            String[] words = export.split(" ");
            yaml.append("  - path: ").append(words[0]).append('\n');
            if (words.length > 1) {
                yaml.append("    export: ").append(words[1]).append('\n');
            }
        }
        return configured(yaml.toString());
    }

    Agent configured(String yaml) {
        try {
            Files.writeString(config(), yaml);
            return this;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** One more word for the command line. */
    Agent option(String word) {
        options.add(word);
        return this;
    }

    /** The whole command line, as it is run. */
    List<String> command() {
        List<String> command = new ArrayList<>(List.of(
                "fedfs-server",
                "serve",
                "--config",
                config().toString(),
                "--state",
                home.resolve("state").toString(),
                "--listen",
                "127.0.0.1:" + port));
        command.addAll(options);
        return as.apply(command);
    }

    /** Starts the daemon and waits for its one line on stdout. */
    Agent start() {
        daemon.start(command());
        channel.resetConnectBackoff();
        return this;
    }

    /** As a power cut would: no warning, no clean up. */
    void kill() {
        daemon.kill();
    }

    /** Ends daemon and client, whatever state they are in. */
    void close() {
        channel.shutdownNow();
        daemon.close();
    }

    String address() {
        return "127.0.0.1:" + port;
    }

    /** A path on this server, as commands want it. */
    String at(String path) {
        return address() + ":" + path;
    }

    Path home() {
        return home;
    }

    Path config() {
        return home.resolve("server.yaml");
    }

    /** What is begun and not finished, by the agent's own journal. */
    List<String> unfinished() {
        try (var files = Files.list(home.resolve("state"))) {
            return files.map(f -> f.getFileName().toString())
                    .filter(n -> n.endsWith(".intent"))
                    .sorted()
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    String log() {
        return daemon.log();
    }

    FileServerGrpc.FileServerBlockingStub stub() {
        return FileServerGrpc.newBlockingStub(channel).withDeadlineAfter(30, TimeUnit.SECONDS);
    }
}
