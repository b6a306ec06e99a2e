package io.fedfs.system;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** A daemon of the distribution: started until it says on stdout that it serves, and ended in every way there is. */
final class DaemonProcess {
    private static final Duration START = Duration.ofSeconds(30);
    private static final Duration END = Duration.ofSeconds(20);

    private final String name;
    private final Path home;
    private final Map<String, String> environment;
    private Process process;

    /**
     * Does not start it.
     *
     * @param name what it is called; its output is in files of that name
     * @param home a directory of its own
     * @param environment beside this process's; read at each start
     */
    DaemonProcess(String name, Path home, Map<String, String> environment) {
        this.name = name;
        this.home = home;
        this.environment = environment;
    }

    /** Starts it and waits for its one line on stdout. */
    void start(List<String> command) {
        try {
            Path out = home.resolve(name + ".out");
            Files.deleteIfExists(out);
            ProcessBuilder builder = new ProcessBuilder(command)
                    .redirectInput(Path.of("/dev/null").toFile())
                    .redirectOutput(out.toFile())
                    .redirectError(ProcessBuilder.Redirect.appendTo(errors().toFile()));
            builder.environment().putAll(environment);
            process = builder.start();
            long end = System.nanoTime() + START.toNanos();
            while (!Files.readString(out).contains("\n")) {
                if (!process.isAlive() || System.nanoTime() > end) {
                    throw new AssertionError(name + " does not answer; it said: " + log());
                }
                Await.pause(Duration.ofMillis(10));
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** As a power cut would: no warning, no clean up. */
    void kill() {
        process.destroyForcibly();
        awaitEnd();
    }

    /** SIGTERM. */
    void stop() {
        process.destroy();
        awaitEnd();
    }

    /** Stops answering without closing anything, as an overloaded machine does. */
    void freeze() {
        signal("STOP");
    }

    void thaw() {
        signal("CONT");
    }

    /** Ends it, whatever state it is in. */
    void close() {
        if (isAlive()) {
            thaw();
            stop();
        }
    }

    boolean isAlive() {
        return process != null && process.isAlive();
    }

    /** What it said on stderr, since its first start. */
    String log() {
        try {
            return Files.readString(errors(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private Path errors() {
        return home.resolve(name + ".err");
    }

    private void signal(String signal) {
        Run.program(home, Map.of(), List.of("kill", "-" + signal, Long.toString(process.pid())))
                .ok();
    }

    private void awaitEnd() {
        try {
            if (!process.waitFor(END.toSeconds(), TimeUnit.SECONDS)) {
                process.destroyForcibly();
                throw new AssertionError(name + " did not end within " + END.toSeconds() + " s");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }
}
