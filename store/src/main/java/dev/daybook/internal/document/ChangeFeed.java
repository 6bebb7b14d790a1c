package dev.daybook.internal.document;

import dev.daybook.document.DocumentChange;
import dev.daybook.document.Documents;
import dev.daybook.journal.Journal;
import dev.daybook.journal.Keys;
import dev.daybook.journal.Name;
import dev.daybook.stream.Event;
import dev.daybook.stream.Gap;
import dev.daybook.stream.Item;
import dev.daybook.stream.Kind;
import dev.daybook.stream.Subscription;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** A subscription to the streams of documents, as changes. Plain streams may have such names, too: they are passed over. */
final class ChangeFeed implements Documents.Watch {
    private final Journal journal;
    private final Subscription subscription;

    ChangeFeed(Journal journal, Subscription subscription) {
        this.journal = journal;
        this.subscription = subscription;
    }

    @Override
    public @Nullable DocumentChange take() throws InterruptedException {
        while (true) {
            Item item = subscription.take();
            DocumentChange change = item == null ? null : change(item);
            if (item == null || change != null) {
                return change;
            }
        }
    }

    @Override
    public @Nullable DocumentChange poll(Duration timeout) throws InterruptedException {
        long until = System.nanoTime() + timeout.toNanos();
        while (true) {
            Item item = subscription.poll(Duration.ofNanos(Math.max(0, until - System.nanoTime())));
            DocumentChange change = item == null ? null : change(item);
            if (item == null || change != null) {
                return change;
            }
        }
    }

    private @Nullable DocumentChange change(Item item) {
        String stream = item instanceof Event event ? event.stream() : ((Gap) item).stream();
        Kind kind = journal.kindEver(Name.of(stream));
        // What was deleted is forgotten some day; then nobody knows what it was.
        if (kind != Kind.DOCUMENT && (kind != null || item instanceof Event)) {
            return null;
        }
        return item instanceof Event event
                ? StreamDocuments.change(event)
                : new DocumentChange.Missed(Keys.key(stream), ((Gap) item).toSeq(), item.pos());
    }

    @Override
    public boolean ended() {
        return subscription.ended();
    }

    @Override
    public void close() {
        subscription.close();
    }
}
