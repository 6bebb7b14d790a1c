package dev.daybook.journal;

import static org.assertj.core.api.Assertions.assertThat;

import dev.daybook.Daybook;
import dev.daybook.Freshness;
import dev.daybook.Progress;
import dev.daybook.VerifyReport;
import dev.daybook.driver.filesystem.FilesystemDriver;
import dev.daybook.run.Admission;
import dev.daybook.run.RunFilter;
import dev.daybook.run.RunInfo;
import dev.daybook.run.RunStatus;
import dev.daybook.stream.AppendOptions;
import dev.daybook.stream.Kind;
import dev.daybook.stream.NewEvent;
import dev.daybook.view.ViewReader;
import dev.daybook.view.sqlite.SqliteViews;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The view {@code runs} over lines as {@code docs/format/runs.md} has them. */
class RunsViewTest {
    @TempDir
    Path directory;

    private RunsByHand runs;
    private SqliteViews views;

    @BeforeEach
    void open() {
        runs = new RunsByHand(new FilesystemDriver(directory));
        views = new SqliteViews(runs.journal);
    }

    @AfterEach
    void close() {
        views.close();
        runs.close();
    }

    private void begin(String run, RunStatus status, String json, long after) {
        Rule.Owner owner = status == RunStatus.STARTED ? RunsByHand.OWNER : null;
        runs.append(RunsByHand.op(
                run, status.text(), json, new Rule.Begin(status, "w", owner, Admission.UNLIMITED, after)));
    }

    private void end(String run, RunStatus status, String json) {
        Rule.Writer writer = status == RunStatus.CRASHED || status == RunStatus.KILLED
                ? Rule.Writer.store(Rule.Writer.ANY)
                : Rule.Writer.owner(runs.known(run).generation());
        runs.append(RunsByHand.op(run, status.text(), json, new Rule.End(status, writer)));
    }

    private void message(String run, String json) {
        Rule rule = new Rule.Note("message", Rule.Allowed.UNLESS_FINAL, Rule.Writer.ANYBODY);
        runs.append(RunsByHand.op(run, "message", json, rule));
    }

    private void delete(String run) {
        runs.journal.append(List.of(Op.delete(Running.name(run), Kind.RUN)
                .with(new Rule.Forget(runs.state(run).seq()))));
    }

    private List<String> rows(String sql) {
        return views.query(
                "runs",
                Freshness.own(),
                reader -> reader.query(sql).stream().map(RunsViewTest::text).toList());
    }

    private static String text(ViewReader.Row row) {
        List<String> all = new ArrayList<>();
        for (int i = 0; i < 5; i++) {
            all.add(String.valueOf(row.text(i)));
        }
        return String.join(" ", all);
    }

    private void assertRebuiltEqualsLive() {
        VerifyReport report = Daybook.verify(directory, Progress.NONE);
        assertThat(report.problems()).isEmpty();
        assertThat(report.views()).allMatch(view -> view.compared() && view.differing() == 0);
    }

    @Test
    void runThatFailedAndWentOnHasBothAttempts() {
        begin(
                "r",
                RunStatus.QUEUED,
                "{\"input\":{\"error\":\"x\"},\"tags\":{\"team\":\"a\",\"n\":1},\"parent\":\"p\"}",
                0);
        assertThat(rows("SELECT id, status, started, parent, tags FROM run"))
                .containsExactly("r queued null p {\"team\":\"a\",\"n\":1}");
        begin("r", RunStatus.STARTED, "{}", runs.state("r").seq());
        message("r", "{\"role\":\"user\",\"content\":{\"role\":\"no\"}}");
        message("r", "{\"role\":\"__start__\",\"content\":1}");
        message("r", "{\"content\":1,\"role\":\"tool\"}");
        end("r", RunStatus.FAILED, "{\"error\":\"" + "e".repeat(2_000) + "\",\"exitCode\":-3}");
        assertThat(rows("SELECT status, attempt, exit_code, length(error), owner FROM run"))
                .containsExactly("failed 1 -3 1000 null");
        begin("r", RunStatus.STARTED, "{}", runs.state("r").seq());
        assertThat(rows("SELECT status, attempt, exit_code, error, owner FROM run"))
                .containsExactly("started 2 null null worker-7");
        end("r", RunStatus.COMPLETED, "{\"output\":1}");
        assertThat(rows("SELECT attempt, status, duration >= 0, exit_code, workflow FROM attempt ORDER BY attempt"))
                .containsExactly("1 failed 1 -3 w", "2 completed 1 null w");
        assertThat(rows("SELECT round, role, run.messages, seq, id FROM message JOIN run USING (run) ORDER BY round"))
                .containsExactly("1 user 2 3 r", "2 tool 2 5 r");
        assertThat(rows("SELECT key, value, id, 0, 0 FROM tag JOIN run USING (run)"))
                .containsExactly("team a r 0 0");
        assertThat(rows("SELECT workflow, status, runs, 0, 0 FROM tally")).containsExactly("w completed 1 0 0");
        assertRebuiltEqualsLive();
        delete("r");
        for (String table : List.of("run", "attempt", "message", "tag", "tally")) {
            assertThat(rows("SELECT 0, 0, 0, 0, 0 FROM " + table)).as(table).isEmpty();
        }
        begin("r", RunStatus.DROPPED, "{}", 0);
        assertThat(rows("SELECT status, attempt, started, ended >= created, 0 FROM run"))
                .containsExactly("dropped 1 null 1 0");
        assertRebuiltEqualsLive();
    }

