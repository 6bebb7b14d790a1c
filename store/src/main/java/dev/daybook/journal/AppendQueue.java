package dev.daybook.journal;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Appends that wait for the commit thread: a stack that many threads push on and one takes whole, which then is put in order. Bounded by
 * count and bytes; a caller that finds it full waits for room. A second stack has those that nobody waits for.
 */
final class AppendQueue {
    private static final Append CLOSED = new Append(List.of(), Append.Wake.CALLER);

    /** A lazy append that has waited this long goes alone. It is looked for as often, so it waits twice as long at most. */
    private static final long LAZY_NANOS = 5_000_000;

    /** So long after the last lazy append it is still looked for the next one: then who adds it need not wake the consumer, which can take 100 us. */
    private static final long LAZY_LOOK_NANOS = 1_000_000_000;

    private final int countMax;
    private final long bytesMax;
    private final AtomicReference<@Nullable Append> top = new AtomicReference<>();

    /** Those that nobody waits for: they go with the next ones, and alone when they have waited long enough. */
    private final AtomicReference<@Nullable Append> lazyTop = new AtomicReference<>();

    // What is queued or being written.
    private final AtomicLong count = new AtomicLong();
    private final AtomicLong bytes = new AtomicLong();

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition room = lock.newCondition();
    private final AtomicInteger waitingForRoom = new AtomicInteger();

    private volatile @Nullable Thread consumer;
    private volatile boolean consumerParked;
    private volatile boolean looksForLazy; // the consumer parks for LAZY_NANOS at most
    private volatile long lazyOfferedNanos = System.nanoTime() - LAZY_LOOK_NANOS;

    AppendQueue(int countMax, long bytesMax) {
        this.countMax = countMax;
        this.bytesMax = bytesMax;
    }

    /** What {@link #offer} did. */
    enum Offered {
        QUEUED,
        CLOSED,
        /** There was no room in time, or the thread was interrupted (its interrupt status stays). */
        NO_ROOM
    }

    Offered offer(Append append, long timeoutNanos) {
        if (!reserve(append) && !awaitRoom(append, timeoutNanos)) {
            return Offered.NO_ROOM;
        }
        while (true) {
            Append head = top.get();
            if (head == CLOSED) {
                release(1, append.bytesMax);
                return Offered.CLOSED;
            }
            append.next = head;
            if (top.compareAndSet(head, append)) {
                if (head == null && consumerParked) {
                    LockSupport.unpark(consumer);
                }
                return Offered.QUEUED;
            }
        }
    }

    /** Adds one that goes with the next ones. Left out when there is no room. */
    void offerLazily(Append append) {
        if (top.get() == CLOSED || !reserve(append)) {
            return;
        }
        append.offeredNanos = System.nanoTime();
        lazyOfferedNanos = append.offeredNanos;
        while (true) {
            Append head = lazyTop.get();
            append.next = head;
            if (lazyTop.compareAndSet(head, append)) {
                if (head == null && consumerParked && !looksForLazy) {
                    LockSupport.unpark(consumer); // so that it looks from now on
                }
                return;
            }
        }
    }

    /** Whether a lazy append has waited long enough. */
    private boolean lazyIsDue() {
        Append oldest = lazyTop.get();
        if (oldest == null) {
            return false;
        }
        for (Append a = oldest.next; a != null; a = a.next) {
            oldest = a;
        }
        return System.nanoTime() - oldest.offeredNanos >= LAZY_NANOS;
    }

    /** An append that is alone always has room, however large it is. */
    private boolean reserve(Append append) {
        long n = count.incrementAndGet();
        long b = bytes.addAndGet(append.bytesMax);
        if (n == 1 || (n <= countMax && b <= bytesMax)) {
            return true;
        }
        count.decrementAndGet();
        bytes.addAndGet(-append.bytesMax);
        return false;
    }

