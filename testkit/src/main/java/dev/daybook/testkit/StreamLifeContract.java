package dev.daybook.testkit;

import static dev.daybook.testkit.StoreUnderTest.data;
import static dev.daybook.testkit.StoreUnderTest.event;
import static dev.daybook.testkit.StoreUnderTest.events;
import static dev.daybook.testkit.StoreUnderTest.seqs;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.daybook.DaybookException;
import dev.daybook.RefusedException;
import dev.daybook.StreamNotFoundException;
import dev.daybook.stream.AppendOptions;
import dev.daybook.stream.Appended;
import dev.daybook.stream.NewEvent;
import dev.daybook.stream.ReadOptions;
import dev.daybook.stream.Stream;
import dev.daybook.stream.StreamConfig;
import dev.daybook.stream.StreamInfo;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The life of a stream: created, truncated, replaced, closed, deleted. */
interface StreamLifeContract extends StoreUnderTest {
    @Test
    default void createdStreamHasItsConfiguration() {
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
    default void mustExistRefusesAStreamThatDoesNot() {
        assertThatThrownBy(() -> book().stream("s").append(event("x"), NONE.requireStream()))
                .isInstanceOf(StreamNotFoundException.class);
        book().stream("s").append(event("1"));
        assertThat(book().stream("s").append(event("2"), NONE.requireStream()).seq())
                .isEqualTo(2);
    }

    @Test
    default void closedStreamTakesNoMoreEvents() {
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
    default void lastAppendCanCloseItsStream() {
        Stream s = book().stream("s");
        AppendOptions closing = AppendOptions.from("p", 0, 0).close();
        assertThat(s.append(event("1"), closing).seq()).isEqualTo(1);
        assertThat(s.info().orElseThrow().closed()).isTrue();
        assertThat(s.append(event("1"), closing).duplicate()).isTrue();
        assertThatThrownBy(() -> s.append(event("2"), AppendOptions.from("p", 0, 1)))
                .isInstanceOf(DaybookException.class);
    }

    @Test
    default void truncatingRemovesWhatIsBeforeAndNumbersGoOn() {
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
    default void numbersAreNotUsedAgainAfterEverythingWasTruncated() {
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
    default void keepNewestRemovesTheRest() {
        Stream s = book().stream("s");
        s.append(events(10), NONE);
        assertThat(s.keepNewest(20)).isZero();
        assertThat(s.keepNewest(3)).isEqualTo(7);
        assertThat(seqs(s.read())).containsExactly(8L, 9L, 10L);
        assertThat(s.keepNewest(0)).isEqualTo(3);
        assertThat(s.append(event("11")).seq()).isEqualTo(11);
    }

    @Test
    default void appendsDuringATruncationAreKept() throws Exception {
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
    default void replacedContentIsThereAloneAndNumbersGoOn() {
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
    default void deletedNameCanBeUsedForAnotherStream() {
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
    default void truncatingOrClosingNothingIsSaid() {
        assertThatThrownBy(() -> book().stream("s").truncateBefore(2)).isInstanceOf(StreamNotFoundException.class);
        assertThatThrownBy(() -> book().stream("s").close()).isInstanceOf(StreamNotFoundException.class);
        assertThat(book().stream("s").delete()).isFalse();
        assertThat(book().stream("s").info()).isEmpty();
    }
}
