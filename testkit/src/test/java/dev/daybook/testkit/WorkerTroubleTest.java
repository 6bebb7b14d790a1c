package dev.daybook.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.daybook.Daybook;
import dev.daybook.DaybookException;
import dev.daybook.DaybookOptions;
import dev.daybook.Progress;
import dev.daybook.driver.filesystem.FilesystemDriver;
import dev.daybook.driver.memory.MemoryDriver;
import dev.daybook.internal.disk.NioDisk;
import dev.daybook.run.NewRun;
import dev.daybook.run.Run;
import dev.daybook.run.RunInfo;
import dev.daybook.run.RunStatus;
import dev.daybook.run.Runs;
import dev.daybook.run.Timeline.Attempt;
import dev.daybook.run.Worker;
import dev.daybook.run.WorkerOptions;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Workers on a disk that is full or stuck for a while, and everything at once that somebody may call while a store is closed. */
@Timeout(120)
@ExtendWith(WithoutLog.class)
class WorkerTroubleTest {
    @TempDir
    Path directory;

    private final ManualClock clock = ManualClock.evening();
    private volatile boolean full;
    private volatile CountDownLatch stuck = new CountDownLatch(0);

    private Daybook open(DaybookOptions options) {
        return Daybook.open(
                new FilesystemDriver(directory.resolve("data"), new HookedDisk(new NioDisk()) {
                    @Override
                    protected void write(Path path, DiskFile file, long offset, ByteBuffer bytes) throws IOException {
                        if (full) {
                            throw new IOException("No space left on device");
                        }
                        super.write(path, file, offset, bytes);
                    }

                    @Override
                    protected void sync(Path path, DiskFile file) throws IOException {
                        try {
                            stuck.await();
                        } catch (InterruptedException e) {
                            throw new IOException(e);
                        }
                        super.sync(path, file);
                    }
                }),
                options);
    }

    private static void awaitCompleted(Runs runs, String id) throws InterruptedException {
        while (runs.require(id).status() != RunStatus.COMPLETED) {
            Thread.sleep(5);
        }
    }

    /** The body is done and nothing could say so. When its lease has run out, it is known that its thread is gone. */
    @Test
    void runWhoseEndFoundNoRoomIsCrashedAndGoesOn() throws Exception {
        try (Daybook book = open(DaybookOptions.defaults().withClock(clock))) {
            Runs runs = book.runs();
            WorkerOptions options = WorkerOptions.defaults().withLease(Duration.ofMillis(20));
            Worker worker = runs.worker("w", options, run -> {
                if (run.attempt() == 1) {
                    full = true;
                    clock.advance(Duration.ofDays(1)); // the next append needs a new segment
                }
                return "1";
            });
            runs.submit(NewRun.of("w").id("r"));
            while (!full || worker.running() > 0) {
                Thread.sleep(1);
            }
            assertThat(runs.require("r").status()).isEqualTo(RunStatus.STARTED);
            full = false;
            while (runs.require("r").status() != RunStatus.COMPLETED) {
                Thread.sleep(10);
                clock.advance(Duration.ofMillis(5));
            }
            List<Attempt> attempts = runs.run("r").timeline().attempts();
            assertThat(attempts).extracting(Attempt::status).containsExactly(RunStatus.CRASHED, RunStatus.COMPLETED);
            assertThat(attempts.get(0).reason()).contains("worker-died");
        }
    }

    /** A claim that was not written leaves nothing that could end the one that was. */
    @Test
    void claimsThatFoundNoRoomEndNobodysLease() throws Exception {
        try (Daybook book = open(DaybookOptions.defaults().withClock(clock))) {
            Runs runs = book.runs();
            runs.submit(NewRun.of("w").id("r"));
            full = true;
            clock.advance(Duration.ofDays(1)); // the next append needs a new segment
            CountDownLatch tried = new CountDownLatch(2);
            WorkerOptions options = WorkerOptions.defaults()
                    .withLease(Duration.ofMillis(20))
                    .withExecutor(work -> new Thread(() -> {
                                work.run();
                                tried.countDown();
                            })
                            .start());
            runs.worker("w", options, run -> {
                for (int i = 0; i < 30; i++) {
                    Thread.sleep(10);
                    clock.advance(Duration.ofMillis(5));
                }
                return "1";
            });
            tried.await();
            full = false;
            awaitCompleted(runs, "r");
            assertThat(runs.require("r").attempt()).isEqualTo(1);
        }
    }

