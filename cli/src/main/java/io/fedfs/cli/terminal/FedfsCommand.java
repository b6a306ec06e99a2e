package io.fedfs.cli.terminal;

import io.fedfs.protocol.FedFsStatus;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** The frame of every command: help, {@code --json}, and how a result is printed. */
@Command(versionProvider = ProductVersion.class, mixinStandardHelpOptions = true)
public abstract class FedfsCommand implements Callable<Integer> {
    private final Terminal terminal;

    @Option(
            names = "--json",
            description = "Print the result (or the failure) as a JSON object; field names stay as they are.")
    private boolean json;

    protected FedfsCommand(Terminal terminal) {
        this.terminal = terminal;
    }

    /** Does the work and prints the result; returns the exit code. */
    protected abstract FedFsStatus run() throws Exception;

    @Override
    public final Integer call() throws Exception {
        return run().number();
    }

    protected final Terminal terminal() {
        return terminal;
    }

    /** Whether the user wants JSON. */
    public final boolean json() {
        return json;
    }

    /** Prints the document as JSON, or does what prints it as text. */
    protected final void print(Map<String, Object> document, Runnable asText) {
        if (!json) {
            asText.run();
            return;
        }
        try (Json writer = new Json(terminal.out())) {
            writer.document(document);
        }
    }

    /** Prints the document as JSON, or the one line as text. */
    protected final void print(Map<String, Object> document, String asText) {
        print(document, () -> terminal.line(asText));
    }

    /** A failure in the shape that {@code --json} prints: {@code error} with number, name and message. */
    public static Map<String, Object> failureDocument(FedFsStatus status, String message) {
        Map<String, Object> error = new LinkedHashMap<>();
        error.put("status", status.number());
        error.put("name", status.rfcName());
        error.put("message", message);
        Map<String, Object> document = new LinkedHashMap<>();
        document.put("error", error);
        return document;
    }
}
