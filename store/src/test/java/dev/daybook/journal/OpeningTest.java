package dev.daybook.journal;

import static dev.daybook.journal.JournalFiles.STORE_ID;
import static dev.daybook.journal.JournalFiles.control;
import static dev.daybook.journal.JournalFiles.creation;
import static dev.daybook.journal.JournalFiles.event;
import static dev.daybook.journal.JournalFiles.header;
import static dev.daybook.journal.JournalFiles.inBatch;
import static dev.daybook.journal.JournalFiles.line;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.daybook.CorruptJournalException;
import dev.daybook.Daybook;
import dev.daybook.DaybookOptions;
import dev.daybook.OpenReport;
import dev.daybook.Progress;
import dev.daybook.RefusedException;
import dev.daybook.UnsupportedFormatException;
import dev.daybook.VerifyReport;
import dev.daybook.stream.AppendOptions;
import dev.daybook.stream.Appended;
import dev.daybook.stream.Batch;
import dev.daybook.stream.Event;
import dev.daybook.stream.NewEvent;
import dev.daybook.stream.ReadOptions;
import dev.daybook.stream.Subscription;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ExecutionException;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Every way in which the files can be wrong, arranged on bytes. The rules are in docs/format/journal.md, "Opening". */
class OpeningTest {
    @TempDir
    Path directory;

    private JournalFiles files;

    @BeforeEach
    void make() throws IOException {
        files = new JournalFiles(directory);
    }

    private List<String> payloads() {
        try (Daybook book = Daybook.open(directory)) {
            return book.read("", ReadOptions.all()).stream().map(Event::data).toList();
        }
    }

    private CorruptJournalException damage() throws IOException {
        List<byte[]> before = contents();
        CorruptJournalException e = catchThrowableOfType(
                CorruptJournalException.class, () -> Daybook.open(directory).close());
        assertThat(e).as("opening a damaged store").isNotNull();
        assertThat(contents())
                .usingElementComparator((a, b) -> java.util.Arrays.compare(a, b))
                .isEqualTo(before);
        VerifyReport report = Daybook.verify(directory, Progress.NONE);
        assertThat(report.problems()).as("what verify says").isNotEmpty();
        return e;
    }

    private List<byte[]> contents() throws IOException {
        try (var list = Files.list(directory.resolve("journal"))) {
            return list.sorted().map(OpeningTest::read).toList();
        }
    }

