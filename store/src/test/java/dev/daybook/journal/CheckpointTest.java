package dev.daybook.journal;

import static org.assertj.core.api.Assertions.assertThat;

import dev.daybook.ConflictException;
import dev.daybook.Daybook;
import dev.daybook.DaybookOptions;
import dev.daybook.Progress;
import dev.daybook.driver.SegmentId;
import dev.daybook.driver.Storage;
import dev.daybook.driver.filesystem.FilesystemDriver;
import dev.daybook.journal.SegmentTable.StreamRun;
import dev.daybook.stream.AppendOptions;
import dev.daybook.stream.Appended;
import dev.daybook.stream.NewEvent;
import dev.daybook.stream.ReadOptions;
import dev.daybook.stream.StreamConfig;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A store answers the same whatever became of the checkpoint of its open segment. */
class CheckpointTest {
    private static final DaybookOptions OPTIONS =
            DaybookOptions.defaults().withSegmentBytesMax(128 << 10).withClock(() -> JournalFiles.MICROS);

    @TempDir
    Path directory;

    /** What a change does to a killed store. */
    private interface Change {
        void to(Path store) throws IOException;
    }

    @Test
    void readingOnFromACheckpointFindsWhatReadingAllOfItFinds() throws Exception {
        Path killed = killedStore("killed", false);
        compareTails(killed);
        compareTails(killedStore("reopened", true));
    }

    private static void compareTails(Path store) throws IOException {
        try (Storage storage = new FilesystemDriver(store).openForReading()) {
            byte[] storeId = Framing.storeId("store", storage.manifest().orElseThrow());
            long through = new Heads(storage, storeId).load(Long.MAX_VALUE);
            List<SegmentId> ids = storage.segments();
            SegmentId id = ids.get(ids.size() - 1);
            JournalSegment segment = new JournalSegment(id, ids.size(), storage, storeId, "segment");
            long headsAfter = Math.max(through, id.first() - 1);
            Checkpoint checkpoint = Checkpoint.load(segment, headsAfter);
            assertThat(checkpoint).as("a checkpoint that fits").isNotNull();
            Tail whole = read(segment, storeId, new Tail.Start(headsAfter, null));
            Tail rest = read(segment, storeId, new Tail.Start(headsAfter, checkpoint));
            assertThat(checkpoint.last()).isBetween(id.first(), whole.last);
            assertThat(List.of(rest.last, rest.end, rest.marked, rest.micros, rest.cutReason))
                    .isEqualTo(List.of(whole.last, whole.end, whole.marked, whole.micros, whole.cutReason));
            assertThat(rest.synced).isGreaterThanOrEqualTo(whole.synced);
            assertThat(told(rest.table)).isEqualTo(told(whole.table));
            assertThat(Checkpoint.load(segment, checkpoint.last() - 1))
                    .as("one whose heads begin elsewhere")
                    .isNull();
        }
    }

    private static Tail read(JournalSegment segment, byte[] storeId, Tail.Start start) {
        return Tail.read(segment, storeId, start, Integer.MAX_VALUE, Long.MAX_VALUE);
    }

    private static List<String> told(SegmentTable table) {
        List<String> told = new ArrayList<>();
        told.add(table.lines + " lines, " + table.events + " events, " + table.bytes + " bytes, " + table.removals
                + " removals, " + table.firstMicros + " to " + table.lastMicros + ", last " + table.last);
        for (long pos = table.first; pos <= table.last; pos++) {
            told.add(pos + " at " + table.floor(pos));
        }
        for (StreamRun newest : new TreeMap<>(table.runs).values()) {
            for (StreamRun run = newest; run != null; run = run.previous) {
                Head.Bytes head = new Head.Bytes();
                run.head.write(head);
                ByteBuffer entries = ByteBuffer.allocate(8 * run.count());
                run.writeEntries(entries);
                told.add(run.name + " " + run.incarnation + " " + run.firstSeq() + " "
                        + Arrays.toString(entries.array()) + Arrays.toString(Arrays.copyOf(head.array, head.length)));
            }
        }
        return told;
    }

