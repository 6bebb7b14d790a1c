package dev.daybook.journal;

import dev.daybook.stream.Appended;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * An append on its way through the commit thread.
 *
 * <p>The commit thread decides the outcome and keeps it here until the group is durable; then it is delivered, by waking the thread that
 * waits or by completing the future.
 */
final class Append {
    final List<Op> ops;
    final long bytesMax;
    private final Delivery delivery;
    long offeredNanos; // of a lazy one; guarded by the queue

    /** The one behind it in the queue. Guarded by the queue. */
    @Nullable
    Append next;

    // The outcome, written by the commit thread before it is delivered, read after it.
    @Nullable
    List<Appended> results;

    @Nullable
    RuntimeException refusal;

    /** Whether the notifier itself waits for it, in a continuation: then it cannot be the one that delivers it. */
    boolean urgent;

    /** Whether the commit thread is done with it. */
    boolean finished;

    private volatile boolean delivered;
    private volatile @Nullable Thread waiter;

    /** Who wants to know. */
    sealed interface Delivery permits Wake, Single, Many, LazyAppend {}

    /** A thread that waits in {@link Append#await}. */
    enum Wake implements Delivery {
        CALLER
    }

    /** The future of an append to one stream. */
    record Single(Journal journal, CompletableFuture<Appended> future) implements Delivery {}

    /** The future of a batch. */
    record Many(Journal journal, CompletableFuture<List<Appended>> future) implements Delivery {}

    Append(List<Op> ops, Delivery delivery) {
        this.ops = ops;
        this.delivery = delivery;
        long bytes = 0;
        for (Op op : ops) {
            bytes += op.bytesMax();
        }
        this.bytesMax = bytes;
    }

    /** Whether handing out its outcome is no more than waking a thread, or nothing. */
    boolean blocking() {
        return delivery == Wake.CALLER || delivery instanceof LazyAppend;
    }

    /** Whether it is to be written: one that is lazy may have been withdrawn. */
    boolean take() {
        return !(delivery instanceof LazyAppend lazy) || lazy.take();
    }

    /** Hands out the outcome. Blocking callers are woken; futures complete here, so not on the commit thread. */
    void deliver() {
        delivered = true;
        if (delivery instanceof Single single) {
            Appended answer;
            try {
                answer = Duplicates.locate(single.journal, ops.get(0), outcome().get(0));
            } catch (RuntimeException e) { // refused, or what was stored before cannot be read
                single.future.completeExceptionally(e);
                return;
            }
            single.future.complete(answer);
        } else if (delivery instanceof Many many) {
            List<Appended> answers;
            try {
                answers = Duplicates.locate(many.journal, ops, outcome());
            } catch (RuntimeException e) {
                many.future.completeExceptionally(e);
                return;
            }
            many.future.complete(answers);
        } else {
            Thread thread = waiter;
            if (thread != null) {
                LockSupport.unpark(thread);
            }
        }
    }

    /**
     * Waits for the outcome.
     *
     * @param spinNanos how long to look without parking
     * @return false when the time is up or the thread was interrupted (its interrupt status stays)
     */
    @SuppressWarnings("ThreadPriorityCheck") // yielding is meant: spinning on would keep a busy machine from work
    boolean await(long timeoutNanos, long spinNanos) {
        long began = System.nanoTime();
        if (spinNanos > 0) {
            while (!delivered) {
                if (System.nanoTime() - began > spinNanos) {
                    break;
                }
                Thread.yield();
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
