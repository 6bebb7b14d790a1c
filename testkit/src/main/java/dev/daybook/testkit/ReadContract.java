package dev.daybook.testkit;

import static dev.daybook.testkit.StoreUnderTest.data;
import static dev.daybook.testkit.StoreUnderTest.event;
import static dev.daybook.testkit.StoreUnderTest.events;
import static dev.daybook.testkit.StoreUnderTest.seqs;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.daybook.stream.Event;
import dev.daybook.stream.Events;
import dev.daybook.stream.Kind;
import dev.daybook.stream.NewEvent;
import dev.daybook.stream.ReadOptions;
import dev.daybook.stream.Stream;
import dev.daybook.stream.StreamInfo;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Reading and listing what is there. */
interface ReadContract extends StoreUnderTest {
    @Test
    default void readAfterASeqIsExclusive() {
        book().stream("s").append(events(10), NONE);
        assertThat(seqs(book().stream("s").read(ReadOptions.after(7)))).containsExactly(8L, 9L, 10L);
        assertThat(seqs(book().stream("s").read(ReadOptions.after(10)))).isEmpty();
        assertThat(seqs(book().stream("s").read(ReadOptions.after(99)))).isEmpty();
    }

    @Test
    default void limitTakesTheFirstAndReverseTheNewest() {
        book().stream("s").append(events(10), NONE);
        Stream s = book().stream("s");
        assertThat(seqs(s.read(ReadOptions.all().limit(3)))).containsExactly(1L, 2L, 3L);
        assertThat(seqs(s.read(ReadOptions.newest(3)))).containsExactly(10L, 9L, 8L);
        assertThat(seqs(s.read(ReadOptions.newest(99).since(7)))).containsExactly(10L, 9L, 8L);
        assertThat(seqs(s.read(ReadOptions.after(4).limit(2)))).containsExactly(5L, 6L);
        assertThatThrownBy(() -> ReadOptions.all().limit(0)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    default void timeRangeIncludesBothEnds() {
        List<Instant> times = new ArrayList<>();
        for (int i = 0; i < 6; i++) {
            times.add(book().stream("s").append(event("" + i)).time());
            book().stream("other").append(event("" + i));
            clock().advance(Duration.ofHours(1)); // crosses midnight
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
    default void readIsASnapshot() {
        book().stream("s").append(events(3), NONE);
        Events events = book().stream("s").read();
        book().stream("s").append(events(3), NONE);
        assertThat(events.toList()).hasSize(3);
        assertThat(events.toList()).hasSize(3);
    }

    @Test
    default void readOverManySegmentsAndDaysIsComplete() {
        for (int i = 1; i <= 600; i++) {
            book().stream("s/" + i % 7).append(event("e" + i + "x".repeat(i % 50)));
            if (i % 200 == 0) {
                clock().advance(Duration.ofDays(1));
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
    default void prefixMeansWholeSegments() {
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
    default void listIsOrderedBytewiseAlsoBeyondTheBasicPlane() {
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
    default void infoCountsWhatIsThere() {
        Instant first =
                book().stream("s").append(NewEvent.text("x", "\u00e4bc")).time();
        clock().advance(Duration.ofMinutes(1));
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
}
