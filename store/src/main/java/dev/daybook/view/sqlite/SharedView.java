package dev.daybook.view.sqlite;

import dev.daybook.Freshness;
import dev.daybook.Progress;
import dev.daybook.RefusedException;
import dev.daybook.StoreClosedException;
import dev.daybook.ViewBehindException;
import dev.daybook.journal.Journal;
import dev.daybook.journal.Lines;
import dev.daybook.view.View;
import dev.daybook.view.ViewReader;
import dev.daybook.view.ViewStatus;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A view as a process sees it that only reads the store: it uses the owner's file while that is usable and as far as a question asks, and else makes one
 * of its own, which it keeps to. It never writes in the owner's folder.
 */
final class SharedView implements SqliteViews.Answering {
    private static final long LOOK_NANOS = 2_000_000;

    /** Nobody moves a checkpoint that stands still for so long, though there are lines that concern the view. */
    private static final long STILL_NANOS = 500_000_000;

    /** What came of a look at the owner's file: an answer, or how far the file is. */
    private record Look<T>(
            boolean answered,
            @Nullable T answer,
            boolean usable,
            long position,
            @Nullable String stopped) {}

    private final Journal journal;
    private final View view;
    private final String stem;
    private final Optional<Path> folder;
    private final Supplier<Path> temporary;

    private @Nullable Readers readers; // of the owner's newest file; guarded by this
    private @Nullable Object key; // which file that is; guarded by this
    private boolean checked; // whether it was found to follow this journal; guarded by this
    private @Nullable LiveView own; // guarded by this
    private boolean closed; // guarded by this

    /** @param temporary where this process may keep files of its own */
    SharedView(Journal journal, View view, String stem, Optional<Path> folder, Supplier<Path> temporary) {
        this.journal = journal;
        this.view = view;
        this.stem = stem;
        this.folder = folder;
        this.temporary = temporary;
    }

    @Override
    public <T> T query(Freshness freshness, Function<ViewReader, T> question) {
        long wanted = SqliteViews.wanted(freshness, journal);
        long until = SqliteViews.until(freshness);
        long seen = -1;
        long still = System.nanoTime();
        long idle = 0; // no line between the file's position and this one concerns the view
        while (true) {
            LiveView mine = mine();
            Readers theirs = mine != null ? null : newest();
            if (mine == null && theirs == null) {
                mine = makeOwn(null);
            }
            if (mine != null) {
                return mine.query(SqliteViews.rest(freshness, wanted, until), question);
            }
            Readers used = Objects.requireNonNull(theirs);
            Look<T> look = look(used, wanted, seen, idle, question);
            if (look == null) { // the owner replaced the file, or SQLite cannot read it now
                if (until - System.nanoTime() <= 0) {
                    throw behind(
                            new Look<>(false, null, true, Math.max(0, seen), null), wanted, "it cannot be read now");
                }
                LockSupport.parkNanos(this, LOOK_NANOS);
                continue;
            }
            if (look.answered) {
                return answer(look);
            }
            if (!look.usable) {
                makeOwn(null);
                continue;
            }
            if (look.position != seen) {
                seen = look.position;
                still = System.nanoTime();
                idle = seen;
            }
            idle = idleUntil(idle, wanted);
            if (idle >= wanted) {
                continue;
            }
            if (look.stopped != null) {
                throw behind(look, wanted, "in the process that owns it " + Standing.threwAt(look.stopped));
            }
            long now = System.nanoTime();
            if (idle < journal.pos() && now - still > STILL_NANOS) {
                makeOwn(used.file);
            } else if (until - now <= 0) {
                throw behind(look, wanted, "no process moves it, or that one is slow");
            } else {
                LockSupport.parkNanos(this, LOOK_NANOS);
                if (Thread.currentThread().isInterrupted()) {
                    throw behind(look, wanted, "the waiting thread was interrupted");
                }
            }
        }
    }

    /** The type of the answer is the caller's, and may be null there. */
    @SuppressWarnings("NullAway")
    private static <T> T answer(Look<T> look) {
        return look.answer;
    }

    private ViewBehindException behind(Look<?> look, long wanted, String why) {
        return new ViewBehindException(
                new ViewStatus(
                        view.name(),
                        view.version(),
                        look.stopped != null ? ViewStatus.State.STOPPED : ViewStatus.State.READING,
                        look.position,
                        journal.pos(),
                        Optional.empty(),
                        Optional.ofNullable(look.stopped)),
                wanted,
                why);
    }

