package io.fedfs.cli.terminal;

import com.github.freva.asciitable.AsciiTable;
import com.github.freva.asciitable.Column;
import com.github.freva.asciitable.HorizontalAlign;
import java.util.Arrays;
import java.util.List;

/** A small table for people: a header, columns as wide as they need, no frame. */
public final class TextTable {
    private static final int WIDEST = 400;

    private TextTable() {}

    /** Prints the rows, indented; nothing when there are none. */
    public static void print(Terminal terminal, String indent, List<String> header, List<List<String>> rows) {
        if (rows.isEmpty()) {
            return;
        }
        Column[] columns = header.stream()
                .map(name -> new Column()
                        .header(name)
                        .maxWidth(WIDEST)
                        .headerAlign(HorizontalAlign.LEFT)
                        .dataAlign(HorizontalAlign.LEFT))
                .toArray(Column[]::new);
        String[][] data = rows.stream()
                .map(row -> row.stream().map(TextTable::cell).toArray(String[]::new))
                .toArray(String[][]::new);
        String table = AsciiTable.getTable(AsciiTable.NO_BORDERS, columns, data);
        Arrays.stream(table.split("\n", -1))
                .filter(line -> !line.isBlank())
                .forEach(line -> terminal.line(indent + line.substring(1).stripTrailing()));
    }

    private static String cell(String text) {
        return Terminal.printable(text);
    }
}
