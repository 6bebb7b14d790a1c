package dev.daybook.journal;

import dev.daybook.stream.Gap;
import dev.daybook.stream.Item;
import org.jspecify.annotations.Nullable;

/** Follows one stream through the indexes: what happens in others costs it nothing. */
final class StreamSubscription extends CursorSubscription {
    private final Name name;
    private final StreamCursor cursor;
    private long delivered; // sequence number
    private long incarnation; // that it belongs to; 0 while there is no stream
    private long knownLast; // the incarnation's last sequence number, as far as it was seen
    private @Nullable Head reading; // what the cursor stands in

    StreamSubscription(Journal journal, Name name, long afterSeq, @Nullable Head head) {
        super(journal, name);
        this.name = name;
        this.cursor = new StreamCursor(journal, name);
        this.delivered = afterSeq;
        this.incarnation = head == null ? 0 : head.incarnation;
        this.knownLast = head == null ? 0 : head.lastSeq;
    }

    @Override
    @Nullable
    Item now() {
        Head known = reading;
        if (known != null && cursor.seq() <= known.lastSeq) {
            return deliver(known);
        }
        Head head = journal.head(name);
        if (head == null || head.incarnation != incarnation) {
            return changed(head);
        }
        knownLast = head.lastSeq;
        if (delivered < head.firstSeq - 1) {
            Gap gap = new Gap(name.toString(), delivered + 1, head.firstSeq - 1, Gap.Reason.TRUNCATED, head.linePos);
            delivered = head.firstSeq - 1;
            return gap;
        }
        if (delivered >= head.lastSeq) {
            return null;
        }
        cursor.position(head, delivered + 1);
        reading = head;
        return deliver(head);
    }

    private @Nullable Item deliver(Head head) {
        Item item = cursor.next(head.lastSeq);
        delivered = cursor.seq() - 1;
        if (delivered >= head.lastSeq) {
            reading = null;
        }
        return item;
    }

    /** The stream came into being, went, or is another one now. */
    private @Nullable Item changed(@Nullable Head head) {
        if (incarnation == 0) {
            if (head != null) {
                incarnation = head.incarnation; // what was waited for
                return now();
            }
            return null;
        }
        Head gone = journal.heads().findAlsoDeleted(name);
        if (gone != null && gone.incarnation == incarnation) {
            knownLast = gone.lastSeq;
        }
        Gap gap = new Gap(
                name.toString(),
                delivered + 1,
                Math.max(knownLast, delivered),
                Gap.Reason.DELETED,
                journal.lastVisible().pos());
        incarnation = head == null ? 0 : head.incarnation;
        delivered = 0;
        knownLast = 0;
        return gap;
    }

    @Override
    boolean finished() {
        Head head = journal.head(name);
        return head != null && head.closed && head.incarnation == incarnation && delivered >= head.lastSeq;
    }
}