    private <T> @Nullable Look<T> look(
            Readers file, long wanted, long seen, long idle, Function<ViewReader, T> question) {
        try {
            return file.read(tables -> {
                ViewFile.Meta meta = ViewFile.meta(tables);
                if (meta == null || !isFollowing(file, meta)) {
                    return new Look<>(false, null, false, 0, null);
                }
                long there = meta.position() == seen ? Math.max(seen, idle) : meta.position();
                if (there < wanted) {
                    return new Look<>(false, null, true, meta.position(), meta.stopped());
                }
                return new Look<>(true, Readers.ask(file.file, tables, there, question), true, there, null);
            });
        } catch (SqliteTrouble e) {
            return e.damaged() && newest() == file ? new Look<>(false, null, false, 0, null) : null;
        }
    }

    /** Whether the file holds this view of this journal. What it did once it does until another file is there. */
    private boolean isFollowing(Readers file, ViewFile.Meta meta) {
        synchronized (this) {
            if (checked && file == readers) {
                return true;
            }
        }
        boolean follows = meta.isUsable(view, journal);
        synchronized (this) {
            if (follows && file == readers) {
                checked = true;
            }
        }
        return follows;
    }

    /** How far no line concerns the view, from a position on. */
    private long idleUntil(long from, long wanted) {
        Lines lines = ViewFeed.lines(journal, view, from);
        long idle = from;
        while (idle < wanted && lines.next() == Lines.Found.OTHER) {
            idle = lines.pos();
        }
        return idle;
    }

    private synchronized @Nullable LiveView mine() {
        if (closed) {
            throw new StoreClosedException("view " + view.name() + " was closed by this program", null);
        }
        return own;
    }

    /** Readers of the owner's newest file, or null when there is none. */
    private synchronized @Nullable Readers newest() {
        try {
            List<ViewFile> builds = folder.isEmpty() ? List.of() : ViewFile.builds(folder.get(), stem);
            if (builds.isEmpty()) {
                return null;
            }
            ViewFile newest = builds.get(0);
            Object newestKey = newest.key();
            Readers known = readers;
            if (known == null || !known.file.path.equals(newest.path) || !Objects.equals(key, newestKey)) {
                if (known != null) {
                    known.close();
                }
                known = new Readers(newest);
                readers = known;
                key = newestKey;
                checked = false;
            }
            return known;
        } catch (IOException e) {
            return null;
        }
    }

    private synchronized LiveView makeOwn(@Nullable ViewFile seed) {
        mine(); // not when it is closed
        LiveView made = own;
        if (made == null) {
            made = new LiveView(journal, view, stem, temporary.get(), seed, () -> false).start();
            own = made;
            Readers unused = readers;
            if (unused != null) {
                unused.close();
                readers = null;
            }
        }
        return made;
    }

    @Override
    public ViewStatus status() {
        LiveView mine = mine();
        if (mine != null) {
            return mine.status();
        }
        ViewFile.Meta meta = null;
        Readers theirs = newest();
        try {
            meta = theirs == null ? null : theirs.read(Holder::of).meta;
        } catch (SqliteTrouble e) {
            // The next query says more.
        }
        String stopped = meta == null ? null : meta.stopped();
        return new ViewStatus(
                view.name(),
                view.version(),
                stopped != null ? ViewStatus.State.STOPPED : ViewStatus.State.READING,
                meta == null ? 0 : meta.position(),
                journal.pos(),
                Optional.empty(),
                Optional.ofNullable(stopped));
    }

    /** What may be null, as something that is not. */
    private record Holder(ViewFile.@Nullable Meta meta) {
        static Holder of(Statements tables) {
            return new Holder(ViewFile.meta(tables));
        }
    }

    @Override
    public void rebuild(Progress progress) {
        throw new RefusedException("", RefusedException.Reason.READ_ONLY, "the store was opened for reading only");
    }

    @Override
    public void close() {
        LiveView mine;
        Readers theirs;
        synchronized (this) {
            closed = true;
            mine = own;
            theirs = readers;
        }
        if (theirs != null) {
            theirs.close();
        }
        if (mine != null) {
            mine.close();
        }
    }
}
