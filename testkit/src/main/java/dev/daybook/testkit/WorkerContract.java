package dev.daybook.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.daybook.LeaseLostException;
import dev.daybook.RefusedException;
import dev.daybook.StoreClosedException;
import dev.daybook.run.Admission;
import dev.daybook.run.Message;
import dev.daybook.run.NewRun;
import dev.daybook.run.Run;
import dev.daybook.run.RunStatus;
import dev.daybook.run.Runs;
import dev.daybook.run.Worker;
import dev.daybook.run.WorkerOptions;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

/** Workers: what they take, how bodies end, and how they end themselves. */
interface WorkerContract extends StoreUnderTest {
    WorkerOptions ONE = WorkerOptions.defaults().withDrainTimeout(Duration.ZERO);

    private Runs runs() {
        return book().runs();
    }

    private RunStatus status(String id) {
        return runs().require(id).status();
    }

    private RunStatus end(String id) throws InterruptedException {
        return runs().run(id).awaitEnd(Duration.ofSeconds(50)).orElseThrow();
    }

    private static void never() throws InterruptedException {
        new CountDownLatch(1).await();
    }

    @Test
    default void queuedRunsAreWorkedOn() throws Exception {
        runs().submit(NewRun.of("w").id("0").input("0"));
        AtomicInteger now = new AtomicInteger();
        AtomicInteger most = new AtomicInteger();
        try (Worker worker = runs().worker("w", ONE.withConcurrency(3), run -> {
            most.accumulateAndGet(now.incrementAndGet(), Math::max);
            String made = run.step("make", () -> "1" + run.input().orElseThrow());
            now.decrementAndGet();
            return made;
        })) {
            for (int i = 1; i < 12; i++) {
                runs().submit(NewRun.of("w").id("" + i).input("" + i));
            }
            runs().submit(NewRun.of("other").id("other"));
            for (int i = 0; i < 12; i++) {
                assertThat(end("" + i)).isEqualTo(RunStatus.COMPLETED);
                assertThat(runs().run("" + i).output()).contains("1" + i);
            }
            assertThat(worker.drain(Duration.ofSeconds(50))).isZero();
            assertThat(worker.running()).isZero();
        }
        assertThat(most.get()).isBetween(1, 3);
        assertThat(status("other")).isEqualTo(RunStatus.QUEUED);
        runs().submit(NewRun.of("w").id("late"));
        assertThat(status("late")).isEqualTo(RunStatus.QUEUED);
    }

    @Test
    default void bodyThatClosesItsWorkerDoesNotWaitForItself() throws Exception {
        CompletableFuture<Worker> own = new CompletableFuture<>();
        AtomicInteger interrupted = new AtomicInteger(-1);
        CountDownLatch begun = new CountDownLatch(1);
        own.complete(runs().worker("w", ONE, run -> {
            begun.await();
            interrupted.set(own.join().drain(Duration.ofHours(1)));
            return "1";
        }));
        runs().submit(NewRun.of("w").id("r"));
        begun.countDown();
        assertThat(end("r")).isEqualTo(RunStatus.COMPLETED);
        assertThat(interrupted).hasValue(0);
    }

    @Test
    default void runThatCannotGoOnDoesNotKeepOthersWaiting() throws Exception {
        runs().admission("w", Admission.queue(2, 2));
        Worker first = runs().worker("w", ONE.withConcurrency(2), run -> {
            never();
            return null;
        });
        for (String id : List.of("a", "b")) {
            runs().submit(NewRun.of("w").id(id));
            while (status(id) != RunStatus.STARTED) {
                Thread.onSpinWait();
            }
        }
        runs().submit(NewRun.of("w").id("c"));
        runs().submit(NewRun.of("w").id("d"));
        assertThat(first.drain(Duration.ZERO)).isEqualTo(2);
        try (Worker second = runs().worker("w", ONE.withConcurrency(2), run -> null)) {
            for (String id : List.of("c", "d")) { // no interrupted run puts one out that waits
                assertThat(end(id)).isEqualTo(RunStatus.COMPLETED);
            }
            for (String id : List.of("a", "b")) {
                while (status(id) != RunStatus.COMPLETED) {
                    Thread.onSpinWait();
                }
            }
            assertThat(second.drain(Duration.ofSeconds(50))).isZero();
        }
    }

