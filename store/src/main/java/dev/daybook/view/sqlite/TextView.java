package dev.daybook.view.sqlite;

import dev.daybook.internal.json.JsonReader;
import dev.daybook.internal.json.JsonReader.Token;
import dev.daybook.internal.search.SearchText;
import dev.daybook.journal.Lines;
import dev.daybook.log.NewLogRow;
import dev.daybook.stream.Event;
import dev.daybook.stream.Kind;
import dev.daybook.view.ViewReader;
import dev.daybook.view.ViewWriter;
import java.util.List;

/**
 * The view {@code text}: which words are in rows of the log, and in messages, inputs, outputs and errors of runs. It keeps no text: what is found is read from the journal. A row's number is its id in the log,
 * or an event's position, so newest first is the order of the index.
 */
final class TextView implements KindView {
    static final String NAME = "text";

    private static final String RUNS = "runs/";
    private static final String OPTIONS =
            "text, attrs, content='', contentless_delete=1, tokenize='unicode61 remove_diacritics 2'";

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public int version() {
        return 1;
    }

    @Override
    public List<Lines.Scope> scopes() {
        return List.of(new Lines.Scope("runs", Kind.RUN), new Lines.Scope(NewLogRow.STREAM, Kind.LOG));
    }

    @Override
    public boolean givesWay() {
        return true;
    }

    @Override
    public List<String> tables() {
        return List.of(
                "CREATE VIRTUAL TABLE message_text USING fts5(" + OPTIONS + ")",
                "CREATE VIRTUAL TABLE log_text USING fts5(" + OPTIONS + ")",
                "INSERT INTO log_text (log_text, rank) VALUES ('rank', 'bm25(1.0, 0.0)')",
                "CREATE TABLE run_text (pos INTEGER PRIMARY KEY, run INTEGER NOT NULL)",
                "CREATE TABLE run (run INTEGER PRIMARY KEY, id TEXT NOT NULL)");
    }

    @Override
    public void event(Event event, Lines line, ViewWriter tables) {
        byte[] bytes = event.bytes();
        if (line.kind() == Kind.LOG) {
            row(event, SearchText.of(bytes, 0, bytes.length), tables);
        } else if (line.state() != null || event.type().equals("message")) {
            ofRun(event, line.incarnation(), text(bytes), tables);
        }
    }

    private static void row(Event event, String text, ViewWriter tables) {
        if (text.isEmpty()) {
            return;
        }
        String attributes = HashedWord.of(HashedWord.SOURCE, event.source().orElse(""))
                + " " + HashedWord.of(HashedWord.TYPE, event.type())
                + " "
                + event.subject().map(ref -> HashedWord.of(HashedWord.REF, ref)).orElse(HashedWord.NO_REF);
        tables.update("INSERT INTO log_text (rowid, text, attrs) VALUES (?, ?, ?)", event.seq(), text, attributes);
    }

    private static void ofRun(Event event, long run, String text, ViewWriter tables) {
        String id = event.stream().substring(RUNS.length());
        if (event.seq() == 1) { // it is in the index without a text, too: so that it is found when the run is deleted
            tables.update("INSERT INTO run VALUES (?, ?)", run, id);
        } else if (text.isEmpty()) {
            return;
        }
        String attributes = HashedWord.of(HashedWord.RUN, id);
        tables.update("INSERT INTO message_text (rowid, text, attrs) VALUES (?, ?, ?)", event.pos(), text, attributes);
        tables.update("INSERT INTO run_text VALUES (?, ?)", event.pos(), run);
    }

    /** What can be searched of an event of a run. */
    private static String text(byte[] bytes) {
        StringBuilder text = new StringBuilder();
        JsonReader json = new JsonReader(bytes, 0, bytes.length);
        if (json.next() == Token.OBJECT) {
            while (json.next() == Token.KEY) {
                if (json.is("content") || json.is("input") || json.is("output") || json.is("error")) {
                    json.next();
                    int from = json.start();
                    json.skip();
                    SearchText.append(bytes, from, json.end(), text);
                } else {
                    json.skip();
                }
            }
        }
        return text.toString();
    }

    @Override
    public void deleted(String stream, ViewWriter tables) {
        if (stream.equals(NewLogRow.STREAM)) { // a plain stream may have a name below it
            tables.update("INSERT INTO log_text (log_text) VALUES ('delete-all')");
        } else if (stream.startsWith(RUNS)) {
            String id = stream.substring(RUNS.length());
            String own = "SELECT pos, run FROM message_text m JOIN run_text t ON t.pos = m.rowid JOIN run USING (run)"
                    + " WHERE message_text MATCH ? AND id = ?";
            for (ViewReader.Row row : tables.query(own, "attrs : " + HashedWord.of(HashedWord.RUN, id), id)) {
                tables.update("DELETE FROM message_text WHERE rowid = ?", row.number(0));
                tables.update("DELETE FROM run_text WHERE pos = ?", row.number(0));
                tables.update("DELETE FROM run WHERE run = ?", row.number(1));
            }
        }
    }
}
