package dev.daybook.view.sqlite;

import dev.daybook.journal.Journal;
import dev.daybook.journal.Lines;
import dev.daybook.view.View;
import dev.daybook.view.ViewWriter;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Folds the journal into the tables of one file: batches of lines, each a transaction that holds the checkpoint, too. So what is in the tables
 * is exactly what was folded up to the checkpoint, whatever happens. For one thread.
 */
final class ViewFeed implements AutoCloseable {
    private static final long STORE_NANOS = 1_000_000_000L;

    /** The fold threw. */
    private static final class Poison extends Exception {
        private static final long serialVersionUID = 1;
        private final String at;
        private final long before; // the last position before the append that it is part of

        Poison(Lines lines, Throwable cause) {
            super(cause);
            this.before = lines.appendStart() - 1;
            this.at = "position " + lines.pos() + ", " + (lines.seq() == 0 ? "the end" : "event " + lines.seq())
                    + " of stream " + lines.stream();
        }
    }

    private final Journal journal;
    private final View view;
    private final Statements tables;
    private final ViewWriter writer = new Writer();
    private volatile Lines lines; // replaced by the thread that folds

    /** Every line up to it is in the tables, none behind it; it is stored, or no line between it and what is stored concerns the view. */
    private long position;

    private String checksum;
    private long stored;
    private long storedNanos = System.nanoTime();
    private boolean wasStopped;
    private @Nullable String stopped;

    ViewFeed(Journal journal, View view, Statements tables, ViewFile.Meta meta) {
        this.journal = journal;
        this.view = view;
        this.tables = tables;
        this.position = meta.position();
        this.stored = position;
        this.checksum = meta.line();
        this.wasStopped = meta.stopped() != null;
        this.lines = lines(journal, view, position);
    }

    /** The lines that concern a view, behind a position. */
    static Lines lines(Journal journal, View view, long position) {
        List<Lines.Scope> scopes =
                view instanceof KindView own ? own.scopes() : List.of(new Lines.Scope(view.prefix(), null));
        return new Lines(journal, scopes, position);
    }

    long position() {
        return position;
    }

    /** At which event the fold threw, and what; null as long as it did not. */
    @Nullable
    String stopped() {
        return stopped;
    }

    /** Waits until there is more, at most so long, or until {@link #wake}. */
    void await(long nanos) {
        lines.await(nanos);
    }

    /** From any thread. A wake-up that comes while the lines are read anew after a poison is not needed: nobody waits then. */
    void wake() {
        lines.wake();
    }

    /**
     * Folds what is there, in one transaction, which ends where an append does.
     *
     * @param linesMax about so many lines
     * @param nanosMax for about so long
     * @return how many lines it took; 0 also when the fold threw, see {@link #stopped}
     */
    int batch(int linesMax, long nanosMax) {
        if (stopped != null) {
            return 0;
        }
        try {
            return fold(linesMax, nanosMax, Long.MAX_VALUE);
        } catch (Poison poison) {
            stop(poison);
            return 0;
        }
    }

    private int fold(int linesMax, long nanosMax, long through) throws Poison {
        long began = System.nanoTime();
        boolean writing = false;
        int taken = 0;
        boolean enough = false; // but an append is not cut in two
        boolean done = false;
        try {
            while (lines.pos() < through && (!enough || !lines.endsBatch())) {
                Lines.Found found = lines.next();
                if (found == Lines.Found.NONE) {
                    break;
                }
                taken++;
                if (found != Lines.Found.OTHER) {
                    if (!writing) {
                        tables.run("BEGIN IMMEDIATE");
                        writing = true;
                    }
                    call(found);
                }
                enough = taken >= linesMax || (taken & 31) == 0 && System.nanoTime() - began > nanosMax || enough;
            }
            if (taken > 0) {
                String reached = lines.checksum();
                if (writing) {
                    if (view instanceof KindView own) {
                        own.finish(writer);
                        tables.check();
                    }
                    checkpoint(lines.pos(), reached);
                    tables.run("COMMIT");
                    stored(lines.pos());
                }
                position = lines.pos();
                checksum = reached;
            }
            done = true;
        } finally {
            if (writing && !done) {
                rollback();
            }
        }
        storeIfDue();
        return taken;
    }

