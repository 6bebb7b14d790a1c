package dev.daybook.benchmarks;

import dev.daybook.Daybook;
import dev.daybook.Freshness;
import dev.daybook.log.LogQuery;
import dev.daybook.log.NewLogRow;
import dev.daybook.run.Codec;
import dev.daybook.run.NewMessage;
import dev.daybook.run.NewRun;
import dev.daybook.run.Run;
import dev.daybook.run.StepOptions;
import dev.daybook.view.ViewStatus;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;

/**
 * How far the store's three views are behind a writer of {@value #EVENTS_PER_SECOND} events a second in the same process: half of them rows of the log, which one thread appends 50 at a time, half of them
 * runs of six events. Looked at every two milliseconds: how long ago the journal got beyond the place where the view is.
 */
final class LagBenchmark {
    private static final int EVENTS_PER_SECOND = 50_000;
    private static final int ROWS_AT_ONCE = 50;
    private static final int RUN_EVENTS = 6;
    private static final int RUN_THREADS = 16;
    private static final long MISSED_NANOS_MAX = 100_000_000;
    private static final long LOOK_NANOS = 2_000_000;
    private static final double RUN_UP_SECONDS = 20;
    private static final double LAG_MILLIS_MAX = 200;

    private final Bench bench;
    private final AtomicReference<Throwable> failure = new AtomicReference<>();
    private volatile boolean over;

    LagBenchmark(Bench bench) {
        this.bench = bench;
    }

    void run() throws Exception {
        if (bench.settings().peersOnly()) {
            return;
        }
        double seconds = 10 * bench.settings().seconds();
        Path dir = bench.settings().dir().resolve("turn");
        Trees.delete(dir);
        try (Daybook book = Daybook.open(dir)) {
            measure(book, seconds);
        } finally {
            Trees.delete(dir);
        }
    }

    private void measure(Daybook book, double seconds) throws Exception {
        long heapBefore = heap();
        for (ViewStatus view : book.views().status()) {
            book.views().query(view.name(), Freshness.own(), tables -> tables.position());
        }
        List<Thread> writers = new ArrayList<>();
        long start = System.nanoTime();
        writers.add(paced(start, EVENTS_PER_SECOND / 2.0, ROWS_AT_ONCE, n -> rows(book, n)));
        for (int i = 0; i < RUN_THREADS; i++) {
            int thread = i;
            writers.add(paced(
                    start,
                    EVENTS_PER_SECOND / 2.0 / RUN_THREADS,
                    RUN_EVENTS,
                    n -> oneRun(book, n * RUN_THREADS + thread)));
        }
        Map<String, List<Double>> lags = new LinkedHashMap<>();
        long counted = look(book, start, seconds, lags);
        over = true;
        for (Thread writer : writers) {
            writer.join();
        }
        if (failure.get() != null) {
            throw new IllegalStateException(failure.get());
        }
        if (book.logs().query(LogQuery.all().text("agent").limit(50)).rows().size() != 50) {
            throw new IllegalStateException("the rows are not found");
        }
        double heap = (heap() - heapBefore) / 1e6;
        StringBuilder figures = new StringBuilder("%s events/s written; heap after collecting %s MB more"
                .formatted(Spread.number(counted / seconds), Spread.number(heap)));
        double worst = 0;
        for (Map.Entry<String, List<Double>> view : lags.entrySet()) {
            double[] sorted =
                    view.getValue().stream().mapToDouble(d -> d).sorted().toArray();
            double p99 = sorted[(int) (sorted.length * 0.99)];
            worst = Math.max(worst, p99);
            figures.append("; %s p50 %s p99 %s max %s ms"
                    .formatted(
                            view.getKey(),
                            Spread.number(sorted[sorted.length / 2]),
                            Spread.number(p99),
                            Spread.number(sorted[sorted.length - 1])));
        }
        bench.add(Row.atMost(
                "lag of the slowest view behind %,d events/s of runs and logs, p99".formatted(EVENTS_PER_SECOND),
                LAG_MILLIS_MAX,
                "ms",
                Spread.of(new double[] {worst}),
                figures.toString()));
    }

    private interface Work {
        void run(long number) throws Exception;
    }

    /** Does its part of the work as often as is due. What it missed by more than a moment it does not make up for: that would be another rate. */
    private Thread paced(long start, double eventsPerSecond, int events, Work work) {
        long each = (long) (events / eventsPerSecond * 1e9);
        Thread thread = new Thread(() -> {
            try {
                long due = start;
                for (long n = 0; !over; n++) {
                    for (long left = due - System.nanoTime(); left > 0 && !over; left = due - System.nanoTime()) {
                        LockSupport.parkNanos(left);
                    }
                    work.run(n);
                    due = Math.max(due + each, System.nanoTime() - MISSED_NANOS_MAX);
                }
            } catch (Exception | Error e) {
                failure.compareAndSet(null, e);
            }
        });
        thread.start();
        return thread;
    }

    private static void rows(Daybook book, long number) {
        List<NewLogRow> rows = new ArrayList<>(ROWS_AT_ONCE);
        for (int i = 0; i < ROWS_AT_ONCE; i++) {
            long row = number * ROWS_AT_ONCE + i;
            rows.add(NewLogRow.of("source" + row % 7, "type" + row % 5)
                    .ref("run-" + row / 20)
                    .json("{\"message\":\"" + TextBenchmark.text(row) + "\",\"n\":" + row + "}"));
        }
        book.logs().append(rows);
    }

    private static void oneRun(Daybook book, long number) {
        Run run = book.runs()
                .start(NewRun.of("workflow" + number % 10)
                        .input("{\"n\":" + number + "}")
                        .tag("team", "t" + number % 20));
        run.step("work", Codec.TEXT, StepOptions.defaults(), step -> {
            for (int i = 0; i < 3; i++) {
                step.message(NewMessage.text(i == 0 ? "user" : "assistant", TextBenchmark.text(number * 3 + i)));
            }
            return "ok";
        });
        run.complete("{\"summary\":\"" + TextBenchmark.text(number) + "\"}");
    }

    /** Returns how many lines were written while it looked, after the run-up. */
    private long look(Daybook book, long start, double seconds, Map<String, List<Double>> lags) {
        record Seen(long nanos, long position) {}
        ArrayDeque<Seen> journal = new ArrayDeque<>();
        long from = start + (long) (RUN_UP_SECONDS * 1e9);
        long to = from + (long) (seconds * 1e9);
        long first = 0;
        long last = 0;
        while (System.nanoTime() < to && failure.get() == null) {
            List<ViewStatus> all = book.views().status();
            long now = System.nanoTime();
            long reached = all.get(0).journalPosition();
            if (journal.isEmpty() || journal.getLast().position < reached) {
                journal.add(new Seen(now, reached));
            }
            long least = all.stream().mapToLong(ViewStatus::position).min().orElse(0);
            while (!journal.isEmpty() && journal.getFirst().position <= least) {
                journal.removeFirst();
            }
            if (now >= from) {
                first = first == 0 ? reached : first;
                last = reached;
                for (ViewStatus view : all) {
                    double lag = journal.stream()
                            .filter(seen -> seen.position > view.position())
                            .findFirst()
                            .map(seen -> (now - seen.nanos) / 1e6)
                            .orElse(0.0);
                    lags.computeIfAbsent(view.name(), name -> new ArrayList<>()).add(lag);
                }
            }
            LockSupport.parkNanos(LOOK_NANOS);
        }
        return last - first;
    }

    private static long heap() {
        System.gc();
        return Runtime.getRuntime().totalMemory() - Runtime.getRuntime().freeMemory();
    }
}
