package dev.daybook;

import dev.daybook.document.Documents;
import dev.daybook.driver.Driver;
import dev.daybook.driver.filesystem.FilesystemDriver;
import dev.daybook.driver.memory.MemoryDriver;
import dev.daybook.internal.document.StreamDocuments;
import dev.daybook.internal.log.StreamLogs;
import dev.daybook.internal.run.JournalRuns;
import dev.daybook.journal.Interchange;
import dev.daybook.journal.Journal;
import dev.daybook.journal.JournalStream;
import dev.daybook.journal.Name;
import dev.daybook.journal.Salvage;
import dev.daybook.journal.Streams;
import dev.daybook.journal.Verification;
import dev.daybook.log.Logs;
import dev.daybook.run.Runs;
import dev.daybook.stream.Appended;
import dev.daybook.stream.Batch;
import dev.daybook.stream.Events;
import dev.daybook.stream.Kind;
import dev.daybook.stream.ReadOptions;
import dev.daybook.stream.Stream;
import dev.daybook.stream.StreamInfo;
import dev.daybook.stream.Subscription;
import dev.daybook.view.View;
import dev.daybook.view.Views;
import dev.daybook.view.sqlite.LogFinder;
import dev.daybook.view.sqlite.RunFinder;
import dev.daybook.view.sqlite.SqliteViews;
import dev.daybook.view.sqlite.ViewVerification;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * A store: one journal of events, as streams. Open one, keep it for the life of the program, close it. Thread-safe.
 *
 * <pre>{@code
 * try (Daybook book = Daybook.open(Path.of("data"))) {
 *   Stream chat = book.stream("chats/42");
 *   chat.append(NewEvent.json("message", "{\"role\":\"user\"}")); // on stable storage when this returns
 *   try (Subscription live = chat.subscribe(0)) {                  // replay, then live
 *     for (Event e : live) System.out.println(e.seq() + " " + e.data());
 *   }
 * }
 * }</pre>
 */
public final class Daybook implements AutoCloseable {
    private final Journal journal;
    private final Streams streams;
    private final StreamDocuments documents;
    private final Logs logs;
    private @Nullable SqliteViews views; // made when they are asked for; guarded by this
    private final JournalRuns runs;

    private Daybook(Journal journal) {
        this.journal = journal;
        this.streams = new Streams(journal);
        this.documents = new StreamDocuments(journal, streams);
        this.logs = new StreamLogs(journal, new LogFinder(this::views));
        this.runs = new JournalRuns(journal, documents, new RunFinder(this::views));
    }

    /**
     * Opens the store in this directory for writing; makes it, and directories above it, where there is none. Durable on return.
     * Throws what {@link #open(Path, DaybookOptions)} throws.
     */
    public static Daybook open(Path directory) {
        return open(directory, DaybookOptions.defaults());
    }

    /**
     * Opens the store in this directory. One process writes, any number read ({@link DaybookOptions#readOnly()}), also meanwhile (I9).
     * After an unclean end, opening for writing first makes durable what may be only in the operating system's cache;
     * {@link #openReport()} says what it found. Runs that the process before owned are crashed by then.
     *
     * @throws StoreLockedException when another process writes to it, longer than the lock timeout
     * @throws CorruptJournalException when the journal is damaged; nothing was changed
     * @throws UnsupportedFormatException when a newer Daybook wrote it
     * @throws StoreNotFoundException when it is opened for reading and is not there
     * @throws RefusedException when the journal is more than five minutes ahead of the clock: {@link DaybookOptions#acceptClock()}
     * @throws StoreFailedException when the disk does not let it, naming the cause
     */
    public static Daybook open(Path directory, DaybookOptions options) {
        return open(new FilesystemDriver(directory), options);
    }

    /** Opens the store that a driver keeps. Throws what {@link #open(Path, DaybookOptions)} throws. */
    public static Daybook open(Driver driver, DaybookOptions options) {
        Daybook book = new Daybook(Journal.open(driver, options));
        boolean open = false;
        try {
            if (!options.readOnly()) {
                book.runs.crashWhatIsLeft();
            }
            open = true;
            return book;
        } finally {
            if (!open) {
                book.close();
            }
        }
    }

    /**
     * A store on the heap that ends with this object: for tests, and where nothing must be kept. Everything else is as with files. Its bytes, also of
     * what was truncated, are freed with it.
     */
    public static Daybook memory() {
        return open(new MemoryDriver(), DaybookOptions.defaults());
    }

    /** What opening found and did. */
    public OpenReport openReport() {
        return journal.report();
    }

    /**
     * A stream by name. Costs nothing and creates nothing.
     *
     * @throws InvalidEventException naming the rule that the name breaks
     */
    public Stream stream(String name) {
        return new JournalStream(journal, Name.of(name), Kind.STREAM);
    }