    private void call(Lines.Found found) throws Poison {
        try {
            if (found != Lines.Found.EVENT) {
                view.deleted(lines.stream(), writer);
            } else if (view instanceof KindView own) {
                own.event(lines.event(), lines, writer);
            } else {
                view.event(lines.event(), writer);
            }
        } catch (SqliteTrouble e) {
            throw e;
        } catch (RuntimeException | StackOverflowError | AssertionError e) {
            tables.check();
            throw new Poison(lines, e);
        }
        tables.check();
    }

    /** Folds what lies before the append in which it threw (I4: all of it or nothing), and stops there. */
    private void stop(Poison first) {
        Poison poison = first;
        boolean reached = false;
        while (!reached) {
            lines = lines(journal, view, position);
            try {
                while (position < poison.before && fold(Integer.MAX_VALUE, Long.MAX_VALUE, poison.before) > 0) {}
                reached = true;
            } catch (Poison earlier) { // it does not depend on the events alone
                poison = earlier;
            }
        }
        String why = poison.at + ": " + poison.getCause();
        tables.run("BEGIN IMMEDIATE");
        checkpoint(position, checksum);
        ViewFile.put(tables, "stopped", why);
        tables.run("COMMIT");
        stored(position);
        stopped = why;
    }

    private void checkpoint(long pos, String line) {
        ViewFile.checkpoint(tables, pos, line);
        if (wasStopped) {
            tables.update("DELETE FROM meta WHERE key = 'stopped'");
            wasStopped = false;
        }
    }

    private void stored(long pos) {
        stored = pos;
        storedNanos = System.nanoTime();
    }

    private void storeIfDue() {
        if (position > stored && System.nanoTime() - storedNanos > STORE_NANOS) {
            store();
        }
    }

    /** Stores how far it is, when that is known in memory only. */
    void store() {
        if (position > stored) {
            tables.run("BEGIN IMMEDIATE");
            checkpoint(position, checksum);
            tables.run("COMMIT");
            stored(position);
        }
    }

    private void rollback() {
        try {
            tables.run("ROLLBACK");
        } catch (IllegalArgumentException | SqliteTrouble e) {
            // SQLite did it by itself, or never will: what failed first is told.
        }
    }

    /** Says in the file that another build took over. The last thing that is written to it. */
    void replaced(int build) {
        tables.run("BEGIN IMMEDIATE");
        checkpoint(position, checksum);
        ViewFile.put(tables, "replaced", build);
        tables.run("COMMIT");
    }

    /** Makes the indexes: after a rebuild, when all rows are there. */
    void index() {
        tables.run("BEGIN IMMEDIATE");
        for (String index : view.indexes()) {
            tables.run(index);
        }
        tables.run("COMMIT");
    }

    /** Pages in the log that were not written back to the file. */
    long pagesInLog() {
        long[] log = tables.numbers("PRAGMA wal_checkpoint(NOOP)"); // busy, all, those written back
        return log[1] - log[2];
    }

    /**
     * Writes the log back to the file, to begin it again, unless a reader needs it.
     *
     * @param empty whether it is to take no room any more. While much is written it keeps it: to overwrite a file costs its sync less than to let it grow
     */
    void writeBack(boolean empty) {
        tables.run("PRAGMA busy_timeout=100");
        try {
            tables.run("PRAGMA wal_checkpoint(" + (empty ? "TRUNCATE" : "RESTART") + ")");
        } finally {
            tables.run("PRAGMA busy_timeout=5000");
        }
    }

    @Override
    public void close() {
        tables.close();
    }

    private final class Writer implements ViewWriter {
        @Override
        public long position() {
            return lines.pos() - 1;
        }

        @Override
        public List<Row> query(String sql, @Nullable Object... arguments) {
            return tables.query(sql, arguments);
        }

        @Override
        public int update(String sql, @Nullable Object... arguments) {
            return tables.update(sql, arguments);
        }
    }
}
