package dev.daybook.view.sqlite;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What a reader keeps is used for no other state than that it is of. */
class AttemptBlocksTest {
    private final Statements tables = ViewFile.scratch();
    private final AttemptBlocks blocks = new AttemptBlocks();

    AttemptBlocksTest() {
        RunsView view = new RunsView();
        view.tables().forEach(tables::run);
        view.indexes().forEach(tables::run);
    }

    @AfterEach
    void close() {
        tables.close();
    }

    private void attempts(long... positions) {
        tables.run("DELETE FROM attempt");
        for (long pos : positions) {
            tables.run("INSERT INTO attempt VALUES (" + pos + ", " + pos + ", 1, 'w', 'completed', 0, 1, " + pos
                    + ", NULL, NULL)");
        }
    }

    /** The mean of the durations, which are the positions. */
    private long mean(Object file, long position) {
        return Readers.ask(
                file,
                tables,
                position,
                reader -> blocks.at(reader).figures(Blocks.Filter.ALL).mean().orElse(-1));
    }

    @Test
    void anOlderTransactionTakesNothingOfANewerOne() {
        attempts(10, 20, 30);
        assertThat(mean("file", 30)).isEqualTo(20);
        attempts(10, 30, 50); // the run of one was deleted, and another ended
        assertThat(mean("file", 50)).isEqualTo(30);
        attempts(10, 20, 30); // as a transaction that is still open sees it
        assertThat(mean("file", 30)).isEqualTo(20);
        attempts(10, 30, 50, 70);
        assertThat(mean("file", 70)).isEqualTo(40);
        attempts(10, 30, 50, 70, 90);
        assertThat(mean("file", 70)).as("kept").isEqualTo(40);
        assertThat(mean("file", 90)).isEqualTo(50);
    }

    @Test
    void anotherBuildIsReadAnewAtTheSamePosition() {
        attempts(10, 20);
        assertThat(mean("damaged", 20)).isEqualTo(15);
        attempts(10, 30);
        assertThat(mean("rebuilt", 20)).isEqualTo(20);
    }
}
