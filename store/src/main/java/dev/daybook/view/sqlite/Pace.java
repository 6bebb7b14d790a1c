package dev.daybook.view.sqlite;

import dev.daybook.view.View;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/**
 * How much a view takes at a time, and how long it rests then. A transaction writes every page that it touched, so small ones in a row cost most of all; large ones let a query wait, and are late. Who is
 * far behind takes more, since nobody waits for one transaction more or less then. For the view's thread, but {@link #isLate}.
 */
final class Pace {
    private static final int LINES_MAX = 8_192;
    private static final long BATCH_NANOS = 50_000_000;
    private static final int FAR_LINES = 20_000;
    private static final long FAR_BATCH_NANOS = 200_000_000;

    /** Between the beginnings of two transactions, at least and at most. */
    private static final long PAUSE_NANOS = 10_000_000;

    private static final long PAUSE_NANOS_MAX = 50_000_000;

    /** How many times as long as it worked it takes from one beginning to the next: who has much to do has more at a time. */
    private static final int SHARE = 3;

    /** From one beginning to the next while it gives way to another. */
    private static final long GIVING_WAY_NANOS = 150_000_000;

    /** Then it looks again whether others still need the time. */
    private static final long LONGEST_REST_NANOS = 20_000_000;

    private final boolean givesWay;
    private final BooleanSupplier othersAreBehind;
    private long began;
    private long took;
    private boolean far;

    /** When there was nothing that it had not folded. */
    private volatile long upToDate = System.nanoTime();

    /** @param othersAreBehind whether another view is */
    Pace(View view, BooleanSupplier othersAreBehind) {
        this.givesWay = view instanceof KindView own && own.givesWay();
        this.othersAreBehind = othersAreBehind;
    }

    /** A transaction begins, with so many lines there. */
    void begin(long lines) {
        began = System.nanoTime();
        far = givesWay || lines > FAR_LINES;
    }

    int lines() {
        return far ? FAR_LINES : LINES_MAX;
    }

    long nanos() {
        return far ? FAR_BATCH_NANOS : BATCH_NANOS;
    }

    /** The transaction is over. */
    void ended(boolean nothingIsLeft) {
        took = System.nanoTime() - began;
        if (nothingIsLeft) {
            upToDate = began;
        }
    }

    /** Something came, or did not, after there was nothing. */
    void waited() {
        upToDate = System.nanoTime();
    }

    /** Whether it has not had everything for so long. From any thread. */
    boolean isLate(long nanos) {
        return System.nanoTime() - upToDate > nanos;
    }

    /** Rests until it is time for the next transaction, or for somebody who waits. */
    void rest(BooleanSupplier hurried) {
        long left = rest();
        while (left > 0 && !hurried.getAsBoolean()) {
            LockSupport.parkNanos(this, Math.min(left, LONGEST_REST_NANOS));
            left = rest();
        }
    }

    private long rest() {
        long pause = givesWay && othersAreBehind.getAsBoolean()
                ? GIVING_WAY_NANOS
                : Math.max(PAUSE_NANOS, Math.min(PAUSE_NANOS_MAX, SHARE * took));
        return pause - (System.nanoTime() - began);
    }
}
