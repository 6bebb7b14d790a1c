package dev.daybook.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.daybook.ConflictException;
import dev.daybook.Daybook;
import dev.daybook.DaybookException;
import dev.daybook.DaybookOptions;
import dev.daybook.Durability;
import dev.daybook.InvalidEventException;
import dev.daybook.Progress;
import dev.daybook.RefusedException;
import dev.daybook.StoreClosedException;
import dev.daybook.StoreLockedException;
import dev.daybook.StreamNotFoundException;
import dev.daybook.driver.Driver;
import dev.daybook.stream.AppendOptions;
import dev.daybook.stream.Appended;
import dev.daybook.stream.Batch;
import dev.daybook.stream.Event;
import dev.daybook.stream.Events;
import dev.daybook.stream.Gap;
import dev.daybook.stream.Item;
import dev.daybook.stream.Kind;
import dev.daybook.stream.NewEvent;
import dev.daybook.stream.PayloadForm;
import dev.daybook.stream.ReadOptions;
import dev.daybook.stream.Stream;
import dev.daybook.stream.StreamConfig;
import dev.daybook.stream.StreamInfo;
import dev.daybook.stream.Subscription;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Flow;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * What a store does on every driver, seen through the public API. Extend it and say how a driver is made; opening the same driver
 * again must find what was stored.
 */
@Timeout(60)
public abstract class StoreContract {
    private static final AppendOptions NONE = AppendOptions.none();

    /** Moved by the tests; days may pass. */
    protected final ManualClock clock = ManualClock.evening();

    private @Nullable Driver driver;
    private @Nullable Daybook open;

    /** A driver for a place where nothing is yet. */
    protected abstract Driver newDriver() throws Exception;

    /** Options of the stores that the tests open; small segments, so that they roll. */
    protected DaybookOptions options() {
        return DaybookOptions.defaults().withSegmentBytesMax(8 << 10).withClock(clock);
    }

    @BeforeEach
    final void open() throws Exception {
        Driver made = newDriver();
        driver = made;
        open = Daybook.open(made, options());
    }

    @AfterEach
    final void close() {
        Daybook book = open;
        if (book != null) {
            book.close();
        }
    }

    private Daybook book() {
        return java.util.Objects.requireNonNull(open);
    }

    private Driver driver() {
        return java.util.Objects.requireNonNull(driver);
    }

    private Daybook reopen() {
        book().close();
        Daybook book = Daybook.open(driver(), options());
        open = book;
        return book;
    }

    private static NewEvent event(String text) {
        return NewEvent.json("t", "\"" + text + "\"");
    }

    private static List<NewEvent> events(int count) {
        List<NewEvent> events = new ArrayList<>();
        for (int i = 1; i <= count; i++) {
            events.add(event(Integer.toString(i)));
        }
        return events;
    }

    private static List<String> data(Events events) {
        return events.stream().map(e -> e.data().replace("\"", "")).toList();
    }

    private static List<Long> seqs(Events events) {
        return events.stream().map(Event::seq).toList();
    }

    // ---- appending

    @Test
    void newStoreIsEmpty() {
        assertThat(book().openReport().created()).isTrue();
        assertThat(book().info().streams()).isZero();
        assertThat(book().info().events()).isZero();
        assertThat(book().streams("", "", 10)).isEmpty();
        assertThat(book().stream("s").read().toList()).isEmpty();
        assertThat(book().stream("s").info()).isEmpty();
        assertThat(reopen().openReport().created()).isFalse();
    }

    @Test
    void appendedEventIsReadBack() {
        Instant occurred = Instant.parse("2020-01-02T03:04:05.678901Z");
        Appended appended = book().stream("runs/1")
                .append(NewEvent.json("message", "{\"a\": [1, 2.50, \"\u00e4\\n\"]}")
                        .source("planner")
                        .subject("thing")
                        .id("e1")
                        .occurred(occurred));
        assertThat(appended.stream()).isEqualTo("runs/1");
        assertThat(appended.seq()).isEqualTo(1);
        assertThat(appended.firstSeq()).isEqualTo(1);
        assertThat(appended.count()).isEqualTo(1);
        assertThat(appended.duplicate()).isFalse();
        assertThat(appended.time()).isEqualTo(clock.now());
        for (int round = 0; round < 2; round++) {
            Event event = book().stream("runs/1").read().toList().get(0);
            assertThat(event.pos()).isEqualTo(appended.pos());
            assertThat(event.seq()).isEqualTo(1);
            assertThat(event.stream()).isEqualTo("runs/1");
            assertThat(event.type()).isEqualTo("message");
            assertThat(event.form()).isEqualTo(PayloadForm.JSON);
            assertThat(event.data()).isEqualTo("{\"a\": [1, 2.50, \"\u00e4\\n\"]}");
            assertThat(event.source()).hasValue("planner");
            assertThat(event.subject()).hasValue("thing");
            assertThat(event.id()).hasValue("e1");
            assertThat(event.occurred()).hasValue(occurred);
            assertThat(event.time()).isEqualTo(appended.time());
            reopen();
        }
    }

    @Test
    void textAndBytesComeBackAsTheyWent() {
        String text = "a\n\r\t\"\\\u0000\u007f\u2028\u2029\ud83d\ude00\u00e4";
        byte[] bytes = new byte[256];
        for (int i = 0; i < bytes.length; i++) {
            bytes[i] = (byte) i;
        }
        book().stream("t").append(NewEvent.text("x", text));
        book().stream("b").append(NewEvent.binary("x", bytes));
        book().stream("b").append(NewEvent.binary("x", new byte[0]));
        reopen();
        assertThat(book().stream("t").read().toList().get(0).data()).isEqualTo(text);
        assertThat(book().stream("b").read().toList().get(0).bytes()).isEqualTo(bytes);
        assertThat(book().stream("b").read().toList().get(1).bytes()).isEmpty();
        assertThat(book().stream("t").info().orElseThrow().config().mediaType()).isEqualTo("text/plain");
        assertThat(book().stream("b").info().orElseThrow().config().mediaType()).isEqualTo("application/octet-stream");
    }

    @Test
    void lineBreakBetweenTokensComesBackAsSpace() {
        book().stream("s").append(NewEvent.json("x", "{\"a\":\r\n1}"));
        assertThat(book().stream("s").read().toList().get(0).data()).isEqualTo("{\"a\":  1}");
    }

    @Test
    void anyJsonValueIsAPayload() {
        List<String> values = List.of("null", "true", "-1.50e+3", "\"\"", "[]", "{}", "[null,{\"a\":[]}]");
        for (String value : values) {
            book().stream("s").append(NewEvent.json("x", value));
        }
        assertThat(reopen().stream("s").read().stream().map(Event::data)).isEqualTo(values);
    }

    @Test
    void occurredIsKeptFromYearOneToYear9999() {
        Instant first = Instant.parse("0001-01-01T00:00:00Z");
        Instant last = Instant.parse("9999-12-31T23:59:59.999999Z");
        for (Instant time : List.of(first, Instant.EPOCH, last)) {
            book().stream("s").append(event("x").occurred(time));
        }
        assertThat(reopen().stream("s").read().stream().map(Event::occurred))
                .containsExactly(Optional.of(first), Optional.of(Instant.EPOCH), Optional.of(last));
        for (Instant time : List.of(first.minusNanos(1), last.plusNanos(1_000), Instant.MIN, Instant.MAX)) {
            assertThatThrownBy(() -> event("x").occurred(time)).isInstanceOf(InvalidEventException.class);
        }
    }

