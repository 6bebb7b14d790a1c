package dev.daybook.testkit;

import static dev.daybook.testkit.LatestView.NAME;
import static dev.daybook.testkit.LatestView.assertRight;
import static dev.daybook.testkit.LatestView.event;
import static dev.daybook.testkit.LatestView.expected;
import static dev.daybook.testkit.LatestView.files;
import static dev.daybook.testkit.LatestView.fill;
import static dev.daybook.testkit.LatestView.registered;
import static dev.daybook.testkit.LatestView.rows;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.daybook.Daybook;
import dev.daybook.DaybookOptions;
import dev.daybook.Freshness;
import dev.daybook.Progress;
import dev.daybook.ViewBehindException;
import dev.daybook.stream.Appended;
import dev.daybook.stream.Batch;
import dev.daybook.stream.Event;
import dev.daybook.stream.NewEvent;
import dev.daybook.view.ViewStatus;
import dev.daybook.view.ViewWriter;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Folds that throw: the view stops there, and nothing else does. */
@Timeout(60)
class ViewPoisonTest {
    private static final DaybookOptions READING = DaybookOptions.defaults().withReadOnly(true);

    @RegisterExtension
    final StoreExtension store = new StoreExtension();

    @Test
    void poisonStopsTheViewThereAndNothingElse() {
        LatestView view = new LatestView();
        view.poisoned = true;
        Daybook book = registered(store, view);
        book.views().register(new LatestView() {
            @Override
            public String name() {
                return "healthy";
            }
        });
        fill(book, 10);
        assertRight(book);
        Map<String, String> before = rows(book, Freshness.own());
        long at = book.stream("runs/1").append(NewEvent.json("poison", "1")).pos();
        fill(book, 10);

        ViewBehindException stopped =
                catchThrowableOfType(ViewBehindException.class, () -> rows(book, Freshness.own()));
        assertThat(stopped.status().state()).isEqualTo(ViewStatus.State.STOPPED);
        assertThat(stopped.status().position()).isEqualTo(at - 1);
        assertThat(stopped.status().stoppedBecause().orElseThrow())
                .contains("position " + at)
                .contains("cannot take 1");
        assertThat(rows(book, Freshness.any())).isEqualTo(before);
        Map<String, String> healthy = book.views().query("healthy", Freshness.own(), LatestView::rows);
        assertThat(healthy).isEqualTo(expected(book));

        assertThatThrownBy(() -> book.views().rebuild(NAME, Progress.NONE)).isInstanceOf(ViewBehindException.class);
        assertThat(rows(book, Freshness.any())).isEqualTo(before);

        view.poisoned = false; // a fold that was mended
        book.views().rebuild(NAME, Progress.NONE);
        assertRight(book);
    }

    @Test
    void nothingOfAnAppendThatHoldsAPoisonIsThere() {
        LatestView view = new LatestView();
        view.poisoned = true;
        Daybook book = registered(store, view);
        Daybook reader = store.open(READING);
        reader.views().register(new LatestView());
        fill(book, 10);
        assertRight(book);
        Map<String, String> before = rows(book, Freshness.own());
        long last = book.info().lastPosition();
        List<Appended> parts = book.append(Batch.of()
                .event("new", event("first"))
                .event("runs/1", event("second"))
                .event("runs/2", NewEvent.json("poison", "1"))
                .event("runs/3", event("fourth")));
        Appended poison = parts.get(2);
        fill(book, 10);
        ViewBehindException stopped =
                catchThrowableOfType(ViewBehindException.class, () -> rows(book, Freshness.own()));
        assertThat(stopped)
                .hasMessageContaining("view latest is at position " + last)
                .hasMessageContaining("position " + poison.pos() + ", event " + poison.seq() + " of stream runs/2")
                .hasMessageContaining("cannot take 1")
                .hasMessageContaining("rebuild the view");
        assertThat(rows(book, Freshness.any())).isEqualTo(before);
        assertThatThrownBy(() -> rows(reader, Freshness.own()))
                .isInstanceOf(ViewBehindException.class)
                .hasMessageContaining("event " + poison.seq() + " of stream runs/2");
        assertThat(book.stream("runs/3").append(event("on")).pos()).isPositive();
        store.close();
        assertRight(registered(store));
    }

    @Test
    void linesBeforeAPoisonInOneBatchAreThere() {
        LatestView view = new LatestView();
        view.poisoned = true;
        Daybook book = store.open();
        fill(book, 500);
        Map<String, String> before = expected(book);
        book.stream("runs/1").append(NewEvent.json("poison", "1"));
        fill(book, 500);
        book.views().register(view);
        assertThatThrownBy(() -> rows(book, Freshness.own())).isInstanceOf(ViewBehindException.class);
        assertThat(rows(book, Freshness.any())).isEqualTo(before);
        store.close();
        assertRight(registered(store)); // tried again
        assertThat(files(store).get(0)).hasFileName("user-latest.1.db"); // and not from the beginning
    }

    @Test
    void statementThatSqliteDoesNotTakeIsAPoison() {
        Daybook book = registered(store, new LatestView() {
            @Override
            public void event(Event event, ViewWriter tables) {
                super.event(event, tables);
                tables.update("INSERT INTO nowhere VALUES (1)");
            }
        });
        fill(book, 1);
        assertThatThrownBy(() -> rows(book, Freshness.own()))
                .isInstanceOf(ViewBehindException.class)
                .hasMessageContaining("nowhere");
        assertThat(rows(book, Freshness.any())).isEmpty();
    }

    @Test
    void failureThatIsNotTheEventsIsTriedAgain() {
        AtomicInteger failures = new AtomicInteger();
        class Failing extends LatestView {
            @Override
            public void event(Event event, ViewWriter tables) {
                super.event(event, tables);
                if (failures.getAndDecrement() > 0) {
                    throw new OutOfMemoryError("planted");
                }
            }
        }
        Daybook book = registered(store, new Failing());
        fill(book, 5);
        assertRight(book);
        Map<String, String> before = rows(book, Freshness.own());
        failures.set(1);
        fill(book, 1);
        assertThatThrownBy(() -> rows(book, Freshness.own().within(Duration.ofMillis(200))))
                .isInstanceOf(ViewBehindException.class)
                .hasMessageContaining("planted");
        assertThat(rows(book, Freshness.any())).isEqualTo(before);
        assertRight(book); // a second later
    }
}