    @Test
    default void bodyThatThrowsFailsItsRun() throws Exception {
        try (Worker worker = runs().worker("w", ONE, run -> {
            switch (run.id()) {
                case "throws" -> throw new java.io.IOException("broken pipe");
                case "error" -> throw new StackOverflowError("deep");
                case "no-json" -> {
                    return "{";
                }
                case "interrupts" -> Thread.currentThread().interrupt();
                default -> run.fail("by itself", 3);
            }
            return null;
        })) {
            for (String id : List.of("throws", "error", "no-json", "itself", "interrupts")) {
                runs().submit(NewRun.of("w").id(id));
            }
            assertThat(end("throws")).isEqualTo(RunStatus.FAILED);
            assertThat(runs().require("throws").error()).contains("java.io.IOException: broken pipe");
            assertThat(end("error")).isEqualTo(RunStatus.FAILED);
            assertThat(end("no-json")).isEqualTo(RunStatus.FAILED);
            assertThat(end("itself")).isEqualTo(RunStatus.FAILED);
            assertThat(runs().require("itself").exitCode()).contains(3);
            assertThat(end("interrupts")).isEqualTo(RunStatus.COMPLETED);
        }
    }

    @Test
    default void admissionHoldsForWorkers() throws Exception {
        runs().admission("w", Admission.queue(1, 100));
        Run outside = runs().start(NewRun.of("w"));
        AtomicInteger now = new AtomicInteger();
        AtomicInteger most = new AtomicInteger();
        try (Worker worker = runs().worker("w", ONE.withConcurrency(4), run -> {
            most.accumulateAndGet(now.incrementAndGet(), Math::max);
            run.message("user", "x");
            now.decrementAndGet();
            return null;
        })) {
            for (int i = 0; i < 8; i++) {
                runs().submit(NewRun.of("w").id("" + i));
            }
            assertThat(runs().active(java.util.Optional.of("w"))).hasSize(9);
            assertThat(worker.running()).isZero();
            outside.complete();
            for (int i = 0; i < 8; i++) {
                assertThat(end("" + i)).isEqualTo(RunStatus.COMPLETED);
            }
            assertThat(most).hasValue(1);
            runs().admission("w", Admission.queue(4, 100));
        }
    }

    @Test
    default void interruptedRunIsGoneOnWithByTheNextWorker() throws Exception {
        runs().submit(NewRun.of("w").id("r").input("{\"n\":1}"));
        CountDownLatch inStep = new CountDownLatch(1);
        runs().worker("w", ONE.withAttempts(2), run -> {
            run.message("user", "first");
            run.step("a", () -> "kept");
            run.step("b", () -> {
                inStep.countDown();
                never();
            });
            return null;
        });
        inStep.await();
        reopen();
        assertThat(status("r")).isEqualTo(RunStatus.INTERRUPTED);
        try (Worker unwilling = runs().worker("w", ONE.withResumeInterrupted(false), run -> null)) {
            runs().submit(NewRun.of("w").id("s"));
            end("s");
        }
        assertThat(status("r")).isEqualTo(RunStatus.INTERRUPTED);
        CountDownLatch again = new CountDownLatch(1);
        AtomicReference<String> found = new AtomicReference<>();
        Worker worker = runs().worker("w", ONE, run -> {
            found.set(run.attempt()
                    + run.input().orElseThrow()
                    + run.step("a", () -> "made again")
                    + run.thread().chain().stream().map(Message::content).toList());
            again.countDown();
            never();
            return null;
        });
        again.await();
        assertThat(found).hasValue("2{\"n\":1}kept[\"first\"]");
        assertThat(worker.drain(Duration.ZERO)).isEqualTo(1);
        assertThat(worker.drain(Duration.ZERO)).isZero();
        assertThat(status("r")).isEqualTo(RunStatus.INTERRUPTED);
        try (Worker next = runs().worker("w", ONE.withAttempts(3), run -> null)) {
            while (status("r") != RunStatus.COMPLETED) {
                Thread.sleep(1);
            }
        }
        assertThat(runs().require("r").attempt()).isEqualTo(3);
    }

    @Test
    default void runWithoutAttemptsLeftStaysWhereItIs() throws Exception {
        for (int life = 1; life <= 2; life++) {
            CountDownLatch inBody = new CountDownLatch(1);
            runs().submit(NewRun.of("w").id("" + life));
            Worker worker = runs().worker("w", ONE.withAttempts(1), run -> {
                inBody.countDown();
                never();
                return null;
            });
            inBody.await();
            assertThat(worker.drain(Duration.ZERO)).isEqualTo(1);
        }
        assertThat(List.of(status("1"), status("2"))).containsOnly(RunStatus.INTERRUPTED);
        assertThat(runs().require("1").attempt()).isEqualTo(1);
    }

    @Test
    default void cancelReachesTheBodyOfAWorker() throws Exception {
        CountDownLatch inBody = new CountDownLatch(2);
        AtomicInteger reached = new AtomicInteger();
        try (Worker worker = runs().worker("w", ONE.withConcurrency(2), run -> {
            try {
                inBody.countDown();
                never();
            } catch (InterruptedException e) {
                reached.addAndGet(run.cancelRequested() ? 1 : 100);
                if (run.id().equals("finishes")) {
                    return "\"all the same\"";
                }
                throw e;
            }
            return null;
        })) {
            runs().submit(NewRun.of("w").id("ends"));
            runs().submit(NewRun.of("w").id("finishes"));
            inBody.await();
            runs().run("ends").cancel("enough", Duration.ofSeconds(50));
            runs().run("finishes").cancel("enough", Duration.ofSeconds(50));
            assertThat(status("ends")).isEqualTo(RunStatus.CANCELLED);
            assertThat(status("finishes")).isEqualTo(RunStatus.COMPLETED);
            assertThat(reached).hasValue(2);
        }
    }

