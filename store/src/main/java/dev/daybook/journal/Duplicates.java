package dev.daybook.journal;

import dev.daybook.stream.AppendOptions;
import dev.daybook.stream.Appended;
import dev.daybook.stream.Event;
import org.jspecify.annotations.Nullable;

/** Finds where an append of a producer went, by reading the stream backwards: its tuple stands on its last line. */
final class Duplicates {
    private Duplicates() {}

    static Appended find(StreamCursor cursor, Head head, AppendOptions.Producer producer, Appended otherwise) {
        cursor.position(head, head.lastSeq + 1);
        Line line = new Line();
        @Nullable Event last = null;
        long batch = 0;
        int count = 0;
        for (Event event = cursor.previous(head.firstSeq); event != null; event = cursor.previous(head.firstSeq)) {
            byte[] bytes = event.line().getBytes(java.nio.charset.StandardCharsets.UTF_8);
            line.parse(bytes, 0, bytes.length);
            if (last != null) {
                if (line.pos - line.batchIndex + 1 != batch) {
                    break;
                }
                count++;
            } else if (line.producerTo != line.producerFrom
                    && line.producerEpoch == producer.epoch()
                    && line.producerSeq == producer.seq()
                    && line.string(line.producerFrom, line.producerTo).equals(producer.id())) {
                last = event;
                batch = line.pos - line.batchIndex + 1;
                count = 1;
            }
        }
        return last == null
                ? otherwise // truncated since
                : new Appended(otherwise.stream(), last.pos(), last.seq(), count, last.time(), true);
    }
}
