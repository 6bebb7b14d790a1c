package dev.daybook.journal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.daybook.CorruptJournalException;
import dev.daybook.Daybook;
import dev.daybook.DaybookOptions;
import dev.daybook.Progress;
import dev.daybook.driver.memory.MemoryDriver;
import dev.daybook.stream.AppendOptions;
import dev.daybook.stream.NewEvent;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Heads as they are stored, and what is folded on from them when a store is opened. */
class StoredHeadsTest {
    private static final DaybookOptions SMALL = DaybookOptions.defaults().withSegmentBytesMax(4 << 10);

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
