package dev.daybook.journal;

import static org.assertj.core.api.Assertions.assertThat;

import dev.daybook.Daybook;
import dev.daybook.Freshness;
import dev.daybook.Progress;
import dev.daybook.VerifyReport;
import dev.daybook.VerifyReport.ViewCheck;
import dev.daybook.driver.filesystem.FilesystemDriver;
import dev.daybook.run.Admission;
import dev.daybook.run.RunStatus;
import dev.daybook.stream.Kind;
import dev.daybook.stream.NewEvent;
import dev.daybook.view.sqlite.SqliteViews;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The view {@code text} over lines as {@code docs/format/runs.md} and {@code logs.md} have them. */
class TextViewTest {
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

    private long row(String source, String json) {
        return new JournalStream(runs.journal, Name.of("logs"), Kind.LOG)
                .append(NewEvent.json("t", json).source(source))
                .seq();
    }

    private long start(String run, String json) {
        Rule rule = new Rule.Begin(RunStatus.STARTED, "w", null, Admission.UNLIMITED, 0);
        return runs.append(RunsByHand.op(run, "started", json, rule)).pos();
    }

    private long note(String run, String type, String json) {
        Rule rule = new Rule.Note(type, Rule.Allowed.UNLESS_FINAL, Rule.Writer.ANYBODY);
        return runs.append(RunsByHand.op(run, type, json, rule)).pos();
    }

    private long fail(String run, String json) {
        Rule rule = new Rule.End(RunStatus.FAILED, Rule.Writer.ANYBODY);
        return runs.append(RunsByHand.op(run, "failed", json, rule)).pos();
    }

    private void delete(String run) {
        runs.journal.append(List.of(Op.delete(Running.name(run), Kind.RUN)
                .with(new Rule.Forget(runs.state(run).seq()))));
    }

    private List<Long> found(String table, String match) {
        return views.query(
                "text",
                Freshness.own(),
                tables ->
                        tables
                                .query(
                                        "SELECT rowid FROM " + table + " WHERE " + table + " MATCH ? ORDER BY rowid",
                                        match)
                                .stream()
                                .map(row -> row.number(0))
                                .toList());
    }

    private ViewCheck check() {
        VerifyReport report = Daybook.verify(directory, Progress.NONE);
        ViewCheck check = report.views().get(0);
        assertThat(check.name()).isEqualTo("text");
        assertThat(check.compared()).isTrue();
        assertThat(report.clean()).isEqualTo(check.differing() == 0);
        return check;
    }

    @Test
    void messagesInputsOutputsAndErrorsAreFoundAndNothingElse() {
        long input = start("r", "{\"input\":{\"url\":\"apple\"},\"tags\":{\"x\":\"tag\"},\"parent\":\"pear\"}");
        long message = note(
                "r",
                "message",
                "{\"role\":\"user\",\"content\":[\"apple\",{\"role\":\"deep\"}],\"meta\":{\"m\":\"meta\"}}");
        note("r", "step-completed", "{\"step\":\"fetch\",\"result\":\"apple\"}");
        long error = fail("r", "{\"error\":\"apple pie\",\"reason\":\"because\"}");
        assertThat(found("message_text", "apple")).containsExactly(input, message, error);
        assertThat(found("message_text", "deep")).containsExactly(message);
        for (String none : List.of("tag", "pear", "meta", "user", "because", "fetch", "url", "r")) {
            assertThat(found("message_text", "text : " + none)).as(none).isEmpty();
        }
        assertThat(found("log_text", "apple")).isEmpty();
        assertThat(check().differing()).isZero();
    }

    @Test
    void runsAndRowsComeAndGoAndLiveEqualsRebuilt() {
        long seed = Long.getLong("seed", System.nanoTime());
        SplittableRandom random = new SplittableRandom(seed);
        String[] words = {"apple", "pear", "plum"};
        Map<String, List<Long>> apples = new TreeMap<>();
        List<Long> rows = new ArrayList<>();
        for (int i = 0; i < 600; i++) {
            String run = "r" + random.nextInt(20);
            String word = words[random.nextInt(3)];
            if (random.nextInt(3) == 0) {
                long id = row("s" + random.nextInt(5), "{\"a\":[\"" + word + "\"]}");
                if (word.equals("apple")) {
                    rows.add(id);
                }
            } else if (!apples.containsKey(run)) {
                long pos = start(run, "{\"input\":\"" + word + "\"}");
                apples.put(run, word.equals("apple") ? new ArrayList<>(List.of(pos)) : new ArrayList<>());
            } else if (random.nextInt(10) == 0) {
                fail(run, "{}");
                delete(run);
                apples.remove(run);
            } else {
                long pos = note(run, "message", "{\"role\":\"user\",\"content\":\"" + word + "\"}");
                if (word.equals("apple")) {
                    apples.get(run).add(pos);
                }
            }
            if (i % 100 == 50) {
                found("log_text", "plum"); // so that it follows live
            }
        }
        assertThat(found("message_text", "apple"))
                .as("-Dseed=" + seed)
                .isEqualTo(
                        apples.values().stream().flatMap(List::stream).sorted().toList());
        assertThat(found("log_text", "apple")).isEqualTo(rows);
        assertThat(check().differing()).isZero();
        views.rebuild("text", Progress.NONE);
        assertThat(found("log_text", "apple")).isEqualTo(rows);
        assertThat(check().differing()).isZero();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "DELETE FROM log_text WHERE rowid = 1",
                "DELETE FROM message_text",
                "INSERT INTO log_text (rowid, text, attrs) VALUES (9, 'apple', '')",
                "UPDATE run_text SET run = run + 1"
            })
    void differenceIsFound(String sql) throws SQLException {
        row("s", "\"apple\"");
        start("r", "{\"input\":\"apple\"}");
        assertThat(found("log_text", "apple")).hasSize(1);
        views.close();
        try (Connection connection =
                        DriverManager.getConnection("jdbc:sqlite:" + directory.resolve("views/text.1.db"));
                Statement statement = connection.createStatement()) {
            assertThat(statement.executeUpdate(sql)).isPositive();
        }
        assertThat(check().differing()).isPositive();
    }

    @Test
    void hugeAndOddTextsAreTaken() {
        start("r", "{\"input\":\"" + "x".repeat(1 << 20) + " needle\"}");
        row("s", "[\"\\u0000\",\"" + "word ".repeat(200_000) + "\"]");
        row("s", "\"" + "a\\u0000b".repeat(1_000) + "\"");
        assertThat(found("message_text", "needle")).hasSize(1);
        assertThat(found("log_text", "word")).containsExactly(1L);
        assertThat(found("log_text", "ba")).containsExactly(2L);
        assertThat(check().differing()).isZero();
    }
}
