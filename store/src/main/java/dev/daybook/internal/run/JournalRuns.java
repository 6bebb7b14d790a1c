package dev.daybook.internal.run;

import dev.daybook.AppendTimeoutException;
import dev.daybook.Freshness;
import dev.daybook.RefusedException;
import dev.daybook.RunNotFoundException;
import dev.daybook.RunStateException;
import dev.daybook.StoreClosedException;
import dev.daybook.document.Documents;
import dev.daybook.internal.search.SearchWords;
import dev.daybook.journal.Journal;
import dev.daybook.journal.KnownStream;
import dev.daybook.journal.Lane;
import dev.daybook.journal.Name;
import dev.daybook.journal.Op;
import dev.daybook.journal.Rule;
import dev.daybook.journal.Rule.Owner;
import dev.daybook.journal.Rule.Writer;
import dev.daybook.journal.StreamState;
import dev.daybook.run.Admission;
import dev.daybook.run.AttemptRecord;
import dev.daybook.run.NewRun;
import dev.daybook.run.Resume;
import dev.daybook.run.Run;
import dev.daybook.run.RunFilter;
import dev.daybook.run.RunInfo;
import dev.daybook.run.RunPage;
import dev.daybook.run.RunRef;
import dev.daybook.run.RunStatistics;
import dev.daybook.run.RunStatus;
import dev.daybook.run.Runs;
import dev.daybook.run.StatisticsOptions;
import dev.daybook.run.Worker;
import dev.daybook.run.WorkerOptions;
import dev.daybook.stream.Appended;
import dev.daybook.stream.Event;
import dev.daybook.stream.Kind;
import dev.daybook.stream.NewEvent;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Runs over the journal. Whether a run may be begun, gone on with or ended is decided by the commit thread ({@link Rule}); here appends are made for it, with what they say, and what
 * came of them is read from heads and lines. Nothing is kept but the limits, and which runs this process owns.
 */
public final class JournalRuns implements Runs {
    final Journal journal;
    final Documents documents;
    private final RunIndex index;

    private final Ulid ids = new Ulid();
    private final Map<String, Admission> admissions = new ConcurrentHashMap<>();

    /** Who is told when a run is to end. */
    private final Map<String, OwnedRun> owned = new ConcurrentHashMap<>();

    /** An owner in this process: the lease ends with it. A run that it owned is gone on with when somebody asks for it. */
    final Owner self = new Owner("process-" + ProcessHandle.current().pid(), 0, 0);

    final Sweep sweep;
    private final Workers workers = new Workers(this);

    public JournalRuns(Journal journal, Documents documents, RunIndex index) {
        this.journal = journal;
        this.documents = documents;
        sweep = new Sweep(this, journal.options().clock());
        this.index = index;
    }

    /** What a run is after it was begun. */
    record Begun(RunStatus status, int attempt, long generation) {}

    /** Crashes the runs of the process that wrote before: the lock says that it is gone. Owners outside of it get one lease more. For an opening, before anybody else writes. */
    public void crashWhatIsLeft() {
        List<CompletableFuture<?>> crashes = new ArrayList<>();
        for (Lane lane : journal.running().lanes()) {
            for (String id : List.copyOf(lane.startedRuns())) {
                Name name = RunNames.stream(id);
                KnownStream known = known(name);
                if (known != null) {
                    StreamState state = ObservedRun.state(known);
                    if (state.leaseMillis() > 0) {
                        sweep.watch(Workers.lease(this, id, known.generation(), state.leaseMillis(), null));
                    } else if (!state.owner().isEmpty()) {
                        NewEvent crashed = RunLines.reason(RunStatus.CRASHED.text(), "process-gone");
                        Rule rule = new Rule.End(RunStatus.CRASHED, Writer.store(known.generation()));
                        crashes.add(journal.appendAsync(List.of(ObservedRun.op(name, List.of(crashed), rule))));
                    }
                }
            }
        }
        try {
            crashes.forEach(CompletableFuture::join);
        } catch (CompletionException e) {
            if (e.getCause() instanceof RuntimeException cause) {
                throw cause;
            }
            throw e;
        }
    }

