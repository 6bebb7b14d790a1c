package dev.daybook.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.daybook.InvalidEventException;
import dev.daybook.LeaseLostException;
import dev.daybook.RunStateException;
import dev.daybook.StoreClosedException;
import dev.daybook.run.Admission;
import dev.daybook.run.NewRun;
import dev.daybook.run.Resume;
import dev.daybook.run.Run;
import dev.daybook.run.RunStatus;
import dev.daybook.run.Runs;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Runs that are taken out of the queue for a time, and what becomes of them when nothing is heard of their owners. */
interface LeaseContract extends StoreUnderTest {
    Duration LONG = Duration.ofHours(1);

    private Runs runs() {
        return book().runs();
    }

    private RunStatus status(String id) {
        return runs().require(id).status();
    }

    private Run claim(Duration lease) {
        return runs().claim("w", "host-b/17", lease).orElseThrow();
    }

    /** Lets time go by, a little slower than it does, so that nothing looks as if it had been stopped. */
    private void letTimeGoBy() throws InterruptedException {
        Thread.sleep(10);
        clock().advance(Duration.ofMillis(5));
    }

    @Test
    default void oldestQueuedRunIsClaimed() {
        assertThat(runs().claim("w", "a", LONG)).isEmpty();
        for (String id : List.of("3", "1", "2")) {
            runs().submit(NewRun.of("w").id(id).input("[" + id + "]"));
        }
        Run first = claim(LONG);
        assertThat(first.id()).isEqualTo("3");
        assertThat(first.generation()).isEqualTo(1);
        assertThat(first.attempt()).isEqualTo(1);
        assertThat(first.input()).contains("[3]");
        assertThat(first.info().owner()).contains("host-b/17");
        runs().run("1").cancel("", Duration.ZERO);
        assertThat(claim(LONG).id()).isEqualTo("2");
        assertThat(runs().claim("w", "a", LONG)).isEmpty();
        assertThat(runs().claim("other", "a", LONG)).isEmpty();
        first.complete();
        assertThat(status("3")).isEqualTo(RunStatus.COMPLETED);
    }

    @Test
    default void claimNeedsASlot() {
        runs().admission("w", Admission.queue(1, 10));
        Run first = runs().start(NewRun.of("w"));
        runs().submit(NewRun.of("w").id("2"));
        assertThat(runs().claim("w", "a", LONG)).isEmpty();
        assertThat(status("2")).isEqualTo(RunStatus.QUEUED);
        first.complete();
        assertThat(claim(LONG).id()).isEqualTo("2");
    }

    @Test
    default void silentOwnerLosesItsRunAndWritesNothing() throws Exception {
        runs().submit(NewRun.of("w").id("r"));
        Run silent = claim(Duration.ofMillis(20));
        silent.step("a", () -> "kept");
        while (status("r") == RunStatus.STARTED) {
            letTimeGoBy();
        }
        assertThat(status("r")).isEqualTo(RunStatus.CRASHED);
        assertThat(runs().run("r").timeline().attempts().get(0).reason()).contains("lease-expired");
        while (!silent.cancelRequested()) { // told a moment after it is known
            Thread.onSpinWait();
        }
        runs().requeue("r", Resume.current());
        Run next = runs().claim("w", "b", LONG).orElseThrow();
        assertThat(next.generation()).isEqualTo(3);
        long before = book().info().lastPosition();
        assertThatThrownBy(() -> silent.message("user", "x")).isInstanceOfSatisfying(LeaseLostException.class, e -> {
            assertThat(e.generation()).isEqualTo(1);
            assertThat(e.actualGeneration()).isEqualTo(3);
        });
        assertThatThrownBy(() -> silent.step("b", () -> "x")).isInstanceOf(LeaseLostException.class);
        assertThatThrownBy(() -> silent.checkpoint("1")).isInstanceOf(LeaseLostException.class);
        assertThatThrownBy(silent::complete).isInstanceOf(LeaseLostException.class);
        assertThatThrownBy(silent::heartbeat).isInstanceOf(LeaseLostException.class);
        assertThat(book().info().lastPosition()).isEqualTo(before);
        assertThat(next.step("a", () -> "again")).isEqualTo("kept");
        next.complete();
    }

    @Test
    default void whoIsHeardOfKeepsItsRun() throws Exception {
        runs().submit(NewRun.of("w").id("beats"));
        runs().submit(NewRun.of("w").id("writes"));
        runs().submit(NewRun.of("w").id("silent"));
        Run beats = claim(Duration.ofMillis(50));
        Run writes = claim(Duration.ofMillis(50));
        claim(Duration.ofMillis(50));
        long beat = 0;
        while (status("silent") == RunStatus.STARTED) {
            long before = book().info().lastPosition();
            beats.heartbeat();
            beat += book().info().lastPosition() - before;
            writes.message("user", "x");
            letTimeGoBy();
        }
        assertThat(beat).isLessThanOrEqualTo(1); // the crash of the silent one may fall there
        beats.complete();
        writes.complete();
        assertThatThrownBy(beats::heartbeat).isInstanceOf(RunStateException.class);
    }

    @Test
    default void openingGivesClaimsOneLeaseMore() throws Exception {
        runs().submit(NewRun.of("w").id("claimed"));
        runs().submit(NewRun.of("w").id("waits"));
        Run claimed = claim(Duration.ofMillis(50));
        runs().start(NewRun.of("w").id("own"));
        clock().advance(LONG);
        reopen();
        assertThat(status("own")).isEqualTo(RunStatus.CRASHED);
        assertThat(status("waits")).isEqualTo(RunStatus.QUEUED);
        assertThat(status("claimed")).isEqualTo(RunStatus.STARTED);
        assertThatThrownBy(claimed::heartbeat).isInstanceOf(StoreClosedException.class);
        while (status("claimed") == RunStatus.STARTED) {
            letTimeGoBy();
        }
        assertThat(status("claimed")).isEqualTo(RunStatus.CRASHED);
    }

    @Test
    default void badLeasesAndOwnersAreRefused() {
        runs().submit(NewRun.of("w").id("r"));
        for (Duration lease : List.of(Duration.ZERO, Duration.ofMillis(-1), Duration.ofDays(25))) {
            assertThatThrownBy(() -> runs().claim("w", "a", lease)).isInstanceOf(IllegalArgumentException.class);
        }
        assertThatThrownBy(() -> runs().claim("w", "", LONG)).isInstanceOf(InvalidEventException.class);
        assertThatThrownBy(() -> runs().claim("w", "x".repeat(257), LONG)).isInstanceOf(InvalidEventException.class);
        assertThat(status("r")).isEqualTo(RunStatus.QUEUED);
    }
}
