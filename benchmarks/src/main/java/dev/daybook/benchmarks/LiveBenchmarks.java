package dev.daybook.benchmarks;

import dev.daybook.Durability;
import dev.daybook.stream.Event;
import dev.daybook.stream.Item;
import dev.daybook.stream.NewEvent;
import dev.daybook.stream.Subscription;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import org.HdrHistogram.Histogram;

/** Following a store in the process that writes it. */
final class LiveBenchmarks {
    /** Between single appends: long enough that every reader waits again before the next one. */
    private static final long PAUSE_NANOS = 500_000;

    private static final int BATCHES_IN_FLIGHT = 16;
    private static final int READER_STRIDE = 16; // counters of different readers lie on different cache lines
    private static final String STORE = "daybook";

    private final Bench bench;

    LiveBenchmarks(Bench bench) {
        this.bench = bench;
    }

    void run() throws Exception {
        if (bench.settings().peersOnly()) {
            return;
        }
        latency();
        throughput(1, 1_000_000);
        throughput(10, 150_000);
    }

    private void latency() throws Exception {
        Rounds.Results results =
                new Rounds(bench).store(STORE, LiveBenchmarks::latency).run();
        bench.add(Row.atMost(
                "live, from acknowledgement to reader, p50",
                50,
                "us",
                results.values(STORE, f -> f.percentileMicros(50)),
                "p99 %s us; before the acknowledgement: %s %%; %s appends/s"
                        .formatted(
                                results.values(STORE, f -> f.percentileMicros(99))
                                        .asNumber(),
                                results.values(STORE, LiveBenchmarks::percentBefore)
                                        .asNumber(),
                                Spread.number(results.values(STORE).median()))));
    }

    /**
     * One append at a time, durable. The clock starts where the future completes, on the thread that completes it: a
     * caller that blocks hears of it later. A reader that was there before counts as 0.
     */
    private static Figure latency(Path dir, double seconds) throws Exception {
        int max = (int) (seconds * 1e9 / PAUSE_NANOS) + 1_000;
        AtomicLongArray acknowledged = new AtomicLongArray(max);
        AtomicLongArray delivered = new AtomicLongArray(max);
        AtomicInteger appended = new AtomicInteger();
        double elapsed;
        try (Book book = Book.open(dir, Durability.SYNC);
                Subscription live = book.follow()) {
            Reader reader = new Reader(
                    live, item -> delivered.set((int) Book.event(item).seq(), System.nanoTime()));
            long start = System.nanoTime();
            long deadline = start + (long) (seconds * 1e9);
            while (System.nanoTime() < deadline && appended.get() < max - 1) {
                book.appendAsync(0) // always the same stream, so that its sequence numbers count the appends
                        .thenAccept(done -> {
                            acknowledged.set((int) done.seq(), System.nanoTime());
                            appended.incrementAndGet();
                        })
                        .join();
                LockSupport.parkNanos(PAUSE_NANOS);
            }
            elapsed = (System.nanoTime() - start) / 1e9;
            reader.awaitCount(appended.get());
            reader.stop();
        }
        Histogram nanos = Figure.histogram();
        for (int i = 1; i <= appended.get(); i++) {
            nanos.recordValue(Math.max(0, delivered.get(i) - acknowledged.get(i)));
        }
        return new Figure(appended.get() / elapsed, nanos, appended.get());
    }

    private static double percentBefore(Figure figure) {
        return 100.0 * figure.nanos().getCountAtValue(0) / figure.operations();
    }

    private void throughput(int readers, double goal) throws Exception {
        // The readers are the subject. Where batches that wait for the disk cannot feed them, they are fed with
        // buffered ones.
        Path probeDir = bench.settings().dir().resolve("probe");
        Trees.delete(probeDir);
        Throughput probe = throughput(probeDir, Math.min(1, bench.settings().seconds()), readers, Durability.SYNC);
        Trees.delete(probeDir);
        boolean writerIsLimit = probe.written < 1.2 * goal;
        Durability durability = writerIsLimit ? Durability.OS : Durability.SYNC;
        double[] last = new double[2];
        Rounds.Results results = new Rounds(bench)
                .store(STORE, (dir, seconds) -> {
                    Throughput throughput = throughput(dir, seconds, readers, durability);
                    last[0] = throughput.written;
                    last[1] = throughput.lag;
                    return Figure.of(throughput.slowestReader);
                })
                .run();
        String figures = "writer %s: %s/s, batches of 64, %s events behind at the end"
                .formatted(durability, Spread.number(last[0]), Spread.number(last[1]));
        if (writerIsLimit) {
            figures += "; SYNC wrote only %s/s, of which the slowest reader got %s/s"
                    .formatted(Spread.number(probe.written), Spread.number(probe.slowestReader));
        }
        bench.add(Row.atLeast(
                readers == 1 ? "live, one reader" : "live, each of %d readers".formatted(readers),
                goal,
                "events/s",
                results.values(STORE),
                figures));
    }