    // ---- beginning

    Admission admissionOf(String workflow) {
        return admissions.getOrDefault(workflow, Admission.UNLIMITED);
    }

    boolean hasSlot(String workflow) {
        return journal.running().lane(workflow).started()
                < admissionOf(workflow).limit();
    }

    private String idOf(NewRun run) {
        String id = run.id();
        return id != null ? id : ids.next(journal.options().clock().nowMicros() / 1_000);
    }

    /** Begins a new run. */
    private Begun begin(String id, NewRun run, RunStatus wanted, @Nullable Owner owner) {
        Name name = RunNames.stream(id);
        Rule.Begin rule = new Rule.Begin(wanted, run.workflow(), owner, admissionOf(run.workflow()), 0);
        return append(name, 0, ObservedRun.op(name, List.of(RunLines.begin(wanted, run)), rule), rule, Stream.empty());
    }

    /** Appends what begins an attempt, and waits for a slot where the admission says so. */
    private Begun append(Name name, long generationBefore, Op op, Rule.Begin rule, Stream<Op> state) {
        List<Op> ops = ObservedRun.withState(op, state);
        long timeout = ObservedRun.nanos(journal.options().appendTimeout());
        long end = System.nanoTime() + timeout;
        while (true) {
            try {
                List<Appended> answers = new ArrayList<>();
                ObservedRun.uninterrupted(() -> answers.addAll(journal.append(ops)));
                return begun(name, answers.get(0), generationBefore);
            } catch (AppendTimeoutException e) {
                if (e.outcomeUnknown() && rule.owner() != null) {
                    abandoned(RunNames.id(name), generationBefore + 1);
                }
                throw e;
            } catch (RefusedException e) {
                boolean waits = rule.admission().overflow() == Admission.Overflow.WAIT;
                if (e.reason() != RefusedException.Reason.NO_SLOT || !waits) {
                    throw e;
                }
            }
            awaitSlot(rule.workflow(), end - System.nanoTime());
        }
    }

    private void awaitSlot(String workflow, long nanos) {
        boolean free;
        try {
            free = nanos > 0 && journal.awaitWorkflow(workflow, () -> hasSlot(workflow), nanos);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AppendTimeoutException("the thread was interrupted while it waited for a slot", false);
        }
        if (!free) {
            throw new AppendTimeoutException(
                    "no slot of workflow " + workflow + " was free for "
                            + journal.options().appendTimeout(),
                    false);
        }
    }

    private Begun begun(Name name, Appended appended, long generationBefore) {
        KnownStream known = known(name);
        StreamState state = known == null ? null : known.state();
        if (state == null || state.seq() != appended.seq()) { // it went on already
            Event event = journal.event(name, appended.seq());
            state = event == null ? null : StreamState.of(event);
        }
        if (state == null) {
            throw new RunNotFoundException(RunNames.id(name)); // deleted already
        }
        boolean leased = !state.owner().isEmpty();
        return new Begun(RunStatus.of(state.word()), state.attempt(), leased ? generationBefore + 1 : generationBefore);
    }

    /** Tells a run of this process when it is to end. */
    void entered(OwnedRun run) {
        owned.put(run.id, run);
        sweep.holds(run.id, run.generation(), run.lease());
        KnownStream now = known(run.name);
        if (now == null || now.generation() != run.generation()) { // it was killed before it could be told so
            stopped(run.id, run.generation());
        }
    }

    /** Has a run crashed, if it should turn out to be started with this generation: nobody works on it. */
    void abandoned(String id, long generation) {
        sweep.watch(Workers.lease(
                this, id, generation, WorkerOptions.defaults().lease().toMillis(), null));
    }

    void left(OwnedRun run) {
        owned.remove(run.id, run);
        Leases.Lease lease = run.lease();
        if (lease != null) {
            sweep.forget(lease);
        }
    }

