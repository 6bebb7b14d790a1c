package dev.daybook.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.daybook.Daybook;
import dev.daybook.Freshness;
import dev.daybook.stream.Event;
import dev.daybook.stream.NewEvent;
import dev.daybook.view.View;
import dev.daybook.view.ViewReader;
import dev.daybook.view.ViewStatus;
import dev.daybook.view.ViewWriter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;

/** A small view: of each stream, how many events it has and the newest payload. Throws at the type {@code poison}, while that is asked for. */
class LatestView implements View {
    static final String NAME = "latest";

    private final int version;
    volatile boolean poisoned;
    volatile long pauseMillis;

    LatestView() {
        this(1);
    }

    LatestView(int version) {
        this.version = version;
    }

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public int version() {
        return version;
    }

    @Override
    public List<String> tables() {
        return List.of("CREATE TABLE latest (stream TEXT PRIMARY KEY, events INTEGER NOT NULL, newest TEXT NOT NULL)");
    }

    @Override
    public List<String> indexes() {
        return List.of("CREATE INDEX latest_newest ON latest (newest, stream)");
    }

    @Override
    public void event(Event event, ViewWriter tables) {
        if (pauseMillis > 0) {
            try {
                Thread.sleep(pauseMillis);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
        if (poisoned && event.type().equals("poison")) {
            throw new IllegalStateException("cannot take " + event.data());
        }
        tables.update(
                "INSERT INTO latest VALUES (?, 1, ?)"
                        + " ON CONFLICT (stream) DO UPDATE SET events = events + 1, newest = excluded.newest",
                event.stream(),
                event.data());
    }

    @Override
    public void deleted(String stream, ViewWriter tables) {
        tables.update("DELETE FROM latest WHERE stream = ?", stream);
    }

    static ViewStatus status(Daybook book) {
        return book.views().status().stream()
                .filter(view -> view.name().equals(NAME))
                .findAny()
                .orElseThrow();
    }

    /** The store, opened for writing, with this view. */
    static Daybook registered(StoreExtension store) {
        return registered(store, new LatestView());
    }

    static Daybook registered(StoreExtension store, View view) {
        Daybook book = store.open();
        book.views().register(view);
        return book;
    }

    static NewEvent event(String data) {
        return NewEvent.json("t", "\"" + data + "\"");
    }

    static void fill(Daybook book, int events) {
        for (int i = 0; i < events; i++) {
            book.stream("runs/" + i % 7).append(event("e" + i));
        }
    }

    static void fillMany(Daybook book) {
        List<CompletableFuture<?>> all = new ArrayList<>();
        for (int i = 0; i < 2_000; i++) {
            all.add(book.stream("s" + i).appendAsync(event("e" + i)));
        }
        all.forEach(CompletableFuture::join);
    }

    static Path views(StoreExtension store) {
        return store.directory().resolve("views");
    }

    static List<Path> files(StoreExtension store) {
        try (Stream<Path> list = Files.list(views(store))) {
            return list.filter(p -> p.toString().endsWith(".db")).sorted().toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static void assertRight(Daybook book) {
        assertThat(rows(book, Freshness.own())).isEqualTo(expected(book));
    }

    /** The rows, by stream. Looks at the index, too, and at whether SQLite finds anything wrong. */
    static Map<String, String> rows(Daybook book, Freshness freshness) {
        return book.views().query(NAME, freshness, LatestView::rows);
    }

    static Map<String, String> rows(ViewReader tables) {
        Map<String, String> rows = new TreeMap<>();
        for (ViewReader.Row row : tables.query("SELECT stream, events, newest FROM latest")) {
            rows.put(row.text(0), row.number(1) + " " + row.text(2));
        }
        return rows;
    }

    /** What the view should hold: from the journal, without it. */
    static Map<String, String> expected(Daybook book) {
        Map<String, String> rows = new TreeMap<>();
        Map<String, Integer> counts = new TreeMap<>();
        for (Event event : book.read("", dev.daybook.stream.ReadOptions.all())) {
            int count = counts.merge(event.stream(), 1, Integer::sum);
            rows.put(event.stream(), count + " " + event.data());
        }
        return rows;
    }
}
