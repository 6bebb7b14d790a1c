package dev.daybook.internal.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.daybook.Daybook;
import dev.daybook.DaybookOptions;
import dev.daybook.LeaseLostException;
import dev.daybook.driver.memory.MemoryDriver;
import dev.daybook.internal.run.Leases.Lease;
import dev.daybook.run.NewRun;
import dev.daybook.run.Resume;
import dev.daybook.run.Run;
import dev.daybook.run.RunStatus;
import dev.daybook.run.Runs;
import dev.daybook.testkit.ManualClock;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What the sweep judges, and when. Its own thread looks, too; nothing here minds, since that finds the same. */
class SweepTest {
    private static final Duration LEASE = Duration.ofMillis(400); // looked at every 100 ms

    private final ManualClock clock = ManualClock.evening();
    private final Daybook book =
            Daybook.open(new MemoryDriver(), DaybookOptions.defaults().withClock(clock));
    private final Runs runs = book.runs();
    private final Sweep sweep = ((JournalRuns) runs).sweep;

    @AfterEach
    void close() {
        book.close();
    }

    private Run claim(String id) {
        runs.submit(NewRun.of("w").id(id));
        return runs.claim("w", "owner", LEASE).orElseThrow();
    }

    private RunStatus status(Run run) {
        return runs.require(run.id()).status();
    }

    /** Lets a lease run out with looks in time, of which the last finds it. */
    private List<Lease> letOneRunOut() {
        for (int i = 0; i < 20; i++) {
            clock.advance(Duration.ofMillis(100));
            List<Lease> expired = sweep.expired();
            if (!expired.isEmpty()) {
                return expired;
            }
        }
        return List.of();
    }

    @Test
    void leaseRunsOutWhenNothingIsHeard() {
        Run run = claim("r");
        for (int i = 0; i < 3; i++) {
            clock.advance(Duration.ofMillis(100));
            assertThat(sweep.expired()).isEmpty();
        }
        clock.advance(Duration.ofMillis(100));
        sweep.expired().forEach(sweep::expire);
        assertThat(status(run)).isEqualTo(RunStatus.CRASHED);
        assertThat(sweep.expired()).isEmpty();
    }

    @Test
    void afterAStallEveryLeaseBeginsAnewBeforeAnyIsJudged() {
        Run run = claim("r");
        clock.advance(Duration.ofHours(8));
        assertThat(sweep.expired()).isEmpty();
        for (int i = 0; i < 3; i++) {
            clock.advance(Duration.ofMillis(100));
            assertThat(sweep.expired()).isEmpty();
        }
        assertThat(status(run)).isEqualTo(RunStatus.STARTED);
        run.message("user", "still here");
        sweep.expired().forEach(sweep::expire);
        run.complete();
    }

    @Test
    void setClockEndsNoLease() {
        Run run = claim("r");
        clock.set(clock.now().plus(Duration.ofDays(1)));
        sweep.expired().forEach(sweep::expire);
        assertThat(status(run)).isEqualTo(RunStatus.STARTED);
    }

    @Test
    void runThatEndedMeanwhileIsLeftAlone() {
        Run run = claim("r");
        List<Lease> expired = letOneRunOut();
        run.complete();
        expired.forEach(sweep::expire);
        assertThat(status(run)).isEqualTo(RunStatus.COMPLETED);
    }

    @Test
    void runThatChangedHandsMeanwhileIsLeftAlone() {
        Run first = claim("r");
        List<Lease> expired = letOneRunOut();
        first.fail("x");
        runs.requeue("r", Resume.current());
        Run second = runs.claim("w", "other", LEASE).orElseThrow();
        expired.forEach(sweep::expire);
        assertThat(status(second)).isEqualTo(RunStatus.STARTED);
        second.complete();
        assertThatThrownBy(first::heartbeat).isInstanceOf(LeaseLostException.class);
    }

    @Test
    void sweepLivesWhileThereIsSomethingToWatch() throws Exception {
        assertThat(sweeping()).isFalse();
        Run run = claim("r");
        assertThat(sweeping()).isTrue();
        run.complete();
        while (sweeping()) {
            Thread.sleep(10);
        }
        claim("s");
        assertThat(sweeping()).isTrue();
        book.close();
        assertThat(sweeping()).isFalse();
    }

    private static boolean sweeping() {
        return Thread.getAllStackTraces().keySet().stream()
                .anyMatch(thread -> thread.getName().equals("daybook-leases"));
    }
}