    void askToEnd(String id, long generation) {
        OwnedRun run = owned.get(id);
        if (run != null && run.generation() == generation) { // else it was gone on with since
            run.askToEnd();
        }
    }

    /** Its lease was taken away. */
    void stopped(String id, long generation) {
        OwnedRun run = owned.get(id);
        if (run != null && run.generation() == generation) {
            run.askToEnd();
            left(run);
        }
    }

    private OwnedRun owned(String id, Begun begun, StepTable steps) {
        boolean owns = begun.status() == RunStatus.STARTED;
        OwnedRun run = new OwnedRun(this, id, begun.attempt(), owns ? begun.generation() : 0, steps);
        if (owns) {
            entered(run);
        }
        return run;
    }

    @Override
    public Run start(NewRun run) {
        return startNow(run);
    }

    private OwnedRun startNow(NewRun run) {
        String id = idOf(run);
        return owned(id, begin(id, run, RunStatus.STARTED, self), new StepTable(Map.of(), Map.of()));
    }

    @Override
    public Run startOrResume(NewRun run) {
        String id = run.id();
        if (id == null) {
            return start(run);
        }
        while (true) {
            KnownStream known = known(RunNames.stream(id));
            try {
                if (known == null) {
                    return start(run);
                }
                if (ObservedRun.status(known).resumable()) {
                    return resume(id, Resume.current());
                }
                int attempt = ObservedRun.state(known).attempt();
                return new OwnedRun(this, id, attempt, 0, new StepTable(Map.of(), Map.of()));
            } catch (RunStateException e) {
                // it went on meanwhile: look again
            } catch (RefusedException e) {
                if (known != null || e.reason() != RefusedException.Reason.EXISTS) {
                    throw e;
                }
            }
        }
    }

    @Override
    public <E extends Exception> RunInfo execute(NewRun run, RunBody<E> body) throws E {
        OwnedRun mine = startNow(run);
        if (!hasBegun(mine)) {
            return mine.info();
        }
        try {
            work(mine, body);
        } finally {
            abandonIfStarted(mine); // when its end could not be written
        }
        return mine.info();
    }

    private void abandonIfStarted(OwnedRun mine) {
        try {
            KnownStream now = known(mine.name);
            if (now != null && now.generation() == mine.generation() && ObservedRun.status(now) == RunStatus.STARTED) {
                abandoned(mine.id, mine.generation());
            }
        } catch (StoreClosedException e) {
            // the next opening crashes it
        }
    }

    /** Runs the body, and ends the run. While it runs, also between steps, an end that is wanted interrupts this thread. */
    static <E extends Exception> void work(OwnedRun mine, RunBody<E> body) throws E {
        try {
            String output = run(mine, body);
            if (ObservedRun.status(mine.known()) == RunStatus.STARTED) {
                NewEvent completed = RunLines.completed(output);
                ObservedRun.uninterrupted(() -> mine.end(completed, mine.writer()));
            }
        } catch (Throwable t) {
            mine.endBecauseOf(t);
            throw t;
        }
    }

    private static <E extends Exception> @Nullable String run(OwnedRun mine, RunBody<E> body) throws E {
        mine.enter();
        try {
            return body.run(mine);
        } finally {
            mine.leave(); // its end is written uninterrupted
        }
    }

