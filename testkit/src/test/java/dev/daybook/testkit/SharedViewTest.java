package dev.daybook.testkit;

import static dev.daybook.testkit.LatestView.NAME;
import static dev.daybook.testkit.LatestView.assertRight;
import static dev.daybook.testkit.LatestView.event;
import static dev.daybook.testkit.LatestView.files;
import static dev.daybook.testkit.LatestView.fill;
import static dev.daybook.testkit.LatestView.registered;
import static dev.daybook.testkit.LatestView.rows;
import static dev.daybook.testkit.LatestView.status;
import static dev.daybook.testkit.LatestView.views;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.daybook.Daybook;
import dev.daybook.DaybookOptions;
import dev.daybook.Freshness;
import dev.daybook.Progress;
import dev.daybook.RefusedException;
import dev.daybook.stream.Event;
import dev.daybook.view.ViewReader;
import dev.daybook.view.ViewStatus;
import dev.daybook.view.ViewWriter;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Views of a store that another opening writes, or nobody. */
@Timeout(60)
class SharedViewTest {
    private static final DaybookOptions READING = DaybookOptions.defaults().withReadOnly(true);

    @RegisterExtension
    final StoreExtension store = new StoreExtension();

    @Test
    void readOnlyOpeningSeesTheOwnersView() {
        Daybook book = registered(store);
        Daybook reader = store.open(READING);
        fill(book, 20);
        assertRight(book);
        reader.views().register(new LatestView());
        for (int i = 0; i < 100; i++) {
            long pos = book.stream("a").append(event("e" + i)).pos();
            assertThat(rows(reader, Freshness.at(pos))).containsEntry("a", (i + 1) + " \"e" + i + "\"");
        }
        assertThat(status(reader).state()).isEqualTo(ViewStatus.State.READING);
        book.views().rebuild(NAME, Progress.NONE);
        fill(book, 5);
        assertRight(reader);
        assertThatThrownBy(() -> reader.views().rebuild(NAME, Progress.NONE)).isInstanceOf(RefusedException.class);
    }

    @Test
    void readOnlyOpeningWithoutAnOwnerUsesWhatIsThere() {
        Daybook book = registered(store);
        fill(book, 20);
        assertRight(book);
        store.close();
        List<Path> before = files(store);
        AtomicReference<Event> folded = new AtomicReference<>();
        Daybook reader = store.open(READING);
        reader.views().register(new LatestView() {
            @Override
            public void event(Event event, ViewWriter tables) {
                folded.set(event);
            }
        });
        assertRight(reader);
        assertThat(folded).hasValue(null);
        assertThat(files(store)).isEqualTo(before);
    }

    @Test
    void readOnlyOpeningMakesItsOwnWhenNobodyMovesTheView() {
        Daybook book = registered(store);
        fill(book, 20);
        assertRight(book);
        store.close();
        fill(store.open(), 20); // without views
        store.close();
        List<Path> before = files(store);
        AtomicInteger folded = new AtomicInteger();
        Daybook reader = store.open(READING);
        reader.views().register(new LatestView() {
            @Override
            public void event(Event event, ViewWriter tables) {
                folded.incrementAndGet();
                super.event(event, tables);
            }
        });
        assertThat(rows(reader, Freshness.any())).hasSize(7); // the owner's
        assertThat(folded).hasValue(0);
        assertRight(reader);
        assertThat(folded).hasValue(20); // a copy, and what came since
        assertThat(files(store)).isEqualTo(before);
        fill(store.open(), 3);
        assertRight(reader); // it follows
    }

    @Test
    void readOnlyOpeningMakesItsOwnWhereNoneIs() throws IOException {
        fill(store.open(), 20);
        store.close();
        Daybook reader = store.open(READING);
        reader.views().register(new LatestView());
        assertRight(reader);
        assertThat(views(store)).doesNotExist();
    }

    @Test
    void linesThatDoNotConcernAViewDoNotMakeItOld() {
        class Narrow extends LatestView {
            @Override
            public String prefix() {
                return "runs";
            }
        }
        Daybook book = registered(store, new Narrow());
        fill(book, 20);
        Map<String, String> there = rows(book, Freshness.own());
        store.close();
        for (int i = 0; i < 50; i++) {
            store.open().stream("other").append(event("o" + i));
        }
        store.close();
        Daybook reader = store.open(READING);
        AtomicInteger folded = new AtomicInteger();
        reader.views().register(new Narrow() {
            @Override
            public void event(Event event, ViewWriter tables) {
                folded.incrementAndGet();
            }
        });
        assertThat(rows(reader, Freshness.own())).isEqualTo(there);
        long end = reader.info().lastPosition();
        assertThat(reader.views().<Long>query(NAME, Freshness.own(), ViewReader::position))
                .isEqualTo(end);
        assertThat(folded).hasValue(0);
    }
}
