package dev.daybook.journal;

import dev.daybook.stream.AppendOptions;
import dev.daybook.stream.Appended;
import dev.daybook.stream.Event;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Completes the answer to an append that was sent again: the commit thread knows only where a producer's newest one went. */
final class Duplicates {
    private Duplicates() {}

    static List<Appended> locate(Journal journal, List<Op> ops, List<Appended> answers) {
        List<Appended> located = new ArrayList<>(answers);
        for (int i = 0; i < located.size(); i++) {
            located.set(i, locate(journal, ops.get(i), located.get(i)));
        }
        return located;
    }

    static Appended locate(Journal journal, Op op, Appended answer) {
        if (!answer.duplicate() || answer.pos() != 0) {
            return answer;
        }
        Head head = journal.head(op.name());
        if (head == null || head.count() == 0) {
            return answer;
        }
        StreamCursor cursor = new StreamCursor(journal, op.name());
        if (answer.seq() > 0) { // found by its id
            Event event = cursor.only(head, answer.seq());
            return event == null
                    ? answer
                    : new Appended(answer.stream(), event.pos(), answer.seq(), answer.count(), event.time(), true);
        }
        AppendOptions.Producer producer = op.options().producer();
        return producer == null ? answer : find(cursor, head, producer, answer);
    }

    /** Reads the stream backwards: the tuple stands on the last line of its append. */
    private static Appended find(StreamCursor cursor, Head head, AppendOptions.Producer producer, Appended otherwise) {
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