    /**
     * Appends to several streams and to the log, and puts documents, all or nothing, also across a crash (I4). Durable on return as {@link Durability} says. At most 10,000
     * events and 64 MiB. An empty batch writes nothing.
     *
     * @return one answer per stream or document, in the order in which the batch first named them; of a document, {@link Appended#seq()} is its version
     * @throws ConflictException when a condition of any stream does not hold; nothing was written
     * @throws RefusedException when a stream is closed or does not take it; nothing was written
     * @throws InvalidEventException when a name or a limit is broken; nothing was written
     * @throws AppendTimeoutException when it is not acknowledged in time, or the thread is interrupted; it says whether the outcome is unknown
     * @throws StoreFailedException when the disk failed; it says whether the outcome is unknown
     */
    public List<Appended> append(Batch batch) {
        return documents.writing(documentsOf(batch), () -> streams.append(batch));
    }

    private static List<String> documentsOf(Batch batch) {
        List<String> keys = new ArrayList<>();
        for (Batch.Part part : batch.parts()) {
            if (part.kind() == Kind.DOCUMENT) {
                keys.add(part.name());
            }
        }
        return keys;
    }

    /**
     * Like {@link #append(Batch)}, without waiting but for room in the queue. The future completes, on a thread of the store, when the batch is durable, or
     * with the exception that refuses it; a broken limit, a full queue and a store that cannot write are thrown at once.
     */
    public CompletableFuture<List<Appended>> appendAsync(Batch batch) {
        List<String> keys = documentsOf(batch);
        if (keys.isEmpty()) {
            return streams.appendAsync(batch);
        }
        documents.begin(keys);
        try {
            return streams.appendAsync(batch).whenComplete((done, refused) -> documents.end(keys, refused));
        } catch (RuntimeException | Error e) {
            documents.end(keys, e);
            throw e;
        }
    }

    /** The log of this store. */
    public Logs logs() {
        return logs;
    }

    /** The runs of this store. */
    public Runs runs() {
        return runs;
    }

    /** The documents of this store. */
    public Documents documents() {
        return documents;
    }

    /**
     * Streams by name, ordered bytewise.
     *
     * @param prefix whole leading segments: {@code runs/1} finds {@code runs/1} and {@code runs/1/x}, not {@code runs/10}; empty for all
     * @param after only names greater than this one; empty to begin
     * @param limit at most so many, at least 1
     * @throws IllegalArgumentException when the limit is less than 1
     */
    public List<StreamInfo> streams(String prefix, String after, int limit) {
        if (limit < 1) {
            throw new IllegalArgumentException("a limit is at least 1, not " + limit);
        }
        return journal.list(prefix, after, limit);
    }

    /**
     * Events of all streams below a prefix (empty for all, else a name), in the order in which they were committed. {@link ReadOptions#since()}
     * is a position here. A snapshot of what is acknowledged now; it is read as it is iterated.
     */
    public Events read(String prefix, ReadOptions options) {
        return streams.read(prefix, options);
    }

    /** Events of all streams below a prefix (empty for all, else a name) after a position (0 for all), and then live. Close it. */
    public Subscription subscribe(String prefix, long afterPosition) {
        return streams.subscribe(prefix, afterPosition);
    }

    /** Like {@link #subscribe}, but only events committed from now on. */
    public Subscription subscribeLive(String prefix) {
        return streams.subscribeLive(prefix);
    }

    /** The same as {@link #subscribe}, for each subscriber anew, on a thread of its own. */
    public Subscription.Publisher publisher(String prefix, long afterPosition) {
        return streams.publisher(prefix, afterPosition);
    }

    /** Tables that follow the journal and answer questions about it. SQLite is loaded when the first one is registered. */
    public synchronized Views views() {
        SqliteViews known = views;
        if (known == null) {
            known = new SqliteViews(journal);
            views = known;
        }
        return known;
    }

    /** What the store knows about itself, in constant time. */
    public StoreInfo info() {
        return journal.info();
    }

    /** Commit groups written since opening. With {@link Durability#SYNC} each had exactly one sync. */
    public long commitGroups() {
        return journal.groups();
    }

    /**
     * Checks every line, sequence, seal, chain, index and head of a store, and compares its views with what a rebuild would make of them. Changes nothing. The store may be open elsewhere: then it is
     * checked up to what its writer has published.
     *
     * @throws StoreNotFoundException when there is no store
     * @throws UnsupportedFormatException when a newer Daybook wrote it
     * @throws StoreFailedException when it cannot be read
     */
    public static VerifyReport verify(Path directory, Progress progress) {
        return verify(directory, List.of(), progress);
    }

