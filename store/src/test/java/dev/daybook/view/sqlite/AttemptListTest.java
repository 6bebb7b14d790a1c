package dev.daybook.view.sqlite;

import static org.assertj.core.api.Assertions.assertThat;

import dev.daybook.run.RunFilter;
import dev.daybook.run.RunStatus;
import dev.daybook.view.ViewReader;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Figures of more attempts than are read at a time. */
class AttemptListTest {
    private static final int RUNS = 45_000;

    private static final RunFilter ALL = RunFilter.all();

    /** A third of the runs, by their numbers. */
    private static final FoundRuns THIRD = new FoundRuns(
            IntStream.rangeClosed(1, RUNS)
                    .filter(run -> run % 3 == 0)
                    .boxed()
                    .toList()
                    .toString()
                    .replace(" ", ""),
            1);

    /** Keeps how many rows a query gave at most. */
    private static final class Watched implements ViewReader {
        private final Statements tables;
        int most;

        Watched(Statements tables) {
            this.tables = tables;
        }

        @Override
        public long position() {
            return 1;
        }

        @Override
        public List<Row> query(String sql, @Nullable Object... arguments) {
            List<Row> rows = tables.query(sql, arguments);
            most = Math.max(most, rows.size());
            return rows;
        }
    }

    private static Statements tables() {
        Statements tables = ViewFile.scratch();
        RunsView view = new RunsView();
        view.tables().forEach(tables::run);
        view.indexes().forEach(tables::run);
        String numbers = "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < " + RUNS + ") ";
        tables.run("INSERT INTO run " + numbers
                + "SELECT i, 'r' || i, 'w' || (i % 2), 'completed', 1, i, i, i, NULL, 1,"
                + " CASE WHEN i % 5 > 0 THEN 'p' END, NULL, NULL, '{}', 0 FROM n");
        tables.run("INSERT INTO attempt " + numbers
                + "SELECT 2 * i, i, 1, 'w' || (i % 2), CASE WHEN i % 7 > 0 THEN 'completed' ELSE 'failed' END,"
                + " 0, i / 1000, i % 100, NULL, NULL FROM n");
        tables.run("INSERT INTO tag SELECT 'few', '1', created, run FROM run WHERE run % 9 = 0");
        tables.run("INSERT INTO tag SELECT 'many', '1', created, run FROM run WHERE run % 4 > 0");
        return tables;
    }

    private static void check(Statements tables, RunFilter filter, @Nullable FoundRuns among, String condition) {
        Watched watched = new Watched(tables);
        Blocks blocks = new AttemptList(filter, among).blocks(watched, new AttemptBlocks());
        Figures figures = blocks.figures(AttemptList.inBlocks(filter));
        long[] expected = tables.numbers(
                "SELECT count(*), CAST(round(avg(run % 100)) AS INTEGER) FROM attempt WHERE " + condition);
        assertThat(figures.total()).as(condition).isEqualTo(expected[0]).isPositive();
        assertThat(figures.mean()).as(condition).hasValue(expected[1]);
        assertThat(watched.most).as(condition).isLessThanOrEqualTo(Block.ATTEMPTS_MAX);
    }

    @Test
    void figuresAreGatheredInParts() {
        try (Statements tables = tables()) {
            check(tables, ALL.tag("few", "1"), null, "run % 9 = 0");
            check(tables, ALL.tag("many", "1"), null, "run % 4 > 0");
            check(tables, ALL.tag("many", "1").workflow("w1"), null, "run % 4 > 0 AND run % 2 = 1");
            check(tables, ALL.parent("p"), null, "run % 5 > 0");
            check(tables, ALL.parent("p").tag("few", "1"), null, "run % 5 > 0 AND run % 9 = 0");
            check(
                    tables,
                    ALL.parent("p").status(RunStatus.FAILED, RunStatus.COMPLETED),
                    null,
                    "run % 5 > 0 AND status <> ''");
            check(tables, ALL, THIRD, "run % 3 = 0");
            check(tables, ALL.tag("many", "1"), THIRD, "run % 4 > 0 AND run % 3 = 0");
            check(tables, ALL.parent("p").status(RunStatus.FAILED), THIRD, "run % 15 IN (3, 6, 9, 12) AND run % 7 = 0");
        }
    }

    @Test
    void foundRunsAreSplit() {
        assertThat(new FoundRuns("[]", 1).parts(2)).isEmpty();
        assertThat(new FoundRuns("[7]", 1).parts(2)).containsExactly("[7]");
        assertThat(new FoundRuns("[7,81]", 1).parts(2)).containsExactly("[7,81]");
        assertThat(new FoundRuns("[7,81,9,10,11]", 1).parts(2)).containsExactly("[7,81]", "[9,10]", "[11]");
        assertThat(new FoundRuns("[7,81,9]", 1).parts(1)).containsExactly("[7]", "[81]", "[9]");
    }
}
