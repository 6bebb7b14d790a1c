package dev.daybook.journal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.daybook.RefusedException;
import dev.daybook.run.Admission;
import dev.daybook.run.RunStatus;
import dev.daybook.stream.Event;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A limit of started runs, and what happens beyond it; decided where the run is begun. */
class AdmissionTest {
    private final RunsByHand runs = new RunsByHand();

    @AfterEach
    void close() {
        runs.close();
    }

    private String start(String run, Admission admission) {
        runs.append(RunsByHand.begin(run, RunStatus.STARTED, RunsByHand.OWNER, admission, 0));
        return runs.status(run);
    }

    private String submit(String run, Admission admission) {
        runs.append(RunsByHand.begin(run, RunStatus.QUEUED, null, admission, 0));
        return runs.status(run);
    }

    private void refusedForSlots(Op op) {
        long pos = runs.lastPos();
        assertThatThrownBy(() -> runs.append(op))
                .isInstanceOfSatisfying(
                        RefusedException.class, e -> assertThat(e.reason()).isEqualTo(RefusedException.Reason.NO_SLOT));
        assertThat(runs.lastPos()).isEqualTo(pos);
    }

    @Test
    void dropDropsWhatIsBeyondTheLimit() {
        Admission two = Admission.drop(2);
        assertThat(start("a", two)).isEqualTo("started");
        assertThat(start("b", two)).isEqualTo("started");
        assertThat(start("c", two)).isEqualTo("dropped");
        assertThat(runs.newestLine("c"))
                .contains("\"type\":\"dropped\",\"state\":[\"dropped\",1,\"w\",3]")
                .doesNotContain("producer");
        assertThat(runs.known("c").generation()).isZero();
        assertThat(submit("d", two)).isEqualTo("dropped");
        runs.end("a", RunStatus.COMPLETED);
        assertThat(submit("e", two)).isEqualTo("queued");
        assertThat(submit("f", two)).isEqualTo("dropped");
        assertThat(start("g", two)).isEqualTo("started"); // a slot is a slot; who waits has it with the next one
    }

    @Test
    void queueQueuesAndEvictsTheOldest() {
        Admission queue = Admission.queue(1, 2);
        assertThat(start("a", queue)).isEqualTo("started");
        assertThat(start("b", queue)).isEqualTo("queued");
        assertThat(runs.newestLine("b")).contains("\"type\":\"queued\",\"state\":[\"queued\",1,\"w\",3],\"batch\"");
        assertThat(submit("c", queue)).isEqualTo("queued");
        long pos = runs.lastPos();
        assertThat(start("d", queue)).isEqualTo("queued");
        assertThat(runs.lastPos()).isEqualTo(pos + 3);
        assertThat(runs.status("b")).isEqualTo("dropped");
        assertThat(runs.newestLine("b"))
                .isEqualTo(",\"stream\":\"runs/b\",\"seq\":2,\"type\":\"dropped\",\"state\":[\"dropped\",1,\"w\",3],"
                        + "\"batch\":[3,3],\"data\":{\"reason\":\"evicted\",\"by\":\"d\"}}");
        assertThat(runs.lane().queuedRuns()).containsExactly("c", "d");
        assertThat(submit("e", queue)).isEqualTo("queued");
        assertThat(runs.lane().queuedRuns()).containsExactly("d", "e");
    }

    @Test
    void waitWritesNothing() {
        Admission one = Admission.waiting(1);
        start("a", one);
        refusedForSlots(RunsByHand.begin("b", RunStatus.STARTED, RunsByHand.OWNER, one, 0));
        assertThat(runs.journal.known(Running.name("b"))).isNull();
        for (int i = 0; i < 5; i++) {
            assertThat(submit("c" + i, one)).isEqualTo("queued");
        }
    }

    @Test
    void claimNeedsASlot() {
        for (Admission one : List.of(Admission.drop(1), Admission.queue(1, 1), Admission.waiting(1))) {
            String a = "a" + one.overflow();
            String b = "b" + one.overflow();
            runs.submit(b);
            start(a, Admission.UNLIMITED);
            refusedForSlots(RunsByHand.begin(b, RunStatus.STARTED, RunsByHand.OWNER, one, 1));
            assertThat(runs.status(b)).isEqualTo("queued");
            runs.end(a, RunStatus.COMPLETED);
            runs.append(RunsByHand.begin(b, RunStatus.STARTED, RunsByHand.OWNER, one, 1));
            runs.end(b, RunStatus.COMPLETED);
        }
    }

