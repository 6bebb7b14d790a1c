package dev.daybook.journal;

import static org.assertj.core.api.Assertions.assertThat;

import dev.daybook.Daybook;
import dev.daybook.driver.SegmentId;
import dev.daybook.stream.Event;
import dev.daybook.stream.NewEvent;
import dev.daybook.stream.ReadOptions;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The pages in docs/format tell the truth: their samples are read by the code. */
class FormatPageTest {
    private static final Path PAGES = Path.of("..", "docs", "format");

    private static String sample(String name) throws IOException {
        return sample("journal.md", name);
    }

    static String sample(String file, String name) throws IOException {
        String page = Files.readString(PAGES.resolve(file));
        int from = page.indexOf("```json sample=" + name + "\n");
        assertThat(from).as("sample " + name + " of " + file).isPositive();
        from = page.indexOf('\n', from) + 1;
        return page.substring(from, page.indexOf("```", from));
    }

    /** Lines of streams of all kinds. */
    static List<String> typedLines() throws IOException {
        String all = sample("runs.md", "run")
                + sample("runs.md", "more")
                + sample("documents.md", "documents")
                + sample("logs.md", "logs");
        return all.lines().toList();
    }

    static byte[] storeId() throws IOException {
        return Framing.storeId("the page", sample("store").getBytes(StandardCharsets.UTF_8));
    }

    @Test
    void everyLineHasItsChecksumAndCanBeTakenApart() throws IOException {
        byte[] storeId = storeId();
        int seen = 0;
        List<String> lines = new ArrayList<>(typedLines());
        lines.addAll((sample("segment") + sample("lines")).lines().toList());
        for (String text : lines) {
            byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
            assertThat(Line.check(new CRC32C(), storeId, bytes, 0, bytes.length))
                    .as(text)
                    .isTrue();
            Line line = new Line().parse(bytes, 0, bytes.length);
            if (line.shape == Line.Shape.CONTROL && line.controlField("fork") == null) {
                Controls.require(line, "the page");
            }
            assertThat(line.stateTo > line.stateFrom).as(text).isEqualTo(text.contains(",\"state\":["));
            assertThat(line.producerTo > line.producerFrom).as(text).isEqualTo(text.contains(",\"producer\":["));
            seen++;
        }
        assertThat(seen).isGreaterThan(60);
    }

    @Test
    void theSealIsTheHashOfTheLinesBeforeIt() throws IOException {
        String segment = sample("segment");
        int sealAt = segment.lastIndexOf("{\"seal\":");
        byte[] seal = segment.substring(sealAt).strip().getBytes(StandardCharsets.UTF_8);
        byte[] lines = segment.substring(0, sealAt).getBytes(StandardCharsets.UTF_8);
        LineScanner.Source source = (at, into, from, length) -> {
            System.arraycopy(lines, at, into, from, length);
            return length;
        };
        assertThat(Framing.seal(seal, 0, seal.length).sha256()).isEqualTo(Sealer.sha256(source, lines.length));
    }

    @Test
    void theSegmentOpensAsAStore(@TempDir Path directory) throws IOException {
        Files.createDirectories(directory.resolve("journal"));
        Files.writeString(directory.resolve("store.json"), sample("store"));
        String segment = sample("segment");
        Files.writeString(
                directory.resolve("journal").resolve(new SegmentId(1, 0) + ".jsonl"),
                segment.substring(0, segment.lastIndexOf("{\"seal\":")));
        try (Daybook book = Daybook.open(directory)) {
            List<Event> run = book.stream("runs/01JD3M").read().toList();
            assertThat(run).extracting(Event::seq).containsExactly(2L, 3L);
            assertThat(run.get(0).id()).contains("call-1");
            assertThat(book.stream("notes").info().orElseThrow().closed()).isTrue();
            assertThat(book.stream("notes").read().toList().get(0).data()).isEqualTo("two\nlines \u2028");
            assertThat(book.stream("images/1").info()).isEmpty();
            assertThat(book.read("", ReadOptions.all()).toList()).hasSize(3);
            assertThat(book.stream("runs/01JD3M")
                            .append(NewEvent.json("message", "{}"))
                            .seq())
                    .isEqualTo(4);
        }
    }
}
