package dev.daybook.benchmarks;

import dev.daybook.Daybook;
import dev.daybook.DaybookOptions;
import dev.daybook.Durability;
import dev.daybook.Freshness;
import dev.daybook.Progress;
import dev.daybook.log.LogPage;
import dev.daybook.log.LogQuery;
import dev.daybook.log.NewLogRow;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** The newest 50 of a million messages that have some words, with what they say; beside a plain FTS5 table with the same messages and tokenizer. */
final class TextBenchmark {
    private static final String SQLITE = "sqlite";
    private static final String STORE = "daybook";
    private static final int LIMIT = 50;
    private static final int AT_ONCE = 1_000;
    private static final int RARE = 10_007;
    private static final String[] WORDS =
            ("the agent reads a page then plans its next step and calls tool with arguments because answer of model was not"
                            + " complete result shows three more files which need changes before tests can pass")
                    .split(" ");

    private final Bench bench;
    private final int messages;

    /** What is asked in turn: rare and frequent words, several, side by side, a beginning. */
    private final List<String> asked = new ArrayList<>();

    TextBenchmark(Bench bench) {
        this.bench = bench;
        this.messages = bench.settings().events() / 2;
        for (int i = 0; i < 10; i++) {
            asked.add("w" + (i * 997 + 1));
            asked.add("agent");
            asked.add("files tests");
            asked.add("w" + (i * 773 + 5) + " agent");
            asked.add("\"the agent\"");
            asked.add("w" + (10 + i) + "*");
        }
    }

    /** A message of 12 words, one of which is rare. */
    static String text(long number) {
        StringBuilder text = new StringBuilder("w" + number % RARE);
        long random = number * 0x9E3779B97F4A7C15L;
        for (int i = 1; i < 12; i++) {
            random = (random ^ (random >>> 29)) * 0xBF58476D1CE4E5B9L;
            text.append(' ').append(WORDS[(int) Long.remainderUnsigned(random, WORDS.length)]);
        }
        return text.toString();
    }

    void run() throws Exception {
        Path peer = bench.textPeer(messages);
        Rounds rounds = new Rounds(bench).peer(SQLITE, (dir, seconds) -> plain(peer, seconds));
        if (!bench.settings().peersOnly()) {
            Path store = bench.textStore(messages);
            rounds.store(STORE, (dir, seconds) -> store(store, seconds));
        }
        Rounds.Results results = rounds.run();
        String what = "full text, newest 50 of %,d messages, time of one".formatted(messages);
        if (!results.has(STORE)) {
            bench.add(Row.info(what, "", "sqlite " + results.rateAndTimes(SQLITE)));
            return;
        }
        bench.add(Row.atMost(
                what + " : plain FTS5",
                1.3,
                results.ratio(SQLITE, STORE),
                "daybook %s, sqlite %s".formatted(results.rateAndTimes(STORE), results.rateAndTimes(SQLITE))));
    }

    private interface Query {
        int rows(String words, Sight sight) throws SQLException;
    }

    private Figure ask(double seconds, Query query) throws SQLException {
        Sight sight = new Sight();
        for (int i = 0; i < 5; i++) {
            for (String words : asked) {
                query.rows(words, sight);
            }
        }
        var times = Figure.histogram();
        long start = System.nanoTime();
        long count = 0;
        for (long now = start; now - start < seconds * 1e9; ) {
            int rows = query.rows(asked.get((int) (count++ % asked.size())), sight);
            long then = System.nanoTime();
            times.recordValue(then - now);
            now = then;
            if (rows == 0 || rows > LIMIT) {
                throw new IllegalStateException(rows + " rows");
            }
        }
        return new Figure(count / ((System.nanoTime() - start) / 1e9), times, count);
    }

    private Figure store(Path dir, double seconds) throws SQLException {
        try (Daybook book = Daybook.open(dir)) {
            LogQuery newest = LogQuery.all().limit(LIMIT);
            return ask(seconds, (words, sight) -> {
                LogPage page = book.logs().query(newest.text(words));
                page.rows().forEach(row -> sight.see((long) row.payload().length()));
                return page.rows().size();
            });
        }
    }

    private Figure plain(Path dir, double seconds) throws SQLException {
        try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + dir.resolve("text.db"));
                PreparedStatement query = connection.prepareStatement(
                        "SELECT rowid, text FROM message WHERE message MATCH ? ORDER BY rowid DESC LIMIT " + LIMIT)) {
            return ask(seconds, (words, sight) -> {
                query.setString(1, words);
                int rows = 0;
                try (ResultSet found = query.executeQuery()) {
                    for (; found.next(); rows++) {
                        sight.see(found.getLong(1));
                        sight.see((long) found.getString(2).length());
                    }
                }
                return rows;
            });
        }
    }

    static void buildPeer(Path dir, int messages) throws Exception {
        Files.createDirectories(dir);
        try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + dir.resolve("text.db"))) {
            try (Statement statement = connection.createStatement()) {
                statement.execute("PRAGMA journal_mode=WAL");
                statement.execute("PRAGMA synchronous=NORMAL");
                statement.execute(
                        "CREATE VIRTUAL TABLE message USING fts5(text, tokenize='unicode61 remove_diacritics 2')");
            }
            connection.setAutoCommit(false);
            try (PreparedStatement insert =
                    connection.prepareStatement("INSERT INTO message (rowid, text) VALUES (?, ?)")) {
                for (int i = 1; i <= messages; i++) {
                    insert.setLong(1, i);
                    insert.setString(2, text(i));
                    insert.addBatch();
                    if (i % AT_ONCE == 0) {
                        insert.executeBatch();
                        connection.commit();
                    }
                }
                insert.executeBatch();
            }
            connection.commit();
        }
    }

    static void buildStore(Path dir, int messages) throws Exception {
        try (Daybook book = Daybook.open(dir, DaybookOptions.defaults().withDurability(Durability.OS))) {
            List<NewLogRow> rows = new ArrayList<>();
            for (int i = 1; i <= messages; i++) {
                rows.add(NewLogRow.of("agent", "message").json("{\"content\":\"" + text(i) + "\"}"));
                if (rows.size() == AT_ONCE || i == messages) {
                    book.logs().append(rows);
                    rows.clear();
                }
            }
            book.views().rebuild("text", Progress.NONE);
            book.views().query("text", Freshness.own().within(Duration.ofMinutes(5)), tables -> tables.position());
        }
    }
}
