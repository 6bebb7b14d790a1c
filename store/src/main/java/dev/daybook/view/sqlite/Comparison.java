package dev.daybook.view.sqlite;

import dev.daybook.view.ViewReader;
import java.util.List;
import java.util.stream.Collectors;

/** Whether two files hold the same: the rows of all tables, value by value and with their types; of an FTS5 table every word with its places. */
final class Comparison {
    private static final String TABLES =
            "SELECT s.name, s.sql FROM pragma_table_list l JOIN sqlite_schema s ON s.name = l.name"
                    + " WHERE s.type = 'table' AND l.schema = 'main' AND l.type IN ('table', 'virtual')"
                    + " AND s.name <> 'meta' AND s.name NOT LIKE 'sqlite~_%' ESCAPE '~' ORDER BY s.name";

    private final Statements files;

    /** Rows of the first file. */
    long rows;

    /** Rows that one of them has and the other has not, or with another value. */
    long differing;

    /** Where the first of them are. */
    String table = "";

    private Comparison(Statements files) {
        this.files = files;
    }

    static Comparison of(ViewFile one, ViewFile other) {
        try (Statements files = one.follow()) {
            files.run("ATTACH '" + other.path.toString().replace("'", "''") + "' AS other");
            Comparison comparison = new Comparison(files);
            comparison.run();
            return comparison;
        }
    }

    private void run() {
        String reached = " (SELECT * FROM %s.meta WHERE key IN ('position', 'line', 'stopped'))";
        compare("meta", reached.formatted("main"), reached.formatted("other"), columns("meta", "main"));
        for (ViewReader.Row found : files.query(TABLES)) {
            String name = String.valueOf(found.text(0));
            if (String.valueOf(found.text(1)).matches("(?is).*\\bUSING\\s+fts5\\b.*")) {
                words("main", name);
                words("other", name);
                rows += count("SELECT 1 FROM temp.main_words");
                compare(name, "temp.main_words", "temp.other_words", columns("main_words", "temp"));
                files.run("DROP TABLE temp.main_words");
                files.run("DROP TABLE temp.other_words");
            } else {
                rows += count("SELECT 1 FROM main." + quoted(name));
                compare(name, "main." + quoted(name), "other." + quoted(name), columns(name, "main"));
            }
        }
    }

    private void words(String schema, String name) {
        files.run("CREATE VIRTUAL TABLE temp." + schema + "_words USING fts5vocab(" + schema + ", " + quoted(name)
                + ", instance)");
    }

    /** Each column as two: its type, and its value without a collation. */
    private String columns(String name, String schema) {
        List<ViewReader.Row> all = files.query("SELECT name FROM pragma_table_info(?, ?)", name, schema);
        return all.stream()
                .map(row -> quoted(String.valueOf(row.text(0))))
                .map(c -> "typeof(" + c + "), iif(typeof(" + c + ") = 'text', CAST(" + c + " AS BLOB), " + c + ")")
                .collect(Collectors.joining(", "));
    }

    private void compare(String name, String one, String other, String columns) {
        long onlyHere = count(counted(one, columns) + " EXCEPT " + counted(other, columns));
        long onlyThere = count(counted(other, columns) + " EXCEPT " + counted(one, columns));
        if (onlyHere + onlyThere > 0 && differing == 0) {
            table = name;
        }
        differing += Math.max(onlyHere, onlyThere);
    }

    /** The rows, and how often each is there. */
    private static String counted(String table, String columns) {
        return "SELECT " + columns + ", count(*) FROM " + table + " GROUP BY " + columns;
    }

    private long count(String query) {
        return files.query("SELECT count(*) FROM (" + query + ")").get(0).number(0);
    }

    private static String quoted(String name) {
        return "\"" + name.replace("\"", "\"\"") + "\"";
    }
}
