package dev.daybook.journal;

import dev.daybook.ConflictException;
import dev.daybook.LeaseLostException;
import dev.daybook.RefusedException;
import dev.daybook.RunNotFoundException;
import dev.daybook.RunStateException;
import dev.daybook.document.Condition;
import dev.daybook.internal.json.JsonSink;
import dev.daybook.run.Admission;
import dev.daybook.run.Admission.Overflow;
import dev.daybook.run.RunStatus;
import dev.daybook.stream.AppendOptions;
import dev.daybook.stream.Kind;
import dev.daybook.stream.NewEvent;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Decides what runs and documents ask ({@code docs/format/runs.md}, {@code docs/format/documents.md}), each against the head as it will be once the appends before are
 * durable. One place for every transition, every lease and every version. Used by the commit thread alone.
 */
final class Rules {
    /** The producer whose epoch is a run's generation. */
    static final String OWNER = "owner";

    private final Running running;

    Rules(Running running) {
        this.running = running;
    }

    /** What the rule allows. Throws what refuses it. */
    Verdict decide(Op op, Rule rule, @Nullable Head head) {
        if (rule instanceof Rule.Write write) {
            return write(op, write, head);
        }
        if (rule instanceof Rule.Copy copy) {
            return new Verdict(true, copy.state(), false, copy.tuple());
        }
        String run = Running.id(op.name());
        if (rule instanceof Rule.Begin begin) {
            return begin(run, begin, head);
        }
        if (head == null) {
            throw new RunNotFoundException(run);
        }
        Attempt now = new Attempt(run, head);
        if (rule instanceof Rule.End end) {
            return end(now, end);
        }
        if (rule instanceof Rule.Note note) {
            return note(now, note);
        }
        if (!now.status.ended() || now.state.seq() != ((Rule.Forget) rule).after()) {
            throw now.refuse("delete");
        }
        return Verdict.AS_ASKED;
    }

    /**
     * The queued run that is dropped to make room for the one that these begin, or null. It is decided with them, in one batch; whether they are
     * allowed at all is looked at there.
     */
    @Nullable
    Op evicted(List<Op> ops) {
        for (Op op : ops) {
            if (op.rule() instanceof Rule.Begin begin && begin.admission().overflow() == Overflow.QUEUE) {
                Lane lane = running.lane(begin.workflow());
                boolean waits = begin.wanted() == RunStatus.QUEUED
                        || begin.wanted() == RunStatus.STARTED
                                && lane.started() >= begin.admission().limit();
                String oldest = waits && lane.queued() >= begin.admission().queueMax() ? lane.oldestQueued() : null;
                return oldest == null ? null : eviction(oldest, Running.id(op.name()));
            }
        }
        return null;
    }

    private static Op eviction(String run, String by) {
        byte[] why = new JsonSink(96)
                .ascii("{\"reason\":\"evicted\",\"by\":")
                .string(by)
                .ascii("}")
                .toByteArray();
        NewEvent dropped = NewEvent.json(RunStatus.DROPPED.text(), why);
        return Op.append(Running.name(run), Kind.RUN, List.of(dropped.encode()), AppendOptions.none())
                .with(new Rule.End(RunStatus.DROPPED, Rule.Writer.ANYBODY));
    }

    // ---- runs

    /** A run as the head knows it. */
    private static final class Attempt {
        private static final StreamState NONE = new StreamState("", 0, "", 0, "", 0, 0, 0);

        final String run;
        final StreamState state;
        final RunStatus status;
        final long generation;
        final long appends; // of this generation

        Attempt(String run, Head head) {
            this.run = run;
            StreamState known = head.state;
            state = known == null ? NONE : known;
            status = RunStatus.of(state.word());
            Head.Producer owner = head.producer(OWNER);
            generation = owner == null ? 0 : owner.epoch();
            appends = owner == null ? 0 : owner.seq() + 1;
        }

        boolean owned() {
            return !state.owner().isEmpty();
        }

        void require(RunStatus to) {
            if (!status.next().contains(to)) {
                throw refuse(to.text());
            }
        }

        /** Refuses everybody without the lease, and who has another one. */
        void requireLease(Rule.Writer writer) {
            boolean anybody = writer.role() == Rule.Role.ANYBODY;
            if (unfenced(writer.role())) {
                return;
            }
            if (anybody ? owned() : writer.generation() != Rule.Writer.ANY && writer.generation() != generation) {
                throw new LeaseLostException(
                        run, anybody ? 0 : writer.generation(), generation, state.word(), state.owner());
            }
        }

        RunStateException refuse(String wanted) {
            return new RunStateException(run, state.word(), wanted);
        }

        private static boolean unfenced(Rule.Role role) {
            return role == Rule.Role.OWNER && PlantedBug.active(PlantedBug.NO_FENCE)
                    || role == Rule.Role.STORE && PlantedBug.active(PlantedBug.EXPIRE_BY_CLOCK);
        }

        /** The tuple of the owner's next append. */
        AppendOptions mine(Rule.Writer owner) {
            return AppendOptions.from(OWNER, owner.generation(), appends);
        }

        /** The first tuple of the next generation: from here on the one before can write nothing. */
        AppendOptions next() {
            return AppendOptions.from(OWNER, generation + 1, 0);
        }
    }

