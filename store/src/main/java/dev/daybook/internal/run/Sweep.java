package dev.daybook.internal.run;

import dev.daybook.DaybookException;
import dev.daybook.LeaseLostException;
import dev.daybook.RunNotFoundException;
import dev.daybook.RunStateException;
import dev.daybook.StoreClosedException;
import dev.daybook.internal.run.Leases.Lease;
import dev.daybook.internal.time.Clock;
import dev.daybook.journal.Rule;
import dev.daybook.journal.Rule.Writer;
import dev.daybook.run.RunStatus;
import dev.daybook.stream.NewEvent;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * Ends leases that ran out. Looks at them four times in the shortest one, on a thread that lives only while there are any, and crashes their runs. That is an append like others, decided
 * against the generation for which the lease ran out: a run that ended or changed hands meanwhile is left alone.
 *
 * <p>It measures itself. When it comes late by more than its period, this process was stopped, or the machine slept, and owners had no chance to be heard: all leases
 * begin anew before any is judged.
 */
final class Sweep {
    private static final long PERIOD_NANOS_MIN =
            100_000_000L; // shorter ones would be late all the time on a busy machine
    private static final long PERIOD_NANOS_MAX = 1_000_000_000L;
    private static final int IDLE_PERIODS = 3;

    private final JournalRuns runs;
    private final Clock clock;
    private final Leases leases = new Leases();

    private @Nullable Thread thread; // while it lives; guarded by this
    private long periodNanos = PERIOD_NANOS_MAX; // until the next look; guarded by this
    private long lookedNanos; // on the clock; guarded by this
    private boolean closed; // guarded by this

    Sweep(JournalRuns runs, Clock clock) {
        this.runs = runs;
        this.clock = clock;
    }

    /** Looks after a lease from now on. */
    synchronized void watch(Lease lease) {
        if (closed) {
            return;
        }
        leases.add(lease);
        if (thread == null) {
            lookedNanos = clock.monotonicNanos();
            periodNanos = period(lease.nanos);
            Thread sweeping = new Thread(this::run, "daybook-leases");
            sweeping.setDaemon(true);
            sweeping.start();
            thread = sweeping;
        } else if (period(lease.nanos) < periodNanos) {
            LockSupport.unpark(thread); // it looks now, and then more often
        }
    }

    void forget(Lease lease) {
        leases.remove(lease);
    }

    /** A run of this generation has its owner, and this lease, or none. */
    void holds(String run, long generation, @Nullable Lease lease) {
        leases.holds(run, generation, lease);
    }

    private static long period(long leaseNanos) {
        return Math.min(Math.max(leaseNanos / 4, PERIOD_NANOS_MIN), PERIOD_NANOS_MAX);
    }

    private void run() {
        try {
            for (int idle = 0; await(idle); idle = leases.isEmpty() ? idle + 1 : 0) {
                for (Lease lease : expired()) {
                    if (closed()) {
                        break; // each may take long when the disk hangs
                    }
                    expire(lease);
                }
            }
        } finally {
            synchronized (this) {
                thread = thread == Thread.currentThread()
                        ? null
                        : thread; // after an error the next lease starts another
            }
        }
    }

    private synchronized boolean closed() {
        return closed;
    }

    /** Waits until it is time to look again, or somebody wants it; false when there is nothing to look after any more. */
    private boolean await(int idle) {
        long nanos;
        synchronized (this) {
            nanos = closed || idle >= IDLE_PERIODS ? 0 : periodNanos;
        }
        LockSupport.parkNanos(this, nanos);
        Thread.interrupted(); // nobody has a reason to, and parking would not wait any more
        synchronized (this) {
            if (!closed && (idle < IDLE_PERIODS || !leases.isEmpty())) {
                return true;
            }
            thread = null;
            return false;
        }
    }

    /** Looks, and tells which leases ran out. */
    synchronized List<Lease> expired() {
        long now = clock.monotonicNanos();
        if (now - lookedNanos > 2 * periodNanos) {
            leases.prolong();
        }
        lookedNanos = now;
        periodNanos = period(leases.shortestNanos(Long.MAX_VALUE));
        return leases.expired(now); // not a moment later: this may be stopped here, too
    }

    /** Crashes the run of a lease that ran out, if it is still that owner's. */
    void expire(Lease lease) {
        NewEvent crashed = RunLines.reason(RunStatus.CRASHED.text(), lease.reason);
        Rule rule = new Rule.End(RunStatus.CRASHED, Writer.store(lease.generation));
        try {
            runs.journal.append(ObservedRun.op(RunNames.stream(lease.run), List.of(crashed), rule));
        } catch (LeaseLostException | RunStateException | RunNotFoundException e) {
            // it ended, or is another owner's; or this crashed it, and was not told in time
        } catch (StoreClosedException e) {
            // the next opening crashes it
        } catch (DaybookException e) {
            return; // the store cannot write now: the next look tries again
        }
        runs.stopped(lease.run, lease.generation);
        leases.remove(lease);
    }

    /** Ends. Idempotent. */
    void close() {
        Thread last;
        synchronized (this) {
            closed = true;
            last = thread;
            LockSupport.unpark(last);
        }
        boolean interrupted = false;
        while (last != null && last.isAlive() && last != Thread.currentThread()) {
            try {
                last.join();
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
