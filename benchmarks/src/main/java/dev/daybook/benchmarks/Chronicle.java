package dev.daybook.benchmarks;

import java.nio.file.Path;
import net.openhft.chronicle.queue.ChronicleQueue;
import net.openhft.chronicle.queue.ExcerptAppender;
import net.openhft.chronicle.queue.impl.single.SingleChronicleQueueBuilder;
import net.openhft.chronicle.wire.DocumentContext;

/** Chronicle Queue as it comes: memory-mapped, nothing synced, one appender per thread. */
final class Chronicle implements AutoCloseable {
    private final ChronicleQueue queue;

    Chronicle(Path dir) {
        queue = SingleChronicleQueueBuilder.single(dir.toFile()).build();
    }

    /** Belongs to one thread. */
    final class Appender implements AutoCloseable {
        private final ExcerptAppender appender = queue.createAppender();

        void append(byte[] payload) {
            try (DocumentContext document = appender.writingDocument()) {
                document.wire().bytes().write(payload);
            }
        }

        @Override
        public void close() {
            appender.close();
        }
    }

    Appender appender() {
        return new Appender();
    }

    @Override
    public void close() {
        queue.close();
    }
}
