package dev.daybook.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.daybook.AppendTimeoutException;
import dev.daybook.RefusedException;
import dev.daybook.run.Admission;
import dev.daybook.run.NewRun;
import dev.daybook.run.Resume;
import dev.daybook.run.Run;
import dev.daybook.run.RunInfo;
import dev.daybook.run.RunStatus;
import dev.daybook.run.Runs;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** What happens to runs for which there is no slot. */
interface AdmissionContract extends StoreUnderTest {

    private Runs runs() {
        return book().runs();
    }

    private RunStatus status(String id) {
        return runs().require(id).status();
    }

    @Test
    default void runWithoutASlotIsDropped() {
        runs().admission("w", Admission.drop(1));
        Run first = runs().start(NewRun.of("w").id("1"));
        assertThat(runs().start(NewRun.of("w").id("2")).info().status()).isEqualTo(RunStatus.DROPPED);
        assertThat(runs().submit(NewRun.of("w").id("3")).status()).isEqualTo(RunStatus.DROPPED);
        assertThat(runs().start(NewRun.of("other").id("4")).info().status()).isEqualTo(RunStatus.STARTED);
        AtomicInteger ran = new AtomicInteger();
        assertThat(runs().execute(NewRun.of("w").id("5"), run -> {
                            ran.incrementAndGet();
                            return null;
                        })
                        .status())
                .isEqualTo(RunStatus.DROPPED);
        assertThat(ran).hasValue(0);
        first.fail("x");
        assertThat(runs().start(NewRun.of("w").id("6")).info().status()).isEqualTo(RunStatus.STARTED);
        assertThatThrownBy(() -> runs().resume("1", Resume.current()))
                .isInstanceOfSatisfying(
                        RefusedException.class, e -> assertThat(e.reason()).isEqualTo(RefusedException.Reason.NO_SLOT));
        assertThat(status("1")).isEqualTo(RunStatus.FAILED);
    }

    @Test
    default void oldestQueuedRunIsEvicted() throws Exception {
        runs().admission("w", Admission.queue(1, 2));
        Run first = runs().start(NewRun.of("w").id("1"));
        Run second = runs().start(NewRun.of("w").id("2"));
        Run third = runs().start(NewRun.of("w").id("3"));
        runs().submit(NewRun.of("w").id("4"));
        assertThat(status("2")).isEqualTo(RunStatus.DROPPED);
        assertThat(runs().run("2").timeline().attempts().get(0).reason()).contains("evicted");
        assertThat(runs().active(Optional.of("w"))).extracting(RunInfo::id).containsExactly("1", "3", "4");
        assertThat(second.awaitStarted(Duration.ZERO)).isFalse();
        assertThat(third.awaitStarted(Duration.ZERO)).isFalse();
        assertThat(third.generation()).isZero();
        first.complete();
        assertThat(third.awaitStarted(Duration.ofSeconds(30))).isTrue();
        assertThat(third.generation()).isEqualTo(1);
        third.step("s", () -> "x");
        third.complete();
        Run taken = runs().startOrResume(NewRun.of("w").id("4"));
        assertThat(taken.awaitStarted(Duration.ofSeconds(30))).isTrue();
        assertThat(taken.awaitStarted(Duration.ZERO)).isTrue();
        taken.complete();
    }

    @Test
    default void whoStartsWaitsForASlot() throws Exception {
        runs().admission("w", Admission.waiting(2));
        AtomicInteger most = new AtomicInteger();
        AtomicInteger now = new AtomicInteger();
        Thread[] threads = new Thread[8];
        for (int t = 0; t < threads.length; t++) {
            threads[t] = new Thread(() -> {
                for (int i = 0; i < 5; i++) {
                    Run run = runs().start(NewRun.of("w"));
                    most.accumulateAndGet(now.incrementAndGet(), Math::max);
                    run.message("user", "so that the others can come meanwhile");
                    now.decrementAndGet();
                    run.complete();
                }
            });
            threads[t].start();
        }
        for (Thread thread : threads) {
            thread.join();
        }
        assertThat(most.get()).isBetween(1, 2);
        assertThat(runs().active(Optional.empty())).isEmpty();
    }

    @Test
    default void waitingForASlotEnds() {
        reopen(options -> options.withAppendTimeout(Duration.ofMillis(20)));
        runs().admission("w", Admission.waiting(1));
        runs().start(NewRun.of("w").id("1"));
        assertThatThrownBy(() -> runs().start(NewRun.of("w").id("2")))
                .isInstanceOfSatisfying(
                        AppendTimeoutException.class,
                        e -> assertThat(e.outcomeUnknown()).isFalse());
        assertThat(runs().find("2")).isEmpty();
        Thread.currentThread().interrupt();
        assertThatThrownBy(() -> runs().start(NewRun.of("w").id("2"))).isInstanceOf(AppendTimeoutException.class);
        assertThat(Thread.interrupted()).isTrue();
    }

    @Test
    default void executeWaitsUntilAQueuedRunHasItsSlot() throws Exception {
        runs().admission("w", Admission.queue(1, 10));
        Run first = runs().start(NewRun.of("w"));
        Thread other = new Thread(() -> runs().execute(NewRun.of("w").id("2"), run -> "\"" + run.generation() + "\""));
        other.start();
        while (runs().find("2").isEmpty()) {
            Thread.onSpinWait();
        }
        first.complete();
        other.join();
        assertThat(runs().run("2").output()).contains("\"1\"");
    }

    @Test
    default void endedRunIsQueuedAgain() throws Exception {
        Run run = runs().start(NewRun.of("w").id("r"));
        run.step("s", () -> "kept");
        run.fail("x");
        assertThat(runs().requeue("r", Resume.current()).status()).isEqualTo(RunStatus.QUEUED);
        assertThat(runs().require("r").started()).isEmpty();
        Run again = runs().startOrResume(NewRun.of("w").id("r"));
        assertThat(again.awaitStarted(Duration.ofSeconds(30))).isTrue();
        assertThat(again.attempt()).isEqualTo(2);
        assertThat(again.generation()).isEqualTo(2);
        assertThat(again.step("s", () -> "made again")).isEqualTo("kept");
    }
}
