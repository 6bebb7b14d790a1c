package dev.daybook.journal;

import dev.daybook.RefusedException;
import dev.daybook.document.Condition;
import dev.daybook.stream.Appended;
import dev.daybook.stream.Batch;
import dev.daybook.stream.Event;
import dev.daybook.stream.Events;
import dev.daybook.stream.Item;
import dev.daybook.stream.Kind;
import dev.daybook.stream.ReadOptions;
import dev.daybook.stream.Subscription;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** What concerns several streams of a journal: batches, and reading in the order of positions. */
public final class Streams {
    private final Journal journal;

    private final Names names = new Names();
    private final Keys keys = new Keys();

    public Streams(Journal journal) {
        this.journal = journal;
    }

    private List<Op> ops(Batch batch) {
        List<Op> ops = new ArrayList<>();
        boolean typed = false;
        for (Batch.Part part : batch.parts()) {
            Condition condition = part.condition();
            Name name = condition == null ? names.of(part.name()) : keys.writable(part.name());
            Op op = Op.append(name, part.kind(), JournalStream.encode(part.events()), part.options());
            ops.add(condition == null ? op : op.with(new Rule.Write(condition, part.deletes())));
            typed |= part.kind() != Kind.STREAM;
        }
        if (typed) {
            requireDistinct(ops);
        }
        return ops;
    }

    /** A batch is decided before any of it is applied: that a stream is of two kinds would not show. */
    private static void requireDistinct(List<Op> ops) {
        Set<Name> seen = new HashSet<>();
        for (Op op : ops) {
            if (!seen.add(op.name())) {
                throw new RefusedException(
                        op.name().toString(),
                        RefusedException.Reason.WRONG_KIND,
                        "the batch writes it both as a stream and by its own API");
            }
        }
    }

    public List<Appended> append(Batch batch) {
        if (batch.isEmpty()) {
            return List.of();
        }
        List<Op> ops = ops(batch);
        return Duplicates.locate(journal, ops, journal.append(ops));
    }

    public CompletableFuture<List<Appended>> appendAsync(Batch batch) {
        return batch.isEmpty() ? CompletableFuture.completedFuture(List.of()) : journal.appendAsync(ops(batch));
    }

    private static void requirePrefix(String prefix) {
        if (!prefix.isEmpty()) {
            Name.of(prefix);
        }
    }

    public Events read(String prefix, ReadOptions options) {
        requirePrefix(prefix);
        journal.requireOpen();
        Visible visible = journal.visible();
        return () -> options.reverse()
                ? new Backwards(prefix, options, visible.pos())
                : new Forwards(prefix, options, visible.pos());
    }

    public Subscription subscribe(String prefix, long afterPosition) {
        requirePrefix(prefix);
        if (afterPosition < 0) {
            throw new IllegalArgumentException("the position must be 0 or more, not " + afterPosition);
        }
        journal.requireOpen();
        journal.visible();
        return new JournalSubscription(journal, prefix, afterPosition);
    }

    public Subscription subscribeLive(String prefix) {
        journal.requireOpen();
        return subscribe(prefix, journal.visible().pos());
    }

    public Subscription.Publisher publisher(String prefix, long afterPosition) {
        return new CursorPublisher(() -> subscribe(prefix, afterPosition));
    }

    /** Oldest first. */
    private final class Forwards implements java.util.Iterator<Event> {
        private final JournalCursor cursor;
        private final JournalSubscription.Living living;
        private long left;
        private @Nullable Event next;

        Forwards(String prefix, ReadOptions options, long through) {
            long after = options.since();
            if (options.from() != null) {
                after = Math.max(after, JournalCursor.lastBefore(journal, Times.floor(options.from())));
            }
            long end = options.to() == null
                    ? through
                    : Math.min(through, JournalCursor.lastBefore(journal, Times.after(options.to())));
            cursor = new JournalCursor(journal, after, end);
            living = new JournalSubscription.Living(journal, prefix, false);
            left = options.limit();
        }

        @Override
        public boolean hasNext() {
            while (next == null && left > 0) {
                if (!cursor.step()) {
                    left = 0;
                    return false;
                }
                Item item = living.item(cursor);
                if (item instanceof Event event) {
                    next = event;
                    left--;
                }
            }
            return next != null;
        }

        @Override
        public Event next() {
            Event event = hasNext() ? next : null;
            if (event == null) {
                throw new NoSuchElementException();
            }
            next = null;
            return event;
        }
    }

    /** Newest first, a stretch of positions at a time. */
    private final class Backwards implements java.util.Iterator<Event> {
        private static final int STRETCH = 512;
        private final String prefix;
        private final ReadOptions options;
        private final long after;
        private final List<Event> stretch = new ArrayList<>();
        private long through;
        private long left;

        Backwards(String prefix, ReadOptions options, long visible) {
            this.prefix = prefix;
            this.options = ReadOptions.all();
            long low = options.since();
            if (options.from() != null) {
                low = Math.max(low, JournalCursor.lastBefore(journal, Times.floor(options.from())));
            }
            after = low;
            through = options.to() == null
                    ? visible
                    : Math.min(visible, JournalCursor.lastBefore(journal, Times.after(options.to())));
            left = options.limit();
        }

        @Override
        public boolean hasNext() {
            while (stretch.isEmpty() && left > 0 && through > after) {
                long from = Math.max(after, through - STRETCH);
                Forwards part = new Forwards(prefix, options.since(from), through);
                part.forEachRemaining(stretch::add);
                through = from;
            }
            return left > 0 && !stretch.isEmpty();
        }

        @Override
        public Event next() {
            if (!hasNext()) {
                throw new NoSuchElementException();
            }
            left--;
            return stretch.remove(stretch.size() - 1);
        }
    }
}
