package dev.daybook.benchmarks;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.HdrHistogram.Histogram;

/** Threads that append until the time is over. */
final class Writers {
    /** Before the clock starts: files grow and logs turn over for the first time, with everybody. */
    static final double RUN_UP_PART = 0.25;

    /** One append, of whatever size; returns when it is acknowledged. */
    interface Append {
        void append(int writer, long event) throws Exception;

        /**
         * Called in the writer's thread when its time is over, and counted into it: waits for what is not acknowledged
         * yet.
         */
        default void finish(int writer) throws Exception {}
    }

    private Writers() {}

    /**
     * Runs blocking writers and takes the time of each append.
     *
     * @param eventsPerAppend what one call appends; numbers of events go on by it
     */
    static Figure run(int writers, int eventsPerAppend, double seconds, Append append) throws Exception {
        return run(writers, eventsPerAppend, seconds * RUN_UP_PART, seconds, append);
    }

    static Figure run(int writers, int eventsPerAppend, double runUpSeconds, double seconds, Append append)
            throws Exception {
        CountDownLatch ready = new CountDownLatch(writers);
        CountDownLatch go = new CountDownLatch(1);
        AtomicReference<Throwable> failure = new AtomicReference<>();
        long[] clock = new long[2]; // its start and end; written before "go", read after it
        AtomicLong operations = new AtomicLong();
        List<Histogram> times = new ArrayList<>();
        List<Thread> threads = new ArrayList<>();
        for (int w = 0; w < writers; w++) {
            int writer = w;
            Histogram nanos = Figure.histogram();
            times.add(nanos);
            Thread thread = new Thread(
                    () -> {
                        try {
                            ready.countDown();
                            go.await();
                            long event = (long) writer * eventsPerAppend;
                            long step = (long) writers * eventsPerAppend;
                            long before = System.nanoTime();
                            long count = 0;
                            while (before < clock[1]) {
                                append.append(writer, event);
                                event += step;
                                count++;
                                long after = System.nanoTime();
                                if (before >= clock[0]) {
                                    nanos.recordValue(after - before);
                                }
                                before = after;
                            }
                            append.finish(writer);
                            operations.addAndGet(count);
                        } catch (Throwable e) {
                            failure.compareAndSet(null, e);
                        }
                    },
                    "writer-" + w);
            threads.add(thread);
            thread.start();
        }
        ready.await();
        clock[0] = System.nanoTime() + (long) (runUpSeconds * 1e9);
        clock[1] = clock[0] + (long) (seconds * 1e9);
        go.countDown();
        for (Thread thread : threads) {
            thread.join();
        }
        double elapsed = (System.nanoTime() - clock[0]) / 1e9;
        if (failure.get() != null) {
            throw new IllegalStateException("a writer failed", failure.get());
        }
        Histogram all = Figure.histogram();
        times.forEach(all::add);
        return new Figure(all.getTotalCount() * (double) eventsPerAppend / elapsed, all, operations.get());
    }
}
