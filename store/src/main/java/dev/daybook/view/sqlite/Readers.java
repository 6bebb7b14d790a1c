package dev.daybook.view.sqlite;

import dev.daybook.view.ViewReader;
import java.util.ArrayDeque;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Connections that read one file. A few are kept open. Thread-safe. */
final class Readers implements AutoCloseable {
    private static final int KEPT = 8;

    final ViewFile file;
    private final ArrayDeque<Statements> idle = new ArrayDeque<>(); // guarded by itself
    private boolean closed; // guarded by idle

    Readers(ViewFile file) {
        this.file = file;
    }

    /** Runs this in one read transaction. What it throws goes through, unless SQLite failed. */
    <T> T read(Function<Statements, T> task) {
        Statements connection = borrow();
        boolean whole = false;
        try {
            connection.run("BEGIN");
            try {
                T result = task.apply(connection);
                connection.check();
                return result;
            } finally {
                connection.check();
                connection.run("COMMIT");
                whole = true;
            }
        } finally {
            giveBack(connection, whole);
        }
    }

    private Statements borrow() {
        synchronized (idle) {
            if (closed) {
                throw SqliteTrouble.replaced();
            }
            Statements connection = idle.poll();
            if (connection != null) {
                return connection;
            }
        }
        return file.read();
    }

    private void giveBack(Statements connection, boolean whole) {
        synchronized (idle) {
            if (whole && !closed && idle.size() < KEPT) {
                idle.push(connection);
                return;
            }
        }
        connection.close();
    }

    @Override
    public void close() {
        List<Statements> all;
        synchronized (idle) {
            closed = true;
            all = List.copyOf(idle);
            idle.clear();
        }
        all.forEach(Statements::close);
    }

    /** The tables as they are in a transaction, for a question. */
    static final class Snapshot implements ViewReader, AutoCloseable {
        private final Object file;
        private final long position;
        private @Nullable Statements tables;

        Snapshot(Object file, Statements tables, long position) {
            this.file = file;
            this.tables = tables;
            this.position = position;
        }

        @Override
        public long position() {
            return position;
        }

        @Override
        public List<Row> query(String sql, @Nullable Object... arguments) {
            Statements open = tables;
            if (open == null) {
                throw new IllegalStateException("the query is over; a reader cannot be kept");
            }
            return open.query(sql, arguments);
        }

        @Override
        public void close() {
            tables = null;
        }
    }

    /** The file whose tables these are: another build is another object. */
    static Object file(ViewReader tables) {
        return tables instanceof Snapshot snapshot ? snapshot.file : tables;
    }

    /** Asks the question about these tables of a file, which hold everything up to this position. */
    static <T> T ask(Object file, Statements tables, long position, Function<ViewReader, T> question) {
        try (Snapshot snapshot = new Snapshot(file, tables, position)) {
            return question.apply(snapshot);
        }
    }
}
