package dev.daybook.testkit;

import static dev.daybook.testkit.StoreUnderTest.data;
import static dev.daybook.testkit.StoreUnderTest.event;
import static dev.daybook.testkit.StoreUnderTest.events;
import static dev.daybook.testkit.StoreUnderTest.seqs;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.daybook.ConflictException;
import dev.daybook.InvalidEventException;
import dev.daybook.stream.AppendOptions;
import dev.daybook.stream.Appended;
import dev.daybook.stream.Batch;
import dev.daybook.stream.Stream;
import java.util.List;
import org.junit.jupiter.api.Test;

/** An append that is sent again: by producer, by id, by order token. */
interface IdempotenceContract extends StoreUnderTest {
    @Test
    default void producerTableOfDurableStreamsHolds() {
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
    default void duplicateOfAProducerIsNoticedBeforeOtherConditions() {
        Stream s = book().stream("s");
        AppendOptions options = AppendOptions.from("p", 0, 0).order("a").expectedSeq(0);
        s.append(event("1"), options);
        assertThat(s.append(event("1"), options).duplicate()).isTrue();
    }

    @Test
    default void refusedAppendDoesNotAdvanceItsProducer() {
        Stream s = book().stream("s");
        s.append(event("1"), AppendOptions.from("p", 0, 0));
        assertThatThrownBy(
                        () -> s.append(event("2"), AppendOptions.from("p", 0, 1).expectedSeq(9)))
                .isInstanceOf(ConflictException.class);
        assertThat(s.append(event("2"), AppendOptions.from("p", 0, 1)).duplicate())
                .isFalse();
    }

    @Test
    default void eventIdIsStoredOnce() {
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
    default void batchOfWhichSomeIdsAreStoredIsAConflict() {
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
    default void duplicateIsToldWhereItIsWhicheverWayItIsSent() {
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
    default void orderTokenMustGrowBytewise() {
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
}
