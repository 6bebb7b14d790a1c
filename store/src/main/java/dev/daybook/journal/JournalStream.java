package dev.daybook.journal;

import dev.daybook.ConflictException;
import dev.daybook.stream.AppendOptions;
import dev.daybook.stream.Appended;
import dev.daybook.stream.Event;
import dev.daybook.stream.Events;
import dev.daybook.stream.Kind;
import dev.daybook.stream.NewEvent;
import dev.daybook.stream.ReadOptions;
import dev.daybook.stream.Stream;
import dev.daybook.stream.StreamConfig;
import dev.daybook.stream.StreamInfo;
import dev.daybook.stream.Subscription;
import java.util.ArrayList;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** A stream of a journal. Everything that writes becomes an {@link Op}; everything that reads, a cursor. */
public final class JournalStream implements Stream {
    /** How often a truncation is computed again because the stream changed meanwhile. */
    private static final int ATTEMPTS = 1_000;

    private final Journal journal;
    private final Name name;
    private final Kind kind;

    public JournalStream(Journal journal, Name name, Kind kind) {
        this.journal = journal;
        this.name = name;
        this.kind = kind;
    }

    static List<Fragment> encode(List<NewEvent> events) {
        if (events.size() == 1) {
            return List.of(events.get(0).encode());
        }
        List<Fragment> fragments = new ArrayList<>(events.size());
        for (NewEvent event : events) {
            fragments.add(event.encode());
        }
        return fragments;
    }

    @Override
    public String name() {
        return name.toString();
    }

    @Override
    public Appended append(NewEvent event) {
        return append(List.of(event), AppendOptions.none());
    }

    @Override
    public Appended append(NewEvent event, AppendOptions options) {
        return append(List.of(event), options);
    }

    @Override
    public Appended append(List<NewEvent> events, AppendOptions options) {
        Op op = Op.append(name, kind, encode(events), options);
        return Duplicates.locate(journal, op, journal.append(List.of(op)).get(0));
    }

    @Override
    public CompletableFuture<Appended> appendAsync(NewEvent event) {
        return appendAsync(List.of(event), AppendOptions.none());
    }

    @Override
    public CompletableFuture<Appended> appendAsync(List<NewEvent> events, AppendOptions options) {
        return journal.appendAsync(Op.append(name, kind, encode(events), options));
    }

    @Override
    public boolean create(StreamConfig config) {
        Appended created =
                journal.append(List.of(Op.create(name, kind, config))).get(0);
        Head head = journal.head(name);
        return created.pos() > 0
                && head != null
                && head.incarnation == created.pos()
                && created.seq() == 0
                && created.count() == 0
                && head.createdMicros == dev.daybook.internal.time.Timestamps.micros(created.time());
    }

    @Override
    public Optional<StreamInfo> info() {
        return journal.info(name);
    }

    @Override
    public void close() {
        journal.append(List.of(
                Op.append(name, kind, List.of(), AppendOptions.none().close().requireStream())));
    }

    @Override
    public long truncateBefore(long seq) {
        for (int attempt = 0; ; attempt++) {
            Head head = require();
            long before = Math.min(seq, head.lastSeq + 1);
            if (before <= head.firstSeq) {
                return 0;
            }
            try {
                truncate(head, before, List.of(), AppendOptions.none());
                return before - head.firstSeq;
            } catch (ConflictException e) {
                giveUpAfter(attempt, e);
            }
        }
    }

    @Override
    public long keepNewest(long n) {
        if (n < 0) {
            throw new IllegalArgumentException("the number to keep must be 0 or more, not " + n);
        }
        Head head = require();
        return n > head.lastSeq ? 0 : truncateBefore(head.lastSeq - n + 1);
    }

    @Override
    public Appended replace(List<NewEvent> events) {
        List<Fragment> encoded = encode(events);
        for (int attempt = 0; ; attempt++) {
            Head head = journal.head(name);
            try {
                if (head == null || head.count() == 0) {
                    long last = head == null ? 0 : head.lastSeq;
                    return journal.append(List.of(Op.append(name, kind, encoded, AppendOptions.expecting(last))))
                            .get(0);
                }
                return truncate(head, head.lastSeq + 1, encoded, AppendOptions.expecting(head.lastSeq));
            } catch (ConflictException e) {
                giveUpAfter(attempt, e);
            }
        }
    }

    private Appended truncate(Head head, long before, List<Fragment> events, AppendOptions options) {
        long bytes = new StreamCursor(journal, name).bytes(head, head.firstSeq, before - 1);
        Op op = Op.append(name, kind, events, options)
                .withTruncation(new Op.Truncation(before, head.incarnation, head.firstSeq, bytes));
        return journal.append(List.of(op)).get(0);
    }

    private static void giveUpAfter(int attempt, ConflictException e) {
        boolean movedOn =
                e.subject() == ConflictException.Subject.FIRST_SEQ || e.subject() == ConflictException.Subject.SEQ;
        if (!movedOn || attempt >= ATTEMPTS) {
            throw e;
        }
    }

    @Override
    public boolean delete() {
        return journal.append(List.of(Op.delete(name, kind))).get(0).pos() > 0;
    }

    private Head require() {
        Head head = journal.head(name);
        if (head == null) {
            throw new dev.daybook.StreamNotFoundException(name.toString());
        }
        return head;
    }

    @Override
    public Events read(ReadOptions options) {
        Head head = journal.head(name);
        return () -> head == null ? List.<Event>of().iterator() : new Reading(head, options);
    }

    /** One iteration over what the stream was when the read began. */
    private final class Reading implements java.util.Iterator<Event> {
        private final StreamCursor cursor = new StreamCursor(journal, name);
        private final boolean reverse;
        private final long from;
        private final long through;
        private long left;
        private @Nullable Event next;

        Reading(Head head, ReadOptions options) {
            reverse = options.reverse();
            left = options.limit();
            long low = Math.max(head.firstSeq, options.since() + 1);
            long high = head.lastSeq;
            if (options.from() != null && low <= high) {
                low = Math.max(low, cursor.atOrAfter(head, Times.floor(options.from())));
            }
            if (options.to() != null && low <= high) {
                high = Math.min(high, cursor.atOrAfter(head, Times.after(options.to())) - 1);
            }
            if (!reverse && left < high - low + 1) {
                high = low + left - 1; // what is not asked for is not fetched ahead either
            }
            from = low;
            through = high;
            if (low <= high) {
                cursor.position(head, reverse ? high + 1 : low);
            } else {
                left = 0;
            }
        }

        @Override
        public boolean hasNext() {
            if (next == null && left > 0) {
                journal.requireOpen();
                next = reverse ? cursor.previous(from) : cursor.next(through);
                left = next == null ? 0 : left - 1;
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

    @Override
    public Subscription subscribe(long afterSeq) {
        if (afterSeq < 0) {
            throw new IllegalArgumentException("the sequence number must be 0 or more, not " + afterSeq);
        }
        return new StreamSubscription(journal, name, afterSeq, journal.head(name));
    }

    @Override
    public Subscription subscribeLive() {
        Head head = journal.head(name);
        return new StreamSubscription(journal, name, head == null ? 0 : head.lastSeq, head);
    }

    @Override
    public Subscription.Publisher publisher(long afterSeq) {
        return new CursorPublisher(() -> subscribe(afterSeq));
    }
}
