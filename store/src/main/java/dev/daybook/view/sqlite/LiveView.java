package dev.daybook.view.sqlite;

import dev.daybook.DaybookException;
import dev.daybook.Freshness;
import dev.daybook.Progress;
import dev.daybook.StoreFailedException;
import dev.daybook.journal.Journal;
import dev.daybook.view.View;
import dev.daybook.view.ViewReader;
import dev.daybook.view.ViewStatus;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A view that this process keeps, in a folder that nobody else writes to: its thread, which follows the journal, and the queries that wait for it.
 *
 * <p>The thread alone writes, opens and replaces files. Whatever fails, it begins again with what the folder holds: a file that cannot be used
 * is deleted, and where there is none, one is made. Until then the file that was used before answers, unless it is damaged itself. Queries find
 * a damaged file too; they tell the thread and wait.
 */
final class LiveView implements SqliteViews.Answering {
    /** What a successor takes at a time before it takes over. */
    private static final int LINES_MAX = 4_096;

    private static final long IDLE_NANOS = 1_000_000_000;
    private static final long RETRY_NANOS = 1_000_000_000;
    private static final long LOG_PAGES_MAX = 2_048;

    /** A finished rebuild that waits to take over. */
    private record Successor(ViewFile file, CompletableFuture<@Nullable String> taken) {}

    private final Journal journal;
    private final View view;
    private final String stem;
    private final Path folder;
    private final @Nullable ViewFile seed;
    private final Thread thread;

    private final Standing standing;
    private final Pace pace;

    /** A file that a query found damaged. */
    private volatile @Nullable Readers suspect;

    private volatile @Nullable Successor successor;
    private final Object rebuilding = new Object(); // held during a rebuild that was asked for

    // The thread's own, but that others wake the feed.
    private volatile @Nullable ViewFeed feed;
    private @Nullable ViewFile file;
    private @Nullable Object fileKey;

    /**
     * @param seed a file of another owner to begin with, or null
     * @param othersAreBehind whether another view is late, to which this one may give way
     */
    LiveView(
            Journal journal,
            View view,
            String stem,
            Path folder,
            @Nullable ViewFile seed,
            BooleanSupplier othersAreBehind) {
        this.journal = journal;
        this.view = view;
        this.stem = stem;
        this.folder = folder;
        this.seed = seed;
        this.standing = new Standing(journal, view);
        this.pace = new Pace(view, othersAreBehind);
        this.thread = new Thread(this::run, "daybook-view-" + view.name());
        thread.setDaemon(true);
    }

    LiveView start() {
        thread.start();
        return this;
    }

    // ---- the thread

    private void run() {
        if (seed != null) {
            try {
                seed.copy(folder, stem);
            } catch (IOException | RuntimeException e) {
                // It is made anew instead.
            }
        }
        while (!standing.closing) {
            try {
                step();
            } catch (SqliteTrouble e) {
                if (e.damaged() && feed != null) {
                    drop(); // and at once on, with another file
                } else {
                    tryAgainLater(e);
                }
            } catch (IOException | RuntimeException | Error e) {
                tryAgainLater(e);
            }
        }
        end();
    }

    /** One batch, and the wait for the next. */
    private void step() throws IOException {
        Thread.interrupted(); // a fold may have left it set, and files would be closed by it
        ViewFeed now = feed;
        if (now == null) {
            open();
            return;
        }
        if (suspect != null) {
            if (suspect == Objects.requireNonNull(standing.point).readers()) {
                drop();
            }
            suspect = null;
            return;
        }
        Successor next = successor;
        if (next != null) {
            successor = null;
            takeOver(now, next);
            return;
        }
        if (!Objects.equals(fileKey, Objects.requireNonNull(file).key())) {
            drop(); // deleted or replaced under way
            return;
        }
        long end = journal.pos();
        pace.begin(end - now.position());
        int taken = now.batch(pace.lines(), pace.nanos());
        reached(now);
        pace.ended(now.position() >= end);
        if (now.stopped() != null) {
            park(IDLE_NANOS);
        } else if (taken == 0) {
            if (file.logBytes() > 0) {
                now.await(IDLE_NANOS / 10);
                if (now.position() >= journal.pos()) {
                    now.writeBack(true);
                }
            } else {
                now.await(IDLE_NANOS);
            }
            now.store();
            pace.waited();
        } else {
            if (now.pagesInLog() > LOG_PAGES_MAX) {
                now.writeBack(false);
            }
            pace.rest(() -> standing.isAwaited() || standing.closing);
        }
    }

