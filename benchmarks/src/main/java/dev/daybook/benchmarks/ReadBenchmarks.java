package dev.daybook.benchmarks;

import dev.daybook.Durability;
import java.nio.file.Path;

/** Reading two million events in order, and one stream of a thousand. */
final class ReadBenchmarks {
    private static final int WARM_STREAMS = 40;
    private static final int COLD_STREAMS = 3;
    private static final String SQLITE = "sqlite";
    private static final String ROCKS = "rocksdb";
    private static final String STORE = "daybook";
    private static final String STORE_WITH_NAMES = "daybook, stream names as strings";

    private final Bench bench;
    private final int events;
    private int nextStream;

    ReadBenchmarks(Bench bench) {
        this.bench = bench;
        this.events = bench.settings().events();
    }

    private interface Replay {
        long run(Sight sight) throws Exception;
    }

    void replay() throws Exception {
        Path sqliteDir = bench.sqliteStore(events);
        Path rocksDir = bench.rocksStore(events);
        Rounds rounds = new Rounds(bench)
                .peer(SQLITE, (dir, seconds) -> {
                    try (Sqlite sqlite = Sqlite.open(sqliteDir)) {
                        return replay(SQLITE, sqlite::replay);
                    }
                })
                .peer(ROCKS, (dir, seconds) -> {
                    try (Rocks rocks = new Rocks(rocksDir)) {
                        return replay(ROCKS, rocks::replay);
                    }
                });
        if (!bench.settings().peersOnly()) {
            Path bookDir = bench.daybookStore(events);
            rounds.store(STORE, (dir, seconds) -> {
                try (Book book = Book.open(bookDir, Durability.SYNC)) {
                    return replay(STORE, book::replay);
                }
            });
            rounds.store(STORE_WITH_NAMES, (dir, seconds) -> {
                try (Book book = Book.open(bookDir, Durability.SYNC)) {
                    return replay(STORE_WITH_NAMES, book::replayWithNames);
                }
            });
        }
        Rounds.Results results = rounds.run();
        String peers = "sqlite %s, rocksdb %s".formatted(results.rate(SQLITE), results.rate(ROCKS));
        String what = "replay of %,d events, checksums verified".formatted(events);
        if (!results.has(STORE)) {
            bench.add(Row.info(what, "", peers));
            return;
        }
        String figures = "daybook %s, %s".formatted(results.rate(STORE), peers);
        bench.add(Row.atLeast(what + " : SQLite SELECT", 6, results.ratio(STORE, SQLITE), figures));
        bench.add(Row.atLeast(what + " : RocksDB iterator", 4, results.ratio(STORE, ROCKS), "the same"));
        bench.add(Row.atLeast(what, 5_000_000, "events/s", results.values(STORE), "the same"));
        bench.add(Row.info(
                what + ", stream names as strings : SQLite SELECT",
                results.ratio(STORE_WITH_NAMES, SQLITE).asRatio(),
                "daybook " + results.rate(STORE_WITH_NAMES)));
    }

    private Figure replay(String who, Replay replay) throws Exception {
        Sight sight = new Sight();
        long start = System.nanoTime();
        long count = replay.run(sight);
        double seconds = (System.nanoTime() - start) / 1e9;
        sight.require(who, count, events);
        return Figure.of(count / seconds);
    }

    void oneStream() throws Exception {
        Path sqliteDir = bench.sqliteStore(events);
        Rounds warm = new Rounds(bench).peer(SQLITE, (dir, seconds) -> warmSqlite(sqliteDir));
        Rounds cold = new Rounds(bench).peer(SQLITE, (dir, seconds) -> coldSqlite(sqliteDir));
        if (!bench.settings().peersOnly()) {
            Path bookDir = bench.daybookStore(events);
            warm.store(STORE, (dir, seconds) -> warmStore(bookDir));
            cold.store(STORE, (dir, seconds) -> coldStore(bookDir));
        }
        report("warm", 0.35, warm.run());
        report("page cache dropped", 0.5, cold.run());
    }

    private void report(String state, double goal, Rounds.Results results) {
        String what = "one stream's %,d events of %,d, %s".formatted(events / Workload.STREAMS, events, state);
        String peers = "sqlite %s ms".formatted(results.values(SQLITE).asNumber());
        if (!results.has(STORE)) {
            bench.add(Row.info(what, "", peers));
            return;
        }
        bench.add(Row.atMost(
                what + " : SQLite",
                goal,
                results.ratio(STORE, SQLITE),
                "daybook %s ms, %s".formatted(results.values(STORE).asNumber(), peers)));
    }

    private interface OneStream {
        long read(int stream, Sight sight) throws Exception;
    }

    /** Time of reading one stream, in ms; always another stream, of which all are alike. */
    private double millis(String who, OneStream reader) throws Exception {
        int stream = nextStream++ * 37 % Workload.STREAMS;
        Sight sight = new Sight();
        long start = System.nanoTime();
        long count = reader.read(stream, sight);
        double millis = (System.nanoTime() - start) / 1e6;
        sight.require(who, count, events / Workload.STREAMS);
        return millis;
    }

    private Figure warm(String who, OneStream reader) throws Exception {
        double[] times = new double[WARM_STREAMS];
        for (int i = 0; i < times.length; i++) {
            times[i] = millis(who, reader);
        }
        return Figure.of(Spread.of(times).median());
    }

    private Figure warmSqlite(Path dir) throws Exception {
        try (Sqlite sqlite = Sqlite.open(dir)) {
            return warm(SQLITE, (stream, sight) -> sqlite.readStream(Workload.streamName(stream), sight));
        }
    }

    private Figure warmStore(Path dir) throws Exception {
        try (Book book = Book.open(dir, Durability.SYNC)) {
            return warm(STORE, book::readStream);
        }
    }

    /**
     * Cache dropped, opened, and then one stream read: the opening is not part of the time, what it happens to load is.
     */
    private Figure coldSqlite(Path dir) throws Exception {
        double[] times = new double[COLD_STREAMS];
        for (int i = 0; i < times.length; i++) {
            Trees.dropFromPageCache(dir);
            try (Sqlite sqlite = Sqlite.open(dir)) {
                times[i] = millis(SQLITE, (stream, sight) -> sqlite.readStream(Workload.streamName(stream), sight));
            }
        }
        return Figure.of(Spread.of(times).median());
    }

    private Figure coldStore(Path dir) throws Exception {
        double[] times = new double[COLD_STREAMS];
        for (int i = 0; i < times.length; i++) {
            Trees.sync(dir); // closing wrote a little
            Trees.dropFromPageCache(dir);
            try (Book book = Book.open(dir, Durability.SYNC)) {
                times[i] = millis(STORE, book::readStream);
            }
        }
        return Figure.of(Spread.of(times).median());
    }
}
