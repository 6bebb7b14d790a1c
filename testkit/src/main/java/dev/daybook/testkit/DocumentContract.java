package dev.daybook.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.daybook.ConflictException;
import dev.daybook.Daybook;
import dev.daybook.InvalidEventException;
import dev.daybook.RefusedException;
import dev.daybook.document.Condition;
import dev.daybook.document.Document;
import dev.daybook.document.DocumentChange;
import dev.daybook.document.DocumentEntry;
import dev.daybook.document.Documents;
import dev.daybook.log.NewLogRow;
import dev.daybook.stream.AppendOptions;
import dev.daybook.stream.Appended;
import dev.daybook.stream.Batch;
import dev.daybook.stream.NewEvent;
import dev.daybook.stream.Stream;
import dev.daybook.stream.StreamConfig;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Documents: values, versions, conditions, history, changes. Capped prefixes are in {@link CapContract}. */
interface DocumentContract extends StoreUnderTest {
    private Documents documents() {
        return book().documents();
    }

    private static List<String> keys(List<DocumentEntry> entries) {
        return entries.stream().map(DocumentEntry::key).toList();
    }

    private static String text(@Nullable DocumentChange change) {
        if (change == null) {
            return "nothing";
        }
        return change instanceof DocumentChange.Put put
                ? put.key() + " " + put.version() + " " + put.document().data()
                : change.key() + " " + change.version() + " "
                        + change.getClass().getSimpleName();
    }

    @Test
    default void valueIsReadBackWithItsVersion() {
        assertThat(documents().get("plans/q3")).isEmpty();
        assertThat(documents().put("plans/q3", "{\"goal\": \"launch\"}")).isEqualTo(1);
        assertThat(documents().put("plans/q3", "null")).isEqualTo(2);
        assertThat(documents().put("plans/q3", "[1, \"\u00e4\"]")).isEqualTo(3);
        for (int round = 0; round < 2; round++) {
            Document document = documents().get("plans/q3").orElseThrow();
            assertThat(document.key()).isEqualTo("plans/q3");
            assertThat(document.version()).isEqualTo(3);
            assertThat(document.data()).isEqualTo("[1, \"\u00e4\"]");
            assertThat(document.time()).isEqualTo(clock().now());
            assertThat(documents().at("plans/q3", 1).orElseThrow().data()).isEqualTo("{\"goal\": \"launch\"}");
            assertThat(documents().at("plans/q3", 2).orElseThrow().data()).isEqualTo("null");
            assertThat(documents().at("plans/q3", 4)).isEmpty();
            assertThat(documents().at("plans/q3", 0)).isEmpty();
            reopen();
        }
    }

    @Test
    default void versionsGoOnAfterADelete() {
        documents().put("d", "1");
        documents().put("d", "2");
        assertThat(documents().delete("d")).isTrue();
        assertThat(documents().delete("d")).isFalse();
        reopen();
        assertThat(documents().get("d")).isEmpty();
        assertThat(documents().at("d", 3)).isEmpty();
        assertThat(documents().at("d", 2).orElseThrow().data()).isEqualTo("2");
        assertThat(documents().list("", "", 10)).isEmpty();
        assertThat(documents().put("d", "4")).isEqualTo(4);
        assertThat(documents().get("d").orElseThrow().version()).isEqualTo(4);
        assertThat(documents().delete("never")).isFalse();
        assertThat(book().stream("documents/never").info()).isEmpty();
    }

    private void refused(ThrowingCallable call, String expected, String actual) {
        long position = book().info().lastPosition();
        assertThatThrownBy(call).isInstanceOfSatisfying(ConflictException.class, e -> {
            assertThat(e.subject()).isEqualTo(ConflictException.Subject.VERSION);
            assertThat(e.stream()).isEqualTo("documents/d");
            assertThat(e.expected()).isEqualTo(expected);
            assertThat(e.actual()).isEqualTo(actual);
        });
        assertThat(book().info().lastPosition()).isEqualTo(position);
    }

