package dev.daybook.benchmarks;

import dev.daybook.Durability;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;

/** Following a journal with a view, and making the view anew, beside a program that inserts the same rows into the same table. */
final class ViewBenchmarks {
    private static final String SQLITE = "sqlite";
    private static final String FEEDING = "daybook, following";
    private static final String REBUILDING = "daybook, rebuilding";
    private static final int ROWS_PER_TRANSACTION = 1_000;

    private final Bench bench;
    private final int rows;

    ViewBenchmarks(Bench bench) {
        this.bench = bench;
        this.rows = bench.settings().events() / 10;
    }

    void run() throws Exception {
        Rounds rounds = new Rounds(bench).peer(SQLITE, (dir, seconds) -> plain(dir));
        if (!bench.settings().peersOnly()) {
            Path store = bench.viewedStore(rows);
            rounds.store(FEEDING, (dir, seconds) -> {
                Book.forgetView(store, true);
                return followed(store);
            });
            rounds.store(REBUILDING, (dir, seconds) -> {
                Book.forgetView(store, false);
                return followed(store);
            });
        }
        Rounds.Results results = rounds.run();
        String what = "view %s, one row per event, %,d events : SQLite inserts";
        String figures = "sqlite " + results.rate(SQLITE);
        if (!results.has(FEEDING)) {
            bench.add(Row.info(what.formatted("feeding", rows), "", figures));
            return;
        }
        figures = "following %s, rebuilding %s, ".formatted(results.rate(FEEDING), results.rate(REBUILDING)) + figures;
        bench.add(Row.atLeast(what.formatted("feeding", rows), 1, results.ratio(FEEDING, SQLITE), figures));
        bench.add(Row.atLeast(what.formatted("rebuild", rows), 3, results.ratio(REBUILDING, SQLITE), "the same"));
    }

    private Figure followed(Path store) {
        try (Book book = Book.open(store, Durability.SYNC)) {
            long start = System.nanoTime();
            long found = book.followView();
            return rate(found, start);
        }
    }

    private Figure plain(Path dir) throws SQLException {
        EventRows table = new EventRows();
        try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + dir.resolve("rows.db"))) {
            try (Statement statement = connection.createStatement()) {
                statement.execute("PRAGMA journal_mode=WAL");
                statement.execute("PRAGMA synchronous=NORMAL");
                statement.execute("PRAGMA cache_size=-65536");
                for (String each : table.tables()) {
                    statement.execute(each);
                }
                for (String each : table.indexes()) {
                    statement.execute(each);
                }
            }
            long start = System.nanoTime();
            connection.setAutoCommit(false);
            try (PreparedStatement insert = connection.prepareStatement(EventRows.INSERT)) {
                for (int i = 0; i < rows; i++) {
                    insert.setLong(1, i + 1);
                    insert.setLong(2, i / Workload.STREAMS + 1);
                    insert.setLong(3, 1_790_000_000_000_000L + i);
                    insert.setString(4, Workload.EVENT_TYPE);
                    insert.setString(5, Workload.streamName(Workload.stream(i)));
                    insert.executeUpdate();
                    if (i % ROWS_PER_TRANSACTION == ROWS_PER_TRANSACTION - 1) {
                        connection.commit();
                    }
                }
            }
            connection.commit();
            return rate(rows, start);
        }
    }

    private Figure rate(long found, long start) {
        double seconds = (System.nanoTime() - start) / 1e9;
        if (found != rows) {
            throw new IllegalStateException(found + " rows instead of " + rows);
        }
        return Figure.of(found / seconds);
    }
}
