package dev.daybook.view.sqlite;

import dev.daybook.StoreClosedException;
import dev.daybook.ViewBehindException;
import dev.daybook.journal.Journal;
import dev.daybook.view.View;
import dev.daybook.view.ViewStatus;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * Where a view stands that a thread of this process moves: from which file it answers, how far that is, and why it goes no further. The thread
 * writes it, and then {@link #tell tells}; queries read it, and wait for it.
 */
final class Standing {
    /** A file and how far it is: everything up to the position is in its tables. */
    record Point(Readers readers, long position) {}

    private final Journal journal;
    private final View view;
    private final Object moved = new Object();
    private final AtomicInteger waiting = new AtomicInteger();

    /** Null while there is nothing to answer from. */
    volatile @Nullable Point point;

    /** Where the fold threw, and what. */
    volatile @Nullable String stopped;

    /** Why the thread waits and tries again. */
    volatile @Nullable String trouble;

    /** How far a rebuild is. */
    volatile @Nullable Long rebuilt;

    volatile boolean closing;

    Standing(Journal journal, View view) {
        this.journal = journal;
        this.view = view;
    }

    boolean isAwaited() {
        return waiting.get() > 0;
    }

    boolean isUsed(Readers readers) {
        Point now = point;
        return now != null && now.readers == readers;
    }

    /** Lets those who wait look again. */
    void tell() {
        if (isAwaited()) {
            synchronized (moved) {
                moved.notifyAll();
            }
        }
    }

    /**
     * Waits until the view has passed a position.
     *
     * @param wake hurries the thread, which may be pausing
     * @throws ViewBehindException when it does not in time
     */
    Point await(long wanted, long until, Runnable wake) {
        Point now = point;
        if (now != null && now.position >= wanted && !closing) {
            return now;
        }
        waiting.incrementAndGet();
        wake.run();
        try {
            synchronized (moved) {
                while (true) {
                    journal.requireOpen();
                    if (closing) {
                        throw closed();
                    }
                    now = point;
                    if (now != null && now.position >= wanted) {
                        return now;
                    }
                    long left = until - System.nanoTime();
                    if (left <= 0 || stopped != null) {
                        throw behind(wanted, why());
                    }
                    // Looked at now and then all the same: it costs nothing, and no signal is to be missed.
                    moved.wait(Math.min(100, left / 1_000_000 + 1));
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw behind(wanted, "the waiting thread was interrupted");
        } finally {
            waiting.decrementAndGet();
        }
    }

    private String why() {
        String poison = stopped;
        String failure = trouble;
        Long done = rebuilt;
        if (poison != null) {
            return threwAt(poison);
        }
        if (failure != null) {
            return "it fails, and is tried again every second: " + failure;
        }
        return done != null ? "it is being rebuilt, and has reached position " + done : "it is following";
    }

    static String threwAt(String poison) {
        return "its fold threw at " + poison
                + "; nothing of that append is in its tables. When the fold is mended, rebuild"
                + " the view or open the store again";
    }

    ViewBehindException behind(long wanted, String why) {
        return new ViewBehindException(status(), wanted, why);
    }

    StoreClosedException closed() {
        return new StoreClosedException("view " + view.name() + " was closed by this program", null);
    }

    ViewStatus status() {
        Point now = point;
        String poison = stopped;
        Long done = rebuilt;
        return new ViewStatus(
                view.name(),
                view.version(),
                poison != null
                        ? ViewStatus.State.STOPPED
                        : done != null ? ViewStatus.State.REBUILDING : ViewStatus.State.FOLLOWING,
                now == null ? 0 : now.position,
                journal.pos(),
                Optional.ofNullable(done),
                Optional.ofNullable(poison));
    }
}
