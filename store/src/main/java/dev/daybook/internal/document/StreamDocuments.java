package dev.daybook.internal.document;

import dev.daybook.AppendTimeoutException;
import dev.daybook.ConflictException;
import dev.daybook.StoreClosedException;
import dev.daybook.document.Condition;
import dev.daybook.document.Document;
import dev.daybook.document.DocumentChange;
import dev.daybook.document.DocumentEntry;
import dev.daybook.document.Documents;
import dev.daybook.journal.Journal;
import dev.daybook.journal.JournalStream;
import dev.daybook.journal.Keys;
import dev.daybook.journal.KnownStream;
import dev.daybook.journal.Name;
import dev.daybook.journal.Op;
import dev.daybook.journal.Rule;
import dev.daybook.journal.Streams;
import dev.daybook.stream.AppendOptions;
import dev.daybook.stream.Appended;
import dev.daybook.stream.Event;
import dev.daybook.stream.Kind;
import dev.daybook.stream.NewEvent;
import dev.daybook.stream.ReadOptions;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Documents over the journal: a document is a stream, its value the newest line, its version that line's number. What exists is in the heads, so nothing here is kept
 * but the order in which keys below a capped prefix were written.
 */
public final class StreamDocuments implements Documents {
    static final String PUT = "put";
    static final String DELETE = "delete";

    /** How often a capped put is decided again because a key that was to go was written meanwhile. */
    private static final int PAGE_MIN = 256;

    private static final int ATTEMPTS = 1_000;

    /** So many keys go in the same step as the put; the rest, when a cap was lowered, go after it. */
    private static final int DELETES_MAX = 1_000;

    private final Journal journal;
    private final Streams streams;
    private final Keys keys = new Keys();
    private final CappedPrefixes capped = new CappedPrefixes();

    public StreamDocuments(Journal journal, Streams streams) {
        this.journal = journal;
        this.streams = streams;
    }

    // ---- reading

    private @Nullable KnownStream find(Name name) {
        KnownStream known = journal.known(name);
        return known == null || known.kind() != Kind.DOCUMENT ? null : known;
    }

    private static Optional<Document> value(String key, @Nullable Event event) {
        return event == null || !event.type().equals(PUT) ? Optional.empty() : Optional.of(document(key, event));
    }

    private static Document document(String key, Event event) {
        return new Document(key, event.seq(), event.data(), event.pos(), event.time());
    }

    @Override
    public Optional<Document> get(String key) {
        Name name = keys.name(key);
        KnownStream known = find(name);
        return known == null || !known.hasValue() ? Optional.empty() : value(key, journal.event(name, known.lastSeq()));
    }

    @Override
    public Optional<Document> at(String key, long version) {
        Name name = keys.name(key);
        return find(name) == null ? Optional.empty() : value(key, journal.event(name, version));
    }

    @Override
    public Optional<Document> atPosition(String key, long position) {
        return newest(key, event -> event.pos() <= position);
    }

    @Override
    public Optional<Document> atTime(String key, Instant time) {
        return newest(key, event -> !event.time().isAfter(time));
    }

    /** The value by the newest line that fits; all before it fit, too. */
    private Optional<Document> newest(String key, Predicate<Event> fits) {
        Name name = keys.name(key);
        KnownStream known = find(name);
        if (known == null) {
            return Optional.empty();
        }
        Event newest = null;
        long low = known.firstSeq() - 1;
        long high = known.lastSeq();
        while (low < high) {
            long middle = low + (high - low + 1) / 2;
            Event event = journal.event(name, middle);
            if (event != null && fits.test(event)) {
                newest = event;
                low = middle;
            } else {
                high = middle - 1;
            }
        }
        return value(key, newest);
    }

    @Override
    public List<DocumentEntry> list(String prefix, String after, int limit) {
        requireLimit(limit);
        requirePrefix(prefix);
        List<DocumentEntry> entries = new ArrayList<>();
        String cursor = after.isEmpty() ? "" : Keys.below(after);
        while (entries.size() < limit) {
            int wanted = Math.max(limit - entries.size(), PAGE_MIN); // many may be deleted
            List<KnownStream> page = journal.known(Keys.below(prefix), cursor, wanted);
            for (KnownStream known : page) {
                if (entries.size() < limit && known.kind() == Kind.DOCUMENT && known.hasValue()) {
                    entries.add(new DocumentEntry(
                            Keys.key(known.name().toString()), known.lastSeq(), known.bytes(), known.changed()));
                }
            }
            if (page.size() < wanted) {
                break;
            }
            cursor = page.get(page.size() - 1).name().toString();
        }
        return entries;
    }

    private static void requireLimit(int limit) {
        if (limit < 1) {
            throw new IllegalArgumentException("a limit is at least 1, not " + limit);
        }
    }

    private void requirePrefix(String prefix) {
        if (!prefix.isEmpty()) {
            keys.name(prefix);
        }
    }