    @Test
    default void drainTakesTheLeaseAwayFromWhatDoesNotFinish() throws Exception {
        CountDownLatch inBody = new CountDownLatch(1);
        CountDownLatch tried = new CountDownLatch(1);
        AtomicReference<Throwable> refusal = new AtomicReference<>();
        AtomicBoolean go = new AtomicBoolean();
        Worker worker = runs().worker("w", ONE, run -> {
            inBody.countDown();
            while (!go.get()) { // it does not care for interrupts
                Thread.onSpinWait();
            }
            Thread.interrupted();
            try {
                run.message("user", "too late");
            } catch (Throwable e) {
                refusal.set(e);
            }
            tried.countDown();
            return "1";
        });
        runs().submit(NewRun.of("w").id("r"));
        runs().submit(NewRun.of("w").id("waits"));
        inBody.await();
        assertThat(worker.running()).isEqualTo(1);
        assertThat(worker.drain(Duration.ofMillis(1))).isEqualTo(1);
        assertThat(status("r")).isEqualTo(RunStatus.INTERRUPTED);
        assertThat(status("waits")).isEqualTo(RunStatus.QUEUED);
        go.set(true);
        tried.await();
        assertThat(refusal.get()).isInstanceOf(LeaseLostException.class);
        assertThat(status("r")).isEqualTo(RunStatus.INTERRUPTED);
        assertThat(runs().run("r").thread().count()).isZero();
    }

    @Test
    default void drainWaitsForWhatFinishes() throws Exception {
        CountDownLatch inBody = new CountDownLatch(1);
        CountDownLatch draining = new CountDownLatch(1);
        Worker worker = runs().worker("w", ONE, run -> {
            inBody.countDown();
            draining.await();
            run.message("user", "in time");
            return null;
        });
        runs().submit(NewRun.of("w").id("r"));
        inBody.await();
        Thread finishes = new Thread(draining::countDown);
        finishes.start();
        assertThat(worker.drain(Duration.ofSeconds(50))).isZero();
        assertThat(status("r")).isEqualTo(RunStatus.COMPLETED);
        finishes.join();
    }

    @Test
    default void oneWorkerForAWorkflow() {
        Worker first = runs().worker("w", ONE, run -> null);
        assertThatThrownBy(() -> runs().worker("w", ONE, run -> null))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("w");
        runs().worker("other", ONE, run -> null);
        first.close();
        first.close();
        runs().worker("w", ONE, run -> null);
        Runs runs = runs();
        reopen();
        assertThatThrownBy(() -> runs.worker("w", ONE, run -> null)).isInstanceOf(StoreClosedException.class);
        assertThatThrownBy(() -> runs.claim("w", "a", Duration.ofSeconds(1))).isInstanceOf(StoreClosedException.class);
        runs().worker("w", ONE, run -> null);
    }

    @Test
    default void readingStoreHasNoWorkers() {
        reopen(options -> options.withReadOnly(true));
        assertThatThrownBy(() -> runs().worker("w", ONE, run -> null)).isInstanceOf(RefusedException.class);
    }

    @Test
    default void runThatItsExecutorRefusesStaysQueuedAndIsTriedAgain() throws Exception {
        AtomicInteger asked = new AtomicInteger();
        WorkerOptions refuses = ONE.withExecutor(work -> {
            if (asked.incrementAndGet() == 1) {
                throw new RejectedExecutionException("not yet");
            }
            new Thread(work).start();
        });
        try (Worker worker = runs().worker("w", refuses, run -> null)) {
            runs().submit(NewRun.of("w").id("r"));
            assertThat(end("r")).isEqualTo(RunStatus.COMPLETED);
            assertThat(runs().require("r").attempt()).isEqualTo(1);
            assertThat(asked).hasValue(2);
        }
        WorkerOptions shut = ONE.withExecutor(work -> {
            asked.incrementAndGet();
            throw new RejectedExecutionException("never");
        });
        try (Worker worker = runs().worker("w", shut, run -> null)) {
            runs().submit(NewRun.of("w").id("s"));
            while (asked.get() == 2) {
                Thread.onSpinWait();
            }
            assertThat(worker.drain(Duration.ofSeconds(50))).isZero();
        }
        assertThat(status("s")).isEqualTo(RunStatus.QUEUED);
    }
}