    private static byte[] read(Path file) {
        try {
            return Files.readAllBytes(file);
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    @Test
    void goodLinesAreServedAndTheNextAppendGoesOn() throws IOException {
        files.put(1, header(1, 1), creation(1, 0, "a"), event(2, 1, "a", 1, "1"), event(3, 2, "a", 2, "2"));
        assertThat(payloads()).containsExactly("1", "2");
        try (Daybook book = Daybook.open(directory)) {
            assertThat(book.stream("a").append(NewEvent.json("t", "3")).seq()).isEqualTo(3);
        }
        assertThat(payloads()).containsExactly("1", "2", "3");
    }

    @Test
    void tornLastLineIsCutAndKeptAside() throws IOException {
        files.put(1, header(1, 1), creation(1, 0, "a"), event(2, 1, "a", 1, "1"), "{\"pos\":3,\"ti");
        try (Daybook book = Daybook.open(directory)) {
            OpenReport.Cut cut = book.openReport().cut().orElseThrow();
            assertThat(cut.bytes()).isEqualTo(12);
            assertThat(cut.firstPosition()).isEqualTo(3);
            assertThat(Files.readString(Path.of(cut.keptIn()))).isEqualTo("{\"pos\":3,\"ti");
            assertThat(book.openReport().cleanlyClosed()).isFalse();
            assertThat(book.stream("a").append(NewEvent.json("t", "2")).pos()).isEqualTo(3);
        }
        assertThat(payloads()).containsExactly("1", "2");
    }

    @Test
    void preparedSpaceBehindTheLastLineIsNoDamage() throws IOException {
        files.put(1, header(1, 1), creation(1, 0, "a"), event(2, 1, "a", 1, "1"), " ".repeat(5_000));
        assertThat(payloads()).containsExactly("1");
    }

    @Test
    void zerosBehindTheLastLineAreCut() throws IOException {
        files.put(1, header(1, 1), creation(1, 0, "a"), event(2, 1, "a", 1, "1"), "\0".repeat(5_000));
        assertThat(payloads()).containsExactly("1");
        assertThat(Daybook.verify(directory, Progress.NONE).problems()).isEmpty();
    }

    @Test
    void badLineAboveSyncedIsCutAlthoughGoodLinesFollow() throws IOException {
        String bad = event(3, 2, "a", 2, "2").replace("\"data\":2", "\"data\":7");
        files.put(1, header(1, 1), creation(1, 0, "a"), event(2, 1, "a", 1, "1"), bad, event(4, 2, "a", 3, "3"));
        assertThat(payloads()).containsExactly("1");
    }

    @Test
    void badLineAtOrBelowSyncedIsDamage() throws IOException {
        String bad = event(2, 1, "a", 1, "1").replace("\"data\":1", "\"data\":7");
        files.put(1, header(1, 1), creation(1, 0, "a"), bad, event(3, 2, "a", 2, "2"));
        CorruptJournalException e = damage();
        assertThat(e.firstPosition()).isEqualTo(2);
        assertThat(e.byteOffset())
                .isEqualTo(header(1, 1).length() + creation(1, 0, "a").length());
        assertThat(e.file()).endsWith("00000000000000000001-0.jsonl");
    }

    @Test
    void missingLineAtOrBelowSyncedIsDamage() throws IOException {
        files.put(1, header(1, 1), creation(1, 0, "a"), event(3, 2, "a", 2, "2"));
        assertThat(damage().firstPosition()).isEqualTo(2);
    }

    @Test
    void incompleteBatchGoesAsAWhole() throws IOException {
        files.put(
                1,
                header(1, 1),
                creation(1, 0, "a"),
                event(2, 1, "a", 1, "1"),
                inBatch(3, 2, "a", 2, "2", 1, 3),
                inBatch(4, 2, "a", 3, "3", 2, 3));
        try (Daybook book = Daybook.open(directory)) {
            assertThat(book.openReport().cut().orElseThrow().firstPosition()).isEqualTo(3);
        }
        assertThat(payloads()).containsExactly("1");
    }

    @Test
    void blankLineIsDamageBelowSynced() throws IOException {
        files.put(1, header(1, 1), creation(1, 0, "a"), "\n", event(2, 1, "a", 1, "1"), event(3, 2, "a", 2, "2"));
        assertThat(damage().reason()).contains("blank line");
    }

    @Test
    void lineOfAnotherStoreIsDamage() throws IOException {
        byte[] other = STORE_ID.clone();
        other[0]++;
        String foreign = line(
                other,
                "{\"pos\":2,\"synced\":1,\"time\":\"2026-11-20T22:53:01.123456Z\",\"stream\":\"a\",\"seq\":1,\"type\":\"t\",\"data\":1");
        files.put(1, header(1, 1), creation(1, 0, "a"), foreign, event(3, 2, "a", 2, "2"));
        assertThat(damage().firstPosition()).isEqualTo(2);
    }

    @Test
    void segmentOfAnotherStoreIsDamageAndNamed() throws IOException {
        byte[] other = STORE_ID.clone();
        other[0]++;
        files.put(1, JournalFiles.text(Framing.header(other, new Framing.Header(1, 1, 0, "2026-11-20"))));
        assertThat(damage().reason()).contains("another store");
    }

    @Test
    void segmentUnderAnothersNameIsDamage() throws IOException {
        files.put(1, header(2, 5));
        assertThat(damage().reason()).contains("begins at position 5");
    }

    /** The chain of seals: the right store and the right positions are not enough. */
    @Test
    void segmentOfACopyThatWentItsOwnWayIsDamage() throws IOException {
        Path one = directory.resolve("one");
        Path two = directory.resolve("two");
        write(one, 5, "x");
        copy(one, two);
        write(one, 60, "y");
        write(two, 60, "z");
        Path second = segments(one).get(1);
        Files.copy(
                two.resolve("journal").resolve(second.getFileName()),
                second,
                java.nio.file.StandardCopyOption.REPLACE_EXISTING);
        assertThatThrownBy(() -> Daybook.open(one).close())
                .isInstanceOf(CorruptJournalException.class)
                .hasMessageContaining("does not follow the segment before it");
    }

    private static void write(Path store, int events, String letter) {
        try (Daybook book = Daybook.open(store, DaybookOptions.defaults().withSegmentBytesMax(4 << 10))) {
            for (int i = 0; i < events; i++) {
                book.stream("a").append(NewEvent.json("t", '"' + letter.repeat(200) + '"'));
            }
        }
    }

    private static void copy(Path from, Path to) throws IOException {
        try (var all = Files.walk(from)) {
            for (Path file : all.toList()) {
                Files.copy(file, to.resolve(from.relativize(file).toString()));
            }
        }
    }

    private static List<Path> segments(Path store) throws IOException {
        try (var list = Files.list(store.resolve("journal"))) {
            return list.filter(p -> p.toString().endsWith(".jsonl")).sorted().toList();
        }
    }

    @Test
    void whatIsDerivedCanBeDeletedAndAnswersTheSame() throws IOException {
        Path store = directory.resolve("other");
        write(store, 60, "x");
        try (Daybook book = Daybook.open(store, DaybookOptions.defaults().withSegmentBytesMax(4 << 10))) {
            book.stream("a").truncateBefore(20);
            for (int i = 0; i < 40; i++) {
                book.stream("b/" + i % 3)
                        .append(NewEvent.text("t", "y".repeat(200)).id("i" + i));
            }
            book.stream("b/0").close();
            book.stream("b/1").delete();
        }
        List<Object> before = answers(store, true);
        int deleted = 0;
        try (var all = Files.walk(store)) {
            for (Path file : all.filter(Files::isRegularFile).toList()) {
                if (!file.toString().endsWith(".jsonl") && !file.endsWith("store.json")) {
                    Files.delete(file);
                    deleted++;
                }
            }
        }
        assertThat(deleted).isGreaterThan(5);
        assertThat(answers(store, true)).isEqualTo(before); // makes nothing again
        assertThat(answers(store, false)).isEqualTo(before);
        assertThat(answers(store, true)).isEqualTo(before);
        assertThat(Daybook.verify(store, Progress.NONE).problems()).isEmpty();
    }

    @Test
    void derivedFilesOfAnOlderLayoutAreMadeAgain() throws IOException {
        Path store = directory.resolve("other");
        write(store, 60, "x");
        List<Object> before = answers(store, true);
        List<Path> derived = derived(store);
        assertThat(derived).hasSizeGreaterThan(3);
        for (Path file : derived) {
            JournalFiles.makeOlder(file);
        }
        assertThat(answers(store, true)).isEqualTo(before);
        try (Daybook book = Daybook.open(store)) {
            assertThat(book.openReport().rebuilt()).isEqualTo(1);
        }
        assertThat(answers(store, false)).isEqualTo(before);
        assertThat(Daybook.verify(store, Progress.NONE).problems()).isEmpty();
        write(store, 1, "y"); // stores heads, and with them all of the older ones go
        for (Path file : derived(store)) {
            JournalFiles.makeOlder(file); // says that it has the newest layout
        }
    }

    private static List<Path> derived(Path store) throws IOException {
        try (var list = Files.walk(store)) {
            return list.filter(
                            p -> p.toString().endsWith(".idx") || p.getParent().endsWith("heads"))
                    .toList();
        }
    }

    private static List<Object> answers(Path store, boolean readOnly) {
        try (Daybook book = Daybook.open(store, DaybookOptions.defaults().withReadOnly(readOnly))) {
            return List.of(
                    book.streams("", "", 100),
                    book.info().events(),
                    book.info().bytes(),
                    book.read("", ReadOptions.all()).stream().map(Event::line).toList(),
                    book.stream("a").read(ReadOptions.newest(3)).stream()
                            .map(Event::line)
                            .toList());
        }
    }

    @Test
    void readingAndFollowingStopAtADamagedLineInsteadOfSkippingIt() throws Exception {
        Path store = directory.resolve("other");
        write(store, 60, "x");
        Path first = segments(store).get(0);
        String text = Files.readString(first);
        int line = text.indexOf("\"seq\":5,");
        Files.writeString(first, text.substring(0, line) + text.substring(line).replaceFirst("xxx", "xyx"));
        try (Daybook book = Daybook.open(store);
                Subscription live = book.stream("a").subscribe(0);
                Subscription all = book.subscribe("", 0)) {
            for (Subscription subscription : List.of(live, all)) {
                for (long seq = 1; seq <= 4; seq++) {
                    assertThat(subscription.take())
                            .isInstanceOfSatisfying(
                                    Event.class, e -> assertThat(e.data()).doesNotContain("y"));
                }
                assertThatThrownBy(subscription::take)
                        .isInstanceOfSatisfying(
                                CorruptJournalException.class,
                                e -> assertThat(e.byteOffset()).isEqualTo(text.lastIndexOf('\n', line) + 1));
            }
            assertThatThrownBy(() -> book.stream("a").read().toList()).isInstanceOf(CorruptJournalException.class);
            assertThatThrownBy(() -> book.read("", ReadOptions.all()).toList())
                    .isInstanceOf(CorruptJournalException.class);
            assertThatThrownBy(
                            () -> book.stream("a").read(ReadOptions.newest(60)).toList())
                    .isInstanceOf(CorruptJournalException.class);
        }
    }

    @Test
    void duplicateOfWhatCannotBeReadIsAnswered() throws Exception {
        Path store = directory.resolve("other");
        NewEvent event = NewEvent.json("t", '"' + "x".repeat(200) + '"');
        try (Daybook book = Daybook.open(store, DaybookOptions.defaults().withSegmentBytesMax(4 << 10))) {
            for (int i = 0; i < 60; i++) {
                book.stream("a").append(event, AppendOptions.from("p", 0, i));
            }
        }
        Path first = segments(store).get(0);
        Files.writeString(first, Files.readString(first).replace("[\"p\",0,5]", "[\"p\",1,5]"));
        try (Daybook book = Daybook.open(store)) {
            AppendOptions again = AppendOptions.from("p", 0, 3);
            assertThatThrownBy(() -> book.stream("a").append(event, again)).isInstanceOf(CorruptJournalException.class);
            assertThat(book.stream("a").appendAsync(List.of(event), again))
                    .failsWithin(Duration.ofSeconds(10))
                    .withThrowableOfType(ExecutionException.class)
                    .withCauseInstanceOf(CorruptJournalException.class);
            assertThat(book.appendAsync(Batch.of().event("a", event, again)))
                    .failsWithin(Duration.ofSeconds(10))
                    .withThrowableOfType(ExecutionException.class)
                    .withCauseInstanceOf(CorruptJournalException.class);
        }
    }

    @Test
    void missingFirstSegmentIsDamage() throws IOException {
        files.put(3, header(2, 3), event(3, 2, "a", 2, "2"));
        assertThat(damage().reason()).contains("missing");
    }

    @Test
    void missingMiddleSegmentIsDamage() throws IOException {
        files.put(1, header(1, 1), creation(1, 0, "a"));
        files.put(3, header(3, 3), event(3, 2, "a", 2, "2"));
        assertThat(damage().reason()).contains("missing");
    }

    @Test
    void sealedNewestSegmentMeansThatItsSuccessorIsMissing() throws IOException {
        try (Daybook book = Daybook.open(
                directory.resolve("other"), DaybookOptions.defaults().withSegmentBytesMax(4 << 10))) {
            for (int i = 0; i < 40; i++) {
                book.stream("a").append(NewEvent.json("t", "\"" + "x".repeat(200) + "\""));
            }
        }
        List<Path> segments = segments(directory.resolve("other"));
        Files.delete(segments.get(segments.size() - 1));
        assertThatThrownBy(() -> Daybook.open(directory.resolve("other")).close())
                .isInstanceOf(CorruptJournalException.class)
                .hasMessageContaining("missing");
    }

    /** What a power cut can leave of a segment whose cut was not on stable storage: the seal, and the spaces behind it. */
    @Test
    void spacesBehindASealAreCutAgain() throws IOException {
        DaybookOptions small = DaybookOptions.defaults().withSegmentBytesMax(4 << 10);
        Path store = directory.resolve("other");
        try (Daybook book = Daybook.open(store, small)) {
            for (int i = 0; i < 60; i++) {
                book.stream("a").append(NewEvent.json("t", "\"" + "x".repeat(200) + "\""));
            }
        }
        Path first = segments(store).get(0);
        long size = Files.size(first);
        for (int spaces : new int[] {1, 6, 100_000}) {
            Files.writeString(first, " ".repeat(spaces), StandardOpenOption.APPEND);
            try (Daybook book = Daybook.open(store, small.withReadOnly(true))) {
                assertThat(book.stream("a").read().stream().count()).isEqualTo(60);
            }
            assertThat(Files.size(first)).isEqualTo(size + spaces);
            try (Daybook book = Daybook.open(store, small)) {
                assertThat(book.stream("a").read().stream().count()).isEqualTo(60);
            }
            assertThat(Files.size(first)).isEqualTo(size);
            assertThat(Daybook.verify(store, Progress.NONE).problems()).isEmpty();
        }
        Files.writeString(first, " x", StandardOpenOption.APPEND);
        assertThatThrownBy(() -> Daybook.open(store).close()).isInstanceOf(CorruptJournalException.class);
    }

    @Test
    void badLineInAnOlderSegmentIsDamage() throws IOException {
        String bad = event(2, 1, "a", 1, "1").replace("\"data\":1", "\"data\":7");
        files.put(1, header(1, 1), creation(1, 0, "a"), bad);
        files.put(3, header(2, 3), event(3, 2, "a", 2, "2"));
        assertThat(damage().firstPosition()).isEqualTo(2);
    }

    @Test
    void tornLastLineInAnOlderSegmentIsDamage() throws IOException {
        files.put(1, header(1, 1), creation(1, 0, "a"), event(2, 1, "a", 1, "1").substring(0, 60));
        files.put(3, header(2, 3), event(3, 2, "a", 2, "2"));
        assertThat(damage().firstPosition()).isEqualTo(2);
    }

    @Test
    void descriptionWithoutSegmentsIsDamage() throws IOException {
        assertThat(damage().reason()).contains("no segment");
    }

    @Test
    void descriptionWithoutAJournalFolderIsDamage() throws IOException {
        Files.delete(directory.resolve("journal"));
        for (boolean readOnly : new boolean[] {true, false}) {
            assertThatThrownBy(() -> Daybook.open(
                                    directory, DaybookOptions.defaults().withReadOnly(readOnly))
                            .close())
                    .isInstanceOf(CorruptJournalException.class)
                    .hasMessageContaining("no segment");
        }
        assertThat(damage().file()).endsWith("store.json");
    }

    @Test
    void missingParentDirectoriesAreMade() {
        Path deep = directory.resolve("a/b/c");
        try (Daybook book = Daybook.open(deep)) {
            book.stream("a").append(NewEvent.json("t", "1"));
        }
        try (Daybook book = Daybook.open(deep, DaybookOptions.defaults().withReadOnly(true))) {
            assertThat(book.stream("a").read().toList()).hasSize(1);
        }
    }

    @Test
    void journalWithoutDescriptionIsDamage() throws IOException {
        files.put(1, header(1, 1), creation(1, 0, "a"));
        Files.delete(directory.resolve("store.json"));
        assertThat(damage().reason()).contains("missing");
    }

    @Test
    void creationThatWasCutShortIsBegunAgain() throws IOException {
        files.put(1, header(1, 1));
        Files.delete(directory.resolve("store.json"));
        assertThat(payloads()).isEmpty();
    }

    @Test
    void damagedHeaderIsDamage() throws IOException {
        files.put(1, header(1, 1).replace("\"day\":\"2026", "\"day\":\"2027"), creation(1, 0, "a"));
        assertThat(damage().byteOffset()).isZero();
    }

    @Test
    void newerFormatIsRefusedNamingBothVersions() throws IOException {
        Files.writeString(
                directory.resolve("store.json"),
                Framing.manifest(STORE_ID, JournalFiles.MICROS).replace("\"daybook\":1", "\"daybook\":9"));
        files.put(1, header(1, 1));
        assertThatThrownBy(() -> Daybook.open(directory).close())
                .isInstanceOf(UnsupportedFormatException.class)
                .hasMessageContaining("format 9")
                .hasMessageContaining("format 1");
    }

    @Test
    void segmentOfANewerFormatIsRefusedNamingBothVersions() throws IOException {
        String header = header(1, 1);
        files.put(
                1,
                line(
                        STORE_ID,
                        header.substring(0, header.indexOf(",\"crc\"")).replace("\"daybook\":1", "\"daybook\":9")));
        assertThatThrownBy(() -> Daybook.open(directory).close())
                .isInstanceOf(UnsupportedFormatException.class)
                .hasMessageContaining("format 9")
                .hasMessageContaining("format 1");
    }

    @Test
    void requiredFeatureThatIsNotKnownIsRefused() throws IOException {
        Files.writeString(
                directory.resolve("store.json"),
                Framing.manifest(STORE_ID, JournalFiles.MICROS).replace("[]", "[\"forks\"]"));
        files.put(1, header(1, 1));
        assertThatThrownBy(() -> Daybook.open(directory).close())
                .isInstanceOf(UnsupportedFormatException.class)
                .hasMessageContaining("forks");
    }

    @Test
    void unknownControlRecordIsRefused() throws IOException {
        files.put(
                1,
                header(1, 1),
                creation(1, 0, "a"),
                control(2, 1, "\"stream\":\"a\",\"control\":\"teleport\""),
                event(3, 2, "a", 1, "1"));
        assertThatThrownBy(() -> Daybook.open(directory).close())
                .isInstanceOf(UnsupportedFormatException.class)
                .hasMessageContaining("teleport");
        byte[] before = read(files.segment(1));
        assertThatThrownBy(() -> Daybook.salvage(directory, directory.resolve("rescued"), Progress.NONE))
                .isInstanceOf(UnsupportedFormatException.class);
        assertThat(directory.resolve("rescued")).doesNotExist();
        assertThat(files.segment(1)).hasBinaryContent(before);
    }

    @Test
    void unknownFieldOfALineIsIgnored() throws IOException {
        files.put(
                1,
                header(1, 1),
                creation(1, 0, "a"),
                control(2, 1, "\"stream\":\"a\",\"seq\":1,\"type\":\"t\",\"future\":{\"a\":[1,\"}\"]},\"data\":1"));
        assertThat(payloads()).containsExactly("1");
    }

    @Test
    void watermarkBeyondTheLastLineMeansAcknowledgedLinesAreMissing() throws IOException {
        try (Daybook book = Daybook.open(directory.resolve("other"))) {
            for (int i = 0; i < 10; i++) {
                book.stream("a").append(NewEvent.json("t", "" + i));
            }
        }
        Path segment = directory.resolve("other/journal/00000000000000000001-0.jsonl");
        List<String> lines = Files.readAllLines(segment);
        try (var heads = Files.list(directory.resolve("other/heads"))) {
            for (Path table : heads.toList()) {
                Files.delete(table);
            }
        }
        Files.writeString(segment, String.join("\n", lines.subList(0, 5)) + "\n", StandardOpenOption.TRUNCATE_EXISTING);
        assertThatThrownBy(() -> Daybook.open(directory.resolve("other")).close())
                .isInstanceOf(CorruptJournalException.class)
                .hasMessageContaining("acknowledged lines are missing");
    }

    @Test
    void gapLineExplainsAHole() throws IOException {
        Files.writeString(
                directory.resolve("journal/00000000000000000001-1.jsonl"),
                JournalFiles.text(Framing.header(STORE_ID, new Framing.Header(1, 1, 1, "2026-11-20")))
                        + creation(1, 0, "a")
                        + control(2, 1, "\"stream\":\"a\",\"seq\":1,\"type\":\"t\",\"data\":1")
                        + line(STORE_ID, "{\"gap\":3,\"through\":4,\"removed\":{\"truncated\":2}")
                        + event(5, 4, "a", 4, "4"));
        files.put(6, header(2, 6), event(6, 5, "a", 5, "5"));
        assertThat(payloads()).containsExactly("1", "4", "5");
    }

    @Test
    void clockFarBehindTheJournalNeedsConsent() throws IOException {
        files.put(1, header(1, 1), creation(1, 0, "a"));
        DaybookOptions early = DaybookOptions.defaults().withClock(() -> JournalFiles.MICROS - 301_000_000L);
        assertThatThrownBy(() -> Daybook.open(directory, early).close())
                .isInstanceOfSatisfying(
                        RefusedException.class, e -> assertThat(e.reason()).isEqualTo(RefusedException.Reason.CLOCK));
        try (Daybook book = Daybook.open(directory, early.withAcceptClock(true))) {
            assertThat(dev.daybook.internal.time.Timestamps.micros(
                            book.stream("a").append(NewEvent.json("t", "1")).time()))
                    .isEqualTo(JournalFiles.MICROS);
        }
    }

    @Test
    void nullAndOtherGarbageInPlaceOfTheDescriptionIsDamage() throws IOException {
        files.put(1, header(1, 1), creation(1, 0, "a"));
        Files.writeString(directory.resolve("store.json"), "\0\0\0");
        assertThat(damage().file()).endsWith("store.json");
    }

    @Test
    void openingAndClosingWithAnEmptyNewestSegmentIsHarmless() throws IOException {
        files.put(
                1, JournalFiles.header(1, 1), JournalFiles.creation(1, 0, "a"), JournalFiles.event(2, 1, "a", 1, "1"));
        files.put(3, JournalFiles.header(2, 3));
        DaybookOptions soon = DaybookOptions.defaults().withClock(() -> JournalFiles.MICROS + 1_000_000);
        for (int i = 0; i < 3; i++) {
            Daybook.open(directory, soon).close();
        }
        assertThat(Daybook.verify(directory, Progress.NONE).problems()).isEmpty();
        DaybookOptions early = DaybookOptions.defaults().withClock(() -> JournalFiles.MICROS - 60_000_000);
        try (Daybook book = Daybook.open(directory, early)) {
            Appended appended = book.stream("a").append(NewEvent.json("t", "2"));
            assertThat(dev.daybook.internal.time.Timestamps.micros(appended.time()))
                    .isGreaterThanOrEqualTo(JournalFiles.MICROS);
        }
        assertThat(Daybook.verify(directory, Progress.NONE).problems()).isEmpty();
    }
}
