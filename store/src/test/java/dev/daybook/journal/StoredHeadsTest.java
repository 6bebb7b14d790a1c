package dev.daybook.journal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.daybook.CorruptJournalException;
import dev.daybook.Daybook;
import dev.daybook.DaybookOptions;
import dev.daybook.Progress;
import dev.daybook.driver.Storage;
import dev.daybook.driver.filesystem.FilesystemDriver;
import dev.daybook.driver.memory.MemoryDriver;
import dev.daybook.stream.AppendOptions;
import dev.daybook.stream.NewEvent;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Heads as they are stored, and what is folded on from them when a store is opened. */
class StoredHeadsTest {
    private static final DaybookOptions SMALL = DaybookOptions.defaults().withSegmentBytesMax(4 << 10);
    private static final DaybookOptions FIXED_CLOCK = DaybookOptions.defaults().withClock(() -> JournalFiles.MICROS);

    @TempDir
    Path directory;

    private static NewEvent event(int i) {
        return NewEvent.json("t", "{\"i\":" + i + ",\"x\":\"" + "x".repeat(200) + "\"}");
    }

    /** Heads may end in the middle of a segment that later was followed by others. */
    @Test
    void headsThatEndInsideAnOlderSegmentLoseNoStream() {
        MemoryDriver driver = new MemoryDriver();
        try (Daybook book = Daybook.open(driver, DaybookOptions.defaults())) {
            book.stream("first").append(event(0));
        }
        try (Daybook book = Daybook.open(driver, SMALL)) {
            book.stream("precious").append(event(1));
            for (int i = 0; i < 60; i++) {
                book.stream("filler").append(event(i));
            }
        }
        for (int round = 0; round < 3; round++) {
            try (Daybook book = Daybook.open(driver, SMALL)) {
                assertThat(book.stream("precious").info()).isPresent();
                assertThat(book.stream("first").read().toList()).hasSize(1);
            }
        }
        assertThat(Daybook.verify(driver, Progress.NONE).problems()).isEmpty();
    }

    /** A bad line behind the position that the heads know is damage, also when only the heads are wanted. */
    @Test
    void foldingOnFromTheHeadsStopsAtABadLine() throws IOException {
        try (Daybook book = Daybook.open(directory)) {
            book.stream("a").append(event(1));
        }
        Path head;
        try (var heads = Files.list(directory.resolve("heads"))) {
            head = heads.findFirst().orElseThrow();
        }
        byte[] early = Files.readAllBytes(head);
        try (Daybook book = Daybook.open(directory, SMALL)) {
            for (int i = 0; i < 40; i++) {
                book.stream("a").append(event(i));
            }
        }
        try (var heads = Files.list(directory.resolve("heads"))) {
            for (Path table : heads.toList()) {
                Files.delete(table);
            }
        }
        Files.write(head, early);
        Path first = directory.resolve("journal/00000000000000000001-0.jsonl");
        byte[] bytes = Files.readAllBytes(first);
        bytes[bytes.length / 2] ^= 1;
        Files.write(first, bytes);
        assertThatThrownBy(() -> Daybook.open(directory).close()).isInstanceOf(CorruptJournalException.class);
    }

    /** The lines are put there by hand: nobody asks for a state yet. */
    @Test
    void statesSurviveFoldingStoringAndReopening() throws IOException {
        JournalFiles files = new JournalFiles(directory);
        files.put(
                1,
                JournalFiles.header(1, 1),
                created(1, "a"),
                state(2, "a", 1, "[\"started\",1,\"w\",3,\"o\"],\"producer\":[\"owner\",1,0]"),
                created(3, "b"),
                state(4, "b", 1, "[\"queued\",1,\"w\"]"),
                created(5, "c"),
                state(6, "c", 1, "[\"failed\",1,\"w\"]"));
        Map<String, String> running = Map.of("a", "started of 1, start 1", "b", "queued of 1, start 0");
        assertRunning(running);
        long pos = lastPosition(files) + 1;
        Files.writeString(
                files.segment(1),
                state(pos, "a", 2, "[\"crashed\",1,\"w\",3],\"producer\":[\"owner\",2,0]")
                        + state(pos + 1, "b", 2, "[\"started\",1,\"w\"]")
                        + state(pos + 2, "b", 3, "[\"failed\",1,\"w\"]")
                        + state(pos + 3, "c", 2, "[\"started\",2,\"w\"]"),
                StandardOpenOption.APPEND);
        running = Map.of("a", "crashed of 2, start 1", "c", "started of 2, start 2");
        assertRunning(running);
        pos = lastPosition(files) + 1;
        Files.writeString(
                files.segment(1),
                JournalFiles.control(pos, pos - 1, "\"stream\":\"c\",\"control\":\"delete\""),
                StandardOpenOption.APPEND);
        assertRunning(Map.of("a", "crashed of 2, start 1"));
    }

    private static String created(long pos, String stream) {
        return JournalFiles.creation(pos, pos - 1, stream, "run");
    }

    private static String state(long pos, String stream, long seq, String state) {
        String type = state.substring(2, state.indexOf('"', 2));
        return JournalFiles.control(
                pos,
                pos - 1,
                "\"stream\":\"" + stream + "\",\"seq\":" + seq + ",\"type\":\"" + type + "\",\"state\":" + state
                        + ",\"data\":{}");
    }

    /** As folded on from what is stored, as stored when the store is closed, and as folded from the lines alone. */
    private void assertRunning(Map<String, String> expected) throws IOException {
        assertThat(running()).isEqualTo(expected);
        Daybook.open(directory, FIXED_CLOCK).close();
        assertThat(running()).isEqualTo(expected);
        assertThat(Daybook.verify(directory, Progress.NONE).problems()).isEmpty();
        try (var heads = Files.list(directory.resolve("heads"))) {
            for (Path table : heads.toList()) {
                Path aside = directory.resolve(String.valueOf(table.getFileName()));
                Files.move(table, aside);
                assertThat(running()).isEqualTo(expected);
                Files.move(aside, table);
            }
        }
    }

    private Map<String, String> running() throws IOException {
        FilesystemDriver driver = new FilesystemDriver(directory);
        Map<String, String> running = new HashMap<>();
        try (Storage storage = driver.openForWriting(Duration.ZERO)) {
            Heads heads = Opening.open(driver, storage, FIXED_CLOCK).heads;
            heads.running((name, state) -> {
                long started = heads.find(Name.known(name)).startedSeq;
                String what = state.word() + " of " + state.seq() + ", start " + started;
                assertThat(running.put(Name.known(name).toString(), what)).isNull();
            });
        }
        return running;
    }

    private static long lastPosition(JournalFiles files) throws IOException {
        byte[] lines = Files.readString(files.segment(1)).strip().getBytes(StandardCharsets.UTF_8);
        int from = lines.length;
        while (lines[from - 1] != '\n') {
            from--;
        }
        return Line.position(lines, from);
    }

    @Test
    void closingProducerInALaterSessionFitsTheStoredHeads() {
        MemoryDriver driver = new MemoryDriver();
        try (Daybook book = Daybook.open(driver, DaybookOptions.defaults())) {
            book.stream("s").append(List.of(event(1), event(2)), AppendOptions.from("p", 0, 0));
        }
        try (Daybook book = Daybook.open(driver, DaybookOptions.defaults())) {
            book.stream("s").append(List.of(), AppendOptions.from("p", 0, 1).close());
        }
        assertThat(Daybook.verify(driver, Progress.NONE).problems()).isEmpty();
    }
}
