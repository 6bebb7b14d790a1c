package dev.daybook.journal;

import java.util.concurrent.atomic.AtomicBoolean;

/** An append that nobody waits for, as its caller holds it: until the commit thread takes it, it can be withdrawn. Thread-safe. */
public final class LazyAppend implements Append.Delivery {
    /** Whether it was taken or withdrawn, whichever came first. */
    private final AtomicBoolean settled = new AtomicBoolean();

    LazyAppend() {}

    /** Takes it back, if it is not being written. */
    public void withdraw() {
        settled.set(true);
    }

    /** For the commit thread: whether it is to be written. */
    boolean take() {
        return settled.compareAndSet(false, true);
    }
}