    private Verdict begin(String run, Rule.Begin begin, @Nullable Head head) {
        if (head == null) {
            if (begin.after() != 0) {
                throw new RunNotFoundException(run);
            }
            Rule.Owner owner = begin.owner();
            RunStatus status = admit(run, begin, null);
            boolean owns = owner != null && status == RunStatus.STARTED;
            return Verdict.begins(state(status, 1, begin, 0), owns ? AppendOptions.from(OWNER, 1, 0) : null);
        }
        Attempt now = new Attempt(run, head);
        if (begin.after() == 0) {
            throw new RefusedException(
                    Running.name(run).toString(),
                    RefusedException.Reason.EXISTS,
                    "a run of this id exists and is " + now.state.word());
        }
        if (begin.after() != now.state.seq()) {
            throw now.refuse(begin.wanted().text());
        }
        now.require(begin.wanted());
        if (!begin.workflow().equals(now.state.workflow())) {
            throw new RefusedException(
                    Running.name(run).toString(),
                    RefusedException.Reason.EXISTS,
                    "it is a run of workflow " + now.state.workflow() + ", not " + begin.workflow());
        }
        RunStatus status = admit(run, begin, now.status);
        boolean owns = begin.owner() != null && status == RunStatus.STARTED;
        int attempt = now.state.attempt() + (now.status == RunStatus.QUEUED ? 0 : 1);
        return Verdict.begins(state(status, attempt, begin, now.state.attempts()), owns ? now.next() : null);
    }

    private static StreamState state(RunStatus status, int attempt, Rule.Begin begin, int attemptsBefore) {
        Rule.Owner owner = begin.owner();
        int attempts = owner == null || owner.attempts() == 0 ? attemptsBefore : owner.attempts();
        return owner == null || status != RunStatus.STARTED
                ? new StreamState(status.text(), attempt, begin.workflow(), attempts, "", 0, 0, 0)
                : new StreamState(
                        status.text(), attempt, begin.workflow(), attempts, owner.name(), owner.leaseMillis(), 0, 0);
    }

    /**
     * What a run becomes that is to be started or queued.
     *
     * @param from its status; null for a new run
     */
    private RunStatus admit(String run, Rule.Begin begin, @Nullable RunStatus from) {
        RunStatus wanted = begin.wanted();
        if (wanted == RunStatus.DROPPED) {
            return wanted;
        }
        Admission admission = begin.admission();
        Lane lane = running.lane(begin.workflow());
        boolean drops = admission.overflow() == Overflow.DROP;
        int taken = lane.started() + (wanted == RunStatus.QUEUED ? lane.queued() : 0);
        boolean bounded = wanted == RunStatus.STARTED || drops; // nothing else keeps a run out of the queue
        if (!bounded || taken < admission.limit()) {
            return wanted;
        }
        if (drops && from == null) {
            return RunStatus.DROPPED;
        }
        if (admission.overflow() == Overflow.QUEUE && from != RunStatus.QUEUED) {
            return RunStatus.QUEUED;
        }
        throw new RefusedException(
                Running.name(run).toString(),
                RefusedException.Reason.NO_SLOT,
                lane.started() + " runs of workflow " + begin.workflow() + " are started and " + lane.queued()
                        + " wait, of " + admission.limit());
    }

    private static Verdict end(Attempt now, Rule.End end) {
        Rule.Writer writer = end.writer();
        if (writer.role() != Rule.Role.ANYBODY) {
            now.requireLease(writer);
        }
        if (writer.role() == Rule.Role.OWNER && now.status != RunStatus.STARTED) {
            throw now.refuse(end.to().text()); // a queued run can be cancelled, but not by who owned the attempt before
        }
        now.require(end.to());
        if (writer.role() == Rule.Role.ANYBODY) {
            now.requireLease(writer);
        }
        StreamState was = now.state;
        StreamState is = new StreamState(end.to().text(), was.attempt(), was.workflow(), was.attempts(), "", 0, 0, 0);
        return Verdict.ends(is, now.owned() ? writer.role() == Rule.Role.OWNER ? now.mine(writer) : now.next() : null);
    }

    private static Verdict note(Attempt now, Rule.Note note) {
        Rule.Writer writer = note.writer();
        boolean started = now.status == RunStatus.STARTED;
        if (writer.role() != Rule.Role.ANYBODY) {
            now.requireLease(writer);
            if (!started || !now.owned()) {
                throw now.refuse(note.what());
            }
            return Verdict.notes(now.mine(writer));
        }
        boolean allowed = switch (note.allowed()) {
            case UNLESS_FINAL -> !now.status.next().isEmpty();
            case WHILE_OWNED -> started && now.owned();
            case WHILE_STARTED -> started;
        };
        if (!allowed) {
            throw now.refuse(note.what());
        }
        if (note.allowed() == Rule.Allowed.WHILE_STARTED) {
            now.requireLease(writer);
        }
        return Verdict.AS_ASKED;
    }

    // ---- documents

    private static final StreamState DELETED = new StreamState(StreamState.DELETED, 0, "", 0, "", 0, 0, 0);

    private static Verdict write(Op op, Rule.Write write, @Nullable Head head) {
        long version = head == null ? 0 : head.lastSeq;
        boolean present = head != null && head.hasValue();
        Condition condition = write.condition();
        if (condition instanceof Condition.Version wanted) {
            require(op, wanted.version() == version, String.valueOf(wanted.version()), version);
        } else if (condition instanceof Condition.Absent) {
            require(op, !present, "no value", version);
        } else if (condition instanceof Condition.Present) {
            require(op, present, "a value", version);
        }
        if (!write.deletes()) {
            return Verdict.AS_ASKED;
        }
        return present ? Verdict.ends(DELETED, null) : Verdict.NOTHING_TO_WRITE;
    }

    private static void require(Op op, boolean holds, String expected, long version) {
        if (!holds) {
            throw new ConflictException(
                    op.name().toString(), ConflictException.Subject.VERSION, expected, String.valueOf(version));
        }
    }
}
