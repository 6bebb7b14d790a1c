package dev.daybook.view.sqlite;

import dev.daybook.internal.json.JsonReader;
import dev.daybook.internal.json.JsonReader.Token;
import dev.daybook.internal.time.Timestamps;
import dev.daybook.journal.Lines;
import dev.daybook.journal.StreamState;
import dev.daybook.run.RunStatus;
import dev.daybook.stream.Event;
import dev.daybook.stream.Kind;
import dev.daybook.view.ViewReader;
import dev.daybook.view.ViewWriter;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The view {@code runs}: every run as it is now, each attempt that ended, where the messages are, and how many runs have which status. */
final class RunsView implements KindView {
    private static final String PREFIX = "runs/";
    private static final int ERROR_CHARS_MAX = 1_000;

    /** The role of what is no message of the thread: it has no number. */
    private static final String START = "__start__";

    @Override
    public String name() {
        return "runs";
    }

    @Override
    public int version() {
        return 1;
    }

    @Override
    public List<Lines.Scope> scopes() {
        return List.of(new Lines.Scope("runs", Kind.RUN));
    }

    @Override
    public List<String> tables() {
        return List.of(
                "CREATE TABLE run (run INTEGER PRIMARY KEY, id TEXT NOT NULL, workflow TEXT NOT NULL, status TEXT NOT NULL,"
                        + " attempt INTEGER NOT NULL, created INTEGER NOT NULL, started INTEGER, ended INTEGER, owner TEXT,"
                        + " parent TEXT, exit_code INTEGER, error TEXT, tags TEXT NOT NULL, messages INTEGER NOT NULL,"
                        + " last INTEGER NOT NULL)",
                "CREATE TABLE attempt (pos INTEGER PRIMARY KEY, run INTEGER NOT NULL, attempt INTEGER NOT NULL,"
                        + " workflow TEXT NOT NULL, status TEXT NOT NULL, started INTEGER, ended INTEGER NOT NULL,"
                        + " duration INTEGER, exit_code INTEGER, error TEXT)",
                "CREATE TABLE tally (workflow TEXT, status TEXT, runs INTEGER NOT NULL, PRIMARY KEY (workflow, status))"
                        + " WITHOUT ROWID",
                "CREATE TABLE tag (key TEXT, value TEXT, created INTEGER, run INTEGER, PRIMARY KEY (key, value, created, run))"
                        + " WITHOUT ROWID",
                "CREATE TABLE message (run INTEGER, round INTEGER, seq INTEGER NOT NULL, pos INTEGER NOT NULL,"
                        + " role TEXT NOT NULL, PRIMARY KEY (run, round)) WITHOUT ROWID");
    }

    @Override
    public List<String> indexes() {
        return List.of(
                "CREATE UNIQUE INDEX run_id ON run (id)",
                "CREATE INDEX run_created ON run (created, run)",
                "CREATE INDEX run_status ON run (status, created, run)",
                "CREATE INDEX run_workflow ON run (workflow, created, run)",
                "CREATE INDEX run_workflow_status ON run (workflow, status, created, run)",
                "CREATE INDEX run_parent ON run (parent, created, run) WHERE parent IS NOT NULL",
                "CREATE UNIQUE INDEX attempt_run ON attempt (run, attempt)",
                "CREATE INDEX attempt_ended ON attempt (ended, pos)",
                "CREATE INDEX attempt_status ON attempt (status, ended, pos)",
                "CREATE INDEX attempt_workflow ON attempt (workflow, ended, pos)",
                "CREATE INDEX attempt_workflow_status ON attempt (workflow, status, ended, pos)");
    }

    /** What is looked at of a payload. */
    private static final class Fields {
        @Nullable
        String parent;

        @Nullable
        String error;

        @Nullable
        Long exitCode;

        String role = "";
        String tagsJson = "{}";
        final Map<String, String> tags = new LinkedHashMap<>();

        static Fields of(Event event) {
            Fields fields = new Fields();
            byte[] bytes = event.bytes();
            JsonReader json = new JsonReader(bytes, 0, bytes.length);
            if (json.next() == Token.OBJECT) {
                while (json.next() == Token.KEY) {
                    fields.field(json, bytes);
                }
            }
            return fields;
        }

        private void field(JsonReader json, byte[] bytes) {
            if (json.is("tags")) {
                json.next();
                int from = json.start();
                json.skip();
                tags(bytes, from, json.end());
                return;
            }
            boolean texts = json.is("parent") || json.is("error") || json.is("role");
            boolean number = json.is("exitCode");
            if (!texts && !number) {
                json.skip();
                return;
            }
            String name = json.text();
            Token value = json.next();
            if (value == Token.STRING && texts) {
                text(name, json.text());
            } else if (value == Token.NUMBER && number) {
                exitCode = whole(json.text());
            } else {
                json.skip();
            }
        }

        private void text(String name, String value) {
            switch (name) {
                case "parent" -> parent = value;
                case "error" -> error = cut(value);
                default -> role = value;
            }
        }

        private void tags(byte[] bytes, int from, int to) {
            tagsJson = new String(bytes, from, to - from, StandardCharsets.UTF_8);
            JsonReader json = new JsonReader(bytes, from, to);
            if (json.next() != Token.OBJECT) {
                tagsJson = "{}";
                return;
            }
            while (json.next() == Token.KEY) {
                String key = json.text();
                if (json.next() == Token.STRING) {
                    tags.put(key, json.text());
                } else {
                    json.skip();
                }
            }
        }

