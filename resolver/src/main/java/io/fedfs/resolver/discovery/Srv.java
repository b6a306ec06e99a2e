package io.fedfs.resolver.discovery;

/**
 * One SRV record (RFC 2782).
 *
 * @param priority lower ones are tried first, 0 to 65535
 * @param weight the share among those of one priority, 0 to 65535
 * @param target a host's name without the dot at its end; empty: the service is decidedly not offered
 */
public record Srv(int priority, int weight, int port, String target) {

    /**
     * Reads {@code priority weight port target}, as DNS clients print it.
     *
     * @throws IllegalArgumentException when it is something else
     */
    static Srv parse(String text) {
        String[] words = text.strip().split("\\s+");
        if (words.length != 4) {
            throw new IllegalArgumentException("not an SRV record: \"" + text + "\"");
        }
        String target = words[3].endsWith(".") ? words[3].substring(0, words[3].length() - 1) : words[3];
        return new Srv(number(words[0]), number(words[1]), number(words[2]), target);
    }

    private static int number(String word) {
        int n = Integer.parseInt(word);
        if (n < 0 || n > 65_535) {
            throw new IllegalArgumentException("not a number of an SRV record: " + word);
        }
        return n;
    }
}
