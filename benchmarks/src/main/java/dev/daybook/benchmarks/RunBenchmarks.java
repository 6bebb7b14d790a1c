package dev.daybook.benchmarks;

import java.nio.file.Path;

/** Runs beside plain appends of events of the same size. */
final class RunBenchmarks {
    private static final String PLAIN = "plain append";
    private static final String LAZY = "step, lazy start";
    private static final String DURABLE = "step, durable start";
    private static final String RUNS = "runs";
    private static final int AT_ONCE = 64;

    private final Bench bench;

    RunBenchmarks(Bench bench) {
        this.bench = bench;
    }

    /** A step whose body does nothing, of one run, one after another. */
    void steps() throws Exception {
        if (bench.settings().peersOnly()) {
            return;
        }
        Rounds.Results results = new Rounds(bench)
                .store(PLAIN, (dir, seconds) -> one(dir, seconds, RunBook::plainStep, false))
                .store(LAZY, (dir, seconds) -> one(dir, seconds, (book, n) -> book.step(n, false), true))
                .store(DURABLE, (dir, seconds) -> one(dir, seconds, (book, n) -> book.step(n, true), true))
                .run();
        String figures = "append %s, lazy %s, durable %s"
                .formatted(results.rateAndTimes(PLAIN), results.rateAndTimes(LAZY), results.rateAndTimes(DURABLE));
        String what = "recorded step, 1 run, time of one : durable append";
        bench.add(Row.atMost(what + ", lazy start", 1.15, results.ratio(PLAIN, LAZY), figures));
        bench.add(Row.atMost(what + ", durable start", 2.1, results.ratio(PLAIN, DURABLE), "the same"));
    }

    /** Whole runs, many at once. */
    void runs() throws Exception {
        if (bench.settings().peersOnly()) {
            return;
        }
        Rounds.Results results = new Rounds(bench)
                .store(PLAIN, (dir, seconds) -> many(dir, seconds, RunBook::plainRun, false))
                .store(RUNS, (dir, seconds) -> many(dir, seconds, RunBook::run, true))
                .run();
        bench.add(Row.atLeast(
                "start, 5 messages, complete of a run, 64 at once : the same events appended plainly",
                0.8,
                results.ratio(RUNS, PLAIN),
                "events: runs %s, plain %s".formatted(results.rate(RUNS), results.rate(PLAIN))));
    }

    private interface Work {
        void on(RunBook book, long number);
    }

    private static Figure one(Path dir, double seconds, Work work, boolean steps) throws Exception {
        try (RunBook book = new RunBook(dir)) {
            Figure figure = Writers.run(1, 1, seconds, (writer, n) -> work.on(book, n));
            book.requireEvents(steps ? figure.operations() : 0, 0);
            return figure;
        }
    }

    private static Figure many(Path dir, double seconds, Work work, boolean runs) throws Exception {
        try (RunBook book = new RunBook(dir)) {
            Figure figure =
                    Writers.run(AT_ONCE, RunBook.EVENTS, seconds, (writer, n) -> work.on(book, n / RunBook.EVENTS));
            book.requireEvents(0, runs ? figure.operations() : 0);
            return figure;
        }
    }
}
