package io.fedfs.junction;

import io.fedfs.protocol.FedFsStatus;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * The annotations attribute: UTF-8, one {@code "name" = "value"} a line in order of the names, as RFC 7532 writes an
 * annotation (section 4.2.1.6); a backslash stands before every quotation mark and backslash inside the quotes, and
 * everything else, line ends too, stands for itself.
 */
final class Annotations {
    /** In bytes. An ext4 inode's attributes share about 4,000 bytes by default; other file systems hold more. */
    static final int MAX_BYTES = 16_384;

    static final int MAX_NAME_BYTES = 255;
    static final int MAX_VALUE_BYTES = 4096;

    private Annotations() {}

    /** Refuses with INVAL what the limits or the format cannot carry. */
    static byte[] format(SortedMap<String, String> annotations) throws JunctionException {
        StringBuilder out = new StringBuilder();
        for (Map.Entry<String, String> e : annotations.entrySet()) {
            check(e.getKey(), MAX_NAME_BYTES, "annotation name");
            if (e.getKey().isEmpty()) {
                throw new JunctionException(FedFsStatus.INVAL, "an annotation needs a name");
            }
            check(e.getValue(), MAX_VALUE_BYTES, "annotation value");
            quote(e.getKey(), out).append(" = ");
            quote(e.getValue(), out).append('\n');
        }
        byte[] bytes = out.toString().getBytes(StandardCharsets.UTF_8);
        if (bytes.length > MAX_BYTES) {
            throw new JunctionException(
                    FedFsStatus.INVAL,
                    "the annotations take " + bytes.length + " bytes together, more than " + MAX_BYTES);
        }
        return bytes;
    }

    static SortedMap<String, String> parse(byte[] document) throws JunctionFormatException {
        if (document.length > MAX_BYTES) {
            throw new JunctionFormatException("annotations of " + document.length + " bytes, more than " + MAX_BYTES);
        }
        String text;
        try {
            text = StandardCharsets.UTF_8
                    .newDecoder()
                    .onMalformedInput(CodingErrorAction.REPORT)
                    .decode(ByteBuffer.wrap(document))
                    .toString();
        } catch (CharacterCodingException e) {
            throw new JunctionFormatException("the annotations are not UTF-8");
        }
        return new Scanner(text).all();
    }

    private static void check(String text, int maxBytes, String what) throws JunctionException {
        int bytes = text.getBytes(StandardCharsets.UTF_8).length;
        if (bytes > maxBytes) {
            throw new JunctionException(
                    FedFsStatus.INVAL, what + " of " + bytes + " bytes; at most " + maxBytes + " are possible");
        }
        if (text.indexOf('\0') >= 0) {
            throw new JunctionException(FedFsStatus.BADCHAR, what + " with a NUL character");
        }
    }

    private static StringBuilder quote(String text, StringBuilder out) {
        return out.append('"')
                .append(text.replace("\\", "\\\\").replace("\"", "\\\""))
                .append('"');
    }

    private static final class Scanner {
        private final String text;
        private int at;

        Scanner(String text) {
            this.text = text;
        }

        SortedMap<String, String> all() throws JunctionFormatException {
            SortedMap<String, String> found = new TreeMap<>();
            while (at < text.length()) {
                String name = quoted();
                expect(" = ");
                String value = quoted();
                expect("\n");
                if (name.isEmpty() || found.put(name, value) != null) {
                    throw fault();
                }
            }
            return found;
        }

        private String quoted() throws JunctionFormatException {
            expect("\"");
            StringBuilder out = new StringBuilder();
            while (at < text.length()) {
                char c = text.charAt(at++);
                if (c == '"') {
                    return out.toString();
                }
                if (c == '\\') {
                    if (at == text.length() || (text.charAt(at) != '"' && text.charAt(at) != '\\')) {
                        throw fault();
                    }
                    c = text.charAt(at++);
                }
                out.append(c);
            }
            throw fault();
        }

        private void expect(String token) throws JunctionFormatException {
            if (!text.startsWith(token, at)) {
                throw fault();
            }
            at += token.length();
        }

        private JunctionFormatException fault() {
            return new JunctionFormatException("the annotations are damaged at character " + at);
        }
    }
}
