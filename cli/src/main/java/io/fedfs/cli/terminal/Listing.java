package io.fedfs.cli.terminal;

import java.util.Map;
import java.util.function.Supplier;

/**
 * A list printed while it is being fetched, so that a long one needs no memory and its first lines appear at once. As JSON
 * it is an object with one field, the list.
 */
public final class Listing implements AutoCloseable {
    private final Terminal terminal;
    private final Json json;

    /**
     * Begins the list.
     *
     * @param asJson JSON, else lines of text
     * @param field the list's name in JSON
     */
    public Listing(Terminal terminal, boolean asJson, String field) {
        this.terminal = terminal;
        this.json = asJson ? new Json(terminal.out()).beginList(field) : null;
    }

    /** Adds one element; returns whether anyone still reads ({@code fedfs fsn list | head}). */
    public boolean add(Supplier<Map<String, Object>> document, Supplier<String> text) {
        if (json != null) {
            json.document(document.get());
        } else {
            terminal.line(text.get());
        }
        return !terminal.out().checkError();
    }

    @Override
    public void close() {
        if (json != null) {
            json.endList();
            json.close();
        }
    }
}
