package dev.daybook.internal.run;

import dev.daybook.AppendTimeoutException;
import dev.daybook.DaybookException;
import dev.daybook.InvalidEventException;
import dev.daybook.LeaseLostException;
import dev.daybook.RefusedException;
import dev.daybook.RunStateException;
import dev.daybook.internal.run.Leases.Lease;
import dev.daybook.journal.KnownStream;
import dev.daybook.journal.LazyAppend;
import dev.daybook.journal.Op;
import dev.daybook.journal.Rule;
import dev.daybook.journal.Rule.Allowed;
import dev.daybook.journal.Rule.Owner;
import dev.daybook.journal.Rule.Writer;
import dev.daybook.run.Codec;
import dev.daybook.run.NewMessage;
import dev.daybook.run.NewRun;
import dev.daybook.run.Run;
import dev.daybook.run.RunStatus;
import dev.daybook.run.Step;
import dev.daybook.run.StepOptions;
import dev.daybook.stream.Event;
import dev.daybook.stream.NewEvent;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A run that this process works on. What it writes carries its generation, which the commit thread compares with the run's: who lost the lease writes nothing. The tuple's
 * count is given out there, too, so that the steps of several threads need no lock.
 */
final class OwnedRun extends ObservedRun implements Run {
    /** What holds the lease here; replaced as a whole when a queued run gets its slot. */
    private record Held(
            int attempt,
            long generation,
            StepTable steps,
            @Nullable Lease lease) {}

    private volatile Held held;
    private volatile boolean cancelRequested;

    /** Threads that are in the body of a step, to be interrupted when the run is to end. */
    private final Set<Thread> working = ConcurrentHashMap.newKeySet();

    /** @param generation 0 when the lease is not held, or not yet */
    OwnedRun(JournalRuns runs, String id, int attempt, long generation, StepTable steps) {
        super(runs, id);
        held = new Held(attempt, generation, steps, null);
    }

    @Override
    Writer writer() {
        return Writer.owner(held.generation);
    }

    @Override
    <T> T write(Supplier<T> append) {
        Lease lease = held.lease;
        return lease == null ? append.get() : lease.whileHeard(append);
    }

    @Override
    public int attempt() {
        return held.attempt;
    }

    @Override
    public long generation() {
        return held.generation;
    }

    @Override
    void end(NewEvent event, Writer as) {
        super.end(event, as);
        runs.left(this);
    }

    // ---- steps

    @Override
    public <E extends Exception> String step(String stepName, Body<String, E> body) throws E {
        return step(stepName, Codec.TEXT, StepOptions.defaults(), step -> body.run());
    }

    @Override
    @SuppressWarnings("NullAway") // it does not see that the result may be null here
    public <E extends Exception> void step(String stepName, Action<E> body) throws E {
        this.<@Nullable String, E>step(stepName, Codec.JSON, StepOptions.defaults(), step -> {
            body.run();
            return null;
        });
    }

    @Override
    public <T extends @Nullable Object, E extends Exception> T step(
            String stepName, Codec<T> codec, StepOptions options, StepBody<T, E> body) throws E {
        RunLines.requireStepName(stepName);
        Held mine = held;
        requireLease(mine);
        long record = mine.steps.ask(stepName);
        if (record > 0) {
            return recorded(record, codec);
        }
        long backoffNanos = nanos(options.backoff());
        for (int left = options.attempts() - 1; ; left--) {
            try {
                return tryStep(mine, stepName, codec, options, body);
            } catch (Exception e) {
                if (left == 0
                        || cancelRequested
                        || e instanceof DaybookException
                        || e instanceof InterruptedException) {
                    throw e;
                }
                pause(backoffNanos);
                if (cancelRequested) {
                    throw e;
                }
            }
            requireLease(mine);
            mine.steps.ask(stepName);
            backoffNanos = Math.min(backoffNanos * 2, Long.MAX_VALUE / 4);
        }
    }

    /** So that no body runs, and no recorded result is given out, for a run that is somebody else's. Who has the lease is heard of. */
    private void requireLease(Held mine) {
        KnownStream now = known();
        boolean other = now.generation() != mine.generation;
        if (status(now) != RunStatus.STARTED && !(other && mine.generation > 0)) {
            throw new RunStateException(id, state(now).word(), RunLines.STEP_STARTED);
        }
        if (other || mine.generation == 0) {
            throw new LeaseLostException(
                    id,
                    mine.generation,
                    now.generation(),
                    state(now).word(),
                    state(now).owner());
        }
        if (mine.lease != null) {
            mine.lease.heard();
        }
    }

