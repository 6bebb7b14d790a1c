package dev.daybook.benchmarks;

import dev.daybook.Daybook;
import dev.daybook.DaybookOptions;
import dev.daybook.Durability;
import dev.daybook.Freshness;
import dev.daybook.stream.AppendOptions;
import dev.daybook.stream.Appended;
import dev.daybook.stream.Batch;
import dev.daybook.stream.Event;
import dev.daybook.stream.Item;
import dev.daybook.stream.NewEvent;
import dev.daybook.stream.ReadOptions;
import dev.daybook.stream.Stream;
import dev.daybook.stream.StreamInfo;
import dev.daybook.stream.Subscription;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/** The store as the benchmarks use it: the one place that touches its API. */
final class Book implements AutoCloseable {
    private static final int STREAMS_PER_BATCH = 1_000;

    private final Daybook daybook;
    private final Stream[] streams = new Stream[Workload.STREAMS]; // a program keeps its handles

    private Book(Daybook daybook) {
        this.daybook = daybook;
    }

    /** Made when it is first used: who only opens a store is not to pay for making a thousand names. */
    private Stream stream(int number) {
        Stream stream = streams[number];
        if (stream == null) {
            stream = daybook.stream(Workload.streamName(number));
            streams[number] = stream;
        }
        return stream;
    }

    static Book open(Path dir, Durability durability) {
        return new Book(Daybook.open(dir, DaybookOptions.defaults().withDurability(durability)));
    }

    /** Appends one event and waits for its acknowledgement. */
    void append(long event) {
        stream(Workload.stream(event)).append(NewEvent.json(Workload.EVENT_TYPE, Workload.payload(event)));
    }

    CompletableFuture<Appended> appendAsync(long event) {
        return stream(Workload.stream(event)).appendAsync(NewEvent.json(Workload.EVENT_TYPE, Workload.payload(event)));
    }

    /** Appends to one stream in one step; the payloads are checked and encoded here, as in a program. */
    void appendBatch(long firstEvent, int events) {
        List<NewEvent> batch = new ArrayList<>(events);
        for (int i = 0; i < events; i++) {
            batch.add(NewEvent.json(Workload.EVENT_TYPE, Workload.payload(firstEvent + i)));
        }
        stream(Workload.stream(firstEvent / events)).append(batch, AppendOptions.none());
    }

    /** Appends events that were made before: for benchmarks of readers, where the writer should cost little. */
    CompletableFuture<Appended> appendPrepared(int stream, List<NewEvent> events) {
        return stream(stream).appendAsync(events, AppendOptions.none());
    }

    static List<NewEvent> prepare(int events) {
        List<NewEvent> prepared = new ArrayList<>(events);
        for (int i = 0; i < events; i++) {
            prepared.add(NewEvent.json(Workload.EVENT_TYPE, Workload.payload(i)));
        }
        return List.copyOf(prepared);
    }

    /**
     * Reads everything in order; the store checks every checksum while it does. The payload is a slice, nothing is
     * copied.
     */
    long replay(Sight sight) {
        long count = 0;
        for (Event event : daybook.read("", ReadOptions.all())) {
            sight.see(event.pos());
            sight.see(event.seq());
            sight.see(event.payload());
            count++;
        }
        return count;
    }

    /** The same, but also makes a string of every stream's name, which a reader of everything may want. */
    long replayWithNames(Sight sight) {
        long count = 0;
        for (Event event : daybook.read("", ReadOptions.all())) {
            sight.see(event.pos());
            sight.see(event.stream());
            sight.see(event.seq());
            sight.see(event.payload());
            count++;
        }
        return count;
    }

    long readStream(int stream, Sight sight) {
        long count = 0;
        for (Event event : stream(stream).read()) {
            sight.see(event.seq());
            sight.see(event.payload());
            count++;
        }
        return count;
    }

    /** Follows everything from the end on. */
    Subscription follow() {
        return daybook.subscribeLive("");
    }