    @Test
    void badJsonIsRefusedNamingTheByte() {
        long before = book().info().lastPosition();
        refused("", 0, "no value");
        refused("{\"a\":1,}", 7, "trailing comma");
        refused("1 2", 2, "text after the end");
        refused("[NaN]", 1, "NaN and Infinity are not JSON");
        refused("[Infinity]", 1, "NaN and Infinity are not JSON");
        refused("{\"a\":1,\"a\":2}", 7, "duplicate key");
        refused("{\"a\":1,\"\\u0061\":2}", 7, "duplicate key");
        refused("\"\\ud800\"", 1, "unpaired surrogate escape");
        refused("\"\\ude00\\ud83d\"", 1, "unpaired surrogate escape");
        refused("\"a\nb\"", 2, "raw control character");
        refused("\u00ef\u00bb\u00bf{}", 0, "byte-order mark");
        refused("\"\u00c0\u0080\"", 1, "malformed UTF-8"); // overlong: two bytes for U+0000
        refused("\"\u00e0\u009f\u00bf\"", 1, "malformed UTF-8"); // overlong: three bytes for U+07FF
        refused("\"\u00f0\u008f\u00bf\u00bf\"", 1, "malformed UTF-8"); // overlong: four bytes for U+FFFF
        refused("\"\u00ed\u00a0\u0080\"", 1, "malformed UTF-8"); // a surrogate
        refused("\"\u00f4\u0090\u0080\u0080\"", 1, "malformed UTF-8"); // beyond U+10FFFF
        refused("\"\u00e4\u00b8", 1, "malformed UTF-8"); // cut off
        refused("[".repeat(129) + "]".repeat(129), 128, "nested deeper than 128");
        refused("1".repeat(1_001), 0, "number longer than 1000 digits");
        book().stream("s").append(NewEvent.json("x", "[".repeat(128) + "]".repeat(128)));
        book().stream("s").append(NewEvent.json("x", "1".repeat(1_000)));
        assertThat(book().info().lastPosition()).isEqualTo(before + 3); // these two, and the stream's creation
    }

    /** @param json each character stands for one byte */
    private static void refused(String json, int byteOffset, String reason) {
        assertThatThrownBy(() -> NewEvent.json("x", json.getBytes(StandardCharsets.ISO_8859_1)))
                .as(json)
                .isInstanceOfSatisfying(InvalidEventException.class, e -> {
                    assertThat(e.field()).isEqualTo("data");
                    assertThat(e.byteOffset()).isEqualTo(byteOffset);
                    assertThat(e.reason()).contains(reason);
                });
    }

    @Test
    void unpairedSurrogateIsRefusedWhereverItStands() {
        String bad = "a\ud800";
        List<Runnable> uses = List.of(
                () -> NewEvent.json("x", '"' + bad + '"'),
                () -> NewEvent.text("x", bad),
                () -> NewEvent.json(bad, "1"),
                () -> event("x").source(bad),
                () -> event("x").subject(bad),
                () -> event("x").id(bad),
                () -> AppendOptions.from(bad, 0, 0),
                () -> NONE.order(bad),
                () -> book().stream(bad));
        for (Runnable use : uses) {
            assertThatThrownBy(use::run)
                    .as("use " + uses.indexOf(use))
                    .isInstanceOf(InvalidEventException.class)
                    .hasMessageContaining("surrogate");
        }
    }

    @Test
    void badStreamNamesAreRefusedNamingTheRule() {
        long before = book().info().lastPosition();
        badName("segment", "", "/", "a/", "/a", "a//b", ".", "..", "a/..", "a/../b", "./a", "a/.");
        badName("control characters", "a\u0000b", "a\nb", "\r", "a\u007f", "a\u009f");
        badName("512 bytes", "x".repeat(513), "\u00e4".repeat(257));
        badName("reserved", "__ds", "__ds/a");
        assertThat(book().info().lastPosition()).isEqualTo(before);
        List<String> good = List.of(
                "x".repeat(512),
                "\u00e4".repeat(256),
                "...",
                "a b",
                "C:\\con",
                "%2e%2e/\u202e",
                "a/__ds",
                "A",
                "a",
                "e\u0301",
                "\u00e9"); // never file names, so nothing else matters; not normalised
        for (String name : good) {
            book().stream(name).append(event("x"));
        }
        assertThat(reopen().streams("", "", 100))
                .extracting(StreamInfo::name)
                .containsExactlyInAnyOrderElementsOf(good);
    }

    private void badName(String rule, String... names) {
        for (String name : names) {
            List<Runnable> uses = List.of(
                    () -> book().stream(name), () -> book().append(Batch.of().event(name, event("x"))));
            for (Runnable use : uses) {
                assertThatThrownBy(use::run).as(name).isInstanceOfSatisfying(InvalidEventException.class, e -> {
                    assertThat(e.field()).isEqualTo("stream");
                    assertThat(e.reason()).contains(rule);
                });
            }
        }
    }

    @Test
    void payloadCannotForgeALineOrAField() throws Exception {
        String end = "\",\"crc\":\"00000000\"}";
        String line = "{\"pos\":2,\"synced\":9,\"stream\":\"admin\",\"seq\":1,\"type\":\"t\",\"data\":\"" + end;
        String forged = end + "\n" + line + "\r\n\u2028" + line + "\\";
        String json = "{\"seq\":99,\"stream\":\"admin\",\"control\":\"delete\",\"crc\":\"00000000\"}";
        String name = "s" + end + "\\";
        AppendOptions options = AppendOptions.from(forged, 0, 0).order("\n" + end);
        NewEvent event =
                NewEvent.json(forged, json).source(forged).subject(forged).id(forged);
        book().stream(name).append(event, options);
        book().stream("text").append(NewEvent.text("t", forged));
        book().stream("bytes").append(NewEvent.binary("t", forged.getBytes(StandardCharsets.UTF_8)));
        reopen();
        Event stored = book().stream(name).read().toList().get(0);
        assertThat(stored.stream()).isEqualTo(name);
        assertThat(stored.seq()).isEqualTo(1);
        assertThat(stored.data()).isEqualTo(json);
        assertThat(List.of(
                        stored.type(),
                        stored.source().orElse(""),
                        stored.subject().orElse("")))
                .containsOnly(forged);
        assertThat(stored.id()).hasValue(forged);
        assertThat(book().stream(name).append(event, options).duplicate()).isTrue();
        assertThat(book().stream("text").read().toList().get(0).data()).isEqualTo(forged);
        assertThat(book().stream("bytes").read().toList().get(0).bytes())
                .isEqualTo(forged.getBytes(StandardCharsets.UTF_8));
        assertThat(book().stream("admin").info()).isEmpty();
        java.io.ByteArrayOutputStream out = new java.io.ByteArrayOutputStream();
        book().export(out, Progress.NONE);
        List<String> lines = List.of(out.toString(StandardCharsets.UTF_8).split("\n", -1));
        assertThat(lines).hasSize((int) book().info().lastPosition() + 3); // one before, one after, and the last LF
        for (int pos = 1; pos < lines.size() - 2; pos++) {
            assertThat(lines.get(pos)).startsWith("{\"pos\":" + pos + ",").doesNotContain("\r");
        }
        book().close();
        assertThat(Daybook.verify(driver(), Progress.NONE).problems()).isEmpty();
    }

