package io.fedfs.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.fedfs.cli.terminal.Terminal;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.Map;

/** Runs the command inside the test's process, as a shell would outside. */
public final class Shell {
    private final Path directory;
    private final Map<String, String> environment;

    public Shell(Path directory, Map<String, String> environment) {
        this.directory = directory;
        this.environment = Map.copyOf(environment);
    }

    /** What a run left behind. */
    public record Ran(int exit, String out, String err) {
        public JsonNode json() {
            try {
                return new ObjectMapper().readTree(out);
            } catch (IOException e) {
                throw new UncheckedIOException(out, e);
            }
        }
    }

    public Ran fedfs(String... args) {
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        int exit =
                new Fedfs(new Terminal(new PrintWriter(out), new PrintWriter(err), environment, directory)).run(args);
        return new Ran(exit, out.toString(), err.toString());
    }
}
