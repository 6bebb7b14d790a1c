package dev.daybook.testkit;

import static dev.daybook.testkit.StoreUnderTest.data;
import static dev.daybook.testkit.StoreUnderTest.event;
import static dev.daybook.testkit.StoreUnderTest.events;
import static dev.daybook.testkit.StoreUnderTest.seqs;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.daybook.ConflictException;
import dev.daybook.stream.AppendOptions;
import dev.daybook.stream.Appended;
import dev.daybook.stream.Batch;
import dev.daybook.stream.Event;
import dev.daybook.stream.NewEvent;
import dev.daybook.stream.PayloadForm;
import dev.daybook.stream.ReadOptions;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;

/** Appending: numbers, order, times, batches and expectations. */
interface AppendContract extends StoreUnderTest {
    @Test
    default void appendedEventIsReadBack() {
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
        assertThat(appended.time()).isEqualTo(clock().now());
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
    default void batchHasConsecutiveNumbersAndOneTime() {
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
    default void emptyBatchWritesNothingAndSaysWhereTheStreamIs() {
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
    default void batchOverStreamsIsAllOrNothing() {
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
    default void positionsAreDenseOverEventsAndControlRecords() {
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
    default void expectedSeqHoldsOrCarriesBothNumbers() {
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
    default void failedAppendDoesNotBlockLaterOnes() {
        CompletableFuture<Appended> bad =
                book().stream("s").appendAsync(List.of(event("x")), AppendOptions.expecting(9));
        CompletableFuture<Appended> good = book().stream("s").appendAsync(event("y"));
        assertThat(good.join().seq()).isEqualTo(1);
        assertThatThrownBy(bad::join).hasCauseInstanceOf(ConflictException.class);
    }

    @Test
    default void orderOfCallsIsOrderOfNumbers() {
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
    default void concurrentAppendsAllGetTheirOwnNumber() throws Exception {
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
    default void commitTimeNeverGoesBackwards() {
        Instant first = book().stream("s").append(event("1")).time();
        clock().advance(Duration.ofHours(-5));
        assertThat(book().stream("s").append(event("2")).time()).isAfterOrEqualTo(first);
        clock().advance(Duration.ofHours(6));
        assertThat(book().stream("s").append(event("3")).time()).isEqualTo(clock().now());
    }
}