    /**
     * @param written events/s that were acknowledged
     * @param slowestReader events/s that the slowest reader got in the same time
     * @param lag how many events it was behind when the time was over
     */
    private record Throughput(double written, double slowestReader, double lag) {}

    private static Throughput throughput(Path dir, double seconds, int readers, Durability durability)
            throws Exception {
        List<NewEvent> prepared = Book.prepare(AppendBenchmarks.BATCH);
        try (Book book = Book.open(dir, durability)) {
            List<Subscription> subscriptions = new ArrayList<>();
            List<Reader> all = new ArrayList<>();
            for (int i = 0; i < readers; i++) {
                Subscription live = book.follow();
                subscriptions.add(live);
                all.add(new Reader(live, LiveBenchmarks::look));
            }
            InFlight inFlight = new InFlight(BATCHES_IN_FLIGHT);
            long runUp = System.nanoTime() + (long) (seconds * 0.25e9);
            long batches = write(book, prepared, inFlight, 0, runUp);
            long[] before = all.stream().mapToLong(Reader::count).toArray();
            long start = System.nanoTime();
            long measured = write(book, prepared, inFlight, batches, start + (long) (seconds * 1e9));
            long[] after = all.stream().mapToLong(Reader::count).toArray();
            double elapsed = (System.nanoTime() - start) / 1e9;
            inFlight.await();
            double slowest = Double.MAX_VALUE;
            long least = Long.MAX_VALUE;
            for (int i = 0; i < readers; i++) {
                slowest = Math.min(slowest, (after[i] - before[i]) / elapsed);
                least = Math.min(least, after[i]);
            }
            long written = (batches + measured) * AppendBenchmarks.BATCH;
            for (Reader reader : all) {
                reader.awaitCount(written); // late is allowed, missing is not
                reader.stop();
            }
            subscriptions.forEach(Subscription::close);
            return new Throughput(measured * AppendBenchmarks.BATCH / elapsed, slowest, written - least);
        }
    }

    private static long write(Book book, List<NewEvent> events, InFlight inFlight, long from, long deadline) {
        long batches = 0;
        while (System.nanoTime() < deadline) {
            inFlight.add(book.appendPrepared(Workload.stream(from + batches), events));
            batches++;
        }
        return batches;
    }

    private static void look(Item item) {
        Event event = Book.event(item);
        if (event.payload().remaining() != Workload.PAYLOAD_BYTES) {
            throw new IllegalStateException("a payload of another length at position " + event.pos());
        }
    }

    private interface Listener {
        void item(Item item);
    }

    /** A thread that takes items, checks their order and counts them. */
    private static final class Reader {
        private final Subscription subscription;
        private final AtomicReference<Throwable> failure = new AtomicReference<>();
        private final AtomicLongArray count = new AtomicLongArray(READER_STRIDE);
        private final Thread thread;

        Reader(Subscription subscription, Listener listener) {
            this.subscription = subscription;
            this.thread = new Thread(() -> read(listener), "reader");
            thread.start();
        }

        private void read(Listener listener) {
            try {
                long lastPos = 0;
                for (Item item = subscription.take(); item != null; item = subscription.take()) {
                    if (item.pos() <= lastPos) {
                        throw new IllegalStateException("position " + item.pos() + " came after " + lastPos);
                    }
                    lastPos = item.pos();
                    listener.item(item);
                    count.lazySet(READER_STRIDE / 2, count() + 1);
                }
            } catch (Throwable e) {
                failure.set(e);
            }
        }

        long count() {
            return count.get(READER_STRIDE / 2);
        }

        void awaitCount(long expected) throws InterruptedException {
            long deadline = System.nanoTime() + 30_000_000_000L;
            while (count() < expected && failure.get() == null && System.nanoTime() < deadline) {
                Thread.sleep(1);
            }
            if (failure.get() != null) {
                throw new IllegalStateException("a reader failed", failure.get());
            }
            if (count() != expected) {
                throw new IllegalStateException("a reader got %d of %d events".formatted(count(), expected));
            }
        }

        void stop() throws InterruptedException {
            subscription.close();
            thread.join();
        }
    }
}
