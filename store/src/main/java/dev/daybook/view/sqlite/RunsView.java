package dev.daybook.view.sqlite;

import dev.daybook.internal.time.Timestamps;
import dev.daybook.journal.Lines;
import dev.daybook.journal.StreamState;
import dev.daybook.run.RunStatus;
import dev.daybook.stream.Event;
import dev.daybook.stream.Kind;
import dev.daybook.view.ViewReader;
import dev.daybook.view.ViewWriter;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The view {@code runs}: every run as it is now, each attempt that ended, where the messages are, and how many runs have which status. */
final class RunsView implements KindView {
    private static final String PREFIX = "runs/";

    /** The role of what is no message of the thread: it has no number. */
    private static final String START = "__start__";

    @Override
    public String name() {
        return "runs";
    }

    @Override
    public int version() {
        return 2;
    }

    @Override
    public List<Lines.Scope> scopes() {
        return List.of(new Lines.Scope("runs", Kind.RUN));
    }

    @Override
    public List<String> tables() {
        return List.of(
                "CREATE TABLE run (run INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, workflow TEXT NOT NULL, status TEXT NOT NULL,"
                        + " attempt INTEGER NOT NULL, created INTEGER NOT NULL, started INTEGER, ended INTEGER, owner TEXT,"
                        + " generation INTEGER NOT NULL, parent TEXT, exit_code INTEGER, error TEXT, tags TEXT NOT NULL, messages INTEGER NOT NULL)",
                "CREATE TABLE attempt (pos INTEGER PRIMARY KEY, run INTEGER NOT NULL, attempt INTEGER NOT NULL,"
                        + " workflow TEXT NOT NULL, status TEXT NOT NULL, started INTEGER, ended INTEGER NOT NULL,"
                        + " duration INTEGER, exit_code INTEGER, error TEXT, UNIQUE (run, attempt))",
                "CREATE TABLE attempt_block (block INTEGER PRIMARY KEY, checksum INTEGER NOT NULL, data BLOB NOT NULL)",
                "CREATE TABLE attempt_touched (block INTEGER PRIMARY KEY)",
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
                "CREATE INDEX run_created ON run (created, run)",
                "CREATE INDEX run_status ON run (status, created, run)",
                "CREATE INDEX run_workflow ON run (workflow, created, run)",
                "CREATE INDEX run_workflow_status ON run (workflow, status, created, run)",
                "CREATE INDEX run_parent ON run (parent, created, run) WHERE parent IS NOT NULL",
                "CREATE INDEX attempt_ended ON attempt (ended, pos)",
                "CREATE INDEX attempt_status ON attempt (status, ended, pos)",
                "CREATE INDEX attempt_workflow ON attempt (workflow, ended, pos)",
                "CREATE INDEX attempt_workflow_status ON attempt (workflow, status, ended, pos)",
                "CREATE INDEX attempt_block_checksum ON attempt_block (block, checksum)");
    }

    @Override
    public void event(Event event, Lines line, ViewWriter tables) {
        long run = line.incarnation();
        StreamState state = line.state();
        if (state != null) {
            long time = Timestamps.micros(event.occurred().orElseGet(event::time));
            change(event, line, state, time, RunFields.of(event), tables);
        } else if (event.type().equals("message")) {
            message(event, run, RunFields.of(event).role, tables);
        }
    }

    private static void message(Event event, long run, String role, ViewWriter tables) {
        if (!role.equals(START)) {
            tables.update("UPDATE run SET messages = messages + 1 WHERE run = ?", run);
            tables.update(
                    "INSERT INTO message SELECT run, messages, ?, ?, ? FROM run WHERE run = ?",
                    event.seq(),
                    event.pos(),
                    role,
                    run);
        }
    }

    private static void change(
            Event event, Lines line, StreamState state, long time, RunFields fields, ViewWriter tables) {
        long run = line.incarnation();
        String status = state.word();
        List<ViewReader.Row> known = tables.query("SELECT status, attempt, started FROM run WHERE run = ?", run);
        Long started = started(state, time, known);
        if (known.isEmpty()) {
            begin(event, line, state, time, started, fields, tables);
        } else {
            count(state.workflow(), String.valueOf(known.get(0).text(0)), -1, tables);
        }
        count(state.workflow(), status, 1, tables);
        if (RunStatus.of(status).ended()) {
            tables.update(
                    "UPDATE run SET status = ?, attempt = ?, started = ?, ended = ?, owner = NULL,"
                            + " generation = max(generation, ?), exit_code = ?, error = ? WHERE run = ?",
                    status,
                    state.attempt(),
                    started,
                    time,
                    line.generation(),
                    fields.exitCode,
                    fields.error,
                    run);
            AttemptBlocks.adding(event.pos(), tables);
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
        } else if (!known.isEmpty()) {
            tables.update(
                    "UPDATE run SET status = ?, attempt = ?, started = ?, ended = NULL, owner = ?,"
                            + " generation = max(generation, ?), exit_code = NULL, error = NULL WHERE run = ?",
                    status,
                    state.attempt(),
                    started,
                    owner(state),
                    line.generation(),
                    run);
        }
    }

    /** When the newest attempt was started. A status that this Daybook does not know changes nothing of that. */
    private static @Nullable Long started(StreamState state, long time, List<ViewReader.Row> known) {
        if (RunStatus.of(state.word()) == RunStatus.STARTED) {
            return time;
        }
        boolean sameAttempt = !known.isEmpty() && known.get(0).number(1) == state.attempt();
        return sameAttempt && !known.get(0).isNull(2) ? (Long) known.get(0).number(2) : null;
    }

    private static @Nullable String owner(StreamState state) {
        return state.owner().isEmpty() ? null : state.owner();
    }

    private static void begin(
            Event event,
            Lines line,
            StreamState state,
            long time,
            @Nullable Long started,
            RunFields fields,
            ViewWriter tables) {
        long run = line.incarnation();
        tables.update(
                "INSERT INTO run (run, id, workflow, status, attempt, created, started, owner, generation, parent, tags, messages)"
                        + " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 0)",
                run,
                event.stream().substring(PREFIX.length()),
                state.workflow(),
                state.word(),
                state.attempt(),
                time,
                started,
                owner(state),
                line.generation(),
                fields.parent,
                fields.tagsJson);
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
    public void finish(ViewWriter tables) {
        AttemptBlocks.finish(tables);
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
            RunFields.tags(tags)
                    .forEach((key, value) -> tables.update(
                            "DELETE FROM tag WHERE key = ? AND value = ? AND created = ? AND run = ?",
                            key,
                            value,
                            gone.number(3),
                            run));
            AttemptBlocks.removing(run, tables);
            tables.update("DELETE FROM attempt WHERE run = ?", run);
            tables.update("DELETE FROM message WHERE run = ?", run);
            tables.update("DELETE FROM run WHERE run = ?", run);
        }
    }
}