    @Test
    void payloadLimitIsTenMebibytesUnlessSetAndNeverMoreThanSixteen() {
        String json = '"' + "x".repeat((10 << 20) - 2) + '"';
        book().stream("s").append(NewEvent.json("x", json));
        assertThatThrownBy(() -> book().stream("s").append(NewEvent.json("x", json + " ")))
                .isInstanceOf(InvalidEventException.class);
        assertThat(reopen().stream("s").read().toList().get(0).data()).isEqualTo(json);
        assertThatThrownBy(() -> options().withPayloadBytesMax((16 << 20) + 1))
                .isInstanceOf(IllegalArgumentException.class);
        book().close();
        open = Daybook.open(driver(), options().withPayloadBytesMax(16 << 20));
        byte[] bytes = new byte[16 << 20];
        book().stream("b").append(NewEvent.binary("x", bytes));
        assertThat(reopen().stream("b").read().toList().get(0).bytes()).isEqualTo(bytes);
        String text = "x".repeat((16 << 20) + 1);
        assertThatThrownBy(() -> NewEvent.binary("x", new byte[(16 << 20) + 1]))
                .isInstanceOf(InvalidEventException.class);
        assertThatThrownBy(() -> NewEvent.text("x", text)).isInstanceOf(InvalidEventException.class);
        assertThatThrownBy(() -> NewEvent.json("x", text)).isInstanceOf(InvalidEventException.class);
    }

    @Test
    void batchOrLineBeyondItsLimitsWritesNothing() {
        book().close();
        open = Daybook.open(driver(), options().withPayloadBytesMax(16 << 20));
        List<NewEvent> most = java.util.Collections.nCopies(10_000, NewEvent.json("x", "1"));
        assertThat(book().stream("s").append(most, NONE).seq()).isEqualTo(10_000);
        long before = book().info().lastPosition();
        Batch tooMany = Batch.of().event("a", event("x"));
        most.forEach(event -> tooMany.event("b", event));
        NewEvent large = NewEvent.json("x", '"' + "x".repeat(16_000_000) + '"');
        // Each of its characters takes six bytes in a line, and a line has 64 MiB at most.
        NewEvent longLine = NewEvent.text("x", "\u0001".repeat(12_000_000));
        List<Runnable> appends = List.of(
                () -> book().append(tooMany),
                () -> book().stream("s").append(java.util.Collections.nCopies(10_001, event("x")), NONE),
                () -> book().stream("s").replace(java.util.Collections.nCopies(10_001, event("x"))),
                () -> book().stream("s").append(java.util.Collections.nCopies(5, large), NONE),
                () -> book().stream("t").append(longLine));
        for (Runnable append : appends) {
            assertThatThrownBy(append::run)
                    .as("append " + appends.indexOf(append))
                    .isInstanceOfSatisfying(
                            InvalidEventException.class,
                            e -> assertThat(e.field()).isEqualTo("batch"));
        }
        assertThat(book().info().lastPosition()).isEqualTo(before);
        assertThat(book().stream("s").append(event("x")).seq()).isEqualTo(10_001);
    }

    @Test
    void payloadBeyondTheLimitIsRefused() {
        book().close();
        open = Daybook.open(driver(), options().withPayloadBytesMax(100));
        assertThatThrownBy(() -> book().stream("s").append(NewEvent.text("x", "x".repeat(101))))
                .isInstanceOf(InvalidEventException.class);
        assertThat(book().stream("s")
                        .append(NewEvent.text("x", "x".repeat(100)))
                        .seq())
                .isEqualTo(1);
    }

    @Test
    void payloadLargerThanASegmentIsKept() {
        String large = "x".repeat(100_000);
        book().stream("s").append(event("before"));
        book().stream("s").append(event(large));
        book().stream("s").append(event("after"));
        reopen();
        assertThat(data(book().stream("s").read())).containsExactly("before", large, "after");
    }

    @Test
    void batchHasConsecutiveNumbersAndOneTime() {
        book().stream("s").append(event("0"));
        Appended appended = book().stream("s").append(events(5), NONE);
        assertThat(appended.count()).isEqualTo(5);
        assertThat(appended.firstSeq()).isEqualTo(2);
        assertThat(appended.seq()).isEqualTo(6);
        assertThat(seqs(book().stream("s").read())).containsExactly(1L, 2L, 3L, 4L, 5L, 6L);
        assertThat(book().stream("s").read(ReadOptions.after(1)).stream()
                        .map(Event::time)
                        .distinct())
                .containsExactly(appended.time());
    }

    @Test
    void emptyBatchWritesNothingAndSaysWhereTheStreamIs() {
        Appended last = book().stream("s").append(events(3), NONE);
        long position = book().info().lastPosition();
        Appended appended = book().stream("s").append(List.of(), NONE);
        assertThat(appended.seq()).isEqualTo(3);
        assertThat(appended.count()).isZero();
        assertThat(appended.pos()).isEqualTo(last.pos());
        assertThat(book().stream("nothing").append(List.of(), NONE).seq()).isZero();
        assertThat(book().append(Batch.of())).isEmpty();
        assertThat(book().info().lastPosition()).isEqualTo(position);
        assertThat(book().stream("nothing").info()).isEmpty();
    }

    @Test
    void batchOverStreamsIsAllOrNothing() {
        book().stream("a").append(event("1"));
        List<Appended> appended = book().append(Batch.of()
                .event("b", event("b1"))
                .event("a", event("2"), AppendOptions.expecting(1))
                .event("b", event("b2")));
        assertThat(appended).extracting(Appended::stream).containsExactly("b", "a");
        assertThat(appended).extracting(Appended::seq).containsExactly(2L, 2L);
        long position = book().info().lastPosition();
        assertThatThrownBy(() -> book().append(Batch.of()
                        .event("b", event("b3"))
                        .event("c", event("c1"))
                        .event("a", event("3"), AppendOptions.expecting(1))))
                .isInstanceOf(ConflictException.class);
        assertThat(book().info().lastPosition()).isEqualTo(position);
        assertThat(book().stream("c").info()).isEmpty();
        assertThat(data(reopen().read("", ReadOptions.all()))).containsExactlyInAnyOrder("1", "b1", "b2", "2");
    }

    @Test
    void positionsAreDenseOverEventsAndControlRecords() {
        for (int i = 0; i < 50; i++) {
            book().append(Batch.of().event("a", event("x")).event("s/" + i % 3, event("y")));
        }
        List<Event> all = book().read("", ReadOptions.all()).toList();
        assertThat(all).hasSize(100);
        assertThat(all).extracting(Event::pos).isSorted().doesNotHaveDuplicates();
        assertThat(book().info().lastPosition()).isEqualTo(104); // and four create records
        assertThat(all.get(99).pos()).isEqualTo(104);
        long last = book().info().lastPosition();
        reopen();
        assertThat(book().stream("a").append(event("z")).pos()).isGreaterThan(last);
    }

    @Test
    void expectedSeqHoldsOrCarriesBothNumbers() {
        assertThat(book().stream("s")
                        .append(event("1"), AppendOptions.expecting(0))
                        .seq())
                .isEqualTo(1);
        assertThat(book().stream("s")
                        .append(event("2"), AppendOptions.expecting(1))
                        .seq())
                .isEqualTo(2);
        assertThatThrownBy(() -> book().stream("s").append(event("3"), AppendOptions.expecting(1)))
                .isInstanceOfSatisfying(ConflictException.class, e -> {
                    assertThat(e.subject()).isEqualTo(ConflictException.Subject.SEQ);
                    assertThat(e.stream()).isEqualTo("s");
                    assertThat(e.expected()).isEqualTo("1");
                    assertThat(e.actual()).isEqualTo("2");
                });
        assertThatThrownBy(() -> book().stream("new").append(event("1"), AppendOptions.expecting(1)))
                .isInstanceOf(ConflictException.class);
        assertThat(seqs(book().stream("s").read())).containsExactly(1L, 2L);
    }

    @Test
    void failedAppendDoesNotBlockLaterOnes() {
        CompletableFuture<Appended> bad =
                book().stream("s").appendAsync(List.of(event("x")), AppendOptions.expecting(9));
        CompletableFuture<Appended> good = book().stream("s").appendAsync(event("y"));
        assertThat(good.join().seq()).isEqualTo(1);
        assertThatThrownBy(bad::join).hasCauseInstanceOf(ConflictException.class);
    }