    private boolean awaitRoom(Append append, long timeoutNanos) {
        long left = timeoutNanos;
        boolean interrupted = false;
        lock.lock();
        try {
            waitingForRoom.incrementAndGet();
            while (!reserve(append)) {
                if (top.get() == CLOSED) {
                    count.incrementAndGet();
                    bytes.addAndGet(append.bytesMax);
                    return true; // offer finds it closed
                }
                if (left <= 0) {
                    return false;
                }
                // A bounded nap, not only a signal: room may appear between the try and the wait.
                long nap = Math.min(left, 1_000_000);
                left -= nap - Math.max(0, room.awaitNanos(nap));
            }
            return true;
        } catch (InterruptedException e) {
            interrupted = true;
            return false;
        } finally {
            waitingForRoom.decrementAndGet();
            lock.unlock();
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    /** Gives back the room of appends that are done. */
    void release(int appends, long appendBytes) {
        count.addAndGet(-appends);
        bytes.addAndGet(-appendBytes);
        if (waitingForRoom.get() > 0) {
            lock.lock();
            try {
                room.signalAll();
            } finally {
                lock.unlock();
            }
        }
    }

    long size() {
        return count.get();
    }

    boolean isEmpty() {
        return top.get() == null;
    }

    /** Takes everything that waits, oldest first, into the list. Waits for something for a while. False when it is closed and empty. */
    boolean take(List<Append> into, long spinNanos, long parkNanos) {
        consumer = Thread.currentThread();
        if (top.get() == null && spinNanos > 0) {
            long until = System.nanoTime() + spinNanos;
            while (top.get() == null && System.nanoTime() < until) {
                Thread.onSpinWait();
            }
        }
        if (top.get() == null) {
            boolean looks = System.nanoTime() - lazyOfferedNanos < LAZY_LOOK_NANOS;
            looksForLazy = looks;
            consumerParked = true;
            if (top.get() == null && (looks || lazyTop.get() == null)) {
                LockSupport.parkNanos(this, looks ? Math.min(parkNanos, LAZY_NANOS) : parkNanos);
            }
            consumerParked = false;
        }
        if (top.get() == null && lazyIsDue()) {
            takeLazy(into);
            return true;
        }
        return poll(into) || top.get() != CLOSED;
    }

    /** Takes the lazy ones, oldest first. */
    private void takeLazy(List<Append> into) {
        if (lazyTop.get() == null) {
            return;
        }
        int from = into.size();
        Append taken = lazyTop.getAndSet(null);
        while (taken != null) {
            Append after = taken.next;
            taken.next = null;
            if (taken.take()) {
                into.add(from, taken);
            } else {
                release(1, taken.bytesMax);
            }
            taken = after;
        }
    }

    /** Takes what waits now, oldest first, into the list. False when there was nothing. */
    boolean poll(List<Append> into) {
        Append taken = top.get();
        while (taken != null && taken != CLOSED && !top.compareAndSet(taken, null)) {
            taken = top.get();
        }
        if (taken == null || taken == CLOSED) {
            return false;
        }
        takeLazy(into);
        int from = into.size();
        for (Append a = taken; a != null; ) {
            Append after = a.next;
            a.next = null;
            into.add(a);
            a = after;
        }
        for (int i = from, j = into.size() - 1; i < j; i++, j--) {
            Append swap = into.get(i);
            into.set(i, into.get(j));
            into.set(j, swap);
        }
        return true;
    }

    /** Refuses what comes from now on; returns what was waiting, oldest first. */
    List<Append> close() {
        List<Append> left = new ArrayList<>();
        Append taken = top.getAndSet(CLOSED);
        for (Append a = taken == CLOSED ? null : taken; a != null; a = a.next) {
            left.add(0, a);
        }
        lock.lock();
        try {
            room.signalAll();
        } finally {
            lock.unlock();
        }
        Thread thread = consumer;
        if (thread != null) {
            LockSupport.unpark(thread);
        }
        return left;
    }
}
