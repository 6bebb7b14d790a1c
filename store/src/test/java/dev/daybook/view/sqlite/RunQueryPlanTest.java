package dev.daybook.view.sqlite;

import static org.assertj.core.api.Assertions.assertThat;

import dev.daybook.run.RunFilter;
import dev.daybook.run.RunStatus;
import dev.daybook.view.ViewReader;
import dev.daybook.view.ViewWriter;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What SQLite does for each kind of question: it goes through an index from its newest end, and never sorts. */
class RunQueryPlanTest {
    private static final RunFilter ALL = RunFilter.all();

    private Connection connection;
    private Statements tables;

    @BeforeEach
    void makeTables() throws SQLException {
        connection = DriverManager.getConnection("jdbc:sqlite::memory:");
        tables = new Statements(connection);
        RunsView view = new RunsView();
        view.tables().forEach(tables::run);
        view.indexes().forEach(tables::run);
        tables.run("INSERT INTO tally VALUES ('w', 'failed', 5), ('w', 'completed', 1), ('w', 'paused', 1)");
        tables.run("INSERT INTO tag VALUES ('many', '1', 1, 1), ('many', '1', 2, 2), ('few', '1', 1, 1)");
    }

    @AfterEach
    void close() {
        tables.close();
    }

    private static List<String> steps(Connection on, String sql, @Nullable Object... arguments) {
        try (PreparedStatement explain = on.prepareStatement("EXPLAIN QUERY PLAN " + sql)) {
            for (int i = 0; i < arguments.length; i++) {
                explain.setObject(i + 1, arguments[i]);
            }
            List<String> steps = new ArrayList<>();
            try (ResultSet plan = explain.executeQuery()) {
                while (plan.next()) {
                    steps.add(plan.getString("detail"));
                }
            }
            return steps;
        } catch (SQLException e) {
            throw new AssertionError(sql, e);
        }
    }

    /** Answers, and keeps how it was found. */
    private final class Explained implements ViewReader {
        final List<String> plans = new ArrayList<>();

        @Override
        public long position() {
            return 1;
        }

        @Override
        public List<Row> query(String sql, @Nullable Object... arguments) {
            if (sql.contains("ORDER BY")) {
                plans.add(String.join("; ", steps(connection, sql, arguments)));
            }
            return tables.query(sql, arguments);
        }
    }

    private List<String> list(RunFilter filter) {
        Explained explained = new Explained();
        new RunList(filter).page(explained);
        assertThat(explained.plans).allSatisfy(plan -> assertThat(plan).doesNotContain("TEMP B-TREE"));
        return explained.plans;
    }

    @Test
    void everyListGoesThroughAnIndexFromItsEnd() {
        assertThat(list(ALL)).containsExactly("SCAN r USING INDEX run_created");
        assertThat(list(ALL.workflow("w"))).containsExactly("SEARCH r USING INDEX run_workflow (workflow=?)");
        assertThat(list(ALL.status(RunStatus.FAILED))).containsExactly("SEARCH r USING INDEX run_status (status=?)");
        assertThat(list(ALL.workflow("w").status(RunStatus.FAILED)))
                .containsExactly("SEARCH r USING INDEX run_workflow_status (workflow=? AND status=?)");
        assertThat(list(ALL.parent("p"))).containsExactly("SEARCH r USING INDEX run_parent (parent=?)");
        assertThat(list(ALL.lasting(Duration.ofSeconds(1), null))).containsExactly("SCAN r USING INDEX run_created");
    }

    @Test
    void pagesAndTimesAreRangesOfTheIndex() {
        RunFilter later = ALL.after("r5.5");
        assertThat(list(later))
                .containsExactly(
                        "SEARCH r USING INDEX run_created (created=? AND run<?)",
                        "SEARCH r USING INDEX run_created (created<?)");
        assertThat(list(later.status(RunStatus.FAILED)))
                .containsExactly(
                        "SEARCH r USING INDEX run_status (status=? AND created=? AND run<?)",
                        "SEARCH r USING INDEX run_status (status=? AND created<?)");
        assertThat(list(later.workflow("w").since(Instant.EPOCH)))
                .containsExactly(
                        "SEARCH r USING INDEX run_workflow (workflow=? AND created=? AND run<?)",
                        "SEARCH r USING INDEX run_workflow (workflow=? AND created>? AND created<?)");
        assertThat(list(ALL.workflow("w")
                        .status(RunStatus.FAILED)
                        .since(Instant.EPOCH)
                        .until(Instant.MAX)))
                .containsExactly(
                        "SEARCH r USING INDEX run_workflow_status (workflow=? AND status=? AND created>? AND created<?)");
        assertThat(list(later.until(Instant.EPOCH))).containsExactly("SEARCH r USING INDEX run_created (created<?)");
    }