    @Test
    default void staleVersionIsRefusedWithTheActualOne() {
        refused(() -> documents().put("d", "1", Condition.ifVersion(1)), "1", "0");
        refused(() -> documents().put("d", "1", Condition.ifPresent()), "a value", "0");
        refused(() -> documents().delete("d", Condition.ifPresent()), "a value", "0");
        assertThat(documents().put("d", "1", Condition.ifAbsent())).isEqualTo(1);
        refused(() -> documents().put("d", "2", Condition.ifAbsent()), "no value", "1");
        refused(() -> documents().put("d", "2", Condition.ifVersion(0)), "0", "1");
        assertThat(documents().put("d", "2", Condition.ifVersion(1))).isEqualTo(2);
        refused(() -> documents().put("d", "3", Condition.ifVersion(1)), "1", "2");
        refused(() -> documents().delete("d", Condition.ifVersion(1)), "1", "2");
        assertThat(documents().delete("d", Condition.ifVersion(2))).isTrue();
        refused(() -> documents().put("d", "4", Condition.ifVersion(2)), "2", "3");
        assertThat(documents().delete("d", Condition.ifVersion(3))).isFalse();
        assertThat(documents().put("d", "4", Condition.ifVersion(3))).isEqualTo(4);
        assertThatThrownBy(() -> Condition.ifVersion(-1)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    default void keysAreListedInTheOrderOfTheirBytes() {
        for (String key : List.of("b", "a/2", "a", "a-b", "a/10", "\u00e9", "a/2/x")) {
            documents().put(key, "1");
        }
        book().stream("documents/a/plain").append(StoreUnderTest.event("no document"));
        documents().put("a/gone", "1");
        documents().delete("a/gone");
        for (int round = 0; round < 2; round++) {
            assertThat(keys(documents().list("", "", 100)))
                    .containsExactly("a", "a-b", "a/10", "a/2", "a/2/x", "b", "\u00e9");
            assertThat(keys(documents().list("a", "", 100))).containsExactly("a", "a/10", "a/2", "a/2/x");
            assertThat(keys(documents().list("a/2", "", 100))).containsExactly("a/2", "a/2/x");
            List<String> paged = new ArrayList<>();
            String after = "";
            while (true) {
                List<String> page = keys(documents().list("a", after, 1));
                if (page.isEmpty()) {
                    break;
                }
                paged.addAll(page);
                after = page.get(0);
            }
            assertThat(paged).containsExactly("a", "a/10", "a/2", "a/2/x");
            reopen();
        }
        assertThat(documents().list("nothing", "", 1)).isEmpty();
        DocumentEntry entry = documents().list("b", "", 1).get(0);
        assertThat(entry).isEqualTo(new DocumentEntry("b", 1, 1, clock().now()));
        assertThatThrownBy(() -> documents().list("", "", 0)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> documents().list("../x", "", 1)).isInstanceOf(InvalidEventException.class);
    }

    @Test
    default void historyIsNewestFirst() {
        documents().put("d", "1");
        documents().delete("d");
        documents().put("d", "3");
        documents().put("d", "4");
        reopen();
        assertThat(documents().history("d", Long.MAX_VALUE, 10))
                .extracting(DocumentContract::text)
                .containsExactly("d 4 4", "d 3 3", "d 2 Delete", "d 1 1");
        assertThat(documents().history("d", Long.MAX_VALUE, 2))
                .extracting(DocumentContract::text)
                .containsExactly("d 4 4", "d 3 3");
        assertThat(documents().history("d", 3, 10))
                .extracting(DocumentContract::text)
                .containsExactly("d 2 Delete", "d 1 1");
        assertThat(documents().history("d", 4, 1))
                .extracting(DocumentContract::text)
                .containsExactly("d 3 3");
        assertThat(documents().history("d", 1, 10)).isEmpty();
        assertThat(documents().history("never", Long.MAX_VALUE, 10)).isEmpty();
        assertThatThrownBy(() -> documents().history("d", 3, 0)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    default void valueOfAnEarlierPositionAndTime() {
        Instant before = clock().now();
        clock().advance(Duration.ofHours(1));
        for (int i = 1; i <= 20; i++) {
            if (i % 5 == 0) {
                documents().delete("d");
            } else {
                documents().put("d", "" + i);
            }
            book().stream("other").append(StoreUnderTest.event("between"));
            clock().advance(Duration.ofHours(1));
        }
        reopen();
        for (DocumentChange change : documents().history("d", Long.MAX_VALUE, 100)) {
            Optional<Document> value =
                    change instanceof DocumentChange.Put put ? Optional.of(put.document()) : Optional.empty();
            assertThat(documents().atPosition("d", change.pos())).isEqualTo(value);
            assertThat(documents().atPosition("d", change.pos() + 1)).isEqualTo(value);
            if (change instanceof DocumentChange.Put put) {
                assertThat(documents().atTime("d", put.time())).isEqualTo(value);
                assertThat(documents().atTime("d", put.time().plusSeconds(3_599)))
                        .isEqualTo(value);
            }
        }
        assertThat(documents().atPosition("d", 0)).isEmpty();
        assertThat(documents().atTime("d", before)).isEmpty();
        assertThat(documents().atTime("never", before)).isEmpty();
        assertThat(documents().atPosition("d", Long.MAX_VALUE))
                .isEqualTo(documents().get("d"));
    }

    @Test
    default void changesAreReplayedAndFollowedLive() throws Exception {
        documents().put("a/1", "1");
        long position = documents().get("a/1").orElseThrow().pos();
        documents().put("b", "0");
        book().stream("documents/a/plain").append(StoreUnderTest.event("no document"));
        documents().put("a/1", "2");
        try (Documents.Watch all = documents().watch("a", 0);
                Documents.Watch later = documents().watch("a/1", position)) {
            documents().put("a/2", "3");
            documents().delete("a/1");
            documents().put("ab", "0");
            List<String> seen = new ArrayList<>();
            for (int i = 0; i < 4; i++) {
                seen.add(text(all.take()));
            }
            assertThat(seen).containsExactly("a/1 1 1", "a/1 2 2", "a/2 1 3", "a/1 3 Delete");
            assertThat(text(later.poll(Duration.ofSeconds(20)))).isEqualTo("a/1 2 2");
            assertThat(text(later.poll(Duration.ofSeconds(20)))).isEqualTo("a/1 3 Delete");
            assertThat(all.poll(Duration.ofMillis(1))).isNull();
            assertThat(all.ended()).isFalse();
            book().close();
            assertThat(all.take()).isNull();
            assertThat(all.ended()).isTrue();
        }
    }

    @Test
    default void batchWithEventsIsAllOrNothing() {
        documents().put("plan", "1");
        List<Appended> answers = book().append(Batch.of()
                .event("chat", StoreUnderTest.event("hi"), AppendOptions.expecting(0))
                .document("plan", "2", Condition.ifVersion(1))
                .document("new", "1", Condition.ifAbsent())
                .deleteDocument("never", Condition.none()));
        assertThat(answers).extracting(Appended::seq).containsExactly(1L, 2L, 1L, 0L);
        assertThat(answers).extracting(Appended::count).containsExactly(1, 1, 1, 0);
        long position = book().info().lastPosition();
        for (Batch batch : List.of(
                Batch.of().event("chat", StoreUnderTest.event("again")).document("plan", "3", Condition.ifVersion(1)),
                Batch.of()
                        .document("plan", "3", Condition.ifVersion(2))
                        .event("chat", StoreUnderTest.event("again"), AppendOptions.expecting(7)))) {
            assertThatThrownBy(() -> book().append(batch)).isInstanceOf(ConflictException.class);
            assertThatThrownBy(() -> book().appendAsync(batch).join()).hasCauseInstanceOf(ConflictException.class);
        }
        assertThat(book().info().lastPosition()).isEqualTo(position);
        book().appendAsync(Batch.of()
                        .deleteDocument("plan", Condition.ifVersion(2))
                        .event("chat", StoreUnderTest.event("bye")))
                .join();
        Daybook book = reopen();
        assertThat(book.documents().get("plan")).isEmpty();
        assertThat(book.documents().get("new").orElseThrow().data()).isEqualTo("1");
        assertThat(StoreUnderTest.data(book.stream("chat").read())).containsExactly("hi", "bye");
    }

    @Test
    default void batchWritesADocumentOnceAndAsNothingElse() {
        assertThatThrownBy(() -> Batch.of().document("d", "1", Condition.none()).deleteDocument("d", Condition.none()))
                .isInstanceOf(InvalidEventException.class);
        Batch both = Batch.of()
                .event("documents/d", StoreUnderTest.event("as a stream"))
                .document("d", "1", Condition.none());
        assertThatThrownBy(() -> book().append(both)).isInstanceOf(RefusedException.class);
        assertThat(book().info().lastPosition()).isZero();
    }

    @Test
    default void namesOfAnotherKindDoNotMeetInABatch() {
        NewLogRow row = NewLogRow.of("s", "t");
        for (Batch batch : List.of(
                Batch.of().document("x", "1", Condition.none()).event("/x", StoreUnderTest.event("1")),
                Batch.of().log(row).event("", StoreUnderTest.event("1")),
                Batch.of().options("", AppendOptions.none()).log(row).event("", StoreUnderTest.event("1")))) {
            assertThatThrownBy(() -> book().append(batch)).isInstanceOf(InvalidEventException.class);
        }
        assertThat(book().info().lastPosition()).isZero();
        book().append(Batch.of()
                .document("logs", "1", Condition.none())
                .log(row)
                .log(row)
                .event("x", StoreUnderTest.event("1")));
        assertThat(book().info().events()).isEqualTo(4);
    }

    @Test
    default void badKeysAndBadJsonAreRefused() {
        List<String> keys = List.of(
                "",
                "/",
                "a//b",
                "/a",
                "a/",
                "..",
                "../x",
                "a/../b",
                "a/.",
                "a\nb",
                "\u0000",
                "\ud800",
                "x".repeat(501),
                "\u00e9".repeat(251),
                "x".repeat(100_000));
        for (String key : keys) {
            for (ThrowingCallable call : List.<ThrowingCallable>of(
                    () -> documents().put(key, "1"),
                    () -> documents().get(key),
                    () -> documents().delete(key),
                    () -> documents().history(key, 1, 1),
                    () -> documents().at(key, 1),
                    () -> book().append(Batch.of().document(key, "1", Condition.none())))) {
                assertThatThrownBy(call)
                        .as(key)
                        .isInstanceOfSatisfying(
                                InvalidEventException.class,
                                e -> assertThat(e.field()).isEqualTo("key"));
            }
        }
        for (String json : List.of("", "{", "{\"a\":1,\"a\":2}", "01", "1 2", "\"\ud800\"", "nul")) {
            assertThatThrownBy(() -> documents().put("d", json)).as(json).isInstanceOf(InvalidEventException.class);
        }
        assertThat(book().info().lastPosition()).isZero();
        String longest = "\u00e9".repeat(250);
        documents().put(longest, "\"a\u0000b\"".replace("\u0000", "\\u0000"));
        assertThat(documents().get(longest).orElseThrow().data()).isEqualTo("\"a\\u0000b\"");
    }

    @Test
    default void otherPathsCannotWriteADocument() {
        documents().put("d", "1");
        long position = book().info().lastPosition();
        Stream stream = book().stream("documents/d");
        NewEvent event = StoreUnderTest.event("forged");
        for (ThrowingCallable call : List.<ThrowingCallable>of(
                () -> stream.append(event),
                () -> stream.append(event, AppendOptions.expecting(1)),
                () -> stream.append(event, AppendOptions.from("owner", 9, 0)),
                () -> stream.create(StreamConfig.JSON),
                stream::close,
                stream::delete,
                () -> stream.truncateBefore(2),
                () -> stream.keepNewest(0),
                () -> stream.replace(List.of(event)),
                () -> book().append(Batch.of().event("documents/d", event)),
                () -> documents().put("runs/r/state", "1"),
                () -> documents().delete("runs/r/state"),
                () -> documents().put("runs/x", "1", Condition.none(), "", 1),
                () -> book().append(Batch.of().document("runs/r/state", "1", Condition.none())))) {
            assertThatThrownBy(call)
                    .isInstanceOfSatisfying(
                            RefusedException.class,
                            e -> assertThat(e.reason()).isEqualTo(RefusedException.Reason.WRONG_KIND));
        }
        assertThatThrownBy(() -> stream.appendAsync(event).join()).hasCauseInstanceOf(RefusedException.class);
        assertThat(book().info().lastPosition()).isEqualTo(position);
        assertThat(StoreUnderTest.data(stream.read())).containsExactly("1"); // reading is for everybody
    }

    @Test
    default void plainStreamOfThatNameIsNoDocument() {
        book().stream("documents/d").append(StoreUnderTest.event("plain"));
        assertThat(documents().get("d")).isEmpty();
        assertThat(documents().at("d", 1)).isEmpty();
        assertThat(documents().history("d", 9, 9)).isEmpty();
        for (ThrowingCallable call : List.<ThrowingCallable>of(
                () -> documents().put("d", "1"),
                () -> documents().delete("d"),
                () -> documents().put("d", "1", Condition.ifVersion(1)))) {
            assertThatThrownBy(call)
                    .isInstanceOfSatisfying(
                            RefusedException.class,
                            e -> assertThat(e.reason()).isEqualTo(RefusedException.Reason.WRONG_KIND));
        }
    }

    @Test
    default void ofManyWritersOneWinsEachVersion() throws Exception {
        int writers = 64;
        int rounds = 5;
        AtomicInteger lost = new AtomicInteger();
        List<Thread> threads = new ArrayList<>();
        for (int t = 0; t < writers; t++) {
            Thread thread = new Thread(() -> {
                for (int done = 0; done < rounds; ) {
                    Optional<Document> now = documents().get("counter");
                    long version = now.map(Document::version).orElse(0L);
                    long value = now.map(d -> Long.parseLong(d.data())).orElse(0L);
                    try {
                        assertThat(documents().put("counter", "" + (value + 1), Condition.ifVersion(version)))
                                .isEqualTo(version + 1);
                        done++;
                    } catch (ConflictException e) {
                        lost.incrementAndGet();
                    }
                }
            });
            threads.add(thread);
            thread.start();
        }
        for (Thread thread : threads) {
            thread.join();
        }
        Document counter = documents().get("counter").orElseThrow();
        assertThat(counter.data()).isEqualTo("" + writers * rounds);
        assertThat(counter.version()).isEqualTo((long) writers * rounds);
        assertThat(lost.get()).isPositive();
    }
}