    @Test
    void orderOfCallsIsOrderOfNumbers() {
        List<CompletableFuture<Appended>> futures = new ArrayList<>();
        for (int i = 0; i < 500; i++) {
            futures.add(book().stream("s").appendAsync(event(Integer.toString(i))));
        }
        for (int i = 0; i < 500; i++) {
            assertThat(futures.get(i).join().seq()).isEqualTo(i + 1);
        }
        List<String> data = data(book().stream("s").read());
        for (int i = 0; i < 500; i++) {
            assertThat(data.get(i)).isEqualTo(Integer.toString(i));
        }
    }

    @Test
    void concurrentAppendsAllGetTheirOwnNumber() throws Exception {
        int threads = 8;
        List<Long> seqs = new CopyOnWriteArrayList<>();
        List<Thread> all = new ArrayList<>();
        for (int t = 0; t < threads; t++) {
            int me = t;
            Thread thread = new Thread(() -> {
                for (int i = 0; i < 50; i++) {
                    seqs.add(book().stream("s").append(event(me + "-" + i)).seq());
                }
            });
            all.add(thread);
            thread.start();
        }
        for (Thread thread : all) {
            thread.join();
        }
        assertThat(seqs).hasSize(threads * 50).doesNotHaveDuplicates();
        assertThat(seqs(book().stream("s").read()).get(threads * 50 - 1)).isEqualTo(threads * 50L);
        List<String> data = data(book().stream("s").read());
        for (int t = 0; t < threads; t++) {
            String prefix = t + "-";
            List<String> own = data.stream().filter(d -> d.startsWith(prefix)).toList();
            for (int i = 0; i < 50; i++) {
                assertThat(own.get(i)).isEqualTo(prefix + i);
            }
        }
    }

    @Test
    void eventKeepsWhatItWasMadeOf() {
        byte[] json = "[1]".getBytes(StandardCharsets.UTF_8);
        NewEvent event = NewEvent.json("x", json);
        json[1] = '2';
        book().stream("s").append(event);
        Event stored = book().stream("s").read().toList().get(0);
        assertThat(stored.data()).isEqualTo("[1]");
        stored.bytes()[1] = '9';
        assertThat(book().stream("s").read().toList().get(0).data()).isEqualTo("[1]");
    }

    @Test
    void commitTimeNeverGoesBackwards() {
        Instant first = book().stream("s").append(event("1")).time();
        clock.advance(Duration.ofHours(-5));
        assertThat(book().stream("s").append(event("2")).time()).isAfterOrEqualTo(first);
        clock.advance(Duration.ofHours(6));
        assertThat(book().stream("s").append(event("3")).time()).isEqualTo(clock.now());
    }

    // ---- idempotency

    @Test
    void producerTableOfDurableStreamsHolds() {
        Stream s = book().stream("s");
        // unknown producer, seq > 0
        assertThatThrownBy(() -> s.append(event("x"), AppendOptions.from("p", 0, 3)))
                .isInstanceOfSatisfying(ConflictException.class, e -> {
                    assertThat(e.subject()).isEqualTo(ConflictException.Subject.PRODUCER_SEQ);
                    assertThat(List.of(e.expected(), e.actual())).containsExactlyInAnyOrder("0", "3");
                });
        assertThat(s.info()).isEmpty();
        // unknown producer, seq 0, any epoch
        assertThat(s.append(event("1"), AppendOptions.from("p", 4, 0)).duplicate())
                .isFalse();
        for (int round = 0; round < 2; round++) {
            Stream again = book().stream("s");
            // same epoch, seq <= last: the body does not matter
            Appended duplicate = again.append(event("other"), AppendOptions.from("p", 4, 0));
            assertThat(duplicate.duplicate()).isTrue();
            assertThat(duplicate.seq()).isEqualTo(1);
            // epoch lower
            assertThatThrownBy(() -> again.append(event("x"), AppendOptions.from("p", 3, 0)))
                    .isInstanceOfSatisfying(ConflictException.class, e -> {
                        assertThat(e.subject()).isEqualTo(ConflictException.Subject.PRODUCER_EPOCH);
                        assertThat(List.of(e.expected(), e.actual())).containsExactlyInAnyOrder("3", "4");
                    });
            // same epoch, seq > last + 1
            assertThatThrownBy(() -> again.append(event("x"), AppendOptions.from("p", 4, 2)))
                    .isInstanceOfSatisfying(ConflictException.class, e -> {
                        assertThat(e.subject()).isEqualTo(ConflictException.Subject.PRODUCER_SEQ);
                        assertThat(List.of(e.expected(), e.actual())).containsExactlyInAnyOrder("1", "2");
                    });
            // epoch higher, seq > 0
            assertThatThrownBy(() -> again.append(event("x"), AppendOptions.from("p", 5, 1)))
                    .isInstanceOfAny(InvalidEventException.class, ConflictException.class);
            reopen();
        }
        Stream after = book().stream("s");
        // same epoch, seq = last + 1; one tuple for a whole batch
        assertThat(after.append(events(3), AppendOptions.from("p", 4, 1)).seq()).isEqualTo(4);
        assertThat(after.append(events(3), AppendOptions.from("p", 4, 1)).duplicate())
                .isTrue();
        assertThat(after.append(event("old"), AppendOptions.from("p", 4, 0)).duplicate())
                .isTrue();
        // epoch higher, seq 0
        assertThat(after.append(event("5"), AppendOptions.from("p", 5, 0)).seq())
                .isEqualTo(5);
        assertThatThrownBy(() -> after.append(event("x"), AppendOptions.from("p", 4, 2)))
                .isInstanceOf(ConflictException.class);
        // others are not concerned
        assertThat(after.append(event("6"), AppendOptions.from("q", 0, 0)).seq())
                .isEqualTo(6);
        assertThat(after.info().orElseThrow().producers()).isEqualTo(2);
        assertThat(book().stream("other")
                        .append(event("1"), AppendOptions.from("p", 0, 0))
                        .seq())
                .isEqualTo(1);
        assertThat(seqs(after.read())).containsExactly(1L, 2L, 3L, 4L, 5L, 6L);
    }

    @Test
    void duplicateOfAProducerIsNoticedBeforeOtherConditions() {
        Stream s = book().stream("s");
        AppendOptions options = AppendOptions.from("p", 0, 0).order("a").expectedSeq(0);
        s.append(event("1"), options);
        assertThat(s.append(event("1"), options).duplicate()).isTrue();
    }

    @Test
    void refusedAppendDoesNotAdvanceItsProducer() {
        Stream s = book().stream("s");
        s.append(event("1"), AppendOptions.from("p", 0, 0));
        assertThatThrownBy(
                        () -> s.append(event("2"), AppendOptions.from("p", 0, 1).expectedSeq(9)))
                .isInstanceOf(ConflictException.class);
        assertThat(s.append(event("2"), AppendOptions.from("p", 0, 1)).duplicate())
                .isFalse();
    }

    @Test
    void eventIdIsStoredOnce() {
        Stream s = book().stream("s");
        Appended first = s.append(event("1").id("a"));
        s.append(event("2").id("b"));
        for (int round = 0; round < 2; round++) {
            Appended again = book().stream("s").append(event("changed").id("a"));
            assertThat(again.duplicate()).isTrue();
            assertThat(again.seq()).isEqualTo(first.seq());
            assertThat(again.pos()).isEqualTo(first.pos());
            reopen();
        }
        assertThat(data(book().stream("s").read())).containsExactly("1", "2");
        assertThat(book().stream("other").append(event("1").id("a")).duplicate())
                .isFalse();
    }

