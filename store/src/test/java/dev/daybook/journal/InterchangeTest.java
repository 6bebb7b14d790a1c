package dev.daybook.journal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.daybook.Daybook;
import dev.daybook.DaybookOptions;
import dev.daybook.ImportReport;
import dev.daybook.InvalidEventException;
import dev.daybook.Progress;
import dev.daybook.RefusedException;
import dev.daybook.driver.memory.MemoryDriver;
import dev.daybook.stream.NewEvent;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Exports and imports that are not what they should be: all of it arrives, or the reason is told. */
class InterchangeTest {
    @TempDir
    Path directory;

    private String export = "";
    private Path to;

    @BeforeEach
    void exportAStore() throws IOException {
        to = directory.resolve("restored");
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (Daybook book = Daybook.memory()) {
            for (int i = 1; i <= 4; i++) {
                book.stream("a").append(NewEvent.json("t", "{\"n\":" + i + "}"));
            }
            book.export(out, Progress.NONE);
        }
        export = out.toString(StandardCharsets.UTF_8);
    }

    private void restore(String text) throws IOException {
        Daybook.restore(new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8)), to, Progress.NONE);
    }

    private void refused(String text) {
        assertThatThrownBy(() -> restore(text)).as(text).isInstanceOf(InvalidEventException.class);
        assertThat(to).doesNotExist();
    }

    @Test
    void exportThatIsCutShortMakesNoStore() throws IOException {
        for (int line = 0, at = 0; at < export.length() - 1; line++) {
            refused(export.substring(0, at));
            int end = export.indexOf('\n', at) + 1;
            refused(export.substring(0, (at + end) / 2));
            at = end;
            assertThat(line).isLessThan(10);
        }
        restore(export);
        try (Daybook book = Daybook.open(to)) {
            assertThat(book.stream("a").read().toList()).hasSize(4);
        }
    }

    @Test
    void exportThatWasChangedMakesNoStore() {
        List<String> lines = export.lines().toList();
        refused(export.replace("{\"n\":2}", "{\"n\":7}"));
        refused(export + "{}\n");
        refused(export + export);
        refused("\n" + export);
        refused("{}\n");
        for (int i = 1; i < lines.size() - 1; i++) {
            List<String> without = new ArrayList<>(lines);
            String line = without.remove(i);
            refused(String.join("\n", without) + "\n");
            List<String> twice = new ArrayList<>(lines);
            twice.add(i, line);
            refused(String.join("\n", twice) + "\n");
        }
        List<String> swapped = new ArrayList<>(lines);
        java.util.Collections.swap(swapped, 2, 3);
        refused(String.join("\n", swapped) + "\n");
    }

    @Test
    void exportThatWasChangedIsNotImported() throws IOException {
        String changed = export.replace("{\"n\":4}", "{\"n\":7}");
        String cut = export.substring(0, export.lastIndexOf("{\"exported\""));
        try (Daybook book = Daybook.memory()) {
            for (String bad : List.of(changed, cut)) {
                assertThatThrownBy(() -> book.importExport(file(bad), "", Progress.NONE))
                        .isInstanceOf(InvalidEventException.class);
                assertThat(book.info().lastPosition()).isZero();
            }
            assertThat(book.importExport(file(export), "p", Progress.NONE).appended())
                    .isEqualTo(4);
            assertThat(book.stream("p/a").read().toList()).hasSize(4);
        }
    }

    @Test
    void endlessLineIsRefusedAtSixtyFourMebibytes() {
        InputStream endless = new InputStream() {
            @Override
            public int read() {
                return 'x';
            }

            @Override
            public int read(byte[] into, int from, int length) {
                java.util.Arrays.fill(into, from, from + length, (byte) 'x');
                return length;
            }
        };
        assertThatThrownBy(() -> Daybook.restore(endless, to, Progress.NONE))
                .isInstanceOf(InvalidEventException.class)
                .hasMessageContaining("longer than 67108864 bytes");
        assertThat(to).doesNotExist();
    }

    /** An export may come through a pipe and take its time. */
    @Test
    void restoreLeavesAStoreAloneThatCameMeanwhile() {
        InputStream slow = new ByteArrayInputStream(export.getBytes(StandardCharsets.UTF_8)) {
            private boolean begun;

            @Override
            public synchronized int read(byte[] into, int from, int length) {
                if (!begun) {
                    begun = true;
                    try (Daybook other = Daybook.open(to)) {
                        other.stream("b").append(NewEvent.json("t", "1"));
                    }
                }
                return super.read(into, from, length);
            }
        };
        assertThatThrownBy(() -> Daybook.restore(slow, to, Progress.NONE))
                .isInstanceOfSatisfying(
                        RefusedException.class, e -> assertThat(e.reason()).isEqualTo(RefusedException.Reason.EXISTS));
        try (Daybook book = Daybook.open(to)) {
            assertThat(book.stream("b").read().toList()).hasSize(1);
        }
    }

    private Path file(String text) throws IOException {
        return Files.writeString(directory.resolve("lines.jsonl"), text);
    }

    @Test
    void fileWithABadLineAddsNothing() throws IOException {
        StringBuilder good = new StringBuilder();
        for (int i = 1; i <= 1_500; i++) {
            good.append(i).append('\n');
        }
        try (Daybook book =
                Daybook.open(new MemoryDriver(), DaybookOptions.defaults().withPayloadBytesMax(100))) {
            for (String bad : List.of("{\"a\":1,}", "NaN", '"' + "x".repeat(99) + '"')) {
                assertThatThrownBy(() -> book.importLines(file(good + bad + "\n"), "s", "t", Progress.NONE))
                        .isInstanceOf(InvalidEventException.class)
                        .hasMessageContaining("1501");
                assertThat(book.stream("s").info()).isEmpty();
            }
            String most = '"' + "x".repeat(98) + '"';
            ImportReport report = book.importLines(file("\n" + good + "  \t\n" + most + "\n"), "s", "t", Progress.NONE);
            assertThat(report.appended()).isEqualTo(1_501); // blank lines are no events
            assertThat(book.stream("s").info().orElseThrow().count()).isEqualTo(1_501);
        }
    }

    @Test
    void largeFileIsImportedOnce() throws IOException {
        int lines = 200_001;
        StringBuilder text = new StringBuilder();
        for (int i = 1; i <= lines; i++) {
            text.append(i).append('\n');
        }
        Path file = file(text.toString());
        try (Daybook book = Daybook.memory()) {
            assertThat(book.importLines(file, "s", "t", Progress.NONE)).isEqualTo(new ImportReport(lines, lines, 0));
            assertThat(book.importLines(file, "s", "t", Progress.NONE)).isEqualTo(new ImportReport(lines, 0, lines));
            assertThat(book.stream("s").info().orElseThrow().count()).isEqualTo(lines);
        }
    }
}
