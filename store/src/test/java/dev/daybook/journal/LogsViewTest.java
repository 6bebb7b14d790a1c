package dev.daybook.journal;

import static org.assertj.core.api.Assertions.assertThat;

import dev.daybook.Daybook;
import dev.daybook.DaybookOptions;
import dev.daybook.Freshness;
import dev.daybook.Progress;
import dev.daybook.VerifyReport.ViewCheck;
import dev.daybook.driver.filesystem.FilesystemDriver;
import dev.daybook.stream.Kind;
import dev.daybook.stream.NewEvent;
import dev.daybook.view.ViewReader;
import dev.daybook.view.sqlite.SqliteViews;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The view {@code logs} over lines as {@code docs/format/logs.md} has them. */
class LogsViewTest {
    @TempDir
    Path directory;

    private Journal journal;
    private SqliteViews views;

    @BeforeEach
    void open() {
        journal = Journal.open(new FilesystemDriver(directory), DaybookOptions.defaults());
        views = new SqliteViews(journal);
    }

    @AfterEach
    void close() {
        views.close();
        journal.close();
    }

    private long append(Kind kind, NewEvent row) {
        return new JournalStream(journal, Name.of("logs"), kind).append(row).pos();
    }

    private List<String> rows() {
        return views.query(
                "logs",
                Freshness.own(),
                reader ->
                        reader
                                .query(
                                        "SELECT pos, seq, time, source, type, ref FROM log JOIN kind USING (kind) ORDER BY pos")
                                .stream()
                                .map(LogsViewTest::text)
                                .toList());
    }

    private static String text(ViewReader.Row row) {
        return row.text(0) + " " + row.text(1) + " " + row.text(2) + " " + row.text(3) + " " + row.text(4) + " "
                + row.text(5);
    }

    @Test
    void rowsAreThereWithTheirTimesAndKinds() {
        Instant late = Instant.parse("2026-11-20T21:00:00Z");
        long first = append(
                Kind.LOG,
                NewEvent.json("started", "{}").source("planner").subject("r1").occurred(late));
        long second = append(
                Kind.LOG,
                NewEvent.json("started", "null").source("planner").occurred(Instant.parse("0001-01-01T00:00:00Z")));
        long third =
                append(Kind.LOG, NewEvent.json("late", "1").source("planner").occurred(late));
        List<String> expected = List.of(
                first + " 1 1795208400000000 planner started r1",
                second + " 2 -62135596800000000 planner started null",
                third + " 3 1795208400000000 planner late null");
        assertThat(rows()).isEqualTo(expected);
        views.rebuild("logs", Progress.NONE);
        assertThat(rows()).isEqualTo(expected);
        assertThat(Daybook.verify(directory, Progress.NONE).views())
                .containsExactly(new ViewCheck("logs", true, journal.pos(), 5, 0));
        assertThat(
                        views
                                .query(
                                        "logs",
                                        Freshness.own(),
                                        reader -> reader.query("SELECT kind FROM kind ORDER BY kind"))
                                .stream()
                                .map(row -> row.number(0)))
                .containsExactly(first, third);
    }

    @Test
    void timeIsTheStoresWhereNoneIsGiven() {
        append(Kind.LOG, NewEvent.json("t", "1").source("s"));
        long micros = journal.visible().micros();
        assertThat(rows().get(0)).contains(" " + micros + " ");
    }

    @Test
    void plainStreamOfThatNameIsNoLog() {
        append(Kind.STREAM, NewEvent.json("t", "1").source("s"));
        assertThat(rows()).isEmpty();
        assertThat(Daybook.verify(directory, Progress.NONE).views())
                .containsExactly(new ViewCheck("logs", true, journal.pos(), 0, 0));
    }

    @Test
    void deletingAPlainStreamBelowThatNameLeavesTheRows() {
        append(Kind.LOG, NewEvent.json("t", "1").source("s"));
        Name below = Name.of("logs/old");
        new JournalStream(journal, below, Kind.STREAM).append(NewEvent.json("t", "1"));
        assertThat(rows()).hasSize(1);
        journal.append(List.of(Op.delete(below, Kind.STREAM)));
        assertThat(rows()).hasSize(1);
        assertThat(Daybook.verify(directory, Progress.NONE).views().get(0).differing())
                .isZero();
    }

    @Test
    void rowsOfALogThatWasDeletedAreGone() {
        append(Kind.LOG, NewEvent.json("t", "1").source("s"));
        assertThat(rows()).hasSize(1);
        journal.append(List.of(Op.delete(Name.of("logs"), Kind.LOG)));
        assertThat(rows()).isEmpty();
        append(Kind.LOG, NewEvent.json("u", "1").source("s"));
        assertThat(rows()).hasSize(1);
        assertThat(Daybook.verify(directory, Progress.NONE).views().get(0).differing())
                .isZero();
    }
}
