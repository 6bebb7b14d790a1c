package dev.daybook.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.daybook.internal.disk.Disk;
import dev.daybook.journal.Plant;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Power cuts, kills and failing disks, by the thousand. {@code -Dseeds=N} says how many, {@code -Dseed=N} replays one; with it, the
 * planted bugs are left alone.
 */
@Tag("crash")
class CrashTest {
    private static final int THREADS = 2;

    @AfterEach
    void pullOut() {
        Plant.none();
    }

    @Test
    void acknowledgedEventsSurviveCrashes() throws Exception {
        Long single = Long.getLong("seed");
        if (single != null) {
            System.out.println("seed " + single + ": " + new CrashRun(single, Function.identity()).run() + " crashes");
            return;
        }
        long seeds = Long.getLong("seeds", 20_000);
        long start = System.nanoTime();
        AtomicLong next = new AtomicLong(1);
        AtomicLong crashes = new AtomicLong();
        ConcurrentLinkedQueue<Throwable> failures = new ConcurrentLinkedQueue<>();
        onThreads(() -> {
            for (long seed = next.getAndIncrement();
                    seed <= seeds && failures.size() < 3;
                    seed = next.getAndIncrement()) {
                try {
                    crashes.addAndGet(new CrashRun(seed, Function.identity()).run());
                } catch (AssertionError e) {
                    failures.add(e);
                }
            }
        });
        System.out.printf(
                "crash test: seeds=%d crashes=%d violations=%d seconds=%.1f%n",
                seeds, crashes.get(), failures.size(), (System.nanoTime() - start) / 1e9);
        for (Throwable failure : failures) {
            throw (AssertionError) failure;
        }
    }

    @Test
    void storeIsInOrderAfterCrashes() {
        long seeds = Math.min(1_000, Long.getLong("seeds", 1_000));
        for (long seed = 1_000_001; seed <= 1_000_000 + seeds; seed++) {
            CrashRun run = new CrashRun(seed, Function.identity());
            run.withoutDamage();
            run.run();
            run.verify();
        }
    }

    @ParameterizedTest
    @EnumSource(BuggyDisk.Bug.class)
    void bugBesideTheDiskIsFound(BuggyDisk.Bug bug) throws Exception {
        find(bug.name(), disk -> new BuggyDisk(disk, bug), 500);
    }

    @ParameterizedTest
    @ValueSource(strings = {"ACK_EARLY", "RETRY_SYNC", "CUT_MIDDLE", "REUSE_SEQ", "NO_RESYNC_AT_OPEN"})
    void bugInTheEngineIsFound(String bug) throws Exception {
        Plant.bug(bug);
        find(bug, Function.identity(), 2_000);
    }

    private static void find(String bug, Function<Disk, Disk> wrapper, int seedsMax) throws Exception {
        if (Long.getLong("seed") != null) {
            return;
        }
        AtomicInteger tried = new AtomicInteger();
        ConcurrentLinkedQueue<Throwable> found = new ConcurrentLinkedQueue<>();
        onThreads(() -> {
            while (found.isEmpty()) {
                int seed = tried.incrementAndGet();
                if (seed > seedsMax) {
                    return;
                }
                try {
                    new CrashRun(seed, wrapper).run();
                } catch (AssertionError e) {
                    found.add(e);
                }
            }
        });
        assertThat(found)
                .as("planted bug " + bug + " must be found within " + seedsMax + " seeds")
                .isNotEmpty();
        System.out.println("planted bug " + bug + " found after " + tried.get() + " seeds: "
                + String.valueOf(found.peek().getMessage()).lines().findFirst().orElse(""));
    }

    private static void onThreads(Runnable work) throws InterruptedException {
        List<Thread> threads = java.util.stream.Stream.generate(() -> new Thread(work, "crash-test"))
                .limit(THREADS)
                .toList();
        ConcurrentLinkedQueue<Throwable> broken = new ConcurrentLinkedQueue<>();
        for (Thread thread : threads) {
            thread.setUncaughtExceptionHandler((t, e) -> broken.add(e));
            thread.start();
        }
        for (Thread thread : threads) {
            thread.join();
        }
        assertThat(broken).isEmpty();
    }
}
