package dev.daybook.testkit;

import static dev.daybook.testkit.StoreUnderTest.data;
import static dev.daybook.testkit.StoreUnderTest.event;
import static dev.daybook.testkit.StoreUnderTest.events;
import static dev.daybook.testkit.StoreUnderTest.take;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.daybook.Daybook;
import dev.daybook.Durability;
import dev.daybook.Progress;
import dev.daybook.RefusedException;
import dev.daybook.StoreClosedException;
import dev.daybook.StoreLockedException;
import dev.daybook.stream.Appended;
import dev.daybook.stream.Stream;
import dev.daybook.stream.Subscription;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** The store as a whole: opened, opened again, opened twice, closed, exported. */
interface OpenAndCloseContract extends StoreUnderTest {
    @Test
    default void newStoreIsEmpty() {
        assertThat(book().openReport().created()).isTrue();
        assertThat(book().info().streams()).isZero();
        assertThat(book().info().events()).isZero();
        assertThat(book().streams("", "", 10)).isEmpty();
        assertThat(book().stream("s").read().toList()).isEmpty();
        assertThat(book().stream("s").info()).isEmpty();
        assertThat(reopen().openReport().created()).isFalse();
    }

    @Test
    default void secondStoreObjectIsRefused() {
        assertThatThrownBy(() -> openBeside(options -> options))
                .isInstanceOfSatisfying(
                        StoreLockedException.class, e -> assertThat(e.owner()).isNotBlank());
        assertThat(book().stream("s").append(event("x")).seq()).isEqualTo(1);
    }

    @Test
    default void readOnlyStoreReadsBesideAWriterAndWritesNothing() {
        book().stream("s").append(events(3), NONE);
        try (Daybook reader = openBeside(options -> options.withReadOnly(true))) {
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
    default void readOnlySubscriberFollowsTheWriter() throws Exception {
        book().stream("s").append(event("0"));
        try (Daybook reader = openBeside(options -> options.withReadOnly(true));
                Subscription live = reader.stream("s").subscribe(0)) {
            for (int i = 0; i < 300; i++) {
                assertThat(take(live, 1)).containsExactly("" + i);
                book().stream("s").append(event("" + (i + 1)));
            }
        }
    }

    @Test
    default void closedStoreRefusesAndClosingIsIdempotent() {
        Stream s = book().stream("s");
        s.append(event("1"));
        book().close();
        book().close();
        assertThatThrownBy(() -> s.append(event("2"))).isInstanceOf(StoreClosedException.class);
        assertThatThrownBy(() -> s.read().toList()).isInstanceOf(StoreClosedException.class);
        assertThatThrownBy(() -> book().stream("s").append(event("2"))).isInstanceOf(StoreClosedException.class);
    }

    @Test
    default void appendsInFlightAreDecidedWhenTheStoreCloses() {
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
    default void osDurabilityKeepsTheSameContract() {
        reopen(options -> options.withDurability(Durability.OS));
        for (int i = 1; i <= 100; i++) {
            assertThat(book().stream("s").append(event("" + i)).seq()).isEqualTo(i);
        }
        assertThat(book().stream("s").read().toList()).hasSize(100);
        assertThat(reopen().stream("s").read().toList()).hasSize(100);
        assertThat(book().openReport().cleanlyClosed()).isTrue();
    }

    @Test
    default void cleanCloseIsReported() {
        book().stream("s").append(event("1"));
        assertThat(reopen().openReport().cleanlyClosed()).isTrue();
        assertThat(book().openReport().cut()).isEmpty();
        assertThat(book().openReport().doubtfulLines()).isZero();
    }

    @Test
    default void manyReopeningsLoseNothing() {
        for (int i = 1; i <= 30; i++) {
            assertThat(book().stream("s").append(event("" + i)).seq()).isEqualTo(i);
            clock().advance(Duration.ofHours(3));
            reopen();
        }
        assertThat(data(book().stream("s").read())).hasSize(30).startsWith("1").endsWith("30");
    }

    @Test
    default void exportHoldsEveryLineOnce() throws Exception {
        book().stream("a").append(events(5), NONE);
        book().stream("b").append(event("x"));
        java.io.ByteArrayOutputStream out = new java.io.ByteArrayOutputStream();
        assertThat(book().export(out, Progress.NONE).events()).isEqualTo(6);
        assertThat(out.toString(StandardCharsets.UTF_8).lines().filter(l -> l.contains("\"seq\":")))
                .hasSize(6);
    }
}
