package dev.daybook.journal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.daybook.Daybook;
import dev.daybook.Progress;
import dev.daybook.RefusedException;
import dev.daybook.SalvageReport;
import dev.daybook.document.Condition;
import dev.daybook.document.DocumentChange;
import dev.daybook.driver.filesystem.FilesystemDriver;
import dev.daybook.log.NewLogRow;
import dev.daybook.run.RunStatus;
import dev.daybook.stream.Kind;
import dev.daybook.stream.NewEvent;
import dev.daybook.stream.StreamInfo;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Runs, documents and logs in whole stores that are moved: what they are stands in their lines, and must arrive. */
class TypedInterchangeTest {
    @TempDir
    Path folder;

    private Path from;

    @BeforeEach
    void makeAStore() {
        from = folder.resolve("from");
        try (RunsByHand runs = new RunsByHand(new FilesystemDriver(from))) {
            runs.start("r");
            runs.append(RunsByHand.note("r", "step-completed", Rule.Allowed.WHILE_STARTED, Rule.Writer.owner(1)));
            runs.append(RunsByHand.end("r", RunStatus.CRASHED, Rule.Writer.store(1)));
            runs.submit("q");
        }
        try (Daybook book = Daybook.open(from)) {
            book.documents().put("kept", "1");
            book.documents().put("gone", "1");
            book.documents().delete("gone");
            book.logs().append(NewLogRow.of("s", "t"));
            book.stream("plain").append(NewEvent.json("t", "1"));
        }
    }

    private static void assertSame(Path store) {
        try (RunsByHand runs = new RunsByHand(new FilesystemDriver(store))) {
            assertThat(runs.status("r")).isEqualTo("crashed");
            assertThat(runs.known("r").generation()).isEqualTo(2);
            assertThat(runs.known("r").startedSeq()).isEqualTo(1);
            assertThat(runs.lane().stoppedRuns()).containsExactly("r");
            assertThat(runs.lane().queuedRuns()).containsExactly("q");
        }
        try (Daybook book = Daybook.open(store)) {
            assertThat(book.documents().get("kept").orElseThrow().data()).isEqualTo("1");
            assertThat(book.documents().get("gone")).isEmpty();
            assertThat(book.documents().history("gone", Long.MAX_VALUE, 9).get(0))
                    .isInstanceOf(DocumentChange.Delete.class);
            assertThat(book.documents().put("gone", "3", Condition.ifVersion(2)))
                    .isEqualTo(3);
            assertThat(book.logs().append(NewLogRow.of("s", "t")).seq()).isEqualTo(2);
            assertThat(book.stream("plain").info().orElseThrow().kind()).isEqualTo(Kind.STREAM);
        }
        assertThat(Daybook.verify(store, Progress.NONE).problems()).isEmpty();
    }

    @Test
    void salvageKeepsThem() {
        Path to = folder.resolve("to");
        SalvageReport report = Daybook.salvage(from, to, Progress.NONE);
        assertThat(report.losses()).isEmpty();
        assertThat(report.streams()).isEqualTo(6);
        assertThat(report.events()).isEqualTo(9);
        assertSame(to);
    }

    @Test
    void restoreKeepsThem() throws IOException {
        Path file = export();
        Path to = folder.resolve("to");
        try (InputStream in = Files.newInputStream(file)) {
            Daybook.restore(in, to, Progress.NONE);
        }
        assertSame(to);
    }

    @Test
    void importMakesPlainStreamsOfThemBelowAPrefixAndNothingWithoutOne() throws IOException {
        Path file = export();
        try (Daybook book = Daybook.open(folder.resolve("to"))) {
            assertThatThrownBy(() -> book.importExport(file, "", Progress.NONE))
                    .isInstanceOfSatisfying(
                            RefusedException.class,
                            e -> assertThat(e.reason()).isEqualTo(RefusedException.Reason.WRONG_KIND));
            assertThat(book.info().lastPosition()).isZero();
            assertThat(book.importExport(file, "old", Progress.NONE).appended()).isEqualTo(9);
            assertThat(book.importExport(file, "old", Progress.NONE).appended()).isZero();
            List<StreamInfo> streams = book.streams("old", "", 100);
            assertThat(streams).hasSize(6).allMatch(stream -> stream.kind() == Kind.STREAM);
            assertThat(book.stream("old/runs/r").read().toList().get(2).type()).isEqualTo("crashed");
            assertThat(book.documents().list("", "", 9)).isEmpty();
        }
    }

    private Path export() throws IOException {
        Path file = folder.resolve("export.jsonl");
        try (Daybook book = Daybook.open(from);
                OutputStream out = Files.newOutputStream(file)) {
            book.export(out, Progress.NONE);
        }
        return file;
    }
}
