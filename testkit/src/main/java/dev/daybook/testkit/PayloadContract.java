package dev.daybook.testkit;

import static dev.daybook.testkit.StoreUnderTest.data;
import static dev.daybook.testkit.StoreUnderTest.event;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.daybook.Daybook;
import dev.daybook.DaybookOptions;
import dev.daybook.InvalidEventException;
import dev.daybook.Progress;
import dev.daybook.stream.AppendOptions;
import dev.daybook.stream.Batch;
import dev.daybook.stream.Event;
import dev.daybook.stream.NewEvent;
import dev.daybook.stream.StreamInfo;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** What a store takes, and gives back as it went in; and what it refuses, naming the rule. */
interface PayloadContract extends StoreUnderTest {
    @Test
    default void textAndBytesComeBackAsTheyWent() {
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
    default void lineBreakBetweenTokensComesBackAsSpace() {
        book().stream("s").append(NewEvent.json("x", "{\"a\":\r\n1}"));
        assertThat(book().stream("s").read().toList().get(0).data()).isEqualTo("{\"a\":  1}");
    }

    @Test
    default void anyJsonValueIsAPayload() {
        List<String> values = List.of("null", "true", "-1.50e+3", "\"\"", "[]", "{}", "[null,{\"a\":[]}]");
        for (String value : values) {
            book().stream("s").append(NewEvent.json("x", value));
        }
        assertThat(reopen().stream("s").read().stream().map(Event::data)).isEqualTo(values);
    }

    @Test
    default void occurredIsKeptFromYearOneToYear9999() {
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

    /** One case of each rule; the others are the JSON scanner's own tests. */
    @Test
    default void badJsonIsRefusedNamingTheByte() {
        long before = book().info().lastPosition();
        refused("", 0, "no value");
        refused("{\"a\":1,}", 7, "trailing comma");
        refused("1 2", 2, "text after the end");
        refused("[NaN]", 1, "NaN and Infinity are not JSON");
        refused("{\"a\":1,\"a\":2}", 7, "duplicate key");
        refused("{\"a\":1,\"\\u0061\":2}", 7, "duplicate key");
        refused("\"\\ud800\"", 1, "unpaired surrogate escape");
        refused("\"a\nb\"", 2, "raw control character");
        refused("\u00ef\u00bb\u00bf{}", 0, "byte-order mark");
        refused("\"\u00c0\u0080\"", 1, "malformed UTF-8"); // overlong
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
    default void unpairedSurrogateIsRefusedWhereverItStands() {
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
    default void badStreamNamesAreRefusedNamingTheRule() {
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
    default void payloadCannotForgeALineOrAField() throws Exception {
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
    default void payloadLimitIsTenMebibytesUnlessSetAndNeverMoreThanSixteen() {
        String json = '"' + "x".repeat((10 << 20) - 2) + '"';
        book().stream("s").append(NewEvent.json("x", json));
        assertThatThrownBy(() -> book().stream("s").append(NewEvent.json("x", json + " ")))
                .isInstanceOf(InvalidEventException.class);
        assertThat(reopen().stream("s").read().toList().get(0).data()).isEqualTo(json);
        assertThatThrownBy(() -> DaybookOptions.defaults().withPayloadBytesMax((16 << 20) + 1))
                .isInstanceOf(IllegalArgumentException.class);
        reopen(options -> options.withPayloadBytesMax(16 << 20));
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
    default void batchOrLineBeyondItsLimitsWritesNothing() {
        reopen(options -> options.withPayloadBytesMax(16 << 20));
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
    default void payloadBeyondTheLimitIsRefused() {
        reopen(options -> options.withPayloadBytesMax(100));
        assertThatThrownBy(() -> book().stream("s").append(NewEvent.text("x", "x".repeat(101))))
                .isInstanceOf(InvalidEventException.class);
        assertThat(book().stream("s")
                        .append(NewEvent.text("x", "x".repeat(100)))
                        .seq())
                .isEqualTo(1);
    }

    @Test
    default void payloadLargerThanASegmentIsKept() {
        String large = "x".repeat(100_000);
        book().stream("s").append(event("before"));
        book().stream("s").append(event(large));
        book().stream("s").append(event("after"));
        reopen();
        assertThat(data(book().stream("s").read())).containsExactly("before", large, "after");
    }

    @Test
    default void eventKeepsWhatItWasMadeOf() {
        byte[] json = "[1]".getBytes(StandardCharsets.UTF_8);
        NewEvent event = NewEvent.json("x", json);
        json[1] = '2';
        book().stream("s").append(event);
        Event stored = book().stream("s").read().toList().get(0);
        assertThat(stored.data()).isEqualTo("[1]");
        stored.bytes()[1] = '9';
        assertThat(book().stream("s").read().toList().get(0).data()).isEqualTo("[1]");
    }
}