    @Test
    void claimThatNobodyHeardOfRunsOut() throws Exception {
        ExecutorService threads = Executors.newCachedThreadPool(); // they live on
        DaybookOptions impatient = DaybookOptions.defaults().withAppendTimeout(Duration.ofMillis(300));
        try (Daybook book = open(impatient)) {
            Runs runs = book.runs();
            runs.submit(NewRun.of("w").id("r"));
            stuck = new CountDownLatch(1);
            CountDownLatch ended = new CountDownLatch(1);
            WorkerOptions options = WorkerOptions.defaults()
                    .withLease(Duration.ofMillis(50))
                    .withExecutor(work -> threads.execute(() -> {
                        work.run();
                        ended.countDown();
                    }));
            runs.worker("w", options, run -> null);
            ended.await();
            stuck.countDown();
            awaitCompleted(runs, "r");
            assertThat(runs.require("r").attempt()).isEqualTo(2);
        } finally {
            threads.shutdown();
        }
        assertThat(Daybook.verify(directory.resolve("data"), Progress.NONE).problems())
                .isEmpty();
    }

    /** Who waits for the disk longer than its lease is not silent. */
    @Test
    void ownerThatWaitsForTheDiskKeepsItsRun() throws Exception {
        try (Daybook book = open(DaybookOptions.defaults())) {
            Runs runs = book.runs();
            runs.submit(NewRun.of("w").id("r"));
            Run run = runs.claim("w", "owner", Duration.ofSeconds(1)).orElseThrow();
            stuck = new CountDownLatch(1);
            Thread waits = new Thread(() -> run.message("user", "1"));
            waits.start();
            waits.join(2_500);
            stuck.countDown();
            waits.join();
            run.complete();
            assertThat(runs.require("r").generation()).isEqualTo(1);
        }
    }

    @Test
    void storeThatIsClosedInTheMidstOfEverythingLeavesNothingStarted() throws Exception {
        SplittableRandom random = new SplittableRandom(Long.getLong("seed", System.nanoTime()));
        for (int round = 0; round < 30; round++) {
            MemoryDriver driver = new MemoryDriver();
            Daybook book = Daybook.open(driver, DaybookOptions.defaults());
            Runs runs = book.runs();
            WorkerOptions options = WorkerOptions.defaults()
                    .withConcurrency(3)
                    .withAttempts(5)
                    .withDrainTimeout(Duration.ofMillis(random.nextInt(3)));
            List<Thread> threads = new ArrayList<>();
            threads.add(untilClosed(random.split(), any -> runs.submit(NewRun.of("w"))));
            threads.add(untilClosed(
                    random.split(),
                    any -> runs.claim("w", "other", Duration.ofMillis(1 + any.nextInt(9)))
                            .ifPresent(Run::complete)));
            threads.add(untilClosed(
                    random.split(),
                    any -> runs.active(Optional.of("w")).stream()
                            .skip(any.nextInt(5))
                            .findFirst()
                            .ifPresent(run -> runs.run(run.id()).cancel("enough", Duration.ofMillis(any.nextInt(3))))));
            threads.add(untilClosed(random.split(), any -> {
                Worker worker = runs.worker("w", options, run -> {
                    run.step("s", () -> Thread.sleep(any.nextInt(2)));
                    return null;
                });
                Thread.sleep(any.nextInt(5));
                worker.drain(Duration.ofMillis(any.nextInt(2)));
            }));
            Thread.sleep(random.nextInt(50));
            book.close();
            for (Thread thread : threads) {
                thread.join();
            }
            try (Daybook reader = Daybook.open(driver, DaybookOptions.defaults().withReadOnly(true))) {
                assertThat(reader.runs().active(Optional.empty()))
                        .filteredOn(run -> run.status() == RunStatus.STARTED)
                        .extracting(RunInfo::owner)
                        .allMatch(owner -> owner.equals(Optional.of("other")));
            }
            assertThat(Daybook.verify(driver, Progress.NONE).problems()).isEmpty();
        }
    }

    private interface Work {
        void on(SplittableRandom random) throws InterruptedException;
    }

    /** Does that again and again; what is refused meanwhile is tried again, until the store is closed. */
    private static Thread untilClosed(SplittableRandom random, Work work) {
        Thread thread = new Thread(() -> {
            while (true) {
                try {
                    work.on(random);
                } catch (DaybookException e) {
                    if (e.code().equals("closed")) {
                        return;
                    }
                } catch (InterruptedException e) {
                    throw new IllegalStateException(e);
                }
            }
        });
        thread.start();
        return thread;
    }
}
