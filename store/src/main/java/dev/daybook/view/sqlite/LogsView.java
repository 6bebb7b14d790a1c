package dev.daybook.view.sqlite;

import dev.daybook.internal.time.Timestamps;
import dev.daybook.journal.Lines;
import dev.daybook.log.NewLogRow;
import dev.daybook.stream.Event;
import dev.daybook.stream.Kind;
import dev.daybook.view.ViewWriter;
import java.util.List;

/** The view {@code logs}: where each row of the log is, by time, source, type and ref. Payloads stay in the journal. */
final class LogsView implements KindView {

    /** Every pair of source and type has a number: the position of its first row, so that a rebuild gives it the same. */
    private static final String INSERT =
            "INSERT INTO log SELECT ?, ?, ?, kind, ? FROM kind WHERE source = ? AND type = ?";

    @Override
    public String name() {
        return "logs";
    }

    @Override
    public int version() {
        return 1;
    }

    @Override
    public List<Lines.Scope> scopes() {
        return List.of(new Lines.Scope(NewLogRow.STREAM, Kind.LOG));
    }

    @Override
    public List<String> tables() {
        return List.of(
                "CREATE TABLE kind (kind INTEGER PRIMARY KEY, source TEXT NOT NULL, type TEXT NOT NULL, UNIQUE (source, type))",
                "CREATE TABLE log (pos INTEGER PRIMARY KEY, seq INTEGER NOT NULL, time INTEGER NOT NULL, kind INTEGER NOT NULL,"
                        + " ref TEXT)");
    }

    @Override
    public List<String> indexes() {
        return List.of(
                "CREATE INDEX log_time ON log (time, seq)",
                "CREATE INDEX log_kind ON log (kind, time, seq)",
                "CREATE INDEX log_ref ON log (ref, kind, time, seq)");
    }

    @Override
    public void event(Event event, Lines line, ViewWriter tables) {
        String source = event.source().orElse("");
        String type = event.type();
        if (!insert(event, source, type, tables)) {
            tables.update("INSERT INTO kind VALUES (?, ?, ?)", event.pos(), source, type);
            insert(event, source, type, tables);
        }
    }

    private static boolean insert(Event event, String source, String type, ViewWriter tables) {
        long micros = Timestamps.micros(event.occurred().orElseGet(event::time));
        String ref = event.subject().orElse(null);
        return tables.update(INSERT, event.pos(), event.seq(), micros, ref, source, type) > 0;
    }

    @Override
    public void deleted(String stream, ViewWriter tables) {
        if (stream.equals(NewLogRow.STREAM)) { // a plain stream may have a name below it
            tables.update("DELETE FROM log");
            tables.update("DELETE FROM kind");
        }
    }
}
