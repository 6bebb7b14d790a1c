package dev.daybook.benchmarks;

import dev.daybook.Durability;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;

/** Durable and buffered appends into new stores, and durable ones into a store that is large already. */
final class AppendBenchmarks {
    static final int BATCH = 64;

    private static final int BURST = 256; // appends that are not waited for, between two looks at the clock
    private static final String LOOP = "pre-filled loop";
    private static final String SQLITE = "sqlite";
    private static final String SQLITE_GROUP = "sqlite group commit";
    private static final String ROCKS = "rocksdb";
    private static final String CHRONICLE = "chronicle";
    private static final String STORE = "daybook";

    private final Bench bench;

    AppendBenchmarks(Bench bench) {
        this.bench = bench;
    }

    void oneWriter() throws Exception {
        Rounds.Results results = new Rounds(bench)
                .peer(LOOP, (dir, seconds) -> loop(dir, seconds, 1))
                .peer(SQLITE, (dir, seconds) -> sqlite(dir, seconds, 1))
                .store(STORE, (dir, seconds) -> store(dir, seconds, 1))
                .run();
        String peers = "loop %s, sqlite %s".formatted(results.rateAndTimes(LOOP), results.rateAndTimes(SQLITE));
        String what = "durable append, 1 writer";
        if (!results.has(STORE)) {
            bench.add(Row.info(what, "", peers));
            return;
        }
        String figures = "daybook %s, %s".formatted(results.rateAndTimes(STORE), peers);
        bench.add(Row.atLeast(what + " : pre-filled loop", 0.85, results.ratio(STORE, LOOP), figures));
        bench.add(Row.atLeast(what + " : SQLite WAL FULL", 1.3, results.ratio(STORE, SQLITE), "the same"));
        bench.add(Row.atMost(
                what + ", p99 : the loop's", 1.5, results.ratio(STORE, LOOP, f -> f.percentileMicros(99)), "the same"));
    }

    void manyWriters() throws Exception {
        String many = "daybook 256";
        Rounds.Results results = new Rounds(bench)
                .peer(SQLITE, (dir, seconds) -> sqlite(dir, seconds, 64))
                .peer(SQLITE_GROUP, AppendBenchmarks::sqliteGroupCommit)
                .peer(ROCKS, AppendBenchmarks::rocks)
                .store(STORE, (dir, seconds) -> store(dir, seconds, 64))
                .store(many, (dir, seconds) -> store(dir, seconds, 256))
                .run();
        String peers = "sqlite %s, its group commit %s, rocksdb %s"
                .formatted(results.rate(SQLITE), results.rateAndTimes(SQLITE_GROUP), results.rateAndTimes(ROCKS));
        String what = "durable append, 64 blocking writers";
        if (!results.has(STORE)) {
            bench.add(Row.info(what, "", peers));
            return;
        }
        String own = "daybook " + results.rateAndTimes(STORE);
        bench.add(Row.atLeast(what + " : SQLite WAL FULL", 12, results.ratio(STORE, SQLITE), own + ", " + peers));
        bench.add(Row.atLeast(
                what + " : SQLite, hand-written group commit", 2.5, results.ratio(STORE, SQLITE_GROUP), "the same"));
        bench.add(Row.atLeast(what + " : RocksDB sync", 2, results.ratio(STORE, ROCKS), "the same"));
        bench.add(Row.atMost(
                what + ", p99", 2, "ms", results.values(STORE, f -> f.percentileMicros(99) / 1_000), "the same"));
        bench.add(Row.atLeast(
                "durable append, 256 writers : 64 writers",
                1,
                results.ratio(many, STORE),
                "256 writers %s".formatted(results.rateAndTimes(many))));
    }

    void batches() throws Exception {
        String inFlight = "daybook, in flight";
        Rounds.Results results = new Rounds(bench)
                .peer(LOOP, (dir, seconds) -> loop(dir, seconds, BATCH))
                .store(STORE, AppendBenchmarks::storeBatches)
                .store(inFlight, AppendBenchmarks::storeInFlight)
                .run();
        String peers = "loop %s".formatted(results.rateAndTimes(LOOP));
        String what = "durable append, ";
        if (!results.has(STORE)) {
            bench.add(Row.info(what + "batches of 64", "", peers));
            return;
        }
        bench.add(Row.atLeast(
                what + "batches of 64 : pre-filled loop",
                0.6,
                results.ratio(STORE, LOOP),
                "daybook %s, %s".formatted(results.rateAndTimes(STORE), peers)));
        bench.add(Row.atLeast(
                what + "64 in flight : pre-filled loop of 64",
                0.6,
                results.ratio(inFlight, LOOP),
                "daybook %s, loop %s".formatted(results.rate(inFlight), results.rate(LOOP))));
    }