    private static boolean hasBegun(OwnedRun run) {
        try {
            return run.awaitStarted(Duration.ofSeconds(Long.MAX_VALUE));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    @Override
    public RunRef record(NewRun run) {
        String id = idOf(run);
        begin(id, run, RunStatus.STARTED, null);
        return new ObservedRun(this, id);
    }

    @Override
    public RunInfo submit(NewRun run) {
        String id = idOf(run);
        begin(id, run, RunStatus.QUEUED, null);
        return require(id);
    }

    // ---- going on

    @Override
    public Run resume(String id, Resume how) {
        ObservedRun run = new ObservedRun(this, id);
        KnownStream ended = run.known();
        requireResumable(id, ended, RunStatus.STARTED);
        Begun begun = goOn(run, ended, how, RunStatus.STARTED, self);
        return owned(id, begun, run.fold().steps());
    }

    @Override
    public RunRef reopen(String id, Resume how) {
        ObservedRun run = new ObservedRun(this, id);
        goOn(run, run.known(), how, RunStatus.STARTED, null);
        return run;
    }

    @Override
    public RunInfo requeue(String id, Resume how) {
        ObservedRun run = new ObservedRun(this, id);
        goOn(run, run.known(), how, RunStatus.QUEUED, null);
        return require(id);
    }

    /** Puts a run that its worker goes on with into the queue. No other one goes for it. */
    void queueAgain(String id) {
        ObservedRun run = new ObservedRun(this, id);
        KnownStream ended = run.known();
        int limit = admissionOf(ObservedRun.state(ended).workflow()).limit();
        goOn(run, ended, Resume.current(), RunStatus.QUEUED, null, Admission.waiting(limit));
    }

    private static void requireResumable(String id, KnownStream known, RunStatus wanted) {
        if (!ObservedRun.status(known).resumable()) {
            throw new RunStateException(id, ObservedRun.state(known).word(), wanted.text());
        }
    }

    private Begun goOn(ObservedRun run, KnownStream ended, Resume how, RunStatus wanted, @Nullable Owner owner) {
        return goOn(
                run,
                ended,
                how,
                wanted,
                owner,
                admissionOf(ObservedRun.state(ended).workflow()));
    }

    private Begun goOn(
            ObservedRun run,
            KnownStream ended,
            Resume how,
            RunStatus wanted,
            @Nullable Owner owner,
            Admission admission) {
        requireResumable(run.id, ended, wanted);
        NextAttempt next = NextAttempt.of(run, how, wanted);
        StreamState state = ObservedRun.state(ended);
        Rule.Begin rule = new Rule.Begin(wanted, state.workflow(), owner, admission, state.seq());
        Op op = ObservedRun.op(run.name, List.of(next.event()), rule);
        return append(run.name, ended.generation(), op, rule, next.state().stream());
    }

    /** A queued run gets its owner; it is found moved on when it is not as it was seen. */
    Begun claim(ObservedRun run, KnownStream queued, Owner owner) {
        StreamState state = ObservedRun.state(queued);
        Rule.Begin rule =
                new Rule.Begin(RunStatus.STARTED, state.workflow(), owner, admissionOf(state.workflow()), state.seq());
        NewEvent started = RunLines.empty(RunStatus.STARTED.text());
        Op op = ObservedRun.op(run.name, List.of(started), rule);
        return begun(run.name, journal.append(List.of(op)).get(0), queued.generation());
    }

    @Override
    public Optional<Run> claim(String workflow, String owner, Duration lease) {
        return workers.claim(workflow, owner, lease);
    }

    @Override
    public Worker worker(String workflow, WorkerOptions options, RunBody<?> body) {
        return workers.begin(workflow, options, body);
    }

    @Override
    public void admission(String workflow, Admission admission) {
        admissions.put(workflow, admission);
        journal.lookAgain(workflow);
    }

    /** Drains the workers. For the store's end, before the journal's. Idempotent. */
    public void close() {
        try {
            workers.close();
        } finally {
            sweep.close();
        }
    }

    // ---- looking

    @Nullable
    KnownStream known(Name name) {
        KnownStream known = journal.known(name);
        return known == null || known.kind() != Kind.RUN || known.state() == null ? null : known;
    }

    @Override
    public RunRef run(String id) {
        return new ObservedRun(this, id);
    }

    @Override
    public RunInfo require(String id) {
        return find(id).orElseThrow(() -> new RunNotFoundException(id));
    }

    @Override
    public Optional<RunInfo> find(String id) {
        Name name = RunNames.stream(id);
        KnownStream known = known(name);
        if (known == null) {
            return Optional.empty();
        }
        StreamState state = ObservedRun.state(known);
        Event first = journal.event(name, known.firstSeq());
        Event newest = journal.event(name, state.seq());
        if (first == null || newest == null) {
            return Optional.empty(); // deleted meanwhile
        }
        RunStatus status = RunStatus.of(state.word());
        Fields begin = Fields.of(first);
        Fields end = Fields.of(newest);
        Map<String, String> tags = new TreeMap<>();
        String given = begin.json("tags");
        if (given != null) {
            Fields all = Fields.of(given.getBytes(StandardCharsets.UTF_8));
            all.all().keySet().forEach(key -> all.text(key).ifPresent(value -> tags.put(key, value)));
        }
        return Optional.of(new RunInfo(
                id,
                state.workflow(),
                status,
                state.word(),
                state.attempt(),
                RunFold.time(first),
                started(known, state),
                status.ended() ? Optional.of(RunFold.time(newest)) : Optional.empty(),
                Optional.of(state.owner()).filter(owner -> !owner.isEmpty()),
                known.generation(),
                end.smallNumber("exitCode"),
                end.text("error"),
                begin.text("parent"),
                tags));
    }

    /** When the newest attempt was started, if it was. */
    private Optional<Instant> started(KnownStream known, StreamState state) {
        Event event = known.startedSeq() == 0 ? null : journal.event(known.name(), known.startedSeq());
        StreamState started = event == null ? null : StreamState.of(event);
        return event != null && started != null && started.attempt() == state.attempt()
                ? Optional.of(RunFold.time(event))
                : Optional.empty();
    }

    @Override
    public List<String> ids(String beginning, int limit) {
        requireLimit(limit);
        List<String> found = new ArrayList<>();
        if (!beginning.isEmpty() && known(RunNames.stream(beginning)) != null) {
            found.add(beginning);
        }
        String after = RunNames.PREFIX + beginning;
        while (found.size() < limit) {
            List<KnownStream> page = journal.known("runs", after, limit);
            for (KnownStream known : page) {
                String stream = known.name().toString();
                if (!stream.startsWith(RunNames.PREFIX + beginning)) {
                    return found;
                }
                if (known.kind() == Kind.RUN && found.size() < limit) {
                    found.add(RunNames.id(known.name()));
                }
                after = stream;
            }
            if (page.size() < limit) {
                return found;
            }
        }
        return found;
    }

    private static void requireLimit(int limit) {
        if (limit < 1) {
            throw new IllegalArgumentException("a limit is at least 1, not " + limit);
        }
    }

    @Override
    public List<RunInfo> active(Optional<String> workflow) {
        var running = journal.running();
        List<RunInfo> active = new ArrayList<>();
        for (Lane lane : workflow.isPresent() ? List.of(running.lane(workflow.get())) : running.lanes()) {
            Stream.concat(lane.queuedRuns().stream(), lane.startedRuns().stream())
                    .map(this::find)
                    .flatMap(Optional::stream)
                    .filter(info -> info.status() == RunStatus.QUEUED || info.status() == RunStatus.STARTED)
                    .forEach(active::add);
        }
        active.sort(Comparator.comparing(RunInfo::created).thenComparing(RunInfo::id));
        return active;
    }

    @Override
    public RunPage<RunInfo> list(RunFilter filter) {
        SearchWords.requireSearch(filter.text(), journal.options());
        return index.list(filter);
    }

    @Override
    public Map<RunStatus, Long> counts(Optional<String> workflow, Freshness freshness) {
        return index.counts(workflow, freshness);
    }

    @Override
    public RunPage<AttemptRecord> history(RunFilter filter) {
        SearchWords.requireSearch(filter.text(), journal.options());
        return index.history(filter);
    }

    @Override
    public RunStatistics statistics(RunFilter filter, StatisticsOptions options) {
        SearchWords.requireSearch(filter.text(), journal.options());
        return index.statistics(filter, options);
    }

    @Override
    public long cleanup(Duration olderThan) {
        return new Cleanup(journal, index, olderThan).run();
    }

    @Override
    public long cleanable(Duration olderThan) {
        return new Cleanup(journal, index, olderThan).count();
    }
}
