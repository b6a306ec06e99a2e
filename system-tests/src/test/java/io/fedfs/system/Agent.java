package io.fedfs.system;

import io.fedfs.v1.FileServerGrpc;
import io.grpc.ManagedChannel;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;

/** One file server agent of the distribution, on a port of its own, and a gRPC client beside it. */
final class Agent {
    private static final Duration START = Duration.ofSeconds(30);

    private final Path home;
    private final int port;
    private final Map<String, String> environment;
    private final UnaryOperator<List<String>> as;
    private final ManagedChannel channel;
    private final List<String> options = new ArrayList<>();
    private Process process;

    /**
     * Does not start it.
     *
     * @param home a directory of its own
     * @param as from a command to one that runs it, as another user for instance
     */
    Agent(Path home, int port, Map<String, String> environment, UnaryOperator<List<String>> as) {
        this.home = home;
        this.port = port;
        this.environment = environment;
        this.as = as;
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
        try {
            Path out = home.resolve("server.out");
            Files.deleteIfExists(out);
            ProcessBuilder builder = new ProcessBuilder(command())
                    .redirectInput(Path.of("/dev/null").toFile())
                    .redirectOutput(out.toFile())
                    .redirectError(ProcessBuilder.Redirect.appendTo(
                            home.resolve("server.err").toFile()));
            builder.environment().putAll(environment);
            process = builder.start();
            long end = System.nanoTime() + START.toNanos();
            while (!Files.readString(out).contains("\n")) {
                if (!process.isAlive() || System.nanoTime() > end) {
                    throw new AssertionError("fedfs-server does not answer; it said: " + log());
                }
                Await.pause(Duration.ofMillis(10));
            }
            channel.resetConnectBackoff();
            return this;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** As a power cut would: no warning, no clean up. */
    void kill() {
        process.destroyForcibly();
        awaitEnd();
    }

    private void awaitEnd() {
        try {
            if (!process.waitFor(20, TimeUnit.SECONDS)) {
                process.destroyForcibly();
                throw new AssertionError("fedfs-server did not end within 20 s");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    /** Ends daemon and client, whatever state they are in. */
    void close() {
        channel.shutdownNow();
        if (process != null && process.isAlive()) {
            process.destroy();
            awaitEnd();
        }
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
        try {
            return Files.readString(home.resolve("server.err"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    FileServerGrpc.FileServerBlockingStub stub() {
        return FileServerGrpc.newBlockingStub(channel).withDeadlineAfter(30, TimeUnit.SECONDS);
    }
}