    void buffered() throws Exception {
        buffered(1, 0.7);
        buffered(4, 1.0);
    }

    /**
     * Takes three times as long as the others. A memory-mapped file takes several million events a second for as long
     * as the kernel lets dirty pages pile up, a second or four, and then what the disk takes: the second is the figure
     * that lasts.
     */
    private void buffered(int threads, double goal) throws Exception {
        Rounds.Results results = new Rounds(bench)
                .peer(CHRONICLE, (dir, seconds) -> chronicle(dir, seconds, threads))
                .store(STORE, (dir, seconds) -> storeBuffered(dir, seconds, threads))
                .run();
        String what = "buffered append, %d thread%s".formatted(threads, threads == 1 ? "" : "s");
        String peers = "chronicle %s".formatted(results.rate(CHRONICLE));
        if (!results.has(STORE)) {
            bench.add(Row.info(what, "", peers));
            return;
        }
        bench.add(Row.atLeast(
                what + " : Chronicle Queue",
                goal,
                results.ratio(STORE, CHRONICLE),
                "daybook %s, %s".formatted(results.rate(STORE), peers)));
    }

    /** The durable rows of one thread again, beside the same on a store that holds ten million events. */
    void crowded() throws Exception {
        if (bench.settings().peersOnly()) {
            return;
        }
        try (Book large = Book.open(bench.killedDaybookStore(bench.settings().manyEvents()), Durability.SYNC)) {
            Rounds.Results results = new Rounds(bench)
                    .store("1 writer, empty", (dir, seconds) -> store(dir, seconds, 1))
                    .store("1 writer, crowded", (dir, seconds) -> appends(large, seconds, 1))
                    .store("batches, empty", AppendBenchmarks::storeBatches)
                    .store("batches, crowded", (dir, seconds) -> batches(large, seconds))
                    .store("in flight, empty", AppendBenchmarks::storeInFlight)
                    .store("in flight, crowded", (dir, seconds) -> inFlight(large, seconds))
                    .run();
            for (String what : new String[] {"1 writer", "batches", "in flight"}) {
                String crowded = what + ", crowded";
                String empty = what + ", empty";
                bench.add(Row.atLeast(
                        "durable append, %s: %,d events present : empty store"
                                .formatted(what, bench.settings().manyEvents()),
                        0.9,
                        results.ratio(crowded, empty),
                        "crowded %s, empty %s".formatted(results.rate(crowded), results.rate(empty))));
            }
        }
    }

    private static Figure loop(Path dir, double seconds, int eventsPerAppend) throws Exception {
        // Twice what a fast disk takes; where it is not enough, the loop begins again at the start.
        long bytes = eventsPerAppend == 1 ? 32L << 20 : (long) (seconds * (512 << 20));
        try (RawLoop loop = new RawLoop(dir, bytes, eventsPerAppend)) {
            return Writers.run(1, eventsPerAppend, seconds, (writer, event) -> loop.append(event));
        }
    }

    private static Figure sqlite(Path dir, double seconds, int writers) throws Exception {
        try (Sqlite sqlite = Sqlite.create(dir)) {
            if (!sqlite.settings().equals("wal/2")) {
                throw new IllegalStateException(
                        "SQLite is not in WAL mode with synchronous=FULL: " + sqlite.settings());
            }
            return Writers.run(writers, 1, seconds, (writer, event) -> sqlite.append(event));
        }
    }

    private static Figure sqliteGroupCommit(Path dir, double seconds) throws Exception {
        try (Sqlite sqlite = Sqlite.create(dir);
                Sqlite.GroupCommit group = sqlite.groupCommit()) {
            return Writers.run(64, 1, seconds, (writer, event) -> group.append(event));
        }
    }

    private static Figure rocks(Path dir, double seconds) throws Exception {
        try (Rocks rocks = new Rocks(dir)) {
            return Writers.run(64, 1, seconds, (writer, event) -> rocks.append(event));
        }
    }

