package dev.daybook.testkit;

import static dev.daybook.testkit.LatestView.NAME;
import static dev.daybook.testkit.LatestView.rows;
import static org.assertj.core.api.Assertions.assertThat;

import dev.daybook.Daybook;
import dev.daybook.Freshness;
import dev.daybook.Progress;
import dev.daybook.VerifyReport;
import dev.daybook.VerifyReport.ViewCheck;
import dev.daybook.stream.Event;
import dev.daybook.stream.NewEvent;
import dev.daybook.view.View;
import dev.daybook.view.ViewStatus;
import dev.daybook.view.ViewWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code verify} compares living views with what a rebuild would make of them. */
@Timeout(60)
class ViewVerifyTest {
    @RegisterExtension
    final StoreExtension store = new StoreExtension();

    /** The small view with a table that has no key, and the words of the payloads. */
    private static final class WideView extends LatestView {
        @Override
        public List<String> tables() {
            List<String> all = new ArrayList<>(super.tables());
            all.add("CREATE TABLE event (stream TEXT COLLATE NOCASE, value, UNIQUE (stream, value))");
            all.add("CREATE TABLE \"odd \"\" name\" (a, \"b c\")");
            all.add("CREATE VIRTUAL TABLE words USING fts5(text, content='', contentless_delete=1)");
            return all;
        }

        @Override
        public void event(Event event, ViewWriter tables) {
            super.event(event, tables);
            tables.update("INSERT INTO event VALUES (?, ?)", event.stream(), event.pos());
            tables.update("INSERT INTO \"odd \"\" name\" VALUES (?, ?)", event.type(), null);
            tables.update("INSERT INTO words (rowid, text) VALUES (?, ?)", event.pos(), event.data());
        }

        @Override
        public void deleted(String stream, ViewWriter tables) {
            super.deleted(stream, tables);
            for (var row : tables.query("SELECT value FROM event WHERE stream = ?", stream)) {
                tables.update("DELETE FROM words WHERE rowid = ?", row.number(0));
                tables.update("DELETE FROM \"odd \"\" name\" WHERE rowid = (SELECT min(rowid) FROM \"odd \"\" name\")");
            }
            tables.update("DELETE FROM event WHERE stream = ?", stream);
        }
    }

    private Daybook filled() {
        Daybook book = store.open();
        book.views().register(new WideView());
        for (int i = 0; i < 100; i++) {
            append(book, i);
        }
        book.stream("s/2").delete();
        append(book, 2);
        rows(book, Freshness.own());
        return book;
    }

    private static void append(Daybook book, int i) {
        book.stream("s/" + i % 10).append(NewEvent.json("t", "\"word" + i % 17 + " and more\""));
    }

    private VerifyReport verify(View... views) {
        return Daybook.verify(store.directory(), List.of(views), Progress.NONE);
    }

    private Path file() throws IOException {
        try (Stream<Path> list = Files.list(store.directory().resolve("views"))) {
            return list.filter(p -> p.toString().endsWith(".db")).findAny().orElseThrow();
        }
    }