    @Test
    void batchOfWhichSomeIdsAreStoredIsAConflict() {
        Stream s = book().stream("s");
        s.append(List.of(event("1").id("a"), event("2").id("b")), NONE);
        assertThat(s.append(List.of(event("1").id("a"), event("2").id("b")), NONE)
                        .duplicate())
                .isTrue();
        assertThatThrownBy(() -> s.append(List.of(event("2").id("b"), event("3").id("c")), NONE))
                .isInstanceOfSatisfying(
                        ConflictException.class,
                        e -> assertThat(e.subject()).isEqualTo(ConflictException.Subject.EVENT_ID));
        assertThat(seqs(s.read())).containsExactly(1L, 2L);
    }

    @Test
    void duplicateIsToldWhereItIsWhicheverWayItIsSent() {
        Stream s = book().stream("s");
        Appended byId = s.append(event("1").id("a"));
        AppendOptions first = AppendOptions.from("p", 0, 0);
        Appended byProducer = s.append(events(2), first);
        s.append(event("4"), AppendOptions.from("p", 0, 1));
        Batch ofId = Batch.of().event("s", event("1").id("a"));
        Batch ofProducer = Batch.of().event("s", event("1"), first).event("s", event("2"));
        for (int round = 0; round < 2; round++) {
            Stream again = book().stream("s");
            for (Appended answer : List.of(
                    again.append(event("1").id("a")),
                    again.appendAsync(event("1").id("a")).join(),
                    book().append(ofId).get(0),
                    book().appendAsync(ofId).join().get(0))) {
                assertThat(answer).isEqualTo(new Appended("s", byId.pos(), byId.seq(), 1, byId.time(), true));
            }
            for (Appended answer : List.of(
                    again.append(events(2), first),
                    again.appendAsync(events(2), first).join(),
                    book().append(ofProducer).get(0),
                    book().appendAsync(ofProducer).join().get(0))) {
                assertThat(answer)
                        .isEqualTo(new Appended("s", byProducer.pos(), byProducer.seq(), 2, byProducer.time(), true));
            }
            reopen();
        }
    }

    @Test
    void orderTokenMustGrowBytewise() {
        Stream s = book().stream("s");
        s.append(event("1"), NONE.order("09"));
        s.append(event("2"), NONE.order("10"));
        s.append(event("3"), NONE.order("2"));
        assertThatThrownBy(() -> s.append(event("x"), NONE.order("10")))
                .isInstanceOfSatisfying(
                        ConflictException.class,
                        e -> assertThat(e.subject()).isEqualTo(ConflictException.Subject.ORDER));
        assertThatThrownBy(() -> s.append(event("x"), NONE.order("2"))).isInstanceOf(ConflictException.class);
        reopen();
        assertThatThrownBy(() -> book().stream("s").append(event("x"), NONE.order("1")))
                .isInstanceOf(ConflictException.class);
        assertThat(book().stream("s").append(event("4"), NONE.order("2a")).seq())
                .isEqualTo(4);
    }

    // ---- reading

    @Test
    void readAfterASeqIsExclusive() {
        book().stream("s").append(events(10), NONE);
        assertThat(seqs(book().stream("s").read(ReadOptions.after(7)))).containsExactly(8L, 9L, 10L);
        assertThat(seqs(book().stream("s").read(ReadOptions.after(10)))).isEmpty();
        assertThat(seqs(book().stream("s").read(ReadOptions.after(99)))).isEmpty();
    }