    @Test
    void blocksOfAttemptsAreThoseOfARebuildWhicheverRunsAreDeleted() {
        for (int block = 0; block < 4; block++) {
            for (int i = 0; i < 3; i++) {
                String run = "r" + block + i;
                begin(run, RunStatus.STARTED, "{}", 0);
                end(run, i == 0 ? RunStatus.FAILED : RunStatus.COMPLETED, "{}");
                assertThat(rows("SELECT count(*), 0, 0, 0, 0 FROM attempt_touched"))
                        .containsExactly("0 0 0 0 0");
            }
            assertThat(rows("SELECT count(*), 0, 0, 0, 0 FROM attempt_block"))
                    .containsExactly(block + " 0 0 0 0"); // all but the last
            fill();
        }
        Map<String, Integer> blocksWhenDeleted = new LinkedHashMap<>();
        List.of("r01", "r10", "r11").forEach(run -> blocksWhenDeleted.put(run, 3));
        List.of("r12", "r30", "r31").forEach(run -> blocksWhenDeleted.put(run, 2)); // the second one is empty
        List.of("r32", "r21", "r00").forEach(run -> blocksWhenDeleted.put(run, 1)); // the third one is the last
        blocksWhenDeleted.forEach((run, blocks) -> {
            delete(run);
            assertThat(rows("SELECT count(*), 0, 0, 0, 0 FROM attempt_block"))
                    .as(run)
                    .containsExactly(blocks + " 0 0 0 0");
            assertRebuiltEqualsLive();
        });
    }

    /** As many events of another stream as positions are in a block. */
    private void fill() {
        List<NewEvent> events = Collections.nCopies(8_192, NewEvent.json("t", "1"));
        for (int i = 0; i < 2; i++) {
            runs.journal.append(List.of(Op.append(
                    Name.of("filler"),
                    Kind.STREAM,
                    events.stream().map(NewEvent::encode).toList(),
                    AppendOptions.none())));
        }
    }

    @Test
    void statusOfANewerDaybookChangesNothingOfWhenTheAttemptWasStarted(@TempDir Path newer) throws IOException {
        List<String> states = List.of("\"started\",1", "\"paused\",1", "\"failed\",1", "\"paused\",2");
        List<String> lines = new ArrayList<>();
        lines.add(JournalFiles.header(1, 1));
        lines.add(JournalFiles.creation(1, 0, "runs/r", "run"));
        for (int i = 1; i <= states.size(); i++) {
            lines.add(state(i, states.get(i - 1)));
            Path store = newer.resolve("store-" + i);
            new JournalFiles(store).put(1, lines.toArray(new String[0]));
            try (Daybook book = Daybook.open(store)) {
                RunInfo found = book.runs().require("r");
                assertThat(found.started().isPresent()).as(states.get(i - 1)).isEqualTo(i < 4);
                assertThat(book.runs().list(RunFilter.all()).items()).containsExactly(found);
            }
        }
    }

    private static String state(int seq, String wordAndAttempt) {
        return JournalFiles.line(
                JournalFiles.STORE_ID,
                "{\"pos\":" + (seq + 1) + ",\"synced\":0,\"time\":\"2026-11-20T22:53:0" + seq
                        + ".123456Z\",\"stream\":\"runs/r\",\"seq\":" + seq + ",\"type\":\"t\",\"state\":["
                        + wordAndAttempt + ",\"w\"],\"data\":{}");
    }

    @Test
    void randomRunsAreAsTheirHeadsSay() {
        long seed = Long.getLong("seed", System.nanoTime());
        SplittableRandom random = new SplittableRandom(seed);
        Map<String, Integer> ended = new TreeMap<>();
        for (int i = 0; i < 600; i++) {
            String run = "r" + random.nextInt(25);
            KnownStream known = runs.journal.known(Running.name(run));
            StreamState state = known == null ? null : known.state();
            RunStatus status = state == null ? null : RunStatus.of(state.word());
            int choice = random.nextInt(10);
            if (status == null) {
                RunStatus first = choice < 6 ? RunStatus.STARTED : choice < 9 ? RunStatus.QUEUED : RunStatus.DROPPED;
                begin(run, first, "{\"tags\":{\"t\":\"" + choice % 3 + "\"}}", 0);
                ended.put(run, first == RunStatus.DROPPED ? 1 : 0);
            } else if (status == RunStatus.STARTED && choice < 5) {
                message(run, "{\"role\":\"user\",\"content\":1}");
            } else if (status == RunStatus.STARTED) {
                List<RunStatus> all = List.of(
                        RunStatus.COMPLETED,
                        RunStatus.FAILED,
                        RunStatus.CRASHED,
                        RunStatus.CANCELLED,
                        RunStatus.KILLED);
                end(run, all.get(choice - 5), "{\"error\":\"e\"}");
                ended.merge(run, 1, Integer::sum);
            } else if (status == RunStatus.QUEUED || status.resumable() && choice < 8) {
                begin(run, RunStatus.STARTED, "{}", state.seq());
            } else {
                delete(run);
                ended.remove(run);
            }
            if (i % 100 == 50) {
                assertThat(rows("SELECT count(*), 0, 0, 0, 0 FROM run")).hasSize(1); // so that it follows live
            }
        }
        List<String> expected = new ArrayList<>();
        ended.forEach((run, attempts) -> {
            StreamState state = runs.state(run);
            expected.add(run + " " + state.word() + " " + state.attempt() + " " + attempts + " w");
        });
        assertThat(rows("SELECT id, status, attempt, (SELECT count(*) FROM attempt a WHERE a.run = run.run), workflow"
                        + " FROM run ORDER BY id"))
                .as("-Dseed=" + seed)
                .isEqualTo(expected);
        assertThat(rows("SELECT workflow, status, runs, 0, 0 FROM tally"))
                .isEqualTo(rows("SELECT workflow, status, count(*), 0, 0 FROM run GROUP BY 1, 2 ORDER BY 1, 2"));
        assertRebuiltEqualsLive();
    }
}
