package dev.daybook.benchmarks;

import dev.daybook.Daybook;
import dev.daybook.DaybookOptions;
import dev.daybook.Durability;
import dev.daybook.Freshness;
import dev.daybook.internal.time.Clock;
import dev.daybook.run.NewRun;
import dev.daybook.run.RunFilter;
import dev.daybook.run.RunInfo;
import dev.daybook.run.RunPage;
import dev.daybook.run.RunRef;
import dev.daybook.run.RunStatistics;
import dev.daybook.run.RunStatus;
import dev.daybook.run.StatisticsOptions;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicInteger;
import org.HdrHistogram.Histogram;

/**
 * Questions about many runs: the newest 50 by status and by workflow from some time on, a page at a time, beside the same query on a table of a plain SQLite database with the best composite
 * index; figures over all of them.
 */
final class RunQueryBenchmark {
    private static final int WORKFLOWS = 20;
    private static final int PAGE = 50;
    private static final int WRITERS = 64;
    private static final long BEGAN = 1_600_000_000_000_000L;
    private static final long APART_MICROS = 2_592_000; // a million runs in thirty days
    private static final List<String> STATUSES =
            List.of("completed", "completed", "completed", "completed", "completed", "failed", "failed", "killed");

    private static final DaybookOptions OPTIONS = DaybookOptions.defaults().withDurability(Durability.OS);
    private static final String STORE = "daybook";
    private static final String SQLITE = "sqlite";

    private final Bench bench;
    private final int runs;

    RunQueryBenchmark(Bench bench) {
        this.bench = bench;
        this.runs = bench.settings().manyStreams();
    }

    private static String workflow(int run) {
        return "workflow-" + new SplittableRandom(run).nextInt(WORKFLOWS);
    }

    private static String status(int run) {
        return STATUSES.get(new SplittableRandom(run + 1_000_000_007L).nextInt(STATUSES.size()));
    }

    private static long began(int run) {
        return BEGAN + run * APART_MICROS;
    }

    private static Instant instant(long micros) {
        return Instant.ofEpochSecond(micros / 1_000_000, micros % 1_000_000 * 1_000);
    }

    void run() throws Exception {
        if (bench.settings().peersOnly()) {
            return;
        }
        Path store = bench.runsStore(runs);
        Path sqlite = bench.runsInSqlite(runs);
        try (Daybook book = open(store);
                Connection connection = DriverManager.getConnection("jdbc:sqlite:" + sqlite.resolve("runs.db"))) {
            book.runs().statistics(RunFilter.all().freshness(Freshness.own().within(Duration.ofMinutes(10))));
            try (Statement statement = connection.createStatement()) {
                statement.execute("PRAGMA cache_size=-65536");
            }
            pages(book, connection, "status", "status + time");
            pages(book, connection, "workflow", "name + time");
            figures(book);
        }
    }

    private static Daybook open(Path store) {
        return Daybook.open(store, OPTIONS);
    }

    // ---- pages

    /** Goes from page to page, from a time within the last half on, so that each page is another one. */
    private void pages(Daybook book, Connection connection, String column, String what) throws Exception {
        Rounds.Results results = new Rounds(bench)
                .store(STORE, (dir, seconds) -> ofStore(book, column, seconds))
                .peer(SQLITE, (dir, seconds) -> ofSqlite(connection, column, seconds))
                .run();
        String row = "newest %d of %,d runs by %s".formatted(PAGE, runs, what);
        String figures = "a second: daybook %s, sqlite %s".formatted(results.rate(STORE), results.rate(SQLITE));
        bench.add(Row.atMost(row + " : SQLite, p50 of one", 1.2, results.ratio(STORE, SQLITE, figure -> millis(figure, 50)), figures));
        bench.add(p50(row + ", p50", 0.3, results, STORE));
    }

    private static String value(String column, int turn) {
        return column.equals("status") ? STATUSES.get(turn % STATUSES.size()) : "workflow-" + turn % WORKFLOWS;
    }