    @Test
    void limitTakesTheFirstAndReverseTheNewest() {
        book().stream("s").append(events(10), NONE);
        Stream s = book().stream("s");
        assertThat(seqs(s.read(ReadOptions.all().limit(3)))).containsExactly(1L, 2L, 3L);
        assertThat(seqs(s.read(ReadOptions.newest(3)))).containsExactly(10L, 9L, 8L);
        assertThat(seqs(s.read(ReadOptions.newest(99).since(7)))).containsExactly(10L, 9L, 8L);
        assertThat(seqs(s.read(ReadOptions.after(4).limit(2)))).containsExactly(5L, 6L);
        assertThatThrownBy(() -> ReadOptions.all().limit(0)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void timeRangeIncludesBothEnds() {
        List<Instant> times = new ArrayList<>();
        for (int i = 0; i < 6; i++) {
            times.add(book().stream("s").append(event("" + i)).time());
            book().stream("other").append(event("" + i));
            clock.advance(Duration.ofHours(1)); // crosses midnight
        }
        Stream s = book().stream("s");
        assertThat(seqs(s.read(ReadOptions.all().between(times.get(1), times.get(4)))))
                .containsExactly(2L, 3L, 4L, 5L);
        assertThat(seqs(s.read(ReadOptions.all().between(times.get(4), null)))).containsExactly(5L, 6L);
        assertThat(seqs(s.read(ReadOptions.all().between(null, times.get(0))))).containsExactly(1L);
        assertThat(seqs(s.read(ReadOptions.newest(2).between(null, times.get(3)))))
                .containsExactly(4L, 3L);
        assertThat(seqs(s.read(ReadOptions.all().between(times.get(5).plusNanos(1000), null))))
                .isEmpty();
        assertThat(seqs(reopen().stream("s").read(ReadOptions.all().between(times.get(1), times.get(2)))))
                .containsExactly(2L, 3L);
    }

    @Test
    void readIsASnapshot() {
        book().stream("s").append(events(3), NONE);
        Events events = book().stream("s").read();
        book().stream("s").append(events(3), NONE);
        assertThat(events.toList()).hasSize(3);
        assertThat(events.toList()).hasSize(3);
    }

    @Test
    void readOverManySegmentsAndDaysIsComplete() {
        for (int i = 1; i <= 600; i++) {
            book().stream("s/" + i % 7).append(event("e" + i + "x".repeat(i % 50)));
            if (i % 200 == 0) {
                clock.advance(Duration.ofDays(1));
            }
        }
        for (int round = 0; round < 2; round++) {
            assertThat(book().info().segments()).isGreaterThan(5);
            List<Event> all = book().read("", ReadOptions.all()).toList();
            assertThat(all).hasSize(600);
            for (int i = 1; i <= 600; i++) {
                assertThat(all.get(i - 1).data()).isEqualTo("\"e" + i + "x".repeat(i % 50) + "\"");
            }
            assertThat(all).extracting(Event::pos).isSorted();
            for (int k = 0; k < 7; k++) {
                List<Event> own = book().stream("s/" + k).read().toList();
                for (int i = 0; i < own.size(); i++) {
                    assertThat(own.get(i).seq()).isEqualTo(i + 1);
                }
                List<Event> reversed = new ArrayList<>(book().stream("s/" + k)
                        .read(ReadOptions.newest(Long.MAX_VALUE))
                        .toList());
                java.util.Collections.reverse(reversed);
                assertThat(reversed)
                        .extracting(Event::pos)
                        .isEqualTo(own.stream().map(Event::pos).toList());
            }
            List<Event> newest = book().read("", ReadOptions.newest(5)).toList();
            assertThat(newest).extracting(Event::pos).isSortedAccordingTo(java.util.Comparator.reverseOrder());
            assertThat(newest.get(0).pos()).isEqualTo(all.get(599).pos());
            reopen();
        }
    }

    @Test
    void prefixMeansWholeSegments() {
        book().stream("runs/1").append(event("a"));
        book().stream("runs/10").append(event("b"));
        book().stream("runs/1/x").append(event("c"));
        book().stream("runs").append(event("d"));
        book().stream("runs-1").append(event("e"));
        assertThat(data(book().read("runs/1", ReadOptions.all()))).containsExactly("a", "c");
        assertThat(data(book().read("runs", ReadOptions.all()))).containsExactly("a", "b", "c", "d");
        assertThat(book().streams("runs", "", 10))
                .extracting(StreamInfo::name)
                .containsExactly("runs", "runs/1", "runs/1/x", "runs/10");
        assertThat(book().streams("", "", 2)).extracting(StreamInfo::name).containsExactly("runs", "runs-1");
        assertThat(book().streams("", "runs-1", 2)).extracting(StreamInfo::name).containsExactly("runs/1", "runs/1/x");
        assertThat(book().streams("runs", "runs/1/x", 10))
                .extracting(StreamInfo::name)
                .containsExactly("runs/10");
        long since = book().read("runs", ReadOptions.all()).toList().get(1).pos();
        assertThat(data(book().read("runs", ReadOptions.after(since)))).containsExactly("c", "d");
    }

    @Test
    void listIsOrderedBytewiseAlsoBeyondTheBasicPlane() {
        for (String name : List.of("\uffee", "\ud83d\ude00", "a", "B", "\u00e4")) {
            book().stream(name).append(event("x"));
        }
        for (int round = 0; round < 2; round++) {
            assertThat(book().streams("", "", 10))
                    .extracting(StreamInfo::name)
                    .containsExactly("B", "a", "\u00e4", "\uffee", "\ud83d\ude00");
            reopen();
        }
    }

    @Test
    void infoCountsWhatIsThere() {
        Instant first =
                book().stream("s").append(NewEvent.text("x", "\u00e4bc")).time();
        clock.advance(Duration.ofMinutes(1));
        Instant last = book().stream("s").append(NewEvent.text("x", "12345")).time();
        for (int round = 0; round < 2; round++) {
            StreamInfo info = book().stream("s").info().orElseThrow();
            assertThat(info.kind()).isEqualTo(Kind.STREAM);
            assertThat(info.count()).isEqualTo(2);
            assertThat(info.firstSeq()).isEqualTo(1);
            assertThat(info.lastSeq()).isEqualTo(2);
            assertThat(info.bytes()).isEqualTo(9);
            assertThat(info.created()).isEqualTo(first);
            assertThat(info.oldest()).hasValue(first);
            assertThat(info.newest()).hasValue(last);
            assertThat(info.closed()).isFalse();
            assertThat(book().info().events()).isEqualTo(2);
            assertThat(book().info().bytes()).isEqualTo(9);
            assertThat(book().info().streams()).isEqualTo(1);
            reopen();
        }
        assertThat(book().info().storeId()).matches("[0-9a-f]{32}");
        assertThat(book().info().driver()).isEqualTo(driver().name());
    }

    // ---- the life of a stream

    @Test
    void createdStreamHasItsConfiguration() {
        StreamConfig config = new StreamConfig("text/markdown", Duration.ofSeconds(60), null);
        assertThat(book().stream("s").create(config)).isTrue();
        assertThat(book().stream("s").create(config)).isFalse();
        assertThatThrownBy(() -> book().stream("s").create(StreamConfig.JSON))
                .isInstanceOfSatisfying(
                        RefusedException.class, e -> assertThat(e.reason()).isEqualTo(RefusedException.Reason.EXISTS));
        for (int round = 0; round < 2; round++) {
            StreamInfo info = book().stream("s").info().orElseThrow();
            assertThat(info.config()).isEqualTo(config);
            assertThat(info.count()).isZero();
            assertThat(info.firstSeq()).isEqualTo(1);
            assertThat(info.lastSeq()).isZero();
            assertThat(info.oldest()).isEmpty();
            reopen();
        }
        assertThatThrownBy(() -> book().stream("s").append(event("x")))
                .isInstanceOfSatisfying(
                        RefusedException.class,
                        e -> assertThat(e.reason()).isEqualTo(RefusedException.Reason.CONTENT_TYPE));
        assertThat(book().stream("s").append(NewEvent.text("x", "# hi")).seq()).isEqualTo(1);
    }

    @Test
    void mustExistRefusesAStreamThatDoesNot() {
        assertThatThrownBy(() -> book().stream("s").append(event("x"), NONE.requireStream()))
                .isInstanceOf(StreamNotFoundException.class);
        book().stream("s").append(event("1"));
        assertThat(book().stream("s").append(event("2"), NONE.requireStream()).seq())
                .isEqualTo(2);
    }

    @Test
    void closedStreamTakesNoMoreEvents() {
        Stream s = book().stream("s");
        s.append(event("1"));
        s.close();
        s.close();
        for (int round = 0; round < 2; round++) {
            assertThat(book().stream("s").info().orElseThrow().closed()).isTrue();
            assertThatThrownBy(() -> book().stream("s").append(event("2")))
                    .isInstanceOfSatisfying(
                            RefusedException.class,
                            e -> assertThat(e.reason()).isEqualTo(RefusedException.Reason.STREAM_CLOSED));
            reopen();
        }
        assertThat(data(book().stream("s").read())).containsExactly("1");
    }

    @Test
    void lastAppendCanCloseItsStream() {
        Stream s = book().stream("s");
        AppendOptions closing = AppendOptions.from("p", 0, 0).close();
        assertThat(s.append(event("1"), closing).seq()).isEqualTo(1);
        assertThat(s.info().orElseThrow().closed()).isTrue();
        assertThat(s.append(event("1"), closing).duplicate()).isTrue();
        assertThatThrownBy(() -> s.append(event("2"), AppendOptions.from("p", 0, 1)))
                .isInstanceOf(DaybookException.class);
    }

    @Test
    void truncatingRemovesWhatIsBeforeAndNumbersGoOn() {
        Stream s = book().stream("s");
        s.append(events(10), NONE);
        assertThat(s.truncateBefore(4)).isEqualTo(3);
        assertThat(s.truncateBefore(4)).isZero();
        assertThat(s.truncateBefore(2)).isZero();
        for (int round = 0; round < 2; round++) {
            Stream again = book().stream("s");
            assertThat(seqs(again.read())).containsExactly(4L, 5L, 6L, 7L, 8L, 9L, 10L);
            assertThat(seqs(again.read(ReadOptions.newest(99)))).hasSize(7);
            StreamInfo info = again.info().orElseThrow();
            assertThat(info.firstSeq()).isEqualTo(4);
            assertThat(info.count()).isEqualTo(7);
            assertThat(info.bytes()).isEqualTo(6 * 3 + 4);
            assertThat(book().info().events()).isEqualTo(7);
            assertThat(data(book().read("", ReadOptions.all()))).hasSize(7);
            reopen();
        }
        assertThat(book().stream("s").append(event("11")).seq()).isEqualTo(11);
    }

    @Test
    void numbersAreNotUsedAgainAfterEverythingWasTruncated() {
        book().stream("s").append(events(5), NONE);
        assertThat(book().stream("s").truncateBefore(6)).isEqualTo(5);
        for (int round = 0; round < 2; round++) {
            StreamInfo info = book().stream("s").info().orElseThrow();
            assertThat(info.count()).isZero();
            assertThat(info.bytes()).isZero();
            assertThat(info.firstSeq()).isEqualTo(6);
            assertThat(info.lastSeq()).isEqualTo(5);
            assertThat(info.newest()).isEmpty();
            reopen();
        }
        assertThat(book().stream("s")
                        .append(event("x"), AppendOptions.expecting(5))
                        .seq())
                .isEqualTo(6);
    }

    @Test
    void keepNewestRemovesTheRest() {
        Stream s = book().stream("s");
        s.append(events(10), NONE);
        assertThat(s.keepNewest(20)).isZero();
        assertThat(s.keepNewest(3)).isEqualTo(7);
        assertThat(seqs(s.read())).containsExactly(8L, 9L, 10L);
        assertThat(s.keepNewest(0)).isEqualTo(3);
        assertThat(s.append(event("11")).seq()).isEqualTo(11);
    }

    @Test
    void appendsDuringATruncationAreKept() throws Exception {
        Stream s = book().stream("s");
        s.append(event("1"));
        Thread writer = new Thread(() -> {
            for (int i = 2; i <= 300; i++) {
                s.append(event("" + i));
            }
        });
        writer.start();
        while (writer.isAlive()) {
            s.keepNewest(3);
        }
        s.keepNewest(3);
        assertThat(data(s.read())).containsExactly("298", "299", "300");
        assertThat(seqs(reopen().stream("s").read())).containsExactly(298L, 299L, 300L);
    }

    @Test
    void replacedContentIsThereAloneAndNumbersGoOn() {
        Stream s = book().stream("s");
        s.append(events(4), NONE);
        Appended appended = s.replace(List.of(event("a"), event("b")));
        assertThat(appended.firstSeq()).isEqualTo(5);
        assertThat(appended.seq()).isEqualTo(6);
        assertThat(data(s.read())).containsExactly("a", "b");
        assertThat(seqs(reopen().stream("s").read())).containsExactly(5L, 6L);
        book().stream("s").replace(List.of());
        assertThat(book().stream("s").read().toList()).isEmpty();
        assertThat(book().stream("s").append(event("c")).seq()).isEqualTo(7);
    }

    @Test
    void deletedNameCanBeUsedForAnotherStream() {
        Stream s = book().stream("s");
        s.append(event("old"), AppendOptions.from("p", 0, 0));
        long incarnation = s.info().orElseThrow().incarnation();
        assertThat(s.delete()).isTrue();
        assertThat(s.delete()).isFalse();
        assertThat(s.info()).isEmpty();
        assertThat(s.read().toList()).isEmpty();
        assertThat(book().read("", ReadOptions.all()).toList()).isEmpty();
        assertThat(book().streams("", "", 10)).isEmpty();
        assertThat(book().info().events()).isZero();
        assertThat(s.append(NewEvent.text("x", "new"), AppendOptions.from("p", 0, 0))
                        .seq())
                .isEqualTo(1);
        for (int round = 0; round < 2; round++) {
            StreamInfo info = book().stream("s").info().orElseThrow();
            assertThat(info.incarnation()).isGreaterThan(incarnation);
            assertThat(data(book().stream("s").read())).containsExactly("new");
            assertThat(data(book().read("", ReadOptions.all()))).containsExactly("new");
            assertThat(book().info().events()).isEqualTo(1);
            reopen();
        }
    }

    @Test
    void truncatingOrClosingNothingIsSaid() {
        assertThatThrownBy(() -> book().stream("s").truncateBefore(2)).isInstanceOf(StreamNotFoundException.class);
        assertThatThrownBy(() -> book().stream("s").close()).isInstanceOf(StreamNotFoundException.class);
        assertThat(book().stream("s").delete()).isFalse();
        assertThat(book().stream("s").info()).isEmpty();
    }

    // ---- following

    private static List<String> take(Subscription subscription, int count) throws InterruptedException {
        List<String> taken = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            Item item = subscription.poll(Duration.ofSeconds(20));
            if (item instanceof Event event) {
                taken.add(event.data().replace("\"", ""));
            } else if (item instanceof Gap gap) {
                taken.add(gap.reason() + " " + gap.fromSeq() + "-" + gap.toSeq());
            } else {
                taken.add("nothing");
            }
        }
        return taken;
    }

    @Test
    void subscriptionReplaysAndGoesOnLive() throws Exception {
        book().stream("s").append(events(3), NONE);
        try (Subscription live = book().stream("s").subscribe(1)) {
            assertThat(take(live, 2)).containsExactly("2", "3");
            assertThat(live.poll(Duration.ofMillis(20))).isNull();
            assertThat(live.ended()).isFalse();
            book().stream("other").append(event("not mine"));
            book().stream("s").append(event("4"));
            assertThat(take(live, 1)).containsExactly("4");
        }
    }

    @Test
    void liveSubscriptionBeginsNow() throws Exception {
        book().stream("s").append(event("old"));
        try (Subscription live = book().stream("s").subscribeLive();
                Subscription all = book().subscribeLive("")) {
            book().stream("s").append(event("new"));
            assertThat(take(live, 1)).containsExactly("new");
            assertThat(take(all, 1)).containsExactly("new");
        }
    }

    @Test
    void subscriptionCanBeClosedInTheMiddleOfTheReplay() throws Exception {
        book().stream("s").append(events(100), NONE);
        for (Subscription live : List.of(book().stream("s").subscribe(0), book().subscribe("s", 0))) {
            assertThat(take(live, 2)).containsExactly("1", "2");
            live.close();
            assertThat(live.take()).isNull();
            assertThat(live.ended()).isTrue();
            live.close();
        }
        assertThat(book().stream("s").append(event("101")).seq()).isEqualTo(101);
    }

    @Test
    void streamThatDoesNotExistCanBeFollowed() throws Exception {
        try (Subscription live = book().stream("later").subscribe(0)) {
            assertThat(live.poll(Duration.ofMillis(10))).isNull();
            book().stream("later").append(event("1"));
            assertThat(take(live, 1)).containsExactly("1");
        }
    }

    @Test
    void slowReaderGetsEverythingOnceWhileSegmentsRoll() throws Exception {
        try (Subscription live = book().subscribe("", 0)) {
            Thread writer = new Thread(() -> {
                for (int i = 0; i < 2_000; i++) {
                    CompletableFuture<Appended> unused =
                            book().stream("s/" + i % 5).appendAsync(event("e" + i));
                }
                book().stream("end").append(event("end"));
            });
            writer.start();
            for (int i = 0; i < 2_000; i++) {
                assertThat(take(live, 1)).containsExactly("e" + i);
                if (i % 500 == 0) {
                    Thread.sleep(20);
                }
            }
            assertThat(take(live, 1)).containsExactly("end");
            writer.join();
        }
    }

    @Test
    void prefixIsFollowedFromAPosition() throws Exception {
        book().stream("a/1").append(event("1"));
        long pos = book().stream("b").append(event("2")).pos();
        book().stream("a/2").append(event("3"));
        try (Subscription live = book().subscribe("a", pos)) {
            book().stream("b").append(event("4"));
            book().stream("a").append(event("5"));
            assertThat(take(live, 2)).containsExactly("3", "5");
        }
    }

    @Test
    void truncatedEventsArriveAsAGap() throws Exception {
        book().stream("s").append(events(5), NONE);
        book().stream("s").truncateBefore(4);
        try (Subscription live = book().stream("s").subscribe(1)) {
            assertThat(take(live, 3)).containsExactly("TRUNCATED 2-3", "4", "5");
        }
        try (Subscription live = book().stream("s").subscribe(3)) {
            assertThat(take(live, 2)).containsExactly("4", "5");
        }
        try (Subscription live = book().stream("s").subscribe(0)) {
            assertThat(live.iterator().next().seq()).isEqualTo(4);
        }
    }

    @Test
    void deletionArrivesAsAGapAndTheNextStreamFollows() throws Exception {
        book().stream("s").append(events(2), NONE);
        try (Subscription live = book().stream("s").subscribe(0)) {
            assertThat(take(live, 2)).containsExactly("1", "2");
            book().stream("s").delete();
            Item gap = live.poll(Duration.ofSeconds(20));
            assertThat(gap).isInstanceOfSatisfying(Gap.class, g -> {
                assertThat(g.reason()).isEqualTo(Gap.Reason.DELETED);
                assertThat(g.toSeq()).isLessThan(g.fromSeq());
            });
            book().stream("s").append(event("again"));
            assertThat(take(live, 1)).containsExactly("again");
        }
    }

    @Test
    void subscriptionEndsWithItsStream() throws Exception {
        book().stream("s").append(event("1"));
        try (Subscription live = book().stream("s").subscribe(0)) {
            book().stream("s").close();
            List<Long> seqs = new ArrayList<>();
            for (Event event : live) {
                seqs.add(event.seq());
            }
            assertThat(seqs).containsExactly(1L);
            assertThat(live.take()).isNull();
            assertThat(live.ended()).isTrue();
        }
    }

    @Test
    void closingFromAnotherThreadEndsAWaitingReadAtOnce() throws Exception {
        for (boolean storeCloses : new boolean[] {false, true}) {
            Subscription live = book().stream("s").subscribe(0);
            CountDownLatch waiting = new CountDownLatch(1);
            CompletableFuture<Optional<Item>> taken = CompletableFuture.supplyAsync(() -> {
                waiting.countDown();
                try {
                    return Optional.ofNullable(live.take());
                } catch (InterruptedException e) {
                    throw new IllegalStateException(e);
                }
            });
            waiting.await();
            Thread.sleep(30);
            if (storeCloses) {
                book().close();
            } else {
                live.close();
            }
            assertThat(taken.get(5, TimeUnit.SECONDS)).isEmpty();
        }
    }

    @Test
    void listenerThatThrowsHurtsNobodyElse() throws Exception {
        CountDownLatch thrown = new CountDownLatch(1);
        CountDownLatch received = new CountDownLatch(20);
        book().stream("s").publisher(0).subscribe(new Flow.Subscriber<>() {
            @Override
            public void onSubscribe(Flow.Subscription subscription) {
                subscription.request(Long.MAX_VALUE);
            }

            @Override
            public void onNext(Item item) {
                thrown.countDown();
                throw new IllegalStateException("this listener is broken");
            }

            @Override
            public void onError(Throwable problem) {}

            @Override
            public void onComplete() {}
        });
        book().stream("s").publisher(0).subscribe(new Flow.Subscriber<>() {
            @Override
            public void onSubscribe(Flow.Subscription subscription) {
                subscription.request(Long.MAX_VALUE);
            }

            @Override
            public void onNext(Item item) {
                received.countDown();
            }

            @Override
            public void onError(Throwable problem) {}

            @Override
            public void onComplete() {}
        });
        CompletableFuture<Appended> first = book().stream("s").appendAsync(event("1"));
        CompletableFuture<Void> broken = first.thenAccept(a -> {
            throw new IllegalStateException("this continuation is broken");
        });
        assertThatThrownBy(broken::join).hasRootCauseMessage("this continuation is broken");
        assertThat(thrown.await(20, TimeUnit.SECONDS)).isTrue();
        for (int i = 2; i <= 20; i++) {
            assertThat(book().stream("s").append(event("" + i)).seq()).isEqualTo(i);
        }
        assertThat(received.await(20, TimeUnit.SECONDS)).isTrue();
    }

    @Test
    void interruptLeavesASubscriptionAsItIs() throws Exception {
        try (Subscription live = book().stream("s").subscribe(0)) {
            Thread.currentThread().interrupt();
            assertThatThrownBy(live::take).isInstanceOf(InterruptedException.class);
            book().stream("s").append(event("1"));
            assertThat(take(live, 1)).containsExactly("1");
        }
    }

    // ---- the store

    @Test
    void secondStoreObjectIsRefused() {
        assertThatThrownBy(() -> Daybook.open(driver(), options()))
                .isInstanceOfSatisfying(
                        StoreLockedException.class, e -> assertThat(e.owner()).isNotBlank());
        assertThat(book().stream("s").append(event("x")).seq()).isEqualTo(1);
    }

    @Test
    void readOnlyStoreReadsBesideAWriterAndWritesNothing() {
        book().stream("s").append(events(3), NONE);
        try (Daybook reader = Daybook.open(driver(), options().withReadOnly(true))) {
            assertThat(data(reader.stream("s").read())).containsExactly("1", "2", "3");
            assertThatThrownBy(() -> reader.stream("s").append(event("x")))
                    .isInstanceOfSatisfying(
                            RefusedException.class,
                            e -> assertThat(e.reason()).isEqualTo(RefusedException.Reason.READ_ONLY));
            book().stream("s").append(event("4"));
            assertThat(data(reader.stream("s").read())).containsExactly("1", "2", "3", "4");
        }
    }

    @Test
    void readOnlySubscriberFollowsTheWriter() throws Exception {
        book().stream("s").append(event("0"));
        try (Daybook reader = Daybook.open(driver(), options().withReadOnly(true));
                Subscription live = reader.stream("s").subscribe(0)) {
            for (int i = 0; i < 300; i++) {
                assertThat(take(live, 1)).containsExactly("" + i);
                book().stream("s").append(event("" + (i + 1)));
            }
        }
    }

    @Test
    void closedStoreRefusesAndClosingIsIdempotent() {
        Stream s = book().stream("s");
        s.append(event("1"));
        book().close();
        book().close();
        assertThatThrownBy(() -> s.append(event("2"))).isInstanceOf(StoreClosedException.class);
        assertThatThrownBy(() -> s.read().toList()).isInstanceOf(StoreClosedException.class);
        assertThatThrownBy(() -> book().stream("s").append(event("2"))).isInstanceOf(StoreClosedException.class);
    }

    @Test
    void appendsInFlightAreDecidedWhenTheStoreCloses() {
        List<CompletableFuture<Appended>> futures = new ArrayList<>();
        for (int i = 0; i < 300; i++) {
            futures.add(book().stream("s").appendAsync(event("" + i)));
        }
        book().close();
        int acknowledged = 0;
        for (CompletableFuture<Appended> future : futures) {
            assertThat(future).isDone();
            if (!future.isCompletedExceptionally()) {
                acknowledged++;
            }
        }
        assertThat(reopen().stream("s").read().toList()).hasSizeGreaterThanOrEqualTo(acknowledged);
    }

    @Test
    void osDurabilityKeepsTheSameContract() {
        book().close();
        open = Daybook.open(driver(), options().withDurability(Durability.OS));
        for (int i = 1; i <= 100; i++) {
            assertThat(book().stream("s").append(event("" + i)).seq()).isEqualTo(i);
        }
        assertThat(book().stream("s").read().toList()).hasSize(100);
        assertThat(reopen().stream("s").read().toList()).hasSize(100);
        assertThat(book().openReport().cleanlyClosed()).isTrue();
    }

    @Test
    void cleanCloseIsReported() {
        book().stream("s").append(event("1"));
        assertThat(reopen().openReport().cleanlyClosed()).isTrue();
        assertThat(book().openReport().cut()).isEmpty();
        assertThat(book().openReport().doubtfulLines()).isZero();
    }

    @Test
    void manyReopeningsLoseNothing() {
        for (int i = 1; i <= 30; i++) {
            assertThat(book().stream("s").append(event("" + i)).seq()).isEqualTo(i);
            clock.advance(Duration.ofHours(3));
            reopen();
        }
        assertThat(data(book().stream("s").read())).hasSize(30).startsWith("1").endsWith("30");
    }

    @Test
    void exportHoldsEveryLineOnce() throws Exception {
        book().stream("a").append(events(5), NONE);
        book().stream("b").append(event("x"));
        java.io.ByteArrayOutputStream out = new java.io.ByteArrayOutputStream();
        assertThat(book().export(out, Progress.NONE).events()).isEqualTo(6);
        assertThat(out.toString(StandardCharsets.UTF_8).lines().filter(l -> l.contains("\"seq\":")))
                .hasSize(6);
    }
}
