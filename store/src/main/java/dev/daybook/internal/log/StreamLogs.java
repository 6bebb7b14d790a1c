package dev.daybook.internal.log;

import dev.daybook.journal.Journal;
import dev.daybook.journal.JournalStream;
import dev.daybook.journal.KnownStream;
import dev.daybook.journal.Name;
import dev.daybook.log.LogPage;
import dev.daybook.log.LogQuery;
import dev.daybook.log.LogRow;
import dev.daybook.log.Logs;
import dev.daybook.log.NewLogRow;
import dev.daybook.stream.AppendOptions;
import dev.daybook.stream.Appended;
import dev.daybook.stream.Event;
import dev.daybook.stream.Kind;
import dev.daybook.stream.ReadOptions;
import dev.daybook.stream.Subscription;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** The log over the journal: one stream, a row is an event of it. */
public final class StreamLogs implements Logs {
    private static final Name NAME = Name.of(NewLogRow.STREAM);

    private final Journal journal;
    private final JournalStream stream;
    private final LogIndex index;
    private final LogSearch search;

    public StreamLogs(Journal journal, LogIndex index) {
        this.journal = journal;
        this.index = index;
        this.search = new LogSearch(journal, index, this::find);
        this.stream = new JournalStream(journal, NAME, Kind.LOG);
    }

    @Override
    public Appended append(NewLogRow row) {
        return stream.append(row.event());
    }

    @Override
    public Appended append(List<NewLogRow> rows) {
        return stream.append(rows.stream().map(NewLogRow::event).toList(), AppendOptions.none());
    }

    @Override
    public CompletableFuture<Appended> appendAsync(NewLogRow row) {
        return stream.appendAsync(row.event());
    }

    /** A plain stream may have the log's name; then there are no rows, and none can be appended. */
    private boolean exists() {
        KnownStream known = journal.known(NAME);
        return known != null && known.kind() == Kind.LOG;
    }

    @Override
    public Optional<LogRow> find(long id) {
        Event event = exists() ? journal.event(NAME, id) : null;
        return event == null ? Optional.empty() : Optional.of(LogRow.of(event));
    }

    @Override
    public List<LogRow> after(long afterId, int limit) {
        ReadOptions options = ReadOptions.after(afterId).limit(limit);
        List<LogRow> rows = new ArrayList<>();
        if (exists()) {
            for (Event event : stream.read(options)) {
                rows.add(LogRow.of(event));
            }
        }
        return rows;
    }

    @Override
    public LogPage query(LogQuery query) {
        if (query.text() != null || query.order() == LogQuery.Order.RANK) {
            return search.query(query);
        }
        LogIndex.Found found = index.find(query, place(query.cursor()));
        List<LogIndex.Place> places = found.places();
        boolean more = places.size() > query.limit();
        List<LogRow> rows = new ArrayList<>();
        for (LogIndex.Place place : more ? places.subList(0, query.limit()) : places) {
            Event event = journal.event(NAME, place.id());
            if (event != null) { // else it was truncated
                rows.add(LogRow.of(event));
            }
        }
        Optional<String> next = more ? Optional.of(cursor(places.get(query.limit() - 1))) : Optional.empty();
        return new LogPage(rows, next, found.position());
    }

    private static String cursor(LogIndex.Place place) {
        return place.micros() + "." + place.id();
    }

    private static LogIndex.@Nullable Place place(@Nullable String cursor) {
        if (cursor == null) {
            return null;
        }
        int dot = cursor.indexOf('.');
        try {
            return new LogIndex.Place(
                    Long.parseLong(cursor.substring(0, dot)), Long.parseLong(cursor.substring(dot + 1)));
        } catch (NumberFormatException | IndexOutOfBoundsException e) {
            throw new IllegalArgumentException("no page of the log had this cursor: " + cursor, e);
        }
    }

    @Override
    public Subscription subscribe(long afterId) {
        return stream.subscribe(afterId);
    }
}
