package dev.daybook.journal;

import static org.assertj.core.api.Assertions.assertThat;

import dev.daybook.CorruptJournalException;
import dev.daybook.Daybook;
import dev.daybook.DaybookOptions;
import dev.daybook.Durability;
import dev.daybook.stream.AppendOptions;
import dev.daybook.stream.Batch;
import dev.daybook.stream.Event;
import dev.daybook.stream.NewEvent;
import dev.daybook.stream.ReadOptions;
import dev.daybook.stream.Stream;
import dev.daybook.stream.StreamInfo;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Lines that are verified ahead and not copied, against the same lines read one by one. */
class ReadAheadTest {
    private static final int ROUNDS = 15_000;
    private static final DaybookOptions OPTIONS =
            DaybookOptions.defaults().withSegmentBytesMax(4 << 20).withDurability(Durability.OS);

    @TempDir
    Path directory;

    /** Every kind of line, in about three segments of 4 MiB; one line is too long to be read ahead. */
    private void write(boolean removals) {
        try (Daybook book = Daybook.open(directory, OPTIONS)) {
            String padding = "lorem ipsum \\\"dolor\\\" ".repeat(20);
            CompletableFuture<?> last = CompletableFuture.completedFuture(null);
            for (int i = 0; i < ROUNDS; i++) {
                NewEvent json = NewEvent.json("message", "{\"n\":" + i + ",\"text\":\"" + padding + "\"}");
                Stream stream = book.stream("runs/" + i % 50);
                switch (i % 8) {
                    case 0 ->
                        last = stream.appendAsync(json.id("id" + i)
                                .source("a \"quoted\" source")
                                .subject("s")
                                .occurred(Instant.EPOCH));
                    case 1 -> last = book.stream("text").appendAsync(NewEvent.text("t", "line\nline \u20ac" + i));
                    case 2 -> last = book.stream("bytes").appendAsync(NewEvent.binary("b", new byte[i % 100]));
                    case 3 ->
                        last = book.appendAsync(Batch.of()
                                .event("runs/1", json)
                                .event("quoted \"name\"/" + i % 7, json)
                                .event("runs/2", json));
                    case 4 ->
                        last = stream.appendAsync(
                                List.of(json), AppendOptions.none().producer("p\"" + i, 0, 0));
                    default -> last = stream.appendAsync(json);
                }
                if (i == ROUNDS / 2) {
                    book.stream("runs/3").append(NewEvent.json("long", "\"" + "x".repeat(2 << 20) + "\""));
                    if (removals) {
                        book.stream("runs/4").truncateBefore(3);
                        book.stream("runs/5").delete();
                    }
                }
            }
            last.join();
        }
    }

    /** Where something was removed, every line has to be looked into: then they are verified ahead, and copied. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void eventsReadAheadAreTheSameAsThoseOfTheirStreams(boolean removals) {
        write(removals);
        try (Daybook book = Daybook.open(directory, OPTIONS.withReadOnly(true))) {
            Map<Long, Event> all = new HashMap<>();
            int uncopied = 0;
            long before = 0;
            for (Event event : book.read("", ReadOptions.all())) {
                assertThat(event.pos()).isGreaterThan(before);
                before = event.pos();
                all.put(event.pos(), event);
                uncopied += event.payload().isDirect() ? 1 : 0;
            }
            if (removals) {
                assertThat(uncopied).isZero();
            } else {
                assertThat(uncopied).as("events that were not copied").isGreaterThan(ROUNDS / 4);
            }
            int compared = 0;
            for (StreamInfo info : book.streams("", "", 1_000)) {
                for (Event one : book.stream(info.name()).read()) {
                    Event event = Objects.requireNonNull(all.get(one.pos()), one.line());
                    assertThat(event.seq()).isEqualTo(one.seq()); // before anything that copies the line
                    assertThat(event.payload()).isEqualTo(one.payload());
                    assertThat(event.payload().isReadOnly()).isTrue();
                    assertThat(fields(event)).isEqualTo(fields(one));
                    assertThat(event.seq()).isEqualTo(one.seq());
                    assertThat(event.payload()).isEqualTo(one.payload());
                    compared++;
                }
            }
            assertThat(compared).isEqualTo(all.size());
        }
    }

    private static Map<String, Object> fields(Event event) {
        Map<String, Object> fields = new TreeMap<>();
        fields.put("line", event.line());
        fields.put("stream", event.stream());
        fields.put("type", event.type());
        fields.put("time", event.time());
        fields.put("id", event.id());
        fields.put("source", event.source());
        fields.put("subject", event.subject());
        fields.put("occurred", event.occurred());
        fields.put("form", event.form());
        fields.put("bytes", new String(event.bytes(), StandardCharsets.ISO_8859_1));
        return fields;
    }

    /** A flipped bit in a piece that is read ahead is reported as it is when lines are read one by one. */
    @Test
    void damageIsFoundAtItsLineAndNothingBeforeItIsLost() throws Exception {
        write(false);
        Path segment = directory.resolve("journal").resolve("00000000000000000001-0.jsonl");
        byte[] bytes = Files.readAllBytes(segment);
        int at = (5 << 19) + 100; // beyond what is read line by line at first
        while (bytes[at - 1] != '\n') {
            at++;
        }
        long position = Line.position(bytes, at);
        bytes[at + 90] ^= 1;
        Files.write(segment, bytes);
        try (Daybook book = Daybook.open(directory, OPTIONS.withReadOnly(true))) {
            Iterator<Event> events = book.read("", ReadOptions.all()).iterator();
            long last = 0;
            CorruptJournalException found = null;
            while (found == null) {
                try {
                    last = events.next().pos();
                } catch (CorruptJournalException e) {
                    found = e;
                }
            }
            assertThat(found.byteOffset()).isEqualTo(at);
            assertThat(found.firstPosition()).isEqualTo(position);
            assertThat(last).isBetween(position - 4, position - 1); // records that are no events may stand between
        }
    }

    /** The common pool belongs to the program: what it does not get round to is not gathered there. */
    @Test
    void readingBesideABusyCommonPoolGathersNothingInIt() throws Exception {
        ForkJoinPool pool = ForkJoinPool.commonPool();
        CountDownLatch release = new CountDownLatch(1);
        try (Daybook book = Daybook.open(directory)) {
            NewEvent large = NewEvent.json("t", "\"" + "x".repeat(10_000) + "\"");
            for (int i = 0; i < 2_000; i++) {
                book.stream("a").appendAsync(large);
            }
            book.stream("a").append(large);
            for (int i = 0; i < Math.max(1, pool.getParallelism()); i++) {
                pool.execute(() -> await(release));
            }
            long before = pool.getQueuedSubmissionCount();
            for (int i = 0; i < 20; i++) {
                long events = 0;
                for (Event event : book.read("", ReadOptions.all())) {
                    events += event.pos() > 0 ? 1 : 0;
                }
                assertThat(events).isEqualTo(2_001);
            }
            assertThat(pool.getQueuedSubmissionCount() - before).isLessThanOrEqualTo(16);
        } finally {
            release.countDown();
        }
    }

    private static void await(CountDownLatch latch) {
        try {
            assertThat(latch.await(10, TimeUnit.SECONDS)).isTrue();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }
}
