package dev.daybook.internal.run;

import dev.daybook.DaybookException;
import dev.daybook.LeaseLostException;
import dev.daybook.RefusedException;
import dev.daybook.RunNotFoundException;
import dev.daybook.RunStateException;
import dev.daybook.StoreClosedException;
import dev.daybook.journal.KnownStream;
import dev.daybook.journal.Lane;
import dev.daybook.journal.Rule;
import dev.daybook.journal.Rule.Writer;
import dev.daybook.run.Admission;
import dev.daybook.run.RunStatus;
import dev.daybook.run.Runs.RunBody;
import dev.daybook.run.Worker;
import dev.daybook.run.WorkerOptions;
import dev.daybook.stream.NewEvent;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/**
 * A worker: one thread that watches the queue of a workflow and hands runs out to the threads where bodies run, as many as the options and the admission let. Each of those claims its run itself, so a run that
 * waits for an executor's thread is still queued. Runs that crashed, or were interrupted, are put into the queue again.
 */
final class QueueWorker implements Worker {
    private static final long TROUBLE_NANOS = 1_000_000_000L;

    /** So many are queued again before runs are handed out. */
    private static final int AGAIN_MAX = 64;

    private final Workers workers;
    private final JournalRuns runs;
    private final String workflow;
    private final Rule.Owner owner;
    private final WorkerOptions options;
    private final RunBody<?> body;
    private final Executor executor;
    private final Thread dispatcher;

    /** What was handed out, by run. Guarded by this. */
    private final Map<String, Work> handedOut = new HashMap<>();

    private volatile boolean ending;

    /** When it began to end, or 0. Guarded by this. */
    private long endingNanos;

    /** Stopped runs that could not be queued again; the dispatcher's. */
    private final Set<String> refused = new HashSet<>();

    /** Something could not be done that is to be tried again, a while later. */
    private volatile boolean troubled;

    QueueWorker(
            Workers workers, JournalRuns runs, String workflow, String owner, WorkerOptions options, RunBody<?> body) {
        this.workers = workers;
        this.runs = runs;
        this.workflow = workflow;
        this.owner = new Rule.Owner(owner, options.attempts(), 0); // it ends with this process
        this.options = options;
        this.body = body;
        Executor given = options.executor();
        executor = given != null ? given : QueueWorker::ownThread;
        dispatcher = new Thread(this::dispatch, "daybook-worker-" + workflow);
        dispatcher.setDaemon(true);
    }

    private static void ownThread(Runnable work) {
        Thread thread = new Thread(work, "daybook-run");
        thread.setDaemon(true);
        thread.start();
    }

    void begin() {
        dispatcher.start();
    }

    // ---- the dispatcher

    private void dispatch() {
        while (!ending) {
            try {
                if (troubled) {
                    runs.journal.awaitWorkflow(workflow, () -> ending, TROUBLE_NANOS);
                    troubled = false;
                }
                queueAgain();
                handOut();
                if (!runs.journal.awaitWorkflow(
                        workflow, this::hasToDo, refused.isEmpty() ? Long.MAX_VALUE / 2 : TROUBLE_NANOS)) {
                    refused.clear(); // they are tried again
                }
            } catch (StoreClosedException e) {
                return;
            } catch (InterruptedException e) {
                // nobody has a reason to; looking again does no harm
            } catch (RuntimeException | Error e) { // without this thread nothing would be taken any more
                System.getLogger("dev.daybook")
                        .log(System.Logger.Level.ERROR, "the worker of " + workflow + " tries again in a second", e);
                troubled = true;
            }
        }
    }

    private boolean hasToDo() {
        return ending || troubled || next() != null || nextStopped() != null;
    }

    private boolean mayQueueAgain(Lane lane) {
        Admission admission = runs.admissionOf(workflow);
        return switch (admission.overflow()) {
            case QUEUE -> lane.queued() < admission.queueMax(); // what waits is not dropped for it
            case DROP -> lane.started() + lane.queued() < admission.limit();
            case WAIT -> true;
        };
    }

    private @Nullable String nextStopped() {
        Lane lane = runs.journal.running().lane(workflow);
        if (mayQueueAgain(lane)) {
            for (String id : lane.stoppedRuns()) {
                KnownStream known = refused.contains(id) ? null : runs.known(RunNames.stream(id));
                RunStatus status = known == null ? RunStatus.UNKNOWN : ObservedRun.status(known);
                if (status == RunStatus.CRASHED || status == RunStatus.INTERRUPTED && options.resumeInterrupted()) {
                    return id;
                }
            }
        }
        return null;
    }

    private void queueAgain() {
        for (int i = 0; i < AGAIN_MAX && !ending; i++) {
            String id = nextStopped();
            if (id == null) {
                return;
            }
            try {
                runs.queueAgain(id);
            } catch (RunStateException | RunNotFoundException e) {
                // it went on meanwhile
            } catch (StoreClosedException e) {
                throw e;
            } catch (RuntimeException e) { // the others need not wait for it
                refused.add(id);
                System.getLogger("dev.daybook")
                        .log(System.Logger.Level.WARNING, "run " + id + " cannot go on now, and is tried again", e);
            }
        }
    }

    /** A queued run for which there is a slot, and room here. */
    private synchronized @Nullable String next() {
        if (ending || handedOut.size() >= options.concurrency()) {
            return null;
        }
        Lane lane = runs.journal.running().lane(workflow);
        long waiting = handedOut.values().stream().filter(w -> w.run == null).count();
        if (lane.started() + waiting < runs.admissionOf(workflow).limit()) {
            for (String id : lane.queuedRuns()) {
                if (!handedOut.containsKey(id) && Workers.queued(runs, id) != null) {
                    return id;
                }
            }
        }
        return null;
    }

