package dev.daybook.journal;

import dev.daybook.stream.Appended;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * An append on its way through the commit thread: a future, and a cheaper way to wait for it than a future has.
 *
 * <p>The commit thread decides the outcome and keeps it here until the group is durable; then it is delivered, by waking the waiting
 * thread or completing the future.
 */
public final class Append extends CompletableFuture<List<Appended>> {
    final List<Op> ops;
    final long bytesMax;
    final int lines;
    private final boolean blocking;

    /** The one behind it in the queue. Guarded by the queue. */
    @Nullable
    Append next;

    // The outcome, written by the commit thread before `delivered`, read after it.
    @Nullable
    List<Appended> results;

    @Nullable
    RuntimeException refusal;

    private volatile boolean delivered;
    private volatile @Nullable Thread waiter;

    Append(List<Op> ops, boolean blocking) {
        this.ops = ops;
        this.blocking = blocking;
        long bytes = 0;
        int count = 0;
        for (Op op : ops) {
            bytes += op.bytesMax();
            count += op.events().size();
        }
        this.bytesMax = bytes;
        this.lines = count;
    }

    boolean blocking() {
        return blocking;
    }

    /** Hands out the outcome. Blocking callers are woken at once; futures complete here, so not on the commit thread. */
    void deliver() {
        if (blocking) {
            delivered = true;
            Thread thread = waiter;
            if (thread != null) {
                LockSupport.unpark(thread);
            }
        } else if (refusal != null) {
            completeExceptionally(refusal);
        } else {
            complete(results);
        }
    }

    /**
     * Waits for the outcome.
     *
     * @param spinNanos how long to look without parking
     * @return false when the time is up or the thread was interrupted (its interrupt status stays)
     */
    boolean await(long timeoutNanos, long spinNanos) {
        long began = System.nanoTime();
        if (spinNanos > 0) {
            while (!delivered) {
                if (System.nanoTime() - began > spinNanos) {
                    break;
                }
                Thread.onSpinWait();
            }
        }
        if (delivered) {
            return true;
        }
        waiter = Thread.currentThread();
        while (!delivered) {
            long left = timeoutNanos - (System.nanoTime() - began);
            if (left <= 0 || Thread.currentThread().isInterrupted()) {
                return delivered;
            }
            LockSupport.parkNanos(this, left);
        }
        return true;
    }

    List<Appended> outcome() {
        if (refusal != null) {
            throw refusal;
        }
        List<Appended> known = results;
        if (known == null) {
            throw new IllegalStateException("no outcome yet");
        }
        return known;
    }
}