    /** Whether there has been something for it to fold for so long. */
    boolean isBehind(long nanos) {
        Standing.Point now = standing.point;
        return now != null && now.position() < journal.pos() && pace.isLate(nanos);
    }

    private void reached(ViewFeed now) {
        Standing.Point before = Objects.requireNonNull(standing.point);
        standing.stopped = now.stopped();
        standing.trouble = null;
        if (before.position() != now.position()) {
            standing.point = new Standing.Point(before.readers(), now.position());
        }
        standing.tell();
    }

    /** Takes the newest file that can be used, or makes one. The others are what a crash or another version left. */
    private void open() throws IOException {
        boolean found = false;
        for (ViewFile there : ViewFile.builds(folder, stem)) {
            if (!found && use(there)) {
                found = true;
            } else {
                there.delete();
            }
        }
        if (found) {
            return;
        }
        standing.rebuilt = 0L;
        try {
            ViewFile made = Rebuild.run(
                    journal, view, folder, stem, position -> standing.rebuilt = position, () -> standing.closing);
            if (made != null && !use(made)) {
                throw new IOException(made.path + " cannot be used, though it was just made");
            }
        } finally {
            standing.rebuilt = null;
        }
    }

    private boolean use(ViewFile candidate) throws IOException {
        ViewFeed opened = feed(candidate);
        if (opened == null) {
            return false;
        }
        install(candidate, opened);
        return true;
    }

    /** Opens a file to follow with; null when it is not usable. */
    private @Nullable ViewFeed feed(ViewFile candidate) {
        Statements tables = null;
        boolean usable = false;
        try {
            tables = candidate.follow();
            ViewFile.Meta meta = ViewFile.meta(tables);
            usable = meta != null && meta.isUsable(view, journal);
            return usable ? new ViewFeed(journal, view, tables, Objects.requireNonNull(meta)) : null;
        } catch (SqliteTrouble e) {
            if (e.damaged()) {
                return null;
            }
            throw e;
        } finally {
            if (!usable && tables != null) {
                tables.close();
            }
        }
    }

    private void install(ViewFile used, ViewFeed opened) throws IOException {
        file = used;
        fileKey = used.key();
        feed = opened;
        standing.stopped = null;
        Standing.Point before = standing.point;
        standing.point = new Standing.Point(new Readers(used), opened.position());
        if (before != null) {
            before.readers().close();
        }
        standing.tell();
    }

    /** Lets a rebuilt file take over, once it is as far as the one that answered meanwhile. */
    private void takeOver(ViewFeed old, Successor next) throws IOException {
        if (next.file.build == Objects.requireNonNull(file).build) {
            next.taken.complete(old.stopped()); // there was none, so it was taken as soon as it was there
            return;
        }
        ViewFeed fresh = null;
        boolean taken = false;
        try {
            fresh = feed(next.file);
            if (fresh == null) {
                throw new IOException(next.file.path + " was damaged before it was used");
            }
            while (fresh.batch(LINES_MAX, Long.MAX_VALUE) >= LINES_MAX && !standing.closing) {}
            if (fresh.position() >= old.position()) {
                replace(old, next.file, fresh);
                taken = true;
            }
            if (standing.closing) {
                throw standing.closed();
            }
            next.taken.complete(fresh.stopped());
        } catch (IOException | RuntimeException | Error e) {
            next.taken.completeExceptionally(e);
            if (taken || !(e instanceof SqliteTrouble trouble) || !trouble.damaged()) {
                throw e;
            } // else it is the successor that is damaged; the file that answers goes on
        } finally {
            if (!taken) {
                if (fresh != null) {
                    fresh.close();
                }
                next.file.delete();
            }
        }
    }

    private void replace(ViewFeed old, ViewFile with, ViewFeed fresh) throws IOException {
        ViewFile before = Objects.requireNonNull(file);
        install(with, fresh);
        reached(fresh);
        try {
            old.replaced(with.build);
        } catch (SqliteTrouble | IllegalArgumentException e) {
            // It goes anyway.
        }
        old.close();
        before.delete();
    }

    /** Lets go of the file, to begin again. Queries that need nothing new go on reading it. */
    private void letGo() {
        ViewFeed old = feed;
        feed = null;
        if (old != null) {
            old.close();
        }
    }

    private void stopAnswering() {
        Standing.Point before = standing.point;
        standing.point = null;
        if (before != null) {
            before.readers().close();
        }
    }

    /** Deletes the file, which is no good. */
    private void drop() {
        letGo();
        stopAnswering();
        ViewFile there = file;
        file = null;
        if (there != null) {
            try {
                there.delete();
            } catch (IOException e) {
                // The next opening finds it unusable, too.
            }
        }
    }