    private static Figure chronicle(Path dir, double seconds, int threads) throws Exception {
        try (Chronicle chronicle = new Chronicle(dir)) {
            return unblocked(threads, seconds, 2 * seconds, () -> {
                Chronicle.Appender appender = chronicle.appender();
                return new Sender() {
                    @Override
                    public void send(long event) {
                        appender.append(Workload.payload(event));
                    }

                    @Override
                    public void finish() {
                        appender.close();
                    }
                };
            });
        }
    }

    private static Figure store(Path dir, double seconds, int writers) throws Exception {
        try (Book book = Book.open(dir, Durability.SYNC)) {
            return appends(book, seconds, writers);
        }
    }

    private static Figure appends(Book book, double seconds, int writers) throws Exception {
        return counted(book, 1, () -> Writers.run(writers, 1, seconds, (writer, event) -> book.append(event)));
    }

    private static Figure storeBatches(Path dir, double seconds) throws Exception {
        try (Book book = Book.open(dir, Durability.SYNC)) {
            return batches(book, seconds);
        }
    }

    private static Figure batches(Book book, double seconds) throws Exception {
        return counted(
                book, BATCH, () -> Writers.run(1, BATCH, seconds, (writer, event) -> book.appendBatch(event, BATCH)));
    }

    private static Figure storeInFlight(Path dir, double seconds) throws Exception {
        try (Book book = Book.open(dir, Durability.SYNC)) {
            return inFlight(book, seconds);
        }
    }

    private static Figure inFlight(Book book, double seconds) throws Exception {
        return unblocked(1, Writers.RUN_UP_PART * seconds, seconds, () -> {
            InFlight inFlight = new InFlight(BATCH);
            return new Sender() {
                @Override
                public void send(long event) {
                    inFlight.add(book.appendAsync(event));
                }

                @Override
                public void finish() {
                    inFlight.await();
                }
            };
        });
    }

    private static Figure storeBuffered(Path dir, double seconds, int threads) throws Exception {
        try (Book book = Book.open(dir, Durability.OS)) {
            Figure figure = unblocked(threads, seconds, 2 * seconds, () -> new Sender() {
                private CompletableFuture<?> newest = CompletableFuture.completedFuture(null);

                @Override
                public void send(long event) {
                    newest = book.appendAsync(event);
                }

                @Override
                public void finish() {
                    newest.join(); // those before it are committed before it
                }
            });
            if (book.events() == 0) {
                throw new IllegalStateException("the store says that it is empty");
            }
            return figure;
        }
    }

    private interface Measured {
        Figure run() throws Exception;
    }

    /** Appends that are waited for must all be there afterwards. */
    private static Figure counted(Book book, int eventsPerAppend, Measured measured) throws Exception {
        long before = book.events();
        Figure figure = measured.run();
        long stored = book.events() - before;
        long acknowledged = figure.operations() * eventsPerAppend;
        if (stored != acknowledged) {
            throw new IllegalStateException(
                    "%d events were acknowledged, %d are there".formatted(acknowledged, stored));
        }
        return figure;
    }

    /** One thread's way of appending without waiting for each event. */
    private interface Sender {
        void send(long event);

        /** Waits until everything sent is acknowledged; in the thread that sent it. */
        void finish();
    }

    private interface Senders {
        Sender next();
    }

    /**
     * Appends without waiting; the time ends with the last acknowledgement. Times of single appends would mean nothing
     * here.
     */
    private static Figure unblocked(int threads, double runUpSeconds, double seconds, Senders senders)
            throws Exception {
        Sender[] ofThread = new Sender[threads];
        Figure bursts = Writers.run(threads, BURST, runUpSeconds, seconds, new Writers.Append() {
            @Override
            public void append(int writer, long event) {
                Sender sender = ofThread[writer];
                if (sender == null) {
                    sender = senders.next(); // in the thread that it belongs to
                    ofThread[writer] = sender;
                }
                for (int i = 0; i < BURST; i++) {
                    sender.send(event + i);
                }
            }

            @Override
            public void finish(int writer) {
                if (ofThread[writer] != null) {
                    ofThread[writer].finish();
                }
            }
        });
        return Figure.of(bursts.value());
    }
}
