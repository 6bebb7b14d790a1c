package dev.daybook.benchmarks;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * What all benchmarks of a run share: the settings, the rows so far, and the big stores, which are built once, when
 * they are first needed.
 */
final class Bench {
    /** Builds a peer's or our own store in an empty directory. */
    interface Builder {
        void build(Path dir) throws Exception;
    }

    private final Settings settings;
    private final List<Row> rows = new ArrayList<>();

    Bench(Settings settings) {
        this.settings = settings;
    }

    Settings settings() {
        return settings;
    }

    List<Row> rows() {
        return rows;
    }

    void add(Row row) {
        rows.add(row);
        progress("=> %s | %s | %s | %s".formatted(row.what(), row.measured(), row.figures(), row.verdict()));
    }

    /** A line for whoever waits; the table alone goes to standard output. */
    void progress(String line) {
        System.err.println("  " + line);
    }

    /** A store with exactly these events; whoever adds to it takes {@link #killedDaybookStore}. */
    Path daybookStore(int events) throws Exception {
        return built("daybook-" + events, dir -> Book.build(dir, events));
    }

    /** A store with at least these events, for writers that are killed. */
    Path killedDaybookStore(int events) throws Exception {
        return built("daybook-killed-" + events, dir -> Book.build(dir, events));
    }

    Path sqliteStore(int events) throws Exception {
        return built("sqlite-" + events, dir -> Sqlite.build(dir, events, events <= settings.events()));
    }

    Path rocksStore(int events) throws Exception {
        return built("rocksdb-" + events, dir -> Rocks.build(dir, events));
    }

    Path manyStreamsStore(int streams, int eventsEach) throws Exception {
        return built("daybook-%d-streams".formatted(streams), dir -> Book.buildManyStreams(dir, streams, eventsEach));
    }

    /** A store with these events that a view followed before they came. */
    Path viewedStore(int events) throws Exception {
        return built("daybook-viewed-" + events, dir -> Book.buildViewed(dir, events));
    }

    /** A store with messages in its log, and the view of their words. */
    Path textStore(int messages) throws Exception {
        return built("daybook-text-" + messages, dir -> TextBenchmark.buildStore(dir, messages));
    }

    Path textPeer(int messages) throws Exception {
        return built("sqlite-text-" + messages, dir -> TextBenchmark.buildPeer(dir, messages));
    }

    /** A store with so many ended runs, and the view of them. */
    Path runsStore(int runs) throws Exception {
        return built("daybook-%d-runs".formatted(runs), dir -> RunQueryBenchmark.build(dir, runs));
    }

    /** The same as a table. */
    Path runsInSqlite(int runs) throws Exception {
        return built("sqlite-%d-runs".formatted(runs), dir -> RunQueryBenchmark.buildInSqlite(dir, runs));
    }

    private Path built(String name, Builder builder) throws Exception {
        Path dir = settings.dir().resolve("built").resolve(name);
        if (Files.exists(dir)) {
            return dir;
        }
        Path unfinished = dir.resolveSibling(name + ".unfinished");
        Trees.delete(unfinished);
        Files.createDirectories(unfinished);
        long start = System.nanoTime();
        builder.build(unfinished);
        Trees.sync(unfinished); // nothing of it is to be written back while something else is measured
        Files.move(unfinished, dir);
        progress("built %s: %s MB in %.1f s"
                .formatted(name, Spread.number(Trees.bytes(dir) / 1e6), (System.nanoTime() - start) / 1e9));
        return dir;
    }
}
