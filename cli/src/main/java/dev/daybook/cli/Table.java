package dev.daybook.cli;

import java.util.ArrayList;
import java.util.List;

/** Aligned columns. A heading that begins with {@code >} aligns its column to the right. Prints nothing when there are no rows. */
final class Table {
    private final boolean[] right;
    private final List<String[]> rows = new ArrayList<>();

    Table(String... headings) {
        right = new boolean[headings.length];
        String[] row = new String[headings.length];
        for (int i = 0; i < headings.length; i++) {
            right[i] = headings[i].startsWith(">");
            row[i] = right[i] ? headings[i].substring(1) : headings[i];
        }
        rows.add(row);
    }

    Table row(String... cells) {
        rows.add(cells);
        return this;
    }

    void print(Output out) {
        if (rows.size() == 1) {
            return;
        }
        int[] widths = new int[right.length];
        for (String[] row : rows) {
            for (int i = 0; i < row.length; i++) {
                widths[i] = Math.max(widths[i], row[i].codePointCount(0, row[i].length()));
            }
        }
        for (String[] row : rows) {
            StringBuilder line = new StringBuilder();
            for (int i = 0; i < row.length; i++) {
                String space = " ".repeat(widths[i] - row[i].codePointCount(0, row[i].length()));
                line.append(i == 0 ? "" : "  ")
                        .append(right[i] ? space : "")
                        .append(row[i])
                        .append(right[i] ? "" : space);
            }
            out.line(line.toString().stripTrailing());
        }
    }

    /** A size for people. */
    static String bytes(long bytes) {
        if (bytes < 1 << 10) {
            return bytes + " B";
        }
        String[] units = {"KiB", "MiB", "GiB", "TiB", "PiB", "EiB"};
        double size = bytes;
        int unit = -1;
        while (size >= 1 << 10 && unit < units.length - 1) {
            size /= 1 << 10;
            unit++;
        }
        long tenths = Math.round(size * 10);
        return tenths / 10 + "." + tenths % 10 + " " + units[unit];
    }
}