    private Figure ofStore(Daybook book, String column, double seconds) {
        Instant since = instant(began(runs / 2));
        String[] next = {null};
        return timed(seconds, turn -> {
            String value = value(column, turn / 2);
            RunFilter filter = RunFilter.all().since(since).limit(PAGE).after(turn % 2 == 0 ? null : next[0]);
            filter = column.equals("status") ? filter.status(RunStatus.of(value)) : filter.workflow(value);
            RunPage<RunInfo> page = book.runs().list(filter);
            requireFull(page.items().size());
            next[0] = page.next().orElseThrow();
        });
    }

    private Figure ofSqlite(Connection connection, String column, double seconds) throws SQLException {
        String select =
                "SELECT created, run, id, workflow, status, attempt, started, ended, owner, generation, exit_code, error,"
                        + " parent, tags FROM run WHERE " + column + " = ? AND created >= ?";
        String order = " ORDER BY created DESC, run DESC LIMIT " + PAGE;
        try (PreparedStatement first = connection.prepareStatement(select + order);
                PreparedStatement next = connection.prepareStatement(select + " AND (created, run) < (?, ?)" + order)) {
            long[] last = {0, 0};
            return timed(seconds, turn -> {
                try {
                    if (turn % 2 == 1) {
                        next.setLong(3, last[0]);
                        next.setLong(4, last[1]);
                    }
                    requireFull(read(turn % 2 == 0 ? first : next, value(column, turn / 2), last));
                } catch (SQLException e) {
                    throw new IllegalStateException(e);
                }
            });
        }
    }

    private int read(PreparedStatement statement, String value, long[] last) throws SQLException {
        statement.setString(1, value);
        statement.setLong(2, began(runs / 2));
        List<Object[]> rows = new ArrayList<>();
        try (ResultSet found = statement.executeQuery()) {
            while (found.next()) {
                Object[] row = new Object[14];
                for (int i = 0; i < row.length; i++) {
                    row[i] = found.getObject(i + 1);
                }
                last[0] = found.getLong(1);
                last[1] = found.getLong(2);
                rows.add(row);
            }
        }
        return rows.size();
    }

    private static void requireFull(int found) {
        if (found != PAGE) {
            throw new IllegalStateException(found + " runs instead of " + PAGE);
        }
    }

    // ---- figures

    private void figures(Daybook book) throws Exception {
        StatisticsOptions counts = StatisticsOptions.total().withPercentiles(false);
        Rounds.Results results = new Rounds(bench)
                .store("counts", (dir, seconds) -> statistics(book, counts, seconds))
                .store("workflows", (dir, seconds) -> statistics(book, counts.withWorkflows(true), seconds))
                .store("days", (dir, seconds) -> statistics(book, counts.withBucket(Duration.ofDays(1)), seconds))
                .store("percentiles", (dir, seconds) -> statistics(book, StatisticsOptions.total(), seconds))
                .run();
        String what = "statistics over %,d runs, ".formatted(runs);
        bench.add(p50(what + "counts and means by status, p50", 1, results, "counts"));
        bench.add(p50(what + "by workflow, too, p50", 1, results, "workflows"));
        bench.add(p50(what + "by day, too, p50", 1, results, "days"));
        bench.add(p50(what + "exact p50, p95 and p99, p50", 15, results, "percentiles"));
    }

    private Figure statistics(Daybook book, StatisticsOptions options, double seconds) {
        return timed(seconds, turn -> {
            RunStatistics statistics = book.runs().statistics(RunFilter.all(), options);
            if (statistics.all().total() != runs) {
                throw new IllegalStateException(statistics.all().total() + " attempts instead of " + runs);
            }
        });
    }

    private interface Question {
        void ask(int turn);
    }