    private void handOut() {
        for (String id = next(); id != null && !troubled; id = next()) {
            Work work = new Work(id);
            synchronized (this) {
                handedOut.put(id, work);
            }
            try {
                executor.execute(work);
            } catch (Throwable t) { // it is full or was shut down, or there is no thread to be had
                work.done();
                troubled = true;
            }
        }
    }

    // ---- where bodies run

    /** One run, from its place in the queue to its end. */
    private final class Work implements Runnable {
        final String id;

        /** Claimed, and being worked on. Guarded by the worker. */
        @Nullable
        OwnedRun run;

        boolean claiming; // guarded by the worker

        /** Where it is worked on. Guarded by the worker. */
        @Nullable
        Thread thread;

        /** Whether it is its body that asks: that cannot wait for itself. */
        boolean isCallers() {
            return thread == Thread.currentThread();
        }

        Work(String id) {
            this.id = id;
        }

        @Override
        public void run() {
            OwnedRun mine = null;
            try {
                mine = claim();
                if (mine != null) {
                    work(mine);
                }
            } finally {
                silent(mine);
                done();
            }
        }

        private @Nullable OwnedRun claim() {
            KnownStream queued = begins() ? Workers.queued(runs, id) : null;
            OwnedRun claimed = null;
            try {
                if (queued != null) {
                    claimed = Workers.take(
                            runs, queued, owner, Workers.leaseMillis(options.lease()), Thread.currentThread());
                }
            } catch (RefusedException e) {
                troubled |= e.reason() != RefusedException.Reason.NO_SLOT;
            } catch (DaybookException e) {
                troubled = true;
            } finally {
                synchronized (QueueWorker.this) {
                    claiming = false;
                    run = claimed;
                    QueueWorker.this.notifyAll();
                }
            }
            runs.journal.lookAgain(workflow); // until now it counted as one that waits, too
            return claimed;
        }

        private boolean begins() {
            synchronized (QueueWorker.this) {
                claiming = !ending && handedOut.get(id) == this;
                thread = Thread.currentThread();
                return claiming;
            }
        }

        private void work(OwnedRun mine) {
            try {
                JournalRuns.work(mine, body);
            } catch (Throwable t) {
                // it is the run's error, and stands there; where it could not be written, the lease runs out
            }
        }

        void done() {
            synchronized (QueueWorker.this) {
                handedOut.remove(id, this);
                thread = null;
                QueueWorker.this.notifyAll();
            }
            runs.journal.lookAgain(workflow);
        }

        /** Takes the lease away. */
        boolean interrupt(OwnedRun mine) {
            NewEvent interrupted = RunLines.reason(RunStatus.INTERRUPTED.text(), "the worker was drained");
            boolean done = false;
            try {
                ObservedRun.uninterrupted(() -> mine.end(interrupted, Writer.store(mine.generation())));
                done = true;
            } catch (LeaseLostException | RunStateException | RunNotFoundException e) {
                // it ended at the last moment
            } catch (DaybookException e) {
                silent(mine); // what cannot be written now is written when the lease runs out, or by the next opening
            }
            mine.askToEnd();
            return done;
        }

        private static void silent(@Nullable OwnedRun mine) {
            Leases.Lease lease = mine == null ? null : mine.lease();
            if (lease != null) {
                lease.silent();
            }
        }
    }

    // ---- its end

    @Override
    public synchronized int running() {
        return (int) handedOut.values().stream().filter(w -> w.run != null).count();
    }

    void takeNoMore() {
        synchronized (this) {
            endingNanos = ending ? endingNanos : System.nanoTime();
            ending = true;
        }
        runs.journal.lookAgain(workflow);
    }

    @Override
    public int drain(Duration timeout) {
        takeNoMore();
        List<Work> late = awaitWork(System.nanoTime() + Math.max(0, ObservedRun.nanos(timeout)));
        int interrupted = 0;
        for (Work work : late) {
            OwnedRun run = work.run;
            interrupted += run != null && work.interrupt(run) ? 1 : 0;
            work.done(); // not before: whoever else drains waits for it, or does the same
        }
        workers.ended(workflow, this);
        return interrupted;
    }

    /** Waits until all are done, or the time is up; in the midst of a claim none is left. */
    private synchronized List<Work> awaitWork(long end) {
        boolean interrupted = false;
        while (true) {
            handedOut
                    .values()
                    .removeIf(work -> work.run == null && !work.claiming); // they find that out when they begin
            long left = interrupted ? 0 : end - System.nanoTime();
            boolean claiming = handedOut.values().stream().anyMatch(work -> work.claiming);
            boolean others = handedOut.values().stream().anyMatch(work -> !work.isCallers());
            if (!others || left <= 0 && !claiming) {
                break;
            }
            try {
                wait(left <= 0 ? 0 : left / 1_000_000 + 1);
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        List<Work> late = new ArrayList<>(handedOut.values());
        late.removeIf(Work::isCallers);
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
        return late;
    }

    @Override
    public void close() {
        takeNoMore();
        long passed;
        synchronized (this) {
            passed = System.nanoTime() - endingNanos;
        }
        drain(Duration.ofNanos(Math.max(0, ObservedRun.nanos(options.drainTimeout()) - passed)));
    }
}
