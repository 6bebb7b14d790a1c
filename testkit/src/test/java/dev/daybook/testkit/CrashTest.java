package dev.daybook.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.daybook.internal.disk.Disk;
import dev.daybook.journal.Plant;
import dev.daybook.testkit.Violation.Kind;
import java.util.List;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * Power cuts, kills and failing disks, by the thousand. {@code -Dseeds=N} says how many, {@code -Dseed=N} replays one; with it, the
 * planted bugs are left alone. {@code -Dtrace=true} tells every operation on the disk when a seed fails.
 */
@Tag("crash")
@ExtendWith(WithoutLog.class)
class CrashTest {
    private static final int THREADS = 2;
    private static final int COVERING_SEEDS = 1_000;

    /** Threads of other tests in this process, which are their affair. */
    private final Set<Thread> before = Thread.getAllStackTraces().keySet();

    @AfterEach
    void pullOut() {
        Plant.none();
        Awaitility.await()
                .atMost(20, TimeUnit.SECONDS)
                .untilAsserted(() -> assertThat(daybookThreads())
                        .as("threads of stores that crashed")
                        .isEmpty());
    }

    private List<String> daybookThreads() {
        return Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> !before.contains(thread))
                .map(Thread::getName)
                .filter(name -> name.startsWith("daybook-"))
                .toList();
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
        Coverage coverage = new Coverage();
        ConcurrentLinkedQueue<Violation> violations = new ConcurrentLinkedQueue<>();
        onThreads(() -> {
            for (long seed = next.getAndIncrement();
                    seed <= seeds && violations.size() < 3;
                    seed = next.getAndIncrement()) {
                try {
                    crashes.addAndGet(new CrashRun(seed, Function.identity(), coverage).run());
                } catch (Violation e) {
                    violations.add(e);
                }
            }
        });
        System.out.printf(
                "crash test: seeds=%d crashes=%d violations=%d seconds=%.1f%n",
                seeds, crashes.get(), violations.size(), (System.nanoTime() - start) / 1e9);
        System.out.println("crash test: " + coverage);
        for (Violation violation : violations) {
            throw violation;
        }
        if (seeds >= COVERING_SEEDS) {
            assertThat(coverage.missing())
                    .as("what never happened, so that nothing is proved about it")
                    .isEmpty();
        }
    }

    @Test
    void storeIsInOrderAfterCrashes() throws Exception {
        Long single = Long.getLong("seed");
        long first = single != null ? single : 1_000_001;
        long last = single != null ? single : first + Math.min(1_000, Long.getLong("seeds", 1_000)) - 1;
        AtomicLong next = new AtomicLong(first);
        ConcurrentLinkedQueue<Violation> violations = new ConcurrentLinkedQueue<>();
        onThreads(() -> {
            for (long seed = next.getAndIncrement(); seed <= last; seed = next.getAndIncrement()) {
                try {
                    CrashRun run = new CrashRun(seed, Function.identity());
                    run.withoutDamage();
                    run.run();
                    run.verify();
                } catch (Violation e) {
                    violations.add(e);
                }
            }
        });
        for (Violation violation : violations) {
            throw violation;
        }
    }

    @Test
    void storeThatDoesNotSyncLosesAcknowledgedEvents() throws Exception {
        find("no-sync", disk -> new BuggyDisk(disk, BuggyDisk.Bug.NO_SYNC), 500, Kind.LOST, Kind.MISSED);
    }

    @Test
    void storeThatDoesNotSyncDirectoriesLosesAcknowledgedEvents() throws Exception {
        find("no-dir-sync", disk -> new BuggyDisk(disk, BuggyDisk.Bug.NO_DIR_SYNC), 500, Kind.LOST, Kind.MISSED);
    }

    @Test
    void storeThatPublishesBeforeTheSyncShowsPhantoms() throws Exception {
        findPlanted("ACK_EARLY", Kind.PHANTOM);
    }

    @Test
    void storeThatRetriesAFailedSyncLosesAcknowledgedEvents() throws Exception {
        findPlanted("RETRY_SYNC", Kind.LOST, Kind.MISSED);
    }

    @Test
    void storeThatCutsAtABadLineWhereverItIsPassesDamage() throws Exception {
        findPlanted("CUT_MIDDLE", Kind.DAMAGE_PASSED);
    }

    @Test
    void storeThatCountsAgainAfterTruncationGivesNumbersTwice() throws Exception {
        findPlanted("REUSE_SEQ", Kind.GIVEN_TWICE);
    }

    @Test
    void storeThatServesDoubtfulLinesTakesThemBack() throws Exception {
        findPlanted("NO_RESYNC_AT_OPEN", Kind.PHANTOM, Kind.LOST, Kind.MISSED);
    }

    private static void findPlanted(String bug, Kind... kinds) throws Exception {
        Plant.bug(bug);
        find(bug, Function.identity(), 3_000, kinds);
    }

    /** Tries seeds until one fails with the violation that the bug must cause; without the bug the same seed passes. */
    private static void find(String bug, Function<Disk, Disk> wrapper, int seedsMax, Kind... causes) throws Exception {
        if (Long.getLong("seed") != null) {
            return;
        }
        Set<Kind> expected = Set.of(causes);
        AtomicInteger tried = new AtomicInteger();
        ConcurrentLinkedQueue<Violation> all = new ConcurrentLinkedQueue<>();
        ConcurrentLinkedQueue<Long> seeds = new ConcurrentLinkedQueue<>();
        onThreads(() -> {
            while (seeds.isEmpty()) {
                int seed = tried.incrementAndGet();
                if (seed > seedsMax) {
                    return;
                }
                try {
                    new CrashRun(seed, wrapper).run();
                } catch (Violation e) {
                    all.add(e);
                    if (expected.contains(e.kind())) {
                        seeds.add((long) seed);
                    }
                }
            }
        });
        TreeMap<Kind, Long> kinds = new TreeMap<>();
        all.forEach(violation -> kinds.merge(violation.kind(), 1L, Long::sum));
        assertThat(seeds)
                .as("planted bug " + bug + " must cause one of " + expected + " within " + seedsMax
                        + " seeds; it caused " + kinds)
                .isNotEmpty();
        Violation found = all.stream()
                .filter(v -> expected.contains(v.kind()))
                .findFirst()
                .orElseThrow();
        System.out.println("planted bug " + bug + " found after " + tried.get() + " seeds " + kinds + ": "
                + String.valueOf(found.getMessage()).lines().findFirst().orElse(""));
        Plant.none();
        for (long seed : Set.copyOf(seeds)) {
            new CrashRun(seed, Function.identity()).run();
        }
    }

    private static void onThreads(Runnable work) throws InterruptedException {
        List<Thread> threads = Stream.generate(() -> new Thread(work, "crash-test"))
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
