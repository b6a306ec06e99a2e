package io.fedfs.cli.terminal;

import java.io.BufferedWriter;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.OutputStreamWriter;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Map;

/**
 * Where a command writes and what surrounds it.
 *
 * @param out results
 * @param err failures and warnings
 * @param environment the process's environment
 * @param directory the working directory, absolute
 */
public record Terminal(PrintWriter out, PrintWriter err, Map<String, String> environment, Path directory) {
    private static final char DELETE = 0x7f;
    private static final char FIRST_LATIN_1 = 0xa0;

    /** The terminal of this process. Names are printed as UTF-8 whatever the locale: they are bytes, and came as such. */
    public static Terminal ofProcess() {
        return new Terminal(
                writer(FileDescriptor.out),
                writer(FileDescriptor.err),
                System.getenv(),
                Path.of("").toAbsolutePath());
    }

    private static PrintWriter writer(FileDescriptor descriptor) {
        return new PrintWriter(new BufferedWriter(
                new OutputStreamWriter(new FileOutputStream(descriptor), StandardCharsets.UTF_8), 8192));
    }

    /** Prints one line of result. */
    public void line(String text) {
        out.print(printable(text));
        out.print('\n');
    }

    /** Prints one line to the user, beside the result. */
    public void note(String text) {
        err.print("fedfs: " + printable(text) + "\n");
    }

    /** An environment variable, or null when it is not set or empty. */
    public String variable(String name) {
        String value = environment.get(name);
        return value == null || value.isEmpty() ? null : value;
    }

    /**
     * The text with control characters spelled out. Annotations, names and reasons come from others; printed raw they could
     * drive the terminal.
     */
    public static String printable(String text) {
        StringBuilder clean = null;
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            boolean control = c < ' ' || c >= DELETE && c < FIRST_LATIN_1;
            if (control && clean == null) {
                clean = new StringBuilder(text.length() + 8).append(text, 0, i);
            }
            if (clean != null) {
                clean.append(control ? "\\x%02x".formatted((int) c) : String.valueOf(c));
            }
        }
        return clean == null ? text : clean.toString();
    }
}
