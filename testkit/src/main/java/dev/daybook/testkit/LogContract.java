package dev.daybook.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.daybook.ConflictException;
import dev.daybook.InvalidEventException;
import dev.daybook.RefusedException;
import dev.daybook.document.Condition;
import dev.daybook.log.LogRow;
import dev.daybook.log.Logs;
import dev.daybook.log.NewLogRow;
import dev.daybook.stream.AppendOptions;
import dev.daybook.stream.Appended;
import dev.daybook.stream.Batch;
import dev.daybook.stream.Event;
import dev.daybook.stream.Stream;
import dev.daybook.stream.StreamConfig;
import dev.daybook.stream.Subscription;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;

/** The log: rows with ids. */
interface LogContract extends StoreUnderTest {
    private Logs logs() {
        return book().logs();
    }

    @Test
    default void rowIsReadBackByItsId() {
        Instant occurred = Instant.parse("2020-01-02T03:04:05.678901Z");
        Appended first = logs().append(NewLogRow.of("planner", "started")
                .ref("01JD3M")
                .json("{\"message\": \"reading\"}")
                .occurred(occurred));
        Appended second = logs().append(NewLogRow.of("system", "heartbeat"));
        assertThat(first.seq()).isEqualTo(1);
        assertThat(second.seq()).isEqualTo(2);
        for (int round = 0; round < 2; round++) {
            assertThat(logs().find(1))
                    .hasValue(new LogRow(
                            1,
                            first.pos(),
                            "planner",
                            "started",
                            Optional.of("01JD3M"),
                            "{\"message\": \"reading\"}",
                            occurred));
            assertThat(logs().find(2))
                    .hasValue(new LogRow(
                            2, second.pos(), "system", "heartbeat", Optional.empty(), "null", clock().now()));
            assertThat(logs().find(3)).isEmpty();
            assertThat(logs().find(0)).isEmpty();
            assertThat(logs().find(-1)).isEmpty();
            reopen();
        }
        assertThat(logs().append(NewLogRow.of("system", "again")).seq()).isEqualTo(3);
    }