    @SuppressWarnings("NullAway") // a step whose body returned null has no result, and returns null
    private <T extends @Nullable Object> T recorded(long seq, Codec<T> codec) {
        Event event = journal.event(name, seq);
        String result = event == null ? null : Fields.of(event).json("result");
        return result == null ? null : codec.decode(result);
    }

    private <T extends @Nullable Object, E extends Exception> T tryStep(
            Held mine, String stepName, Codec<T> codec, StepOptions options, StepBody<T, E> body) throws E {
        Doing step = new Doing(stepName, mine.steps.nextTry(stepName));
        Op start = op(
                name,
                List.of(RunLines.stepStarted(stepName, step.attempt)),
                new Rule.Note(RunLines.STEP_STARTED, Allowed.WHILE_STARTED, Writer.owner(mine.generation)));
        LazyAppend lazy = null;
        if (options.durableStart()) {
            try {
                write(() -> journal.append(start));
            } catch (DaybookException e) {
                mine.steps.failed(stepName); // nothing was begun
                throw e;
            }
        } else {
            lazy = journal.appendLazily(start);
        }
        long began = System.nanoTime();
        T result;
        List<Op> record;
        try {
            result = run(step, body, lazy);
            String json = result == null ? null : codec.encode(result);
            record = record(mine, step, micros(began), json, options.keepResult());
        } catch (Throwable t) {
            failed(mine, step, micros(began), t);
            throw t;
        }
        try {
            uninterrupted(
                    () -> write(() -> journal.append(record))); // the body is done, whatever it was interrupted for
        } catch (InvalidEventException e) { // larger than a payload may be
            failed(mine, step, micros(began), e);
            throw e;
        }
        return result;
    }

    private <T extends @Nullable Object, E extends Exception> T run(
            Doing step, StepBody<T, E> body, @Nullable LazyAppend start) throws E {
        boolean outermost = working.add(Thread.currentThread());
        try {
            return body.run(step);
        } finally {
            if (outermost) {
                done();
            }
            if (start != null) {
                start.withdraw(); // the end of the step says when it began
            }
        }
    }

    private static long micros(long began) {
        return (System.nanoTime() - began) / 1_000;
    }

    /** Everything that belongs to a completed step, as one append. */
    private List<Op> record(Held mine, Doing step, long micros, @Nullable String json, boolean keep) {
        List<NewEvent> events = new ArrayList<>();
        events.add(RunLines.stepCompleted(step.name, step.attempt, micros, json, keep));
        events.addAll(step.messages);
        Op first = op(
                name,
                events,
                new Rule.Note(RunLines.STEP_COMPLETED, Allowed.WHILE_STARTED, Writer.owner(mine.generation)));
        return withState(first, Stream.ofNullable(step.state));
    }

    private void failed(Held mine, Doing step, long micros, Throwable why) {
        mine.steps.failed(step.name);
        try {
            NewEvent event = RunLines.stepFailed(step.name, step.attempt, micros, why);
            Op note = op(
                    name,
                    List.of(event),
                    new Rule.Note(event.type(), Allowed.WHILE_STARTED, Writer.owner(mine.generation)));
            uninterrupted(() -> write(() -> journal.append(note)));
        } catch (DaybookException e) {
            why.addSuppressed(e); // what the body threw says more
        }
    }

