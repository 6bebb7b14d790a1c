package dev.daybook.journal;

import dev.daybook.stream.Gap;
import dev.daybook.stream.Item;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Follows everything, or everything below a prefix, in the order of positions. */
final class JournalSubscription extends CursorSubscription {
    private final JournalCursor cursor;
    private final Living living;

    JournalSubscription(Journal journal, String prefix, long afterPos) {
        super(journal, null);
        this.cursor = new JournalCursor(journal, afterPos, Long.MAX_VALUE);
        this.living = new Living(journal, prefix, true);
    }

    @Override
    @Nullable
    Item now() {
        if (cursor.atEnd()) {
            cursor.follow(journal.visibleWithHeads()); // which tell what was deleted
        }
        while (cursor.step()) {
            Item item = living.item(cursor);
            if (item != null) {
                return item;
            }
        }
        return null;
    }

    @Override
    boolean finished() {
        return false;
    }

    /** Decides which lines of the journal are events that are still there, and within a prefix. */
    static final class Living {
        private final Journal journal;
        private final byte[] prefix;
        private final boolean tellGaps;
        private final Line line = new Line();
        private final Map<Name, Gap> told = new HashMap<>();

        Living(Journal journal, String prefix, boolean tellGaps) {
            this.journal = journal;
            this.prefix = prefix.getBytes(StandardCharsets.UTF_8);
            this.tellGaps = tellGaps;
        }

        /** The event that the cursor stands on, a gap in its place, or null for neither. */
        @Nullable
        Item item(JournalCursor cursor) {
            if (prefix.length == 0 && !journal.removedAnything()) {
                return cursor.event();
            }
            LineScanner lines = cursor.scanner();
            line.parse(lines.bytes(), lines.from(), lines.to());
            if (line.shape != Line.Shape.EVENT) {
                return null;
            }
            Name name = line.name();
            if (!name.within(prefix)) {
                return null;
            }
            Head head = journal.heads().find(name);
            if (head != null && line.pos >= head.incarnation && line.seq >= head.firstSeq) {
                return cursor.event();
            }
            if (!tellGaps) {
                return null;
            }
            Gap gap = head != null && line.pos >= head.incarnation
                    ? new Gap(name.toString(), line.seq, head.firstSeq - 1, Gap.Reason.TRUNCATED, line.pos)
                    : new Gap(name.toString(), line.seq, Long.MAX_VALUE, Gap.Reason.DELETED, line.pos);
            Gap before = told.get(name);
            boolean known = before != null
                    && before.reason() == gap.reason()
                    && gap.fromSeq() > before.fromSeq()
                    && gap.fromSeq() <= before.toSeq();
            if (!known) {
                told.put(name, gap);
            }
            return known ? null : gap;
        }
    }
}