    @Test
    default void rowsAreReadAfterAnId() {
        assertThat(logs().after(0, 10)).isEmpty();
        List<NewLogRow> rows = new ArrayList<>();
        for (int i = 1; i <= 50; i++) {
            rows.add(NewLogRow.of("s", "t").json("" + i));
        }
        Appended appended = logs().append(rows);
        assertThat(appended.count()).isEqualTo(50);
        assertThat(appended.firstSeq()).isEqualTo(1);
        assertThat(logs().after(0, 1_000)).extracting(LogRow::id).hasSize(50).isSorted();
        assertThat(logs().after(10, 3)).extracting(LogRow::payload).containsExactly("11", "12", "13");
        assertThat(logs().after(50, 3)).isEmpty();
        assertThatThrownBy(() -> logs().after(0, 0)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> logs().after(-1, 1)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    default void rowsAreFollowedLive() throws Exception {
        logs().append(NewLogRow.of("s", "t").json("1"));
        try (Subscription rows = logs().subscribe(0)) {
            logs().append(NewLogRow.of("s", "t").json("2"));
            List<String> seen = new ArrayList<>();
            for (int i = 0; i < 2; i++) {
                if (rows.poll(Duration.ofSeconds(20)) instanceof Event event) {
                    seen.add(LogRow.of(event).payload());
                }
            }
            assertThat(seen).containsExactly("1", "2");
        }
    }

    @Test
    default void rowsAreAppendedAllOrNone() {
        List<NewLogRow> rows =
                List.of(NewLogRow.of("s", "t"), NewLogRow.of("s", "t").json("{"));
        assertThatThrownBy(() -> logs().append(rows)).isInstanceOf(InvalidEventException.class);
        book().documents().put("d", "1");
        long position = book().info().lastPosition();
        assertThatThrownBy(() ->
                        book().append(Batch.of().log(NewLogRow.of("s", "t")).document("d", "2", Condition.ifAbsent())))
                .isInstanceOf(ConflictException.class);
        assertThat(book().info().lastPosition()).isEqualTo(position);
        List<Appended> answers = book().append(Batch.of()
                .log(NewLogRow.of("s", "t").json("1"))
                .event("chat", StoreUnderTest.event("hi"), AppendOptions.expecting(0))
                .document("d", "2", Condition.ifVersion(1))
                .log(NewLogRow.of("s", "t").json("2")));
        assertThat(answers).extracting(Appended::stream).containsExactly("logs", "chat", "documents/d");
        assertThat(answers).extracting(Appended::count).containsExactly(2, 1, 1);
        reopen();
        assertThat(logs().after(0, 9)).extracting(LogRow::payload).containsExactly("1", "2");
        assertThat(book().documents().get("d").orElseThrow().data()).isEqualTo("2");
    }

    @Test
    default void rowsWithoutWaitingKeepTheirOrder() {
        List<CompletableFuture<Appended>> futures = new ArrayList<>();
        for (int i = 0; i < 300; i++) {
            futures.add(logs().appendAsync(NewLogRow.of("s", "t").json("" + i)));
        }
        for (int i = 0; i < 300; i++) {
            assertThat(futures.get(i).join().seq()).isEqualTo(i + 1);
        }
        assertThat(logs().find(300).orElseThrow().payload()).isEqualTo("299");
    }

    @Test
    default void timesFromYearOneToYear9999AreKept() {
        for (String time : List.of("0001-01-01T00:00:00Z", "9999-12-31T23:59:59.999999Z")) {
            Appended row = logs().append(NewLogRow.of("s", "t").occurred(Instant.parse(time)));
            assertThat(logs().find(row.seq()).orElseThrow().time()).isEqualTo(time);
        }
        for (Instant time : List.of(Instant.MIN, Instant.MAX, Instant.parse("0000-12-31T23:59:59Z"))) {
            assertThatThrownBy(() -> logs().append(NewLogRow.of("s", "t").occurred(time)))
                    .isInstanceOf(InvalidEventException.class);
        }
    }

    @Test
    default void badRowsAreRefusedNamingTheField() {
        String long1 = "x".repeat(1_025);
        record Bad(String field, NewLogRow row) {}
        for (Bad bad : List.of(
                new Bad("source", NewLogRow.of("", "t")),
                new Bad("source", NewLogRow.of(long1, "t")),
                new Bad("source", NewLogRow.of("\ud800", "t")),
                new Bad("type", NewLogRow.of("s", "")),
                new Bad("type", NewLogRow.of("s", long1)),
                new Bad("ref", NewLogRow.of("s", "t").ref("")),
                new Bad("ref", NewLogRow.of("s", "t").ref(long1)),
                new Bad("data", NewLogRow.of("s", "t").json("")),
                new Bad("data", NewLogRow.of("s", "t").json("{\"a\":1,\"a\":2}")),
                new Bad("data", NewLogRow.of("s", "t").json("\"\ud800\"")))) {
            for (ThrowingCallable call : List.<ThrowingCallable>of(
                    () -> logs().append(bad.row()),
                    () -> logs().appendAsync(bad.row()),
                    () -> Batch.of().log(bad.row()))) {
                assertThatThrownBy(call)
                        .isInstanceOfSatisfying(
                                InvalidEventException.class,
                                e -> assertThat(e.field()).isEqualTo(bad.field()));
            }
        }
        assertThat(book().info().lastPosition()).isZero();
        logs().append(NewLogRow.of("a\u0000b", "%_'\"").ref("../x").json("\"\\u0000\""));
        LogRow row = logs().find(1).orElseThrow();
        assertThat(row.source() + row.type() + row.ref().orElseThrow() + row.payload())
                .isEqualTo("a\u0000b%_'\"../x\"\\u0000\"");
    }

    @Test
    default void otherPathsCannotWriteRows() {
        logs().append(NewLogRow.of("s", "t"));
        long position = book().info().lastPosition();
        Stream stream = book().stream("logs");
        for (ThrowingCallable call : List.<ThrowingCallable>of(
                () -> stream.append(StoreUnderTest.event("forged")),
                () -> stream.create(StreamConfig.JSON),
                stream::close,
                stream::delete,
                () -> stream.truncateBefore(2),
                () -> stream.replace(List.of()),
                () -> book().append(Batch.of().event("logs", StoreUnderTest.event("forged"))),
                () -> book().append(Batch.of()
                        .log(NewLogRow.of("s", "t"))
                        .event("logs", StoreUnderTest.event("forged"))))) {
            assertThatThrownBy(call)
                    .isInstanceOfSatisfying(
                            RefusedException.class,
                            e -> assertThat(e.reason()).isEqualTo(RefusedException.Reason.WRONG_KIND));
        }
        assertThat(book().info().lastPosition()).isEqualTo(position);
    }

    @Test
    default void plainStreamOfThatNameIsNoLog() {
        book().stream("logs").append(StoreUnderTest.event("plain"));
        assertThat(logs().find(1)).isEmpty();
        assertThat(logs().after(0, 9)).isEmpty();
        assertThatThrownBy(() -> logs().append(NewLogRow.of("s", "t"))).isInstanceOf(RefusedException.class);
    }
}