    @Test
    void severalStatusesAreAsManyRanges() {
        assertThat(list(ALL.status(RunStatus.FAILED, RunStatus.CRASHED, RunStatus.UNKNOWN)))
                .hasSize(3)
                .containsOnly("SEARCH r USING INDEX run_status (status=?)");
        assertThat(RunList.words(ALL.status(RunStatus.UNKNOWN), new Explained()))
                .containsExactly("paused");
    }

    @Test
    void theRarestTagLeadsUnlessWorkflowAndStatusAreRarer() {
        String byTag = "SEARCH t USING PRIMARY KEY (key=? AND value=?); SEARCH r USING INTEGER PRIMARY KEY (rowid=?)";
        assertThat(list(ALL.tag("many", "1"))).containsExactly(byTag);
        assertThat(RunList.leading(ALL.tag("many", "1").tag("few", "1"), List.of(), new Explained()))
                .isEqualTo(new RunList.Rarest("few", "1", 1));
        assertThat(list(ALL.tag("many", "1").tag("few", "1")))
                .allSatisfy(plan -> assertThat(plan)
                        .startsWith(byTag)
                        .endsWith("USING PRIMARY KEY (key=? AND value=? AND created=? AND run=?)"));
        assertThat(list(ALL.tag("many", "1").workflow("w").status(RunStatus.COMPLETED)))
                .allSatisfy(plan -> assertThat(plan).startsWith("SEARCH r USING INDEX run_workflow_status"));
        assertThat(list(ALL.tag("few", "1").workflow("w").status(RunStatus.COMPLETED)))
                .containsExactly(byTag);
        assertThat(list(ALL.tag("many", "1").after("r5.5").since(Instant.EPOCH)))
                .allSatisfy(plan ->
                        assertThat(plan).startsWith("SEARCH t USING PRIMARY KEY (key=? AND value=? AND created"));
    }

    @Test
    void tagThatVeryManyRunsHaveDoesNotLeadWhereWorkflowOrStatusAreAskedFor() {
        tables.run("INSERT INTO tag WITH n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 10000)"
                + " SELECT 'most', '1', i, i FROM n");
        tables.run("INSERT INTO tally VALUES ('v', 'failed', 20000)");
        RunFilter most = ALL.tag("most", "1");
        assertThat(RunList.leading(most, List.of(), new Explained())).isNotNull();
        assertThat(RunList.leading(most.workflow("v"), List.of(), new Explained()))
                .isNull();
        assertThat(list(most.status(RunStatus.FAILED)))
                .allSatisfy(plan -> assertThat(plan).startsWith("SEARCH r USING INDEX run_status"));
    }

    @Test
    void deletedRunIsFoundWithoutTheIndexesThatARebuildMakesLast() throws SQLException {
        try (Connection other = DriverManager.getConnection("jdbc:sqlite::memory:");
                Statements draft = new Statements(other)) {
            RunsView view = new RunsView();
            view.tables().forEach(draft::run);
            draft.run("INSERT INTO run (run, id, workflow, status, attempt, created, generation, tags, messages)"
                    + " VALUES (1, 'r', 'w', 'failed', 1, 1, 0, '{\"k\":\"v\"}', 0)");
            List<String> plans = new ArrayList<>();
            view.deleted("runs/r", new ViewWriter() {
                @Override
                public long position() {
                    return 1;
                }

                @Override
                public List<Row> query(String sql, @Nullable Object... arguments) {
                    plans.addAll(steps(other, sql, arguments));
                    return draft.query(sql, arguments);
                }

                @Override
                public int update(String sql, @Nullable Object... arguments) {
                    plans.addAll(steps(other, sql, arguments));
                    return draft.update(sql, arguments);
                }
            });
            assertThat(plans).hasSizeGreaterThan(5).noneMatch(step -> step.startsWith("SCAN"));
        }
    }
}
