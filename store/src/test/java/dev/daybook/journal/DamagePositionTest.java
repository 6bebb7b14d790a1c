package dev.daybook.journal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.daybook.CorruptJournalException;
import dev.daybook.Daybook;
import dev.daybook.DaybookOptions;
import dev.daybook.stream.NewEvent;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Damage that is met while one stream is read is told with the positions that it can concern. */
class DamagePositionTest {
    private static final DaybookOptions OPTIONS = DaybookOptions.defaults().withSegmentBytesMax(16 << 10);

    @TempDir
    Path directory;

    private Path segment() {
        return directory.resolve("journal/00000000000000000001-0.jsonl");
    }

    /** Destroys the payload of an event; returns the byte offset of its line. */
    private long destroy(String payload) throws IOException {
        String lines = Files.readString(segment(), StandardCharsets.ISO_8859_1);
        int at = lines.indexOf("\"" + payload + "\"");
        try (RandomAccessFile file = new RandomAccessFile(segment().toFile(), "rw")) {
            file.seek(at + 1L);
            file.write('?');
        }
        return lines.lastIndexOf('\n', at) + 1L;
    }

    private static void write(Daybook book, int events) {
        for (int i = 1; i <= events; i++) {
            book.stream(i % 2 == 0 ? "even" : "odd").append(NewEvent.json("t", "\"p" + i + "\""));
        }
    }

    private static void readingTells(Daybook book, String stream, long offset, List<Long> positions) {
        assertThatThrownBy(() -> book.stream(stream).read().toList())
                .isInstanceOfSatisfying(CorruptJournalException.class, e -> {
                    assertThat(e.byteOffset()).isEqualTo(offset);
                    assertThat(List.of(e.firstPosition(), e.lastPosition())).isEqualTo(positions);
                });
    }

    @Test
    void damagedEventOfASealedSegmentIsToldWithItsPosition() throws IOException {
        try (Daybook book = Daybook.open(directory, OPTIONS)) {
            write(book, 200);
        }
        long offset = destroy("p30");
        try (Daybook book = Daybook.open(directory, OPTIONS)) {
            readingTells(book, "even", offset, List.of(32L, 32L)); // two creations stand before it
        }
    }

    @Test
    void damagedEventOfTheOpenSegmentIsToldWithItsPosition() throws IOException {
        try (Daybook book = Daybook.open(directory, OPTIONS)) {
            write(book, 20);
            readingTells(book, "even", destroy("p20"), List.of(22L, 22L));
        }
    }

    @Test
    void damageInTheMiddleOfMoreIsToldWithAllPositionsThatItCanHave() throws IOException {
        try (Daybook book = Daybook.open(directory, OPTIONS)) {
            write(book, 200);
        }
        destroy("p29");
        long offset = destroy("p30");
        destroy("p31");
        try (Daybook book = Daybook.open(directory, OPTIONS)) {
            readingTells(book, "even", offset, List.of(31L, 33L));
        }
    }
}
