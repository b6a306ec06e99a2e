package io.fedfs.system;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * What a finished program said. Its output goes through files: a daemon that it leaves behind would keep pipes open.
 *
 * @param code exit code
 */
record Run(List<String> command, int code, String out, String err, Duration took) {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Duration BOUND = Duration.ofSeconds(60);

    /** Runs a program to its end, or ends it after a minute and fails. */
    static Run program(Path scratch, Map<String, String> environment, List<String> command) {
        return program(scratch, environment, command, BOUND);
    }

    static Run program(Path scratch, Map<String, String> environment, List<String> command, Duration bound) {
        try {
            Path out = Files.createTempFile(scratch, "out", null);
            Path err = Files.createTempFile(scratch, "err", null);
            ProcessBuilder builder = new ProcessBuilder(command)
                    .redirectInput(Path.of("/dev/null").toFile())
                    .redirectOutput(out.toFile())
                    .redirectError(err.toFile());
            builder.environment().putAll(environment);
            long start = System.nanoTime();
            Process process = builder.start();
            boolean ended = process.waitFor(bound.toMillis(), TimeUnit.MILLISECONDS);
            Duration took = Duration.ofNanos(System.nanoTime() - start);
            if (!ended) {
                process.destroyForcibly().waitFor();
                throw new AssertionError(
                        command + " did not end within " + bound + "; it said: " + text(out) + text(err));
            }
            Run run = new Run(command, process.exitValue(), text(out), text(err), took);
            Files.delete(out);
            Files.delete(err);
            return run;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    /** The bytes as they are, so that any name can be compared. */
    private static String text(Path file) throws IOException {
        return Files.readString(file, java.nio.charset.StandardCharsets.ISO_8859_1);
    }

    /** Fails with what the program said unless it succeeded. */
    Run ok() {
        assertThat(code).as("%s: %s%s", command, out, err).isZero();
        return this;
    }

    /** Fails unless it failed with this code, a message, and no stack trace. */
    Run failed(int expected) {
        assertThat(code).as("%s: %s%s", command, out, err).isEqualTo(expected);
        return complained();
    }

    /** Fails unless it failed somehow with a message and no stack trace. */
    Run complained() {
        assertThat(code).as("%s: %s%s", command, out, err).isNotZero();
        assertThat(err).as("%s", command).isNotBlank().doesNotContain("\tat ");
        return this;
    }

    /** Output without the newline at its end. */
    String line() {
        return out.strip();
    }

    JsonNode json() {
        try {
            return JSON.readTree(out);
        } catch (IOException e) {
            throw new AssertionError(command + " did not print JSON: " + out, e);
        }
    }
}