    /** Changes the tables behind the view's back. */
    private void change(String sql) throws Exception {
        try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + file());
                Statement statement = connection.createStatement()) {
            assertThat(statement.executeUpdate(sql)).as(sql).isPositive();
        }
    }

    @Test
    void livingViewIsWhatARebuildMakes() {
        Daybook book = filled();
        long end = book.info().lastPosition();
        VerifyReport besideTheWriter = verify(new WideView());
        assertThat(besideTheWriter.problems()).isEmpty();
        assertThat(besideTheWriter.views()).hasSize(1);
        ViewCheck check = besideTheWriter.views().get(0);
        assertThat(check.compared()).isTrue();
        assertThat(check.position()).isEqualTo(end);
        assertThat(check.rows()).isGreaterThan(400); // 10 streams, 90 events twice, and their words
        assertThat(check.differing()).isZero();
        store.close();
        assertThat(verify(new WideView()).views())
                .allMatch(view -> view.differing() == 0 && view.rows() == check.rows());
    }

    @Test
    void viewThatIsBehindIsBroughtUpToDateInACopy() throws IOException {
        filled();
        store.close();
        Path file = file();
        byte[] before = Files.readAllBytes(file);
        Daybook book = store.open();
        for (int i = 0; i < 50; i++) {
            append(book, i);
        }
        book.stream("s/3").delete();
        long end = book.info().lastPosition();
        store.close();
        VerifyReport report = verify(new WideView());
        assertThat(report.problems()).isEmpty();
        assertThat(report.views().get(0).position()).isGreaterThanOrEqualTo(end);
        assertThat(file).hasBinaryContent(before);
    }

    @Test
    void itWorksWhileStreamsComeAndGo() throws Exception {
        Daybook book = filled();
        CompletableFuture<Void> writer = CompletableFuture.runAsync(() -> {
            for (int i = 0; i < 2_000; i++) {
                append(book, i);
                if (i % 7 == 0) {
                    book.stream("s/" + i / 7 % 10).delete();
                }
            }
        });
        do {
            assertThat(verify(new WideView()).problems()).isEmpty();
        } while (!writer.isDone());
        writer.get();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "UPDATE latest SET newest = newest || ' ' WHERE stream = 's/4'",
                "UPDATE latest SET newest = CAST(newest AS BLOB) WHERE stream = 's/4'",
                "UPDATE event SET stream = 'S/4' WHERE rowid = 30",
                "UPDATE event SET value = CAST(value AS TEXT) WHERE rowid = 30",
                "DELETE FROM latest WHERE stream = 's/9'",
                "INSERT INTO latest VALUES ('other', 1, 'x')",
                "INSERT INTO \"odd \"\" name\" SELECT * FROM \"odd \"\" name\" LIMIT 1",
                "UPDATE \"odd \"\" name\" SET \"b c\" = 0 WHERE rowid = 50",
                "DELETE FROM words WHERE rowid = 30"
            })
    void differenceIsFound(String sql) throws Exception {
        filled();
        store.close();
        change(sql);
        VerifyReport report = verify(new WideView());
        assertThat(report.views().get(0).differing()).isPositive();
        assertThat(report.problems()).hasSize(1);
        VerifyReport.Problem problem = report.problems().get(0);
        assertThat(problem.heals()).isFalse();
        assertThat(problem.file()).endsWith("user-latest.1.db");
        assertThat(problem.what()).contains("view latest").contains("of a rebuild");
        Daybook book = store.open();
        book.views().register(new WideView());
        book.views().rebuild(NAME, Progress.NONE);
        assertThat(verify(new WideView()).problems()).isEmpty();
    }

    /** A fold that keeps something to itself is found, too. */
    @Test
    void foldThatDependsOnMoreThanTheEventsIsFound() {
        class Counting extends LatestView {
            private int folded;

            @Override
            public void event(Event event, ViewWriter tables) {
                super.event(event, tables);
                tables.update("UPDATE latest SET events = ? WHERE stream = ?", folded++, event.stream());
            }
        }
        Daybook book = store.open();
        Counting counting = new Counting();
        book.views().register(counting);
        append(book, 1);
        rows(book, Freshness.own());
        assertThat(verify(counting).views().get(0).differing()).isEqualTo(1);
    }

    @Test
    void viewOfAnUnknownProgramIsNotCompared() {
        filled();
        VerifyReport report = verify();
        assertThat(report.problems()).isEmpty();
        assertThat(report.views()).containsExactly(new ViewCheck(NAME, false, 0, 0, 0));
        store.close();
        ViewStatus status = LatestView.status(store.open());
        assertThat(status.state()).isEqualTo(ViewStatus.State.UNREGISTERED);
        assertThat(status.version()).isEqualTo(1);
        assertThat(status.position()).isPositive();
    }

    @Test
    void fileThatCannotBeUsedHeals() throws IOException {
        filled();
        store.close();
        Files.write(file(), new byte[5_000]);
        VerifyReport report = verify(new WideView());
        assertThat(report.problems()).hasSize(1);
        assertThat(report.problems().get(0).heals()).isTrue();
        assertThat(report.views()).containsExactly(new ViewCheck(NAME, false, 0, 0, 0));
        Daybook book = store.open();
        book.views().register(new WideView());
        rows(book, Freshness.own());
        assertThat(verify(new WideView()).problems()).isEmpty();
    }
}