    @Test
    void anOpeningThatHadToReadMuchStoresWhatItFound() throws Exception {
        Path store = killedStore("killed", false);
        Files.delete(checkpoint(store));
        Path again = directory.resolve("again");
        try (Daybook book = Daybook.open(store, OPTIONS)) {
            copy(store, again); // as it is when the process is killed now
            assertThat(book.openReport().cleanlyClosed()).isFalse();
        }
        compareTails(again);
    }

    @Test
    void whateverBecomesOfACheckpointTheStoreAnswersTheSame() throws Exception {
        for (boolean reopened : new boolean[] {false, true}) {
            Path killed = killedStore("killed-" + reopened, reopened);
            List<String> answers = answers(killed, store -> {});
            assertThat(answers(killed, store -> Files.delete(checkpoint(store))))
                    .isEqualTo(answers);
            assertThat(answers(killed, CheckpointTest::flipOneBit)).isEqualTo(answers);
            assertThat(answers(killed, CheckpointTest::cutInHalf)).isEqualTo(answers);
            assertThat(answers(killed, store -> JournalFiles.makeOlder(checkpoint(store))))
                    .isEqualTo(answers);
            assertThat(answers(
                            killed,
                            store -> Files.copy(
                                    killed.resolveSibling(killed.getFileName() + "-early.idx"),
                                    checkpoint(store),
                                    StandardCopyOption.REPLACE_EXISTING)))
                    .as("with an earlier one")
                    .isEqualTo(answers);
            assertThat(answers(killed, store -> deleteFolder(store.resolve("heads"))))
                    .as("without heads")
                    .isEqualTo(answers);
        }
    }

    @Test
    void linesThatWereCutBelowACheckpointStayCut() throws Exception {
        Path killed = killedStore("killed", false);
        Change cut = store -> {
            Files.delete(store.resolve("watermark"));
            byte[] checkpoint = Files.readAllBytes(checkpoint(store));
            int end = java.nio.ByteBuffer.wrap(checkpoint)
                    .order(java.nio.ByteOrder.LITTLE_ENDIAN)
                    .getInt(44);
            String lines = Files.readString(newestSegment(store)).substring(0, end - 1);
            Files.writeString(newestSegment(store), lines.substring(0, lines.lastIndexOf('\n') + 1));
        };
        List<String> answers = answers(killed, cut);
        assertThat(answers(killed, store -> {
                    cut.to(store);
                    Files.delete(checkpoint(store));
                }))
                .isEqualTo(answers);
    }

    private static void flipOneBit(Path store) throws IOException {
        byte[] bytes = Files.readAllBytes(checkpoint(store));
        bytes[bytes.length / 3] ^= 4;
        Files.write(checkpoint(store), bytes);
    }

    private static void cutInHalf(Path store) throws IOException {
        byte[] bytes = Files.readAllBytes(checkpoint(store));
        Files.write(checkpoint(store), Arrays.copyOf(bytes, bytes.length / 2), StandardOpenOption.TRUNCATE_EXISTING);
    }

    private static void deleteFolder(Path folder) throws IOException {
        for (Path file : list(folder)) {
            Files.delete(file);
        }
        Files.delete(folder);
    }