    private void tryAgainLater(Throwable cause) {
        letGo();
        if (standing.closing) {
            return;
        }
        standing.trouble = cause.toString();
        standing.tell();
        park(RETRY_NANOS);
    }

    private void park(long nanos) {
        long until = System.nanoTime() + nanos;
        for (long left = nanos; left > 0 && !standing.closing && successor == null && suspect == null; ) {
            LockSupport.parkNanos(this, left);
            left = until - System.nanoTime();
        }
    }

    private void end() {
        ViewFeed last = feed;
        try {
            if (last != null && last.stopped() == null) {
                last.store();
            }
        } catch (SqliteTrouble | IllegalArgumentException e) {
            // It is followed again from where it is.
        } finally {
            letGo();
            stopAnswering();
            Successor unused = successor;
            if (unused != null) {
                unused.taken.completeExceptionally(standing.closed());
            }
        }
    }

    // ---- queries

    @Override
    public <T> T query(Freshness freshness, Function<ViewReader, T> question) {
        long wanted = SqliteViews.wanted(freshness, journal);
        long until = SqliteViews.until(freshness);
        while (true) {
            Standing.Point now = standing.await(wanted, until, this::hurry);
            try {
                return now.readers().read(tables -> {
                    long there = tables.query("SELECT value FROM meta WHERE key = 'position'")
                            .get(0)
                            .number(0);
                    return Readers.ask(now.readers().file, tables, Math.max(there, now.position()), question);
                });
            } catch (SqliteTrouble e) {
                if (e.damaged()) {
                    suspect = now.readers();
                    wake();
                }
                if (until - System.nanoTime() <= 0 && standing.isUsed(now.readers())) {
                    throw new StoreFailedException(
                            "view " + view.name() + " cannot be read: " + e.getMessage(),
                            StoreFailedException.Reason.READ_FAILED,
                            e);
                }
                pauseWhileUsed(now.readers());
            }
        }
    }

    /** Until the thread has let go of what is damaged, or a moment has passed. */
    private void pauseWhileUsed(Readers damaged) {
        for (int i = 0; i < 10 && standing.isUsed(damaged); i++) {
            LockSupport.parkNanos(1_000_000);
        }
    }

    @Override
    public ViewStatus status() {
        return standing.status();
    }

    // ---- a rebuild that is asked for

    @Override
    public void rebuild(Progress progress) {
        synchronized (rebuilding) {
            CompletableFuture<@Nullable String> taken = new CompletableFuture<>();
            // On a thread of its own: an interrupt of the caller's would close the files that it uses.
            Thread worker = new Thread(() -> rebuild(progress, taken), "daybook-view-" + view.name() + "-rebuild");
            worker.setDaemon(true);
            worker.start();
            String poison;
            try {
                poison = taken.join();
            } catch (CompletionException e) {
                throw failed(Objects.requireNonNullElse(e.getCause(), e));
            }
            if (poison != null) {
                throw standing.behind(journal.pos(), Standing.threwAt(poison));
            }
        }
    }

    private RuntimeException failed(Throwable cause) {
        if (cause instanceof DaybookException known) {
            return known;
        }
        return new StoreFailedException(
                "view " + view.name() + " cannot be rebuilt: " + cause, StoreFailedException.Reason.READ_FAILED, cause);
    }

    private void rebuild(Progress progress, CompletableFuture<@Nullable String> taken) {
        try {
            standing.rebuilt = 0L;
            ViewFile made = Rebuild.run(
                    journal,
                    view,
                    folder,
                    stem,
                    position -> {
                        standing.rebuilt = position;
                        progress.at(position, journal.pos());
                    },
                    () -> standing.closing);
            if (made == null) {
                throw standing.closed();
            }
            successor = new Successor(made, taken);
            wake();
            if (!thread.isAlive()) {
                throw standing.closed();
            }
            taken.handle((poison, failure) -> poison).join(); // it counts as rebuilding until then
        } catch (IOException | RuntimeException | Error e) {
            taken.completeExceptionally(e);
        } finally {
            standing.rebuilt = null;
        }
    }

    /** It may be pausing. */
    private void hurry() {
        LockSupport.unpark(thread);
    }

    private void wake() {
        ViewFeed now = feed;
        if (now != null) {
            now.wake();
        }
        hurry();
    }

    /** Ends the thread, unless it is the thread that asks. */
    @Override
    public void close() {
        standing.closing = true;
        standing.tell();
        boolean interrupted = false;
        while (thread.isAlive() && Thread.currentThread() != thread) {
            wake();
            try {
                thread.join(100);
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
