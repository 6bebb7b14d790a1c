package dev.daybook.internal.run;

import dev.daybook.LeaseLostException;
import dev.daybook.RunNotFoundException;
import dev.daybook.RunStateException;
import dev.daybook.document.Document;
import dev.daybook.journal.Journal;
import dev.daybook.journal.JournalStream;
import dev.daybook.journal.KnownStream;
import dev.daybook.journal.Name;
import dev.daybook.journal.Op;
import dev.daybook.journal.Rule;
import dev.daybook.journal.Rule.Allowed;
import dev.daybook.journal.Rule.Writer;
import dev.daybook.journal.StreamState;
import dev.daybook.run.NewMessage;
import dev.daybook.run.RunInfo;
import dev.daybook.run.RunRef;
import dev.daybook.run.RunStatus;
import dev.daybook.run.RunThread;
import dev.daybook.run.Timeline;
import dev.daybook.stream.AppendOptions;
import dev.daybook.stream.Appended;
import dev.daybook.stream.Event;
import dev.daybook.stream.Events;
import dev.daybook.stream.Kind;
import dev.daybook.stream.NewEvent;
import dev.daybook.stream.ReadOptions;
import dev.daybook.stream.Subscription;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** A run seen from outside, and what its owner sees, too. It keeps nothing: heads know what the run is, its stream what happened. */
class ObservedRun implements RunRef {
    final JournalRuns runs;
    final Journal journal;
    final String id;
    final Name name;

    ObservedRun(JournalRuns runs, String id) {
        this.runs = runs;
        this.journal = runs.journal;
        this.id = id;
        this.name = RunNames.stream(id);
    }

    /** In which role it is written here. */
    Writer writer() {
        return Writer.ANYBODY;
    }

    /** Makes an append in this role. */
    <T> T write(Supplier<T> append) {
        return append.get();
    }

    // ---- looking

    static StreamState state(KnownStream known) {
        StreamState state = known.state();
        if (state == null) {
            throw new IllegalStateException(known.name() + " is a run without a status");
        }
        return state;
    }

    static RunStatus status(KnownStream known) {
        return RunStatus.of(state(known).word());
    }

    KnownStream known() {
        KnownStream known = runs.known(name);
        if (known == null) {
            throw new RunNotFoundException(id);
        }
        return known;
    }

    private Events events() {
        known();
        return new JournalStream(journal, name, Kind.RUN).read(ReadOptions.all());
    }

    RunFold fold() {
        return RunFold.of(events());
    }

    @Override
    public String id() {
        return id;
    }

    @Override
    public RunInfo info() {
        return runs.require(id);
    }

    @Override
    public Optional<String> input() {
        return fold().input();
    }

    @Override
    public Optional<String> output() {
        KnownStream known = known();
        Event newest = journal.event(name, state(known).seq());
        return newest == null || status(known) != RunStatus.COMPLETED
                ? Optional.empty()
                : Optional.ofNullable(Fields.of(newest).json("output"));
    }

    @Override
    public RunThread thread() {
        return new FoldedThread(this);
    }

    @Override
    public Timeline timeline() {
        return fold().timeline();
    }

    @Override
    public Optional<Document> state() {
        known();
        return runs.documents.get(RunNames.stateKey(id));
    }

    @Override
    public Subscription subscribe(long afterSeq) {
        known();
        return new JournalStream(journal, name, Kind.RUN).subscribe(afterSeq);
    }

    @Override
    public Optional<RunStatus> awaitEnd(Duration timeout) throws InterruptedException {
        KnownStream began = known();
        int attempt = state(began).attempt();
        AtomicReference<KnownStream> seen = new AtomicReference<>(began);
        boolean ended = journal.awaitStream(
                name,
                () -> {
                    KnownStream now = known();
                    seen.set(now);
                    return status(now).ended() || state(now).attempt() > attempt;
                },
                nanos(timeout));
        if (!ended) {
            return Optional.empty();
        }
        KnownStream now = Objects.requireNonNull(seen.get());
        return state(now).attempt() == attempt
                ? Optional.of(status(now))
                : timeline().attempts().stream() // it goes on already
                        .filter(one -> one.number() == attempt)
                        .map(Timeline.Attempt::status)
                        .findFirst();
    }

