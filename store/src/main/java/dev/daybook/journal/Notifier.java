package dev.daybook.journal;

import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * Tells the world that a group is durable, on a thread of its own, so that the next group is written while callers wake and futures run
 * what hangs on them.
 */
final class Notifier {
    /** Something that waits for news. */
    static final class Waiter {
        private final Thread thread = Thread.currentThread();
        private volatile boolean signalled;

        void signal() {
            if (!signalled) {
                signalled = true;
                LockSupport.unpark(thread);
            }
        }

        /** Waits for a signal given since the last {@link #reset}. False when the time is up or the thread was interrupted. */
        boolean await(long nanos) {
            long until = System.nanoTime() + nanos;
            while (!signalled) {
                long left = until - System.nanoTime();
                if (left <= 0 || Thread.currentThread().isInterrupted()) {
                    return signalled;
                }
                LockSupport.parkNanos(this, left);
            }
            return true;
        }

        void reset() {
            signalled = false;
        }
    }

    private record News(List<Append> done, List<Name> streams) {}

    private final ConcurrentLinkedQueue<News> news = new ConcurrentLinkedQueue<>();
    private final Map<Name, Set<Waiter>> byStream = new ConcurrentHashMap<>();
    private final Set<Waiter> everything = ConcurrentHashMap.newKeySet();
    private final Thread thread;
    private volatile boolean parked;
    private volatile boolean closed;

    Notifier() {
        thread = new Thread(this::run, "daybook-notify");
        thread.setDaemon(true);
    }

    void start() {
        thread.start();
    }

    boolean isNotifierThread() {
        return Thread.currentThread() == thread;
    }

    boolean anyWaiter() {
        return !everything.isEmpty() || !byStream.isEmpty();
    }

    /** The waiter is signalled at every commit that changes this stream; every commit when it is null. */
    void add(@Nullable Name stream, Waiter waiter) {
        if (stream == null) {
            everything.add(waiter);
        } else {
            byStream.compute(stream, (name, waiters) -> {
                Set<Waiter> set = waiters == null ? ConcurrentHashMap.newKeySet() : waiters;
                set.add(waiter);
                return set;
            });
        }
    }

    void remove(@Nullable Name stream, Waiter waiter) {
        if (stream == null) {
            everything.remove(waiter);
        } else {
            byStream.computeIfPresent(stream, (name, waiters) -> {
                waiters.remove(waiter);
                return waiters.isEmpty() ? null : waiters;
            });
        }
    }

    void signal(Name stream) {
        Set<Waiter> waiters = byStream.get(stream);
        if (waiters != null) {
            for (Waiter waiter : waiters) {
                waiter.signal();
            }
        }
    }

    void tell(List<Append> done, List<Name> streams) {
        news.add(new News(done, streams));
        if (parked) {
            LockSupport.unpark(thread);
        }
    }

    private void run() {
        while (true) {
            News next = news.poll();
            if (next != null) {
                announce(next);
            } else if (closed) {
                return;
            } else {
                parked = true;
                if (news.isEmpty() && !closed) {
                    LockSupport.park(this);
                }
                parked = false;
                Thread.interrupted(); // a continuation may have left it set; parking would not wait
            }
        }
    }

    private void announce(News next) {
        for (Waiter waiter : everything) {
            waiter.signal();
        }
        if (!byStream.isEmpty()) {
            next.streams.forEach(this::signal);
        }
        for (Append append : next.done) {
            try {
                append.deliver();
            } catch (RuntimeException | StackOverflowError e) {
                // what a caller hung on its future is the caller's affair
                System.getLogger("dev.daybook")
                        .log(System.Logger.Level.WARNING, "a continuation of an append failed", e);
            }
        }
    }

    /** Delivers what is left, wakes everybody who waits, and ends. */
    void close() {
        closed = true;
        LockSupport.unpark(thread);
        boolean interrupted = false;
        long until = System.nanoTime() + 10_000_000_000L;
        while (thread.isAlive() && Thread.currentThread() != thread && System.nanoTime() < until) {
            try {
                thread.join(100);
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        everything.forEach(Waiter::signal);
        byStream.values().forEach(waiters -> waiters.forEach(Waiter::signal));
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