    @Test
    void endedRunIsNeverDropped() {
        runs.start("r");
        runs.end("r", RunStatus.FAILED);
        start("a", Admission.UNLIMITED);
        long after = runs.state("r").seq();
        refusedForSlots(RunsByHand.begin("r", RunStatus.STARTED, RunsByHand.OWNER, Admission.drop(1), after));
        refusedForSlots(RunsByHand.begin("r", RunStatus.QUEUED, null, Admission.drop(1), after));
        refusedForSlots(RunsByHand.begin("r", RunStatus.STARTED, RunsByHand.OWNER, Admission.waiting(1), after));
        runs.append(RunsByHand.begin("r", RunStatus.STARTED, RunsByHand.OWNER, Admission.queue(1, 1), after));
        assertThat(runs.status("r")).isEqualTo("queued");
        assertThat(runs.state("r").attempt()).isEqualTo(2);
    }

    @Test
    void workflowsDoNotTakeEachOthersSlots() {
        start("a", Admission.drop(1));
        Op other = RunsByHand.op(
                "b", "started", "{}", new Rule.Begin(RunStatus.STARTED, "other", null, Admission.drop(1), 0));
        runs.append(other);
        assertThat(runs.status("b")).isEqualTo("started");
    }

    @Test
    void refusedStartEvictsNobody() {
        Admission queue = Admission.queue(1, 1);
        start("a", queue);
        start("b", queue);
        long pos = runs.lastPos();
        assertThatThrownBy(() -> start("a", queue))
                .isInstanceOfSatisfying(
                        RefusedException.class, e -> assertThat(e.reason()).isEqualTo(RefusedException.Reason.EXISTS));
        assertThat(runs.status("b")).isEqualTo("queued");
        assertThat(runs.lastPos()).isEqualTo(pos);
    }

    @Test
    void manyThreadsNeverHaveMoreThanTheLimit() throws Exception {
        Admission three = Admission.queue(3, 10);
        AtomicInteger working = new AtomicInteger();
        AtomicInteger most = new AtomicInteger();
        AtomicInteger worked = new AtomicInteger();
        List<Thread> threads = new ArrayList<>();
        for (int t = 0; t < 8; t++) {
            int me = t;
            Thread thread = new Thread(() -> {
                for (int i = 0; i < 40; i++) {
                    String run = me + "-" + i;
                    if (start(run, three).equals("started")) {
                        most.accumulateAndGet(working.incrementAndGet(), Math::max);
                        worked.incrementAndGet();
                        working.decrementAndGet();
                        runs.end(run, RunStatus.COMPLETED);
                    }
                }
            });
            threads.add(thread);
            thread.start();
        }
        for (Thread thread : threads) {
            thread.join();
        }
        assertThat(most.get()).isBetween(1, 3);
        assertThat(worked.get()).isGreaterThan(3);
        assertThat(runs.lane().started()).isZero();
        assertThat(runs.lane().queued()).isBetween(0, 10);
        // The journal says the same: nowhere in it are more than three started, or more than ten queued.
        int started = 0;
        int queued = 0;
        for (Event event : new Streams(runs.journal).read("runs", dev.daybook.stream.ReadOptions.all())) {
            switch (event.type()) {
                case "started" -> started++;
                case "completed" -> started--;
                case "queued" -> queued++;
                default -> queued--;
            }
            assertThat(started).isLessThanOrEqualTo(3);
            assertThat(queued).isLessThanOrEqualTo(11); // the evicted one's line comes behind that of the new one
        }
    }

    @Test
    void whoWaitsForASlotIsWoken() throws Exception {
        Admission one = Admission.waiting(1);
        start("a", one);
        Thread waiting = new Thread(() -> {
            try {
                boolean free =
                        runs.journal.awaitWorkflow("w", () -> runs.lane().started() == 0, TimeUnit.SECONDS.toNanos(50));
                if (free) {
                    start("b", one);
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        });
        waiting.start();
        runs.append(RunsByHand.note("a", "message", Rule.Allowed.UNLESS_FINAL, Rule.Writer.ANYBODY));
        runs.end("a", RunStatus.COMPLETED);
        waiting.join();
        assertThat(Objects.requireNonNull(runs.journal.known(Running.name("b"))).state())
                .isNotNull();
        assertThat(runs.journal.awaitWorkflow("w", () -> false, 1)).isFalse();
    }
}
