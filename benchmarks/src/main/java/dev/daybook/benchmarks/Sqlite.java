package dev.daybook.benchmarks;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;

/**
 * SQLite as an event store: one table in order of insertion, a unique index on stream and sequence number, WAL with
 * {@code synchronous=FULL}, which is one sync per transaction.
 */
final class Sqlite implements AutoCloseable {
    private static final String TABLE =
            "CREATE TABLE events (id INTEGER PRIMARY KEY, stream TEXT NOT NULL, seq INTEGER NOT NULL, data BLOB NOT NULL)";
    private static final String INDEX = "CREATE UNIQUE INDEX events_by_stream ON events (stream, seq)";
    private static final String INSERT = "INSERT INTO events (stream, seq, data) VALUES (?, ?, ?)";
    private static final int EVENTS_PER_LOAD = 10_000;

    private final Connection connection;
    private final PreparedStatement insert;
    private final ReentrantLock lock = new ReentrantLock();
    private final long[] lastSeqs = new long[Workload.STREAMS]; // guarded by lock, or by the thread that groups

    private Sqlite(Connection connection) throws SQLException {
        this.connection = connection;
        this.insert = connection.prepareStatement(INSERT);
    }

    /** A new database, durable with every transaction. */
    static Sqlite create(Path dir) throws SQLException, IOException {
        Files.createDirectories(dir);
        Connection connection = connect(dir);
        execute(connection, "PRAGMA journal_mode=WAL", "PRAGMA synchronous=FULL", TABLE, INDEX);
        return new Sqlite(connection);
    }

    static Sqlite open(Path dir) throws SQLException {
        Connection connection = connect(dir);
        execute(connection, "PRAGMA synchronous=FULL");
        return new Sqlite(connection);
    }

    /**
     * A new database with this many events, made the fastest way there is and left in WAL mode.
     *
     * @param indexFirst with the index there from the start, as in a program's life: it is then as scattered as a
     *     program would find it. Afterwards is several times faster, for benchmarks that hardly look at it
     */
    static void build(Path dir, int events, boolean indexFirst) throws SQLException, IOException {
        Files.createDirectories(dir);
        try (Connection connection = connect(dir)) {
            execute(
                    connection,
                    "PRAGMA journal_mode=OFF",
                    "PRAGMA synchronous=OFF",
                    "PRAGMA cache_size=-500000",
                    TABLE);
            if (indexFirst) {
                execute(connection, INDEX);
            }
            connection.setAutoCommit(false);
            try (PreparedStatement insert = connection.prepareStatement(INSERT)) {
                for (int i = 0; i < events; i++) {
                    insert.setString(1, Workload.streamName(Workload.stream(i)));
                    insert.setLong(2, i / Workload.STREAMS + 1);
                    insert.setBytes(3, Workload.payload(i));
                    insert.executeUpdate();
                    if (i % EVENTS_PER_LOAD == EVENTS_PER_LOAD - 1) {
                        connection.commit();
                    }
                }
            }
            connection.commit();
            connection.setAutoCommit(true);
            if (!indexFirst) {
                execute(connection, INDEX);
            }
            execute(connection, "PRAGMA journal_mode=WAL");
        }
    }

    private static Connection connect(Path dir) throws SQLException {
        return DriverManager.getConnection("jdbc:sqlite:" + dir.resolve("events.db"));
    }

