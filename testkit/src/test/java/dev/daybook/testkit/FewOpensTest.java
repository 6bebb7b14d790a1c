package dev.daybook.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.daybook.Daybook;
import dev.daybook.DaybookOptions;
import dev.daybook.driver.filesystem.FilesystemDriver;
import dev.daybook.internal.disk.NioDisk;
import dev.daybook.stream.NewEvent;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is looked at often does not open files each time. */
class FewOpensTest {
    private static final DaybookOptions SMALL = DaybookOptions.defaults().withSegmentBytesMax(8 << 10);

    @TempDir
    Path directory;

    private final AtomicInteger opens = new AtomicInteger();

    private Daybook open(DaybookOptions options) {
        return Daybook.open(
                new FilesystemDriver(directory, new HookedDisk(new NioDisk()) {
                    @Override
                    public DiskFile open(Path file, boolean writable) throws IOException {
                        opens.incrementAndGet();
                        return super.open(file, writable);
                    }
                }),
                options);
    }

    private static void append(Daybook book, int events) {
        for (int i = 0; i < events; i++) {
            book.stream("s").append(NewEvent.json("t", "\"" + "x".repeat(500) + "\""));
        }
    }

    private long bytesOfSegments() throws IOException {
        long sum = 0;
        try (var files = Files.list(directory.resolve("journal"))) {
            for (Path file : files.filter(f -> f.toString().endsWith(".jsonl")).toList()) {
                sum += Files.size(file);
            }
        }
        return sum;
    }

    @Test
    void statisticsDoNotLookAtSealedSegments() throws IOException {
        try (Daybook book = Daybook.open(directory, SMALL)) {
            append(book, 300);
        }
        for (boolean readOnly : new boolean[] {false, true}) {
            try (Daybook book = open(SMALL.withReadOnly(readOnly))) {
                int before = opens.get();
                assertThat(book.info().segments()).isGreaterThan(15);
                assertThat(book.info().journalBytes()).isEqualTo(bytesOfSegments());
                assertThat(opens.get() - before)
                        .as("the first and the newest; the opening saw the others end")
                        .isLessThan(8);
            }
        }
    }

    @Test
    void statisticsBesideAWriterAreTrueWhenItIsClosed() throws IOException {
        try (Daybook book = Daybook.open(directory, SMALL)) {
            append(book, 10);
        }
        try (Daybook reader = open(SMALL.withReadOnly(true))) {
            try (Daybook book = Daybook.open(directory, SMALL)) {
                for (int i = 0; i < 10; i++) {
                    append(book, 20);
                    assertThat(reader.info().journalBytes()).isPositive();
                    assertThat(book.info().journalBytes()).isPositive();
                }
            }
            assertThat(reader.info().journalBytes()).isEqualTo(bytesOfSegments());
        }
    }

    @Test
    void readerBesideAWriterMapsTheOpenSegmentSeldom() {
        try (Daybook book = Daybook.open(directory);
                Daybook reader = open(DaybookOptions.defaults().withReadOnly(true))) {
            append(book, 1);
            reader.stream("s").read().forEach(event -> {});
            int before = opens.get();
            for (int i = 2; i <= 200; i++) {
                append(book, 1);
                assertThat(reader.stream("s").read().stream().count()).isEqualTo(i);
            }
            assertThat(opens.get() - before)
                    .as("two for each look at what is new, few for reading it")
                    .isLessThan(500);
        }
    }
}
