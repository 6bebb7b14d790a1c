package dev.daybook.run;

import dev.daybook.Freshness;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The runs of a store. Thread-safe. What writes is durable on return and throws what {@link RunRef} says; what reads sees what is acknowledged.
 *
 * <p>What asks the view {@code runs} ({@link #list}, {@link #counts}, {@link #history}, {@link #statistics}) sees as much of it as its {@link Freshness} says, by default everything that this {@code Daybook} had acknowledged
 * before, and throws {@link dev.daybook.ViewBehindException} when the view does not get there in time.
 *
 * <p>Opening a store for writing crashes the runs whose owner was the process that wrote before: it is gone. {@link #startOrResume} goes on with them.
 */
public interface Runs {

    /** Starts a run of this workflow with this input (JSON) and owns it. */
    default Run start(String workflow, String input) {
        return start(NewRun.of(workflow).input(input));
    }

    /**
     * Starts a run and owns it. Where the workflow's {@link Admission} has no slot it is dropped or queued instead, which {@link RunRef#info()} tells, or this waits.
     *
     * @throws dev.daybook.RefusedException when a run of this id exists ({@code EXISTS})
     * @throws dev.daybook.AppendTimeoutException when waiting for a slot took longer than the store's append timeout; nothing was written
     */
    Run start(NewRun run);

    /**
     * {@link #start(NewRun)} if there is no run of this id; {@link #resume} from where it was if it ended and can go on; else the run as it is: ended for good, queued, or started and not owned by what is returned.
     * The way to write a program that can be killed and started again.
     */
    Run startOrResume(NewRun run);

    /**
     * Starts a run, waits until it has its slot, runs the body, and ends it: completed with what it returns (JSON), failed with what it throws, which comes out of here; cancelled
     * instead, when somebody wanted that. The body may end it, too. It does not run when the run was dropped, or when this thread was interrupted before it had its slot.
     */
    <E extends Exception> RunInfo execute(NewRun run, RunBody<E> body) throws E;

    /** Starts a run without an owner: for recording what happens elsewhere. No lease, no opening crashes it, anybody may end it. */
    RunRef record(NewRun run);

    /** Puts a run into the queue of its workflow. It can be dropped on arrival, or another one evicted for it: see {@link Admission}. A {@link #worker} takes it, {@link #claim}, or {@link #startOrResume} with {@link Run#awaitStarted}. */
    RunInfo submit(NewRun run);

    /**
     * Goes on with an ended run as its next attempt, and owns it. What is not to count any more is set aside in the same step, with the state document as it was then.
     *
     * @throws dev.daybook.RefusedException when the workflow's admission drops what has no slot ({@code NO_SLOT}): an ended run is never dropped
     * @throws dev.daybook.InvalidEventException when the step has no record that counts, or there is nothing that the overrides could be merged into
     */
    Run resume(String id, Resume how);

    /** Begins the next attempt of an ended run without an owner, like {@link #record}. */
    RunRef reopen(String id, Resume how);

    /** Puts an ended run into the queue as its next attempt. */
    RunInfo requeue(String id, Resume how);

    /**
     * Takes the oldest queued run of a workflow, for those who have threads of their own, here or in another process that they speak for. When nothing is heard of the owner for as long as the lease
     * ({@link Run#heartbeat}, or any append), the run becomes crashed, and whatever the owner writes afterwards is refused. It goes on by itself when this
     * store has a worker for its workflow that it had attempts from before. Opening the store anew gives every lease its full length again.
     *
     * @param owner 1 to 256 bytes
     * @param lease a millisecond to 24 days
     * @return empty when none waits, or there is no slot
     */
    Optional<Run> claim(String workflow, String owner, Duration lease);

    /**
     * Works on the queued runs of a workflow from now on. Runs of its own that crashed, and those that were interrupted, are queued again as long as they have attempts left
     * ({@link WorkerOptions#attempts}), those of a worker before included: they go on from where they were. Close it.
     *
     * <p>A body that returns completes its run, one that throws fails it. When the run is to end ({@link RunRef#cancel}, {@link Worker#drain}), the body's thread is interrupted and {@link Run#cancelRequested()} is true.
     *
     * @throws IllegalStateException when this store has a worker for this workflow
     */
    Worker worker(String workflow, WorkerOptions options, RunBody<?> body);

    /** The limit of a workflow, from the next start on, for this {@code Daybook}; not stored. */
    void admission(String workflow, Admission admission);

    /** A run by its id, however old. */
    RunRef run(String id);

    /** What is known of a run, or empty when there is none. No view is asked. */
    Optional<RunInfo> find(String id);

    /** What is known of a run. @throws dev.daybook.RunNotFoundException when there is none */
    RunInfo require(String id);

    /** Runs whose id begins so, at most this many, in order: for people who type. */
    List<String> ids(String beginning, int limit);

    /** Queued and started runs, oldest first, of one workflow or (empty) of all. From what the store holds in memory; no view is asked. */
    List<RunInfo> active(Optional<String> workflow);

    /**
     * Runs as they are now, newest first: by their creation, then by the order in which the store got them. Of an error the first 1,000 characters.
     *
     * @throws IllegalArgumentException when the cursor is not of this list
     */
    RunPage<RunInfo> list(RunFilter filter);

    /** How many runs have which status now, of one workflow or (empty) of all. A status that no run has is left out. */
    Map<RunStatus, Long> counts(Optional<String> workflow, Freshness freshness);

    /**
     * Ended attempts, the newest end first; at the same end the one first that the store got last. The times of the filter are those of the ends.
     *
     * @throws IllegalArgumentException when the cursor is not of this list
     */
    RunPage<AttemptRecord> history(RunFilter filter);

    /**
     * Figures over everything that {@link #history} finds with this filter, whatever its limit and cursor, in total and for each workflow.
     *
     * @throws IllegalArgumentException when there are more than 10,000 workflows
     */
    default RunStatistics statistics(RunFilter filter) {
        return statistics(filter, StatisticsOptions.total().withWorkflows(true));
    }

    /**
     * The same, with a choice of figures. Without tags, parent and text they come from memory: the first question of a process reads it, 21 bytes for each attempt. With them the attempts are looked up for each question.
     *
     * @throws IllegalArgumentException when there are more than 10,000 buckets of time, or workflows where each is asked for
     */
    RunStatistics statistics(RunFilter filter, StatisticsOptions options);

    /**
     * Deletes the runs that ended longer ago than this, with their documents; queued and started ones stay, whatever their age. With a run its attempts leave history and statistics. Deletes nothing
     * when the duration is negative. Durable on return; what was cut short is done by the next call.
     *
     * @return how many
     */
    long cleanup(Duration olderThan);

    /** How many runs {@link #cleanup} would delete now. */
    long cleanable(Duration olderThan);

    /** What a run does; returns its output as JSON, or null for none. */
    @FunctionalInterface
    interface RunBody<E extends Exception> {
        @Nullable
        String run(Run run) throws E;
    }
}