    /** The item as an event; nothing is truncated in a benchmark, so a gap is a defect. */
    static Event event(Item item) {
        if (item instanceof Event event) {
            return event;
        }
        throw new IllegalStateException("a gap where nothing was truncated: " + item);
    }

    long lastPosition() {
        return daybook.info().lastPosition();
    }

    long events() {
        return daybook.info().events();
    }

    long streamCount() {
        return daybook.info().streams();
    }

    long lastSeq(String stream) {
        return daybook.stream(stream).info().map(StreamInfo::lastSeq).orElse(0L);
    }

    /** How many groups were made durable since the store was opened. */
    long commitGroups() {
        return daybook.commitGroups();
    }

    /** Makes a store with this many events over the usual streams. Fast: buffered, and synced when it is closed. */
    static void build(Path dir, int events) throws Exception {
        Files.createDirectories(dir);
        try (Book book = open(dir, Durability.OS)) {
            InFlight inFlight = new InFlight(32_768);
            for (int i = 0; i < events; i++) {
                inFlight.add(book.appendAsync(i));
            }
            inFlight.await();
        }
    }

    /** Makes a store of many streams with a few events each, written in turn. */
    static void buildManyStreams(Path dir, int streams, int eventsEach) throws Exception {
        Files.createDirectories(dir);
        try (Book book = open(dir, Durability.OS)) {
            InFlight inFlight = new InFlight(32);
            long event = 0;
            for (int turn = 0; turn < eventsEach; turn++) {
                for (int first = 0; first < streams; first += STREAMS_PER_BATCH) {
                    Batch batch = Batch.of();
                    for (int i = first; i < Math.min(first + STREAMS_PER_BATCH, streams); i++) {
                        batch.event(manyStreamName(i), NewEvent.json(Workload.EVENT_TYPE, Workload.payload(event++)));
                    }
                    inFlight.add(book.daybook.appendAsync(batch));
                }
            }
            inFlight.await();
        }
    }

    /** Makes a store whose view knows nothing of its events yet; that view's file is kept beside the store's, for {@link #forgetView}. */
    static void buildViewed(Path dir, int events) throws Exception {
        Files.createDirectories(dir);
        try (Book book = open(dir, Durability.OS)) {
            book.followView();
        }
        Files.move(dir.resolve("views"), dir.resolve("views-before"));
        build(dir, events);
    }

    /** Puts the view back to where it knew no event, or takes it away. */
    static void forgetView(Path dir, boolean keepTables) throws IOException {
        Path views = dir.resolve("views");
        Trees.delete(views);
        Files.createDirectories(views);
        if (keepTables) {
            for (Path file : Trees.files(dir.resolve("views-before"))) {
                Files.copy(file, views.resolve(file.getFileName()));
            }
        }
    }

    /** Registers the view and waits until it has every event. Returns the number of its rows. */
    long followView() {
        daybook.views().register(new EventRows());
        return daybook.views()
                .query(
                        EventRows.NAME,
                        Freshness.own().within(Duration.ofMinutes(5)),
                        view -> view.query("SELECT count(*) FROM row").get(0).number(0));
    }

    static String manyStreamName(int i) {
        return "sessions/%07d".formatted(i);
    }

    /** Deletes what can be rebuilt from the journal (I5). Returns how many files that were. */
    static int deleteDerivedFiles(Path dir) throws IOException {
        List<Path> derived = new ArrayList<>();
        try (DirectoryStream<Path> sidecars = Files.newDirectoryStream(dir.resolve("journal"), "*.idx")) {
            sidecars.forEach(derived::add);
        }
        if (Files.isDirectory(dir.resolve("heads"))) {
            derived.addAll(Trees.files(dir.resolve("heads")));
        }
        derived.add(dir.resolve("watermark"));
        int deleted = 0;
        for (Path file : derived) {
            deleted += Files.deleteIfExists(file) ? 1 : 0;
        }
        return deleted;
    }

    @Override
    public void close() {
        daybook.close();
    }
}