        private static @Nullable Long whole(String number) {
            try {
                return Long.parseLong(number);
            } catch (NumberFormatException e) {
                return null; // of another writer's
            }
        }

        private static String cut(String text) {
            return text.length() <= ERROR_CHARS_MAX
                    ? text
                    : text.substring(
                            0, ERROR_CHARS_MAX - (Character.isHighSurrogate(text.charAt(ERROR_CHARS_MAX - 1)) ? 1 : 0));
        }
    }

    @Override
    public void event(Event event, Lines line, ViewWriter tables) {
        long run = line.incarnation();
        StreamState state = line.state();
        if (state != null) {
            long time = Timestamps.micros(event.occurred().orElseGet(event::time));
            change(event, run, state, time, Fields.of(event), tables);
        } else if (event.type().equals("message")) {
            message(event, run, Fields.of(event).role, tables);
        } else {
            tables.update("UPDATE run SET last = ? WHERE run = ?", event.pos(), run);
        }
    }

    private static void message(Event event, long run, String role, ViewWriter tables) {
        int numbered = role.equals(START) ? 0 : 1;
        tables.update("UPDATE run SET messages = messages + ?, last = ? WHERE run = ?", numbered, event.pos(), run);
        if (numbered > 0) {
            tables.update(
                    "INSERT INTO message SELECT run, messages, ?, ?, ? FROM run WHERE run = ?",
                    event.seq(),
                    event.pos(),
                    role,
                    run);
        }
    }

    private static void change(Event event, long run, StreamState state, long time, Fields fields, ViewWriter tables) {
        String status = state.word();
        List<ViewReader.Row> known = tables.query("SELECT status, started FROM run WHERE run = ?", run);
        if (known.isEmpty()) {
            begin(event, run, state, time, fields, tables);
        } else {
            count(state.workflow(), String.valueOf(known.get(0).text(0)), -1, tables);
        }
        count(state.workflow(), status, 1, tables);
        if (RunStatus.of(status).ended()) {
            Long started = known.isEmpty() || known.get(0).isNull(1)
                    ? null
                    : known.get(0).number(1);
            tables.update(
                    "UPDATE run SET status = ?, attempt = ?, ended = ?, owner = NULL, exit_code = ?, error = ?, last = ?"
                            + " WHERE run = ?",
                    status,
                    state.attempt(),
                    time,
                    fields.exitCode,
                    fields.error,
                    event.pos(),
                    run);
            tables.update(
                    "INSERT INTO attempt VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                    event.pos(),
                    run,
                    state.attempt(),
                    state.workflow(),
                    status,
                    started,
                    time,
                    started == null ? null : Math.max(0, time - started),
                    fields.exitCode,
                    fields.error);
        } else {
            tables.update(
                    "UPDATE run SET status = ?, attempt = ?, started = ?, ended = NULL, owner = ?, exit_code = NULL, error = NULL,"
                            + " last = ? WHERE run = ?",
                    status,
                    state.attempt(),
                    RunStatus.of(status) == RunStatus.QUEUED ? null : time,
                    state.owner().isEmpty() ? null : state.owner(),
                    event.pos(),
                    run);
        }
    }

    private static void begin(Event event, long run, StreamState state, long time, Fields fields, ViewWriter tables) {
        tables.update(
                "INSERT INTO run (run, id, workflow, status, attempt, created, parent, tags, messages, last)"
                        + " VALUES (?, ?, ?, ?, ?, ?, ?, ?, 0, ?)",
                run,
                event.stream().substring(PREFIX.length()),
                state.workflow(),
                state.word(),
                state.attempt(),
                time,
                fields.parent,
                fields.tagsJson,
                event.pos());
        fields.tags.forEach(
                (key, value) -> tables.update("INSERT INTO tag VALUES (?, ?, ?, ?)", key, value, time, run));
    }

    private static void count(String workflow, String status, int change, ViewWriter tables) {
        tables.update(
                "INSERT INTO tally VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET runs = runs + excluded.runs",
                workflow,
                status,
                change);
        if (change < 0) {
            tables.update("DELETE FROM tally WHERE workflow = ? AND status = ? AND runs = 0", workflow, status);
        }
    }

    @Override
    public void deleted(String stream, ViewWriter tables) {
        if (!stream.startsWith(PREFIX)) {
            return;
        }
        for (ViewReader.Row gone : tables.query(
                "SELECT run, workflow, status, created, tags FROM run WHERE id = ?",
                stream.substring(PREFIX.length()))) {
            long run = gone.number(0);
            count(String.valueOf(gone.text(1)), String.valueOf(gone.text(2)), -1, tables);
            byte[] tags = String.valueOf(gone.text(4)).getBytes(StandardCharsets.UTF_8);
            Fields fields = new Fields();
            fields.tags(tags, 0, tags.length);
            fields.tags.forEach((key, value) -> tables.update(
                    "DELETE FROM tag WHERE key = ? AND value = ? AND created = ? AND run = ?",
                    key,
                    value,
                    gone.number(3),
                    run));
            tables.update("DELETE FROM attempt WHERE run = ?", run);
            tables.update("DELETE FROM message WHERE run = ?", run);
            tables.update("DELETE FROM run WHERE run = ?", run);
        }
    }
}
