package dev.daybook.journal;

import dev.daybook.stream.Event;
import dev.daybook.stream.Item;
import dev.daybook.stream.Subscription;
import java.time.Duration;
import java.util.Iterator;
import java.util.NoSuchElementException;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/** The waiting part of a subscription; what it waits for is the cursor's affair. */
abstract class CursorSubscription implements Subscription {
    private static final long FOREVER = Long.MAX_VALUE;

    final Journal journal;
    private final @Nullable Name waitsFor; // null: any commit
    private final AtomicBoolean closed = new AtomicBoolean();
    private volatile boolean ended;
    private volatile Notifier.@Nullable Waiter waiting;

    CursorSubscription(Journal journal, @Nullable Name waitsFor) {
        this.journal = journal;
        this.waitsFor = waitsFor;
    }

    /** What is there now, or null. Called by the reading thread only. */
    abstract @Nullable Item now();

    /** Whether nothing can come after what was delivered. Asked when {@link #now} had nothing. */
    abstract boolean finished();

    @Override
    public final @Nullable Item take() throws InterruptedException {
        return next(FOREVER);
    }

    @Override
    public final @Nullable Item poll(Duration timeout) throws InterruptedException {
        long nanos;
        try {
            nanos = timeout.toNanos();
        } catch (ArithmeticException e) {
            nanos = FOREVER;
        }
        return next(Math.max(0, nanos));
    }

    private @Nullable Item next(long timeoutNanos) throws InterruptedException {
        if (Thread.interrupted()) {
            throw new InterruptedException();
        }
        Item item = look();
        if (item != null || ended || timeoutNanos == 0) {
            return item;
        }
        long began = System.nanoTime();
        Notifier.Waiter waiter = new Notifier.Waiter();
        waiting = waiter;
        journal.notifier.add(waitsFor, waiter);
        try {
            while (true) {
                waiter.reset();
                item = look();
                if (item != null || ended) {
                    return item;
                }
                long left = timeoutNanos == FOREVER ? FOREVER : timeoutNanos - (System.nanoTime() - began);
                if (left <= 0) {
                    return null;
                }
                journal.await(waiter, Math.min(left, 60_000_000_000L));
            }
        } finally {
            journal.notifier.remove(waitsFor, waiter);
            waiting = null;
        }
    }

    private @Nullable Item look() {
        if (closed.get() || journal.isClosed()) {
            ended = true;
            return null;
        }
        Item item;
        try {
            item = now();
            if (item == null && finished()) {
                ended = true;
            }
        } catch (dev.daybook.StoreClosedException e) {
            ended = true;
            return null;
        }
        return item;
    }

    @Override
    public final boolean ended() {
        return ended;
    }

    @Override
    public final void close() {
        closed.set(true);
        Notifier.Waiter waiter = waiting;
        if (waiter != null) {
            waiter.signal();
        }
    }

    @Override
    public final Iterator<Event> iterator() {
        return new Iterator<>() {
            private @Nullable Event next;

            @Override
            public boolean hasNext() {
                while (next == null) {
                    Item item;
                    try {
                        item = take();
                    } catch (InterruptedException e) {
                        Thread.currentThread().interrupt();
                        return false;
                    }
                    if (item == null) {
                        return false;
                    }
                    if (item instanceof Event event) {
                        next = event;
                    }
                }
                return true;
            }

            @Override
            public Event next() {
                Event event = hasNext() ? next : null;
                if (event == null) {
                    throw new NoSuchElementException();
                }
                next = null;
                return event;
            }
        };
    }
}