    private static void execute(Connection connection, String... commands) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            for (String command : commands) {
                statement.execute(command);
            }
        }
    }

    /**
     * One row, one transaction. Any thread; one connection behind one lock is the fastest way to share SQLite's single
     * writer.
     */
    void append(long event) throws SQLException {
        lock.lock();
        try {
            insert(event);
        } finally {
            lock.unlock();
        }
    }

    private void insert(long event) throws SQLException {
        int stream = Workload.stream(event);
        insert.setString(1, Workload.streamName(stream));
        insert.setLong(2, ++lastSeqs[stream]);
        insert.setBytes(3, Workload.payload(event));
        insert.executeUpdate();
    }

    /** Begins a transaction and leaves it open: what a killed writer leaves behind. */
    void appendWithoutCommit(int stream, long firstSeq, int events) throws SQLException {
        connection.setAutoCommit(false);
        for (int i = 0; i < events; i++) {
            insert.setString(1, Workload.streamName(stream));
            insert.setLong(2, firstSeq + i);
            insert.setBytes(3, Workload.payload(i));
            insert.executeUpdate();
        }
    }

    void commit() throws SQLException {
        connection.commit();
    }

    /** The newest number of a store and of one of its streams: the least a writer wants to know after opening. */
    long[] newest(String stream) throws SQLException {
        try (PreparedStatement ofStream = connection.prepareStatement("SELECT max(seq) FROM events WHERE stream = ?");
                Statement ofAll = connection.createStatement()) {
            ofStream.setString(1, stream);
            try (ResultSet all = ofAll.executeQuery("SELECT max(id) FROM events");
                    ResultSet one = ofStream.executeQuery()) {
                return new long[] {all.getLong(1), one.getLong(1)};
            }
        }
    }

    /** Reads everything in order, all columns. Returns the number of events. */
    long replay(Sight sight) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery("SELECT id, stream, seq, data FROM events ORDER BY id")) {
            long count = 0;
            while (rows.next()) {
                sight.see(rows.getLong(1));
                sight.see(rows.getString(2));
                sight.see(rows.getLong(3));
                sight.see(rows.getBytes(4));
                count++;
            }
            return count;
        }
    }

    long readStream(String stream, Sight sight) throws SQLException {
        try (PreparedStatement statement =
                connection.prepareStatement("SELECT seq, data FROM events WHERE stream = ? ORDER BY seq")) {
            statement.setString(1, stream);
            try (ResultSet rows = statement.executeQuery()) {
                long count = 0;
                while (rows.next()) {
                    sight.see(rows.getLong(1));
                    sight.see(rows.getBytes(2));
                    count++;
                }
                return count;
            }
        }
    }

    /**
     * Blocking appends of many threads, of which one thread makes transactions: everybody who waits when it looks, in
     * one.
     */
    GroupCommit groupCommit() {
        return new GroupCommit();
    }

    final class GroupCommit implements AutoCloseable {
        private static final Waiting END = new Waiting(-1, Thread.currentThread());

        private final LinkedBlockingQueue<Waiting> queue = new LinkedBlockingQueue<>();
        private final Thread committer = new Thread(this::run, "sqlite-committer");

        private GroupCommit() {
            committer.start();
        }

        void append(long event) {
            Waiting waiting = new Waiting(event, Thread.currentThread());
            queue.add(waiting);
            while (!waiting.done) {
                LockSupport.park(this);
            }
            if (waiting.failure != null) {
                throw new IllegalStateException("group commit failed", waiting.failure);
            }
        }

        private void run() {
            List<Waiting> group = new ArrayList<>();
            boolean ended = false;
            while (!ended) {
                group.clear();
                SQLException failure = null;
                try {
                    group.add(queue.take());
                    queue.drainTo(group);
                    ended = group.remove(END);
                    connection.setAutoCommit(false);
                    for (Waiting waiting : group) {
                        insert(waiting.event);
                    }
                    connection.commit();
                } catch (SQLException e) {
                    failure = e;
                } catch (InterruptedException e) {
                    return;
                }
                for (Waiting waiting : group) {
                    waiting.failure = failure;
                    waiting.done = true;
                    LockSupport.unpark(waiting.thread);
                }
            }
        }

        @Override
        public void close() throws InterruptedException {
            queue.add(END);
            committer.join();
        }
    }

    private static final class Waiting {
        private final long event;
        private final Thread thread;
        private SQLException failure; // published by done
        private volatile boolean done;

        private Waiting(long event, Thread thread) {
            this.event = event;
            this.thread = thread;
        }
    }

    /** That the database is as durable as it is said to be. */
    String settings() throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet mode = statement.executeQuery("SELECT * FROM pragma_journal_mode, pragma_synchronous")) {
            return mode.getString(1) + "/" + mode.getInt(2);
        }
    }

    @Override
    public void close() throws SQLException {
        insert.close();
        connection.close();
    }
}