    /**
     * Like {@link #verify(Path, Progress)}, with the program's own views.
     *
     * @param views those whose files are compared, too, with the folds with which they are registered
     */
    public static VerifyReport verify(Path directory, List<View> views, Progress progress) {
        return verify(new FilesystemDriver(directory), views, progress);
    }

    /** Like {@link #verify(Path, Progress)}, of the store that a driver keeps. */
    public static VerifyReport verify(Driver driver, Progress progress) {
        return verify(driver, List.of(), progress);
    }

    private static VerifyReport verify(Driver driver, List<View> views, Progress progress) {
        return ViewVerification.of(driver, views, Verification.of(driver, progress), progress);
    }

    /**
     * Copies every good event of a damaged store to a new one, and says what is lost. The source is never changed. Streams keep their
     * names and the order of events; numbers are given anew where events before them are lost. Durable on return. If it throws, what is at {@code to}
     * is not whole: remove it.
     *
     * @param to a directory without a store
     * @throws RefusedException when there is a store at {@code to}
     * @throws UnsupportedFormatException when a newer Daybook wrote it; it is not damaged
     * @throws StoreNotFoundException when there is nothing to read
     */
    public static SalvageReport salvage(Path from, Path to, Progress progress) {
        return Salvage.of(new FilesystemDriver(from), new FilesystemDriver(to), progress);
    }

    /**
     * Writes the journal's lines as they are, between a line that says what it is and one that proves that it is whole: what is acknowledged now, while
     * appends go on. The stream is flushed, not closed.
     *
     * @throws CorruptJournalException when a line is damaged; what was written is then not whole, and {@link #restore} refuses it
     */
    public ExportReport export(OutputStream out, Progress progress) throws IOException {
        return Interchange.export(journal, out, progress);
    }

    /**
     * Makes a store out of an export: same store id, same lines, same positions. Durable on return. If it throws, there is no store, or the one that was
     * there is untouched.
     *
     * @param directory a directory without a store
     * @throws InvalidEventException when the export is not whole or was changed, naming the line; a line has 64 MiB at most
     * @throws RefusedException when there is a store
     */
    public static ExportReport restore(InputStream in, Path directory, Progress progress) throws IOException {
        return Interchange.restore(in, new FilesystemDriver(directory), progress);
    }

    /**
     * Appends each line of a JSON Lines file as an event to a stream; blank lines are none. The file is read twice: if a line is not valid JSON or is longer
     * than the payload limit, nothing is added. A second import of the same content to the same stream adds nothing; one that was cut short goes on
     * where it stopped. Durable on return. Each file with other content counts as a producer of the stream, of which one has 1,024 at most.
     *
     * @throws InvalidEventException when a line is bad, naming its number
     */
    public ImportReport importLines(Path file, String stream, String type, Progress progress) throws IOException {
        return Interchange.importLines(journal, file, stream, type, progress);
    }

    /**
     * Appends the events of an export to streams of the same names below a prefix (empty for none), with new positions and their
     * commit time as {@code occurred} where they have none. Runs, documents and logs become plain streams below the prefix. Durable on return and idempotent like
     * {@link #importLines}.
     *
     * @throws RefusedException when there is no prefix and the export holds a run, a document or a log; nothing was added
     * @throws InvalidEventException when the export is not whole or was changed; nothing was added
     */
    public ImportReport importExport(Path file, String prefix, Progress progress) throws IOException {
        return Interchange.importExport(journal, file, prefix, progress);
    }

    /**
     * Removes a store and everything in it, and its directory if that holds nothing else. Durable on return. Idempotent: where nothing is, nothing happens.
     *
     * @throws StoreLockedException when it is being written
     * @throws StoreFailedException when the directory holds no store, or something cannot be removed
     */
    public static void destroy(Path directory) {
        try {
            new FilesystemDriver(directory).destroy(java.time.Duration.ZERO);
        } catch (IOException e) {
            throw new StoreFailedException(
                    "cannot remove " + directory + ": " + e.getMessage(), StoreFailedException.Reason.WRITE_FAILED, e);
        }
    }

    /** This version of Daybook. */
    public static String version() {
        String version = Daybook.class.getPackage().getImplementationVersion();
        return version == null ? "0.1.0-SNAPSHOT" : version;
    }

    /**
     * Ends: workers are drained ({@link dev.daybook.run.WorkerOptions#drainTimeout}), what waits is written and answered, the last group is made certain, what was prepared on disk is cut off. Bounded, besides
     * the drain, by about two minutes when the disk hangs. Subscriptions and views end. Idempotent.
     */
    @Override
    public void close() {
        SqliteViews known;
        synchronized (this) {
            known = views;
        }
        try {
            runs.close();
        } finally {
            try {
                if (known != null) {
                    known.close();
                }
            } finally {
                journal.close();
            }
        }
    }
}