    static long nanos(Duration duration) {
        try {
            return duration.toNanos();
        } catch (ArithmeticException e) {
            return duration.isNegative() ? 0 : Long.MAX_VALUE / 2;
        }
    }

    // ---- writing

    static Op op(Name name, List<NewEvent> events, Rule rule) {
        return Op.append(name, Kind.RUN, events.stream().map(NewEvent::encode).toList(), AppendOptions.none())
                .with(rule);
    }

    Op note(NewEvent event, Allowed allowed) {
        return op(name, List.of(event), new Rule.Note(event.type(), allowed, writer()));
    }

    @Override
    public Appended message(NewMessage message) {
        NewEvent event = RunLines.message(message);
        String key = message.id();
        Op note = note(key == null ? event : event.id(key), Allowed.UNLESS_FINAL);
        return write(() -> journal.append(note));
    }

    /** Ends the attempt by this event, whose type is the status. */
    void end(NewEvent event, Writer as) {
        Op end = op(name, List.of(event), new Rule.End(RunStatus.of(event.type()), as));
        write(() -> journal.append(end));
    }

    @Override
    public void complete(String outputJson) {
        end(RunLines.completed(outputJson), writer());
    }

    @Override
    public void complete() {
        end(RunLines.completed(null), writer());
    }

    @Override
    public void fail(String error) {
        end(RunLines.failed(error, null), writer());
    }

    @Override
    public void fail(String error, int exitCode) {
        end(RunLines.failed(error, exitCode), writer());
    }

    @Override
    public void kill(String reason) {
        long generation = known().generation();
        end(RunLines.reason(RunStatus.KILLED.text(), reason), Writer.store(Writer.ANY));
        runs.stopped(id, generation);
    }

    @Override
    public void cancel(String reason, Duration grace) {
        NewEvent cancelled = RunLines.reason(RunStatus.CANCELLED.text(), reason);
        KnownStream seen = known();
        if (status(seen) != RunStatus.STARTED || state(seen).owner().isEmpty()) {
            try {
                end(cancelled, Writer.ANYBODY);
                return;
            } catch (LeaseLostException e) {
                seen = known(); // it was queued, and is being worked on by now
            }
        }
        journal.append(op(
                name,
                List.of(RunLines.reason(RunLines.CANCEL_REQUESTED, reason)),
                new Rule.Note(RunLines.CANCEL_REQUESTED, Allowed.WHILE_OWNED, Writer.ANYBODY)));
        long generation = seen.generation();
        runs.askToEnd(id, generation);
        if (!awaitOther(generation, nanos(grace))) {
            try {
                uninterrupted(() -> end(cancelled, Writer.store(generation)));
                runs.stopped(id, generation);
            } catch (LeaseLostException | RunStateException e) {
                // it ended at the last moment
            }
        }
    }

    /** Waits until the attempt of this generation is over; an interrupt ends the wait. */
    private boolean awaitOther(long generation, long nanos) {
        try {
            return journal.awaitStream(
                    name, () -> known().generation() != generation || status(known()) != RunStatus.STARTED, nanos);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    /** Does what must be written also by a thread that was interrupted; it stays so. */
    static void uninterrupted(Runnable write) {
        boolean interrupted = Thread.interrupted();
        try {
            write.run();
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    /** The write of a state document that belongs to a line of this run; null deletes. */
    Op stateOp(@Nullable String json) {
        NewEvent event =
                json == null ? NewEvent.json("delete", "null") : NewEvent.json("put", Payload.checked("state", json));
        return Op.append(RunNames.state(id), Kind.DOCUMENT, List.of(event.encode()), AppendOptions.none())
                .with(new Rule.Write(dev.daybook.document.Condition.none(), json == null));
    }

    static List<Op> withState(Op first, Stream<Op> state) {
        return Stream.concat(Stream.of(first), state).toList();
    }
}