    private static List<Path> list(Path folder) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.sorted().toList();
        }
    }

    private static Path newestSegment(Path store) throws IOException {
        return list(store.resolve("journal")).stream()
                .filter(file -> file.toString().endsWith(".jsonl"))
                .reduce((a, b) -> b)
                .orElseThrow();
    }

    private static Path checkpoint(Path store) throws IOException {
        String segment = newestSegment(store).toString();
        return Path.of(segment.substring(0, segment.length() - 6) + ".idx");
    }

    /** Copies the store, changes the copy, and asks it everything; then goes on with it. */
    private List<String> answers(Path killed, Change change) throws IOException {
        Path store = directory.resolve("copy");
        copy(killed, store);
        change.to(store);
        List<String> answers = new ArrayList<>();
        try (Daybook book = Daybook.open(store, OPTIONS.withReadOnly(true))) {
            all(book, answers);
        }
        try (Daybook book = Daybook.open(store, OPTIONS)) {
            answers.add(
                    book.openReport().cleanlyClosed() + " " + book.openReport().cut());
            all(book, answers);
            answers.add(place(book.stream("a").append(NewEvent.json("t", "1").id("id-30"))));
            answers.add(repeated(book));
            answers.add(place(book.stream("b").append(NewEvent.json("t", "2"))));
            all(book, answers);
        }
        try (Daybook book = Daybook.open(store, OPTIONS)) {
            all(book, answers);
        }
        assertThat(Daybook.verify(store, Progress.NONE).problems()).isEmpty();
        deleteAll(store);
        return answers;
    }

    /** An append that was stored before, unless it is of the lines that were cut. */
    private static String repeated(Daybook book) {
        try {
            return place(book.stream("b").append(List.of(NewEvent.json("t", "1")), AppendOptions.from("p", 1, 31)));
        } catch (ConflictException e) {
            return String.valueOf(e.getMessage());
        }
    }

    private static String place(Appended appended) {
        return appended.pos() + " " + appended.seq() + " " + appended.duplicate();
    }

    private static void all(Daybook book, List<String> answers) {
        book.read("", ReadOptions.all())
                .forEach(e -> answers.add(e.pos() + " " + e.stream() + " " + e.seq() + " " + e.data()));
        book.streams("", "", 100).forEach(info -> {
            answers.add(info.toString());
            book.stream(info.name()).read().forEach(e -> answers.add(e.seq() + " " + e.data()));
        });
        answers.add(book.info().lastPosition() + " " + book.info().events() + " "
                + book.info().streams());
    }

    /**
     * A store whose open segment has a checkpoint and lines behind it.
     *
     * @param reopened whether it was once closed in the middle, so that the heads know half of the open segment
     */
    private Path killedStore(String name, boolean reopened) throws Exception {
        Path store = directory.resolve(name + "-living");
        Daybook book = Daybook.open(store, OPTIONS);
        try {
            work(book, 0, 20);
            if (reopened) {
                book.close();
                book = Daybook.open(store, OPTIONS);
            }
            work(book, 20, 40);
            await(store, 0);
            Files.copy(checkpoint(store), directory.resolve(name + "-early.idx"));
            work(book, 40, 60);
            await(store, Files.size(directory.resolve(name + "-early.idx")));
            book.stream("a").append(NewEvent.json("t", "\"behind\""));
            book.stream("c").truncateBefore(9);
            Path killed = directory.resolve(name);
            copy(store, killed);
            return killed;
        } finally {
            book.close();
        }
    }

    private static void work(Daybook book, int from, int to) {
        for (int i = from; i < to; i++) {
            String json = "\"" + i + "-" + "x".repeat(150) + "\"";
            book.stream("a").append(NewEvent.json("t", json).id("id-" + i));
            book.stream("b")
                    .append(
                            List.of(NewEvent.json("t", json), NewEvent.json("t", json)),
                            AppendOptions.from("p", 1, i).order("o" + (100 + i)));
            book.stream("c").append(NewEvent.json("t", json));
            if (i % 7 == 3) {
                book.stream("c").truncateBefore(i / 2);
            }
            if (i % 9 == 4) {
                book.stream("d").append(NewEvent.json("t", json));
                book.stream("d").delete();
                book.stream("d").create(StreamConfig.JSON);
            }
        }
    }

    /** Until there is a checkpoint of another size. */
    private static void await(Path store, long size) throws Exception {
        long until = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
        while (!Files.exists(checkpoint(store)) || Files.size(checkpoint(store)) == size) {
            assertThat(System.nanoTime())
                    .as("the time by which a checkpoint was there")
                    .isLessThan(until);
            Thread.sleep(5);
        }
    }

    private static void copy(Path from, Path to) throws IOException {
        Files.createDirectories(to);
        for (Path file : list(from)) {
            Path copy = to.resolve(String.valueOf(file.getFileName()));
            if (Files.isDirectory(file)) {
                copy(file, copy);
            } else if (!file.toString().endsWith(".tmp")) {
                Files.copy(file, copy);
            }
        }
    }

    private static void deleteAll(Path store) throws IOException {
        for (Path file : list(store)) {
            if (Files.isDirectory(file)) {
                deleteAll(file);
            } else {
                Files.delete(file);
            }
        }
        Files.delete(store);
    }
}
