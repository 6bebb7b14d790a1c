package dev.daybook.journal;

import dev.daybook.stream.Item;
import dev.daybook.stream.Subscription;
import java.util.concurrent.Flow;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Subscriptions as a {@link Flow.Publisher}: each subscriber has a cursor and a thread of its own, which waits for demand and for
 * events in turn. Follows the Reactive Streams specification (rule numbers in comments are its).
 */
final class CursorPublisher implements Subscription.Publisher {
    private final Supplier<Subscription> source;

    CursorPublisher(Supplier<Subscription> source) {
        this.source = source;
    }

    @Override
    public void subscribe(Flow.Subscriber<? super Item> subscriber) {
        java.util.Objects.requireNonNull(subscriber); // 1.9
        @Nullable Subscription cursor = null;
        @Nullable RuntimeException failure = null;
        try {
            cursor = source.get();
        } catch (RuntimeException e) {
            failure = e;
        }
        Delivery delivery = new Delivery(subscriber, cursor, failure);
        Thread thread = new Thread(delivery, "daybook-publisher");
        thread.setDaemon(true);
        delivery.thread = thread;
        thread.start();
    }

    private static final class Delivery implements Flow.Subscription, Runnable {
        private final Flow.Subscriber<? super Item> subscriber;
        private final @Nullable Subscription cursor;
        private final @Nullable RuntimeException failure;
        private final AtomicLong demand = new AtomicLong();
        private volatile boolean cancelled;
        private volatile @Nullable IllegalArgumentException badDemand;
        private volatile @Nullable Thread thread;

        Delivery(
                Flow.Subscriber<? super Item> subscriber,
                @Nullable Subscription cursor,
                @Nullable RuntimeException failure) {
            this.subscriber = subscriber;
            this.cursor = cursor;
            this.failure = failure;
        }

        @Override
        public void request(long n) {
            if (n <= 0) {
                badDemand = new IllegalArgumentException("rule 3.9: the demand must be positive, not " + n);
            } else {
                demand.accumulateAndGet(n, (a, b) -> a + b < 0 ? Long.MAX_VALUE : a + b);
            }
            LockSupport.unpark(thread);
            if (badDemand != null && cursor != null) {
                cursor.close(); // it may be waiting for an event
            }
        }

        @Override
        public void cancel() {
            cancelled = true;
            if (cursor != null) {
                cursor.close();
            }
            LockSupport.unpark(thread);
        }

        @Override
        public void run() {
            try {
                subscriber.onSubscribe(this);
                if (failure != null) {
                    subscriber.onError(failure); // 1.4: after onSubscribe
                } else if (cursor != null) {
                    deliver(cursor);
                }
            } catch (Throwable t) {
                // 2.13: a subscriber that throws is taken as cancelled
                System.getLogger("dev.daybook")
                        .log(System.Logger.Level.WARNING, "a subscriber failed and was dropped", t);
            } finally {
                cancelled = true;
                if (cursor != null) {
                    cursor.close();
                }
            }
        }

        private void deliver(Subscription from) {
            while (!cancelled) {
                if (badDemand != null) {
                    cancelled = true;
                    subscriber.onError(badDemand);
                    return;
                }
                if (demand.get() == 0) {
                    LockSupport.park(this);
                    Thread.interrupted(); // this thread is ours; an interrupt means nothing here
                    continue;
                }
                Item item;
                try {
                    item = from.take();
                } catch (InterruptedException e) {
                    continue;
                } catch (RuntimeException e) {
                    if (!cancelled) {
                        cancelled = true;
                        subscriber.onError(e);
                    }
                    return;
                }
                if (item != null) {
                    if (demand.get() != Long.MAX_VALUE) {
                        demand.decrementAndGet();
                    }
                    if (!cancelled) {
                        subscriber.onNext(item);
                    }
                } else if (badDemand == null && !cancelled) {
                    cancelled = true;
                    subscriber.onComplete();
                }
            }
        }
    }
}