    private void pause(long nanos) {
        boolean outermost = working.add(Thread.currentThread());
        try {
            if (!cancelRequested) {
                TimeUnit.NANOSECONDS.sleep(nanos);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt(); // the next try finds it
        } finally {
            if (outermost) {
                done();
            }
        }
    }

    private void done() {
        synchronized (working) {
            working.remove(Thread.currentThread());
        }
    }

    /** The step whose body is running. */
    private final class Doing implements Step {
        final String name;
        final int attempt;
        final List<NewEvent> messages = new ArrayList<>();

        @Nullable
        Op state;

        Doing(String name, int attempt) {
            this.name = name;
            this.attempt = attempt;
        }

        @Override
        public String name() {
            return name;
        }

        @Override
        public int attempt() {
            return attempt;
        }

        @Override
        public void message(NewMessage message) {
            messages.add(RunLines.message(message));
        }

        @Override
        public void state(String json) {
            state = stateOp(json);
        }
    }

    @Override
    public void checkpoint(String stateJson) {
        Op state = stateOp(stateJson);
        List<Op> ops = withState(note(RunLines.empty(RunLines.CHECKPOINT), Allowed.WHILE_STARTED), Stream.of(state));
        write(() -> journal.append(ops));
    }

    // ---- its life

    @Override
    public Run child(String childName, NewRun run) {
        return runs.startOrResume(run.id(id + "." + childName).parent(id));
    }

    @Override
    public boolean cancelRequested() {
        return cancelRequested;
    }

    /** Tells the code that it is to end. */
    void askToEnd() {
        cancelRequested = true;
        synchronized (working) { // none is interrupted that is done
            working.forEach(Thread::interrupt);
        }
    }

    /** This thread works on the run until {@link #leave}, between steps, too. */
    void enter() {
        working.add(Thread.currentThread());
        if (cancelRequested) {
            Thread.currentThread().interrupt();
        }
    }

    /** This thread goes on to something else, and that the run was to end is not that thing's affair. */
    void leave() {
        synchronized (working) {
            working.remove(Thread.currentThread());
            if (cancelRequested) {
                Thread.interrupted();
            }
        }
    }

    @Nullable
    Lease lease() {
        return held.lease;
    }

    @Override
    public void heartbeat() {
        requireLease(held);
    }

    @Override
    public void cancelled(String reason) {
        end(RunLines.reason(RunStatus.CANCELLED.text(), reason), writer());
    }

    @Override
    public void interrupted(String reason) {
        end(RunLines.reason(RunStatus.INTERRUPTED.text(), reason), writer());
    }

    /** Ends a run whose code threw this, if it did not end it itself. */
    void endBecauseOf(Throwable why) {
        try {
            if (status(known()) != RunStatus.STARTED) {
                return;
            }
            uninterrupted(() -> {
                if (cancelRequested) {
                    cancelled("");
                } else {
                    fail(RunLines.text(why));
                }
            });
        } catch (DaybookException e) {
            why.addSuppressed(e);
        }
    }

    /**
     * Takes the run out of the queue.
     *
     * @param queued as it was seen there
     * @param lease for the generation that comes next, if the owner may fall silent
     * @throws RunStateException when it went on meanwhile
     * @throws RefusedException when there is no slot
     */
    void take(KnownStream queued, Owner owner, @Nullable Lease lease) {
        JournalRuns.Begun begun;
        try {
            begun = runs.claim(this, queued, owner);
        } catch (AppendTimeoutException e) {
            if (e.outcomeUnknown() && lease == null) {
                runs.abandoned(id, queued.generation() + 1);
            }
            throw e;
        }
        Map<String, Integer> none = Map.of();
        held = new Held(begun.attempt(), begun.generation(), new StepTable(Map.of(), none), lease);
        runs.entered(this);
        if (begun.attempt() > 1) {
            held = new Held(begun.attempt(), begun.generation(), fold().steps(), lease);
        }
    }

    @Override
    public boolean awaitStarted(Duration timeout) throws InterruptedException {
        long end = System.nanoTime() + nanos(timeout);
        while (true) {
            KnownStream now = known();
            RunStatus status = status(now);
            if (status != RunStatus.QUEUED) {
                return status == RunStatus.STARTED && held.generation > 0 && now.generation() == held.generation;
            }
            String workflow = state(now).workflow();
            try {
                take(now, runs.self, null);
                return true;
            } catch (RunStateException e) {
                continue; // it went on meanwhile
            } catch (RefusedException e) {
                if (e.reason() != RefusedException.Reason.NO_SLOT) {
                    throw e;
                }
            }
            long left = end - System.nanoTime();
            boolean look = left > 0
                    && journal.awaitWorkflow(
                            workflow, () -> runs.hasSlot(workflow) || status(known()) != RunStatus.QUEUED, left);
            if (!look) {
                return false;
            }
        }
    }
}
