package io.fedfs.junction.daos;

import java.util.ArrayList;
import java.util.List;

/**
 * How the value of a foreign attribute becomes {@code <pool>/<container>} where a site wrote it in a way of its own: constants and
 * substrings of the value, one after the other. The same as the item list that Lustre's {@code foreign_symlink_upcall} hands to the
 * client ({@code LL_FOREIGN_SYMLINK_UPCALL_INFO}: items STRING and POSLEN, an end), but as text, one item a line:
 *
 * <pre>
 * substring 0 36
 * constant /
 * substring 37 36
 * </pre>
 *
 * A constant is the rest of its line. What comes out is checked like any other value, so a table can name a container and nothing else.
 */
public final class TranslationTable {
    /** Lustre allows 32 with the one that ends the list. */
    public static final int MAX_ITEMS = 31;

    private static final String SUBSTRING = "substring";
    private static final String CONSTANT = "constant ";

    private final List<Item> items;

    /** A constant, or (when that is null) a part of the value. */
    private record Item(String constant, int position, int length) {}

    private TranslationTable(List<Item> items) {
        this.items = List.copyOf(items);
    }

    /**
     * Reads a table.
     *
     * @throws IllegalArgumentException naming the line that is none, when there are no items, or more than {@link #MAX_ITEMS}
     */
    public static TranslationTable parse(String text) {
        List<Item> items = new ArrayList<>();
        int number = 0;
        for (String line : text.split("\n", -1)) {
            number++;
            if (line.isBlank()) {
                continue;
            }
            if (items.size() == MAX_ITEMS) {
                throw new IllegalArgumentException("a table of more than " + MAX_ITEMS + " items");
            }
            items.add(item(line, number));
        }
        if (items.isEmpty()) {
            throw new IllegalArgumentException("a table without items");
        }
        return new TranslationTable(items);
    }

    private static Item item(String line, int number) {
        if (line.startsWith(CONSTANT) && line.length() > CONSTANT.length()) {
            return new Item(line.substring(CONSTANT.length()), 0, 0);
        }
        String[] words = line.strip().split(" +");
        if (words.length == 3 && words[0].equals(SUBSTRING) && isNumber(words[1]) && isNumber(words[2])) {
            return new Item(null, Integer.parseInt(words[1]), Integer.parseInt(words[2]));
        }
        throw new IllegalArgumentException(
                "line " + number + " of the table is neither \"constant TEXT\" nor \"substring POSITION LENGTH\"");
    }

    private static boolean isNumber(String word) {
        return word.matches("[0-9]{1,5}");
    }

    /** What the table makes of a value. */
    String apply(String value) throws DaosFormatException {
        StringBuilder out = new StringBuilder();
        for (Item item : items) {
            if (item.constant != null) {
                out.append(item.constant);
            } else if (item.position + item.length > value.length()) {
                throw new DaosFormatException("the site's table wants bytes " + item.position + " to "
                        + (item.position + item.length) + " of a value of " + value.length());
            } else {
                out.append(value, item.position, item.position + item.length);
            }
        }
        return out.toString();
    }

    /** The table as {@link #parse} reads it. */
    @Override
    public String toString() {
        StringBuilder out = new StringBuilder();
        for (Item item : items) {
            out.append(
                    item.constant != null
                            ? CONSTANT + item.constant
                            : SUBSTRING + " " + item.position + " " + item.length);
            out.append('\n');
        }
        return out.toString();
    }
}
