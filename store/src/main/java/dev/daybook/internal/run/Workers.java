package dev.daybook.internal.run;

import dev.daybook.AppendTimeoutException;
import dev.daybook.LeaseLostException;
import dev.daybook.RefusedException;
import dev.daybook.RunNotFoundException;
import dev.daybook.RunStateException;
import dev.daybook.StoreClosedException;
import dev.daybook.StoreFailedException;
import dev.daybook.internal.run.Leases.Lease;
import dev.daybook.journal.KnownStream;
import dev.daybook.journal.Rule;
import dev.daybook.run.Run;
import dev.daybook.run.RunStatus;
import dev.daybook.run.Runs.RunBody;
import dev.daybook.run.Worker;
import dev.daybook.run.WorkerOptions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Those who take runs out of the queue: claims with a lease, and the workers of this store, one for a workflow. */
final class Workers {
    private final JournalRuns runs;
    private final Map<String, QueueWorker> byWorkflow = new HashMap<>(); // guarded by this
    private int begun; // guarded by this
    private boolean closed; // guarded by this

    Workers(JournalRuns runs) {
        this.runs = runs;
    }

    // ---- claims

    static Lease lease(JournalRuns runs, String id, long generation, long millis, @Nullable Thread speaker) {
        return new Lease(
                id, generation, millis * 1_000_000, runs.journal.options().clock(), speaker);
    }

    /** A lease's length as it stands in a line. */
    static int leaseMillis(Duration lease) {
        if (lease.compareTo(Duration.ofMillis(1)) < 0 || lease.compareTo(Duration.ofDays(24)) > 0) {
            throw new IllegalArgumentException("a lease has a millisecond to 24 days, not " + lease);
        }
        return (int) lease.toMillis();
    }

    Optional<Run> claim(String workflow, String owner, Duration lease) {
        int millis = leaseMillis(lease);
        for (String id : runs.journal.running().lane(workflow).queuedRuns()) {
            KnownStream queued = queued(runs, id);
            if (queued != null) {
                int attempts = ObservedRun.state(queued).attempts();
                try {
                    OwnedRun run = take(runs, queued, new Rule.Owner(owner, attempts, millis), millis, null);
                    if (run != null) {
                        return Optional.of(run);
                    }
                } catch (RefusedException e) {
                    if (e.reason() != RefusedException.Reason.NO_SLOT) {
                        throw e;
                    }
                    return Optional.empty();
                }
            }
        }
        return Optional.empty();
    }

    /** The run as it waits, or null when it does not: what is queued is known a little before it is acknowledged. */
    static @Nullable KnownStream queued(JournalRuns runs, String id) {
        KnownStream known = runs.known(RunNames.stream(id));
        return known != null && ObservedRun.status(known) == RunStatus.QUEUED ? known : null;
    }

    /**
     * Takes a run out of the queue. The lease is watched before the claim is made: when nobody is told what became of that, it runs out.
     *
     * @param speaker the thread that is going to work on it; null when its owner is heard of by what it calls
     * @return null when it is not there any more as it was seen
     * @throws RefusedException when there is no slot
     */
    static @Nullable OwnedRun take(
            JournalRuns runs, KnownStream queued, Rule.Owner owner, long leaseMillis, @Nullable Thread speaker) {
        String id = RunNames.id(queued.name());
        Lease lease = lease(runs, id, queued.generation() + 1, leaseMillis, speaker);
        OwnedRun run = new OwnedRun(runs, id, 0, 0, new StepTable(Map.of(), Map.of()));
        runs.sweep.watch(lease);
        try {
            run.take(queued, owner, lease);
            return run;
        } catch (RunStateException | LeaseLostException | RunNotFoundException e) {
            runs.sweep.forget(lease);
            return null;
        } catch (RefusedException e) {
            runs.sweep.forget(lease);
            throw e;
        } catch (StoreFailedException | StoreClosedException e) {
            runs.sweep.forget(lease); // nothing was written, or nothing will be any more
            throw e;
        } catch (RuntimeException | Error e) {
            if (e instanceof AppendTimeoutException timeout && !timeout.outcomeUnknown()) {
                runs.sweep.forget(lease);
            } else {
                lease.silent(); // it may be claimed, and nobody works on it
            }
            throw e;
        }
    }

    // ---- workers

    synchronized Worker begin(String workflow, WorkerOptions options, RunBody<?> body) {
        RunNames.requireBytes("workflow", workflow, Rule.WORD_BYTES_MAX);
        leaseMillis(options.lease());
        runs.journal.requireOpen();
        if (closed) {
            throw new StoreClosedException("the store is being closed by this program", null);
        }
        if (runs.journal.options().readOnly()) {
            throw new RefusedException("", RefusedException.Reason.READ_ONLY, "the store was opened for reading only");
        }
        if (byWorkflow.containsKey(workflow)) {
            throw new IllegalStateException("this store has a worker for workflow " + workflow + "; close it first");
        }
        String owner = options.owner() == null ? runs.self.name() + "/" + ++begun : options.owner();
        QueueWorker worker = new QueueWorker(this, runs, workflow, owner, options, body);
        byWorkflow.put(workflow, worker);
        worker.begin();
        return worker;
    }

    synchronized void ended(String workflow, QueueWorker worker) {
        byWorkflow.remove(workflow, worker);
    }

    /** Drains all of them, at the same time. Idempotent. */
    void close() {
        List<QueueWorker> all;
        synchronized (this) {
            closed = true;
            all = new ArrayList<>(byWorkflow.values());
        }
        all.forEach(QueueWorker::takeNoMore);
        all.forEach(QueueWorker::close);
    }
}