    @Override
    public List<DocumentChange> history(String key, long before, int limit) {
        requireLimit(limit);
        Name name = keys.name(key);
        KnownStream known = find(name);
        List<DocumentChange> changes = new ArrayList<>();
        if (known == null) {
            return changes;
        }
        if (before > known.lastSeq()) {
            for (Event event : new JournalStream(journal, name, Kind.DOCUMENT).read(ReadOptions.newest(limit))) {
                changes.add(change(event));
            }
            return changes;
        }
        for (long version = before - 1; version >= known.firstSeq() && changes.size() < limit; version--) {
            Event event = journal.event(name, version);
            if (event != null) {
                changes.add(change(event));
            }
        }
        return changes;
    }

    static DocumentChange change(Event event) {
        String key = Keys.key(event.stream());
        return event.type().equals(PUT)
                ? new DocumentChange.Put(document(key, event))
                : new DocumentChange.Delete(key, event.seq(), event.pos(), event.time());
    }

    @Override
    public Watch watch(String prefix, long afterPosition) {
        requirePrefix(prefix);
        return new ChangeFeed(journal, streams.subscribe(Keys.below(prefix), afterPosition));
    }

    // ---- writing

    private static Op write(Name name, NewEvent event, Condition condition, boolean deletes) {
        return Op.append(name, Kind.DOCUMENT, List.of(event.encode()), AppendOptions.none())
                .with(new Rule.Write(condition, deletes));
    }

    private static Op deletion(Name name, Condition condition) {
        return write(name, NewEvent.json(DELETE, "null"), condition, true);
    }

    private Appended append(Op op) {
        return journal.append(List.of(op)).get(0);
    }

    @Override
    public long put(String key, String json, Condition condition) {
        Op put = write(keys.writable(key), NewEvent.json(PUT, json), condition, false);
        return writing(List.of(key), () -> append(put)).seq();
    }

    @Override
    public boolean delete(String key, Condition condition) {
        Op deletion = deletion(keys.writable(key), condition);
        return writing(List.of(key), () -> append(deletion)).count() > 0;
    }

    /** Makes an append that writes these keys, whoever asks for it, and notes it for the caps. */
    public <T> T writing(List<String> written, Supplier<T> append) {
        begin(written);
        Throwable failure = null;
        try {
            return append.get();
        } catch (RuntimeException | Error e) {
            failure = e;
            throw e;
        } finally {
            end(written, failure);
        }
    }

    /** The same for who does not wait. */
    public void begin(List<String> written) {
        written.forEach(capped::begin);
    }

    /** @param failure why it was not done, or null */
    public void end(List<String> written, @Nullable Throwable failure) {
        if (failure instanceof AppendTimeoutException timeout && timeout.outcomeUnknown()) {
            return;
        }
        for (String key : written) {
            try {
                capped.written(key, this::place);
            } catch (StoreClosedException e) {
                // The write stands, and nobody asks any more which was the oldest.
            }
            capped.end(key);
        }
    }

    /** Where a key's newest line is, if it has a value that a cap can remove; else 0. */
    private long place(String key) {
        KnownStream known = Keys.isOfARun(key) ? null : find(keys.name(key));
        return known == null || !known.hasValue() ? 0 : known.lastPos();
    }

    @Override
    public long put(String key, String json, Condition condition, String prefix, int keysMax) {
        if (keysMax < 1) {
            throw new IllegalArgumentException("a cap is at least 1, not " + keysMax);
        }
        Name name = keys.writable(key);
        requirePrefix(prefix);
        if (!CappedPrefixes.within(prefix, key)) {
            throw new IllegalArgumentException("key " + key + " is not below " + prefix);
        }
        Op put = write(name, NewEvent.json(PUT, json), condition, false);
        return capped.exclusively(prefix, order -> {
            order.fill(() -> list(prefix, "", Integer.MAX_VALUE), this::place);
            long version = appendWithDeletes(put, key, prefix, order, keysMax);
            while (order.beyond(key, keysMax, 1).size() > 0) {
                appendWithDeletes(null, key, prefix, order, keysMax);
            }
            return version;
        });
    }

    /** Appends a put, if there is one, and with it deletes of what is beyond the cap then. Returns the put's version. */
    private long appendWithDeletes(@Nullable Op put, String key, String prefix, LeastRecent order, int keysMax) {
        for (int attempt = 1; ; attempt++) {
            capped.lookUp(prefix, order, this::place);
            List<Op> ops = new ArrayList<>();
            if (put != null) {
                ops.add(put);
            }
            List<String> leaving = order.beyond(key, keysMax, DELETES_MAX);
            for (String old : leaving) {
                Name name = keys.name(old);
                KnownStream known = find(name);
                if (known != null && known.hasValue() && order.isAt(old, known.lastPos())) {
                    ops.add(deletion(name, Condition.ifVersion(known.lastSeq())));
                }
            }
            boolean asKnown = ops.size() == leaving.size() + (put == null ? 0 : 1);
            List<String> written = new ArrayList<>(leaving);
            written.add(key);
            try {
                List<Appended> answers =
                        writing(written, () -> asKnown && !ops.isEmpty() ? journal.append(ops) : List.of());
                if (asKnown) {
                    return answers.isEmpty() ? -1 : answers.get(0).seq();
                }
            } catch (ConflictException e) {
                boolean own = put != null && e.stream().equals(put.name().toString());
                if (own || attempt == ATTEMPTS) {
                    throw e;
                }
            }
            // One of them was written since it was noted; it is looked up by now.
        }
    }
}