    /** Asks one after another. */
    private static Figure timed(double seconds, Question question) {
        Histogram nanos = Figure.histogram();
        long start = System.nanoTime();
        int n = 0;
        while (System.nanoTime() - start < seconds * 1e9) {
            long began = System.nanoTime();
            question.ask(n++);
            nanos.recordValue(System.nanoTime() - began);
        }
        return new Figure(n / ((System.nanoTime() - start) / 1e9), nanos, n);
    }

    private static double millis(Figure figure, double percentile) {
        return figure.percentileMicros(percentile) / 1_000;
    }

    private static Row p50(String what, double goal, Rounds.Results results, String name) {
        String figures = "p99 %s ms"
                .formatted(results.values(name, figure -> millis(figure, 99)).asNumber());
        return Row.atMost(what, goal, "ms", results.values(name, figure -> millis(figure, 50)), figures);
    }

    // ---- stores

    /** A store with so many ended runs, of which a view knows. */
    static void build(Path dir, int runs) throws Exception {
        AtomicInteger begun = new AtomicInteger();
        Clock clock = () -> began(begun.get()); // so that they are spread over thirty days
        try (Daybook book = Daybook.open(dir, OPTIONS.withClock(clock))) {
            List<Thread> writers = new ArrayList<>();
            for (int w = 0; w < WRITERS; w++) {
                Thread writer = new Thread(() -> {
                    for (int i = begun.getAndIncrement(); i < runs; i = begun.getAndIncrement()) {
                        write(book, i);
                    }
                });
                writers.add(writer);
                writer.start();
            }
            for (Thread writer : writers) {
                writer.join();
            }
        }
        try (Daybook book = open(dir)) {
            book.runs().statistics(RunFilter.all().freshness(Freshness.own().within(Duration.ofMinutes(10))));
        }
        if (!Files.exists(dir.resolve("views"))) {
            throw new IllegalStateException("no view was made");
        }
    }

    private static void write(Daybook book, int i) {
        RunRef run = book.runs().record(NewRun.of(workflow(i)).id("r" + i).tag("n", String.valueOf(i % 100)));
        switch (status(i)) {
            case "completed" -> run.complete();
            case "failed" -> run.fail("no such file");
            default -> run.kill("");
        }
    }

    static void buildInSqlite(Path dir, int runs) throws SQLException {
        try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + dir.resolve("runs.db"))) {
            try (Statement statement = connection.createStatement()) {
                statement.execute("PRAGMA journal_mode=WAL");
                statement.execute("PRAGMA synchronous=OFF");
                statement.execute("CREATE TABLE run (run INTEGER PRIMARY KEY, id TEXT NOT NULL, workflow TEXT NOT NULL,"
                        + " status TEXT NOT NULL, attempt INTEGER NOT NULL, created INTEGER NOT NULL, started INTEGER,"
                        + " ended INTEGER, owner TEXT, generation INTEGER NOT NULL, exit_code INTEGER, error TEXT, parent TEXT,"
                        + " tags TEXT NOT NULL)");
            }
            connection.setAutoCommit(false);
            try (PreparedStatement insert = connection.prepareStatement(
                    "INSERT INTO run VALUES (?, ?, ?, ?, 1, ?, ?, ?, NULL, 0, NULL, ?, NULL, ?)")) {
                for (int i = 0; i < runs; i++) {
                    insert.setLong(1, i + 1L);
                    insert.setString(2, "r" + i);
                    insert.setString(3, workflow(i));
                    insert.setString(4, status(i));
                    insert.setLong(5, began(i));
                    insert.setLong(6, began(i));
                    insert.setLong(7, began(i) + 1_000_000);
                    insert.setString(8, status(i).equals("failed") ? "no such file" : null);
                    insert.setString(9, "{\"n\":\"" + i % 100 + "\"}");
                    insert.executeUpdate();
                }
            }
            connection.commit();
            connection.setAutoCommit(true);
            try (Statement statement = connection.createStatement()) {
                statement.execute("CREATE INDEX run_status ON run (status, created, run)");
                statement.execute("CREATE INDEX run_workflow ON run (workflow, created, run)");
            }
        }
    }
}
