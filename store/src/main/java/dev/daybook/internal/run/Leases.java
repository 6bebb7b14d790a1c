package dev.daybook.internal.run;

import dev.daybook.internal.time.Clock;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The leases of owners that may fall silent: of which run, which generation, and until when they hold if nothing is heard. In memory only, so that a heartbeat writes
 * nothing. They allow nobody anything: who may write is decided by the generation alone, and a lease that ran out matters only once a line says so. Thread-safe.
 */
final class Leases {
    /** Also those of claims that are being decided, of which several may be for the same run. */
    private final Set<Lease> leases = ConcurrentHashMap.newKeySet();

    /** One lease. Thread-safe. */
    static final class Lease {
        final String run;
        final long generation;

        /** What is said of the run when this runs out. */
        final String reason;

        final long nanos;
        private final Clock clock;
        private volatile long until;
        private final AtomicInteger appending = new AtomicInteger();

        /** As long as it lives, its owner is heard of; null when the owner speaks for itself. */
        private volatile @Nullable Thread speaker;

        /** @param speaker the thread that works on the run; null when the owner is heard of by what it calls */
        Lease(String run, long generation, long nanos, Clock clock, @Nullable Thread speaker) {
            this.run = run;
            this.generation = generation;
            this.nanos = nanos;
            this.clock = clock;
            this.speaker = speaker;
            reason = speaker == null ? "lease-expired" : "worker-died";
            heard();
        }

        /** The owner lives. */
        void heard() {
            until = clock.monotonicNanos() + nanos;
        }

        /** What the owner appends; while it waits for a slow disk it is not silent. */
        <T> T whileHeard(Supplier<T> append) {
            heard();
            appending.incrementAndGet();
            try {
                return append.get();
            } finally {
                heard();
                appending.decrementAndGet();
            }
        }

        /** The thread that works on the run is done with it, whatever became of it. */
        void silent() {
            speaker = null;
        }

        private boolean expired(long nowNanos) {
            Thread thread = speaker;
            if (appending.get() > 0 || thread != null && thread.isAlive()) {
                heard();
            }
            return nowNanos - until >= 0;
        }
    }

    void add(Lease lease) {
        leases.add(lease);
    }

    void remove(Lease lease) {
        leases.remove(lease);
    }

    /** This one holds: others for the same claim were for appends that did not come to be. */
    void holds(String run, long generation, @Nullable Lease lease) {
        leases.removeIf(other -> other != lease && other.generation == generation && other.run.equals(run));
    }

    boolean isEmpty() {
        return leases.isEmpty();
    }

    /** The length of the shortest; this when there is none. */
    long shortestNanos(long otherwise) {
        return leases.stream().mapToLong(lease -> lease.nanos).min().orElse(otherwise);
    }

    /** All owners are as good as heard of just now. */
    void prolong() {
        leases.forEach(Lease::heard);
    }

    List<Lease> expired(long nowNanos) {
        return leases.stream().filter(lease -> lease.expired(nowNanos)).toList();
    }
}
