package dev.daybook.benchmarks;

import dev.daybook.stream.Event;
import dev.daybook.view.View;
import dev.daybook.view.ViewWriter;
import java.time.Instant;
import java.util.List;

/** One row per event with the indexes of a log: the tables that a view and plain SQLite both fill. */
final class EventRows implements View {
    static final String NAME = "rows";
    static final String INSERT = "INSERT INTO row VALUES (?, ?, ?, ?, ?)";

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public int version() {
        return 1;
    }

    @Override
    public List<String> tables() {
        return List.of("CREATE TABLE row (pos INTEGER PRIMARY KEY, seq INTEGER NOT NULL, time INTEGER NOT NULL,"
                + " type TEXT NOT NULL, ref TEXT NOT NULL)");
    }

    @Override
    public List<String> indexes() {
        return List.of(
                "CREATE INDEX row_time ON row (time, seq)",
                "CREATE INDEX row_type ON row (type, time, seq)",
                "CREATE INDEX row_ref ON row (ref, type, time, seq)");
    }

    @Override
    public void event(Event event, ViewWriter tables) {
        Instant time = event.time();
        long micros = time.getEpochSecond() * 1_000_000 + time.getNano() / 1_000;
        tables.update(INSERT, event.pos(), event.seq(), micros, event.type(), event.stream());
    }
}
