package dev.daybook.journal;

import static org.assertj.core.api.Assertions.assertThat;

import dev.daybook.Daybook;
import dev.daybook.Progress;
import dev.daybook.VerifyReport.Problem;
import dev.daybook.driver.filesystem.FilesystemDriver;
import dev.daybook.run.RunStatus;
import dev.daybook.stream.AppendOptions;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Lines of runs that no Daybook writes, with right checksums: {@code verify} finds each, and nothing else. */
class RunVerificationTest {
    private static final Rule.Allowed STARTED = Rule.Allowed.WHILE_STARTED;

    @TempDir
    Path folder;

    private Path store;
    private byte[] storeId;

    /** Crashed in its first attempt, completed in its second; numbers of its events from 1 to 8. */
    @BeforeEach
    void runOfTwoAttempts() {
        store = folder.resolve("data");
        try (RunsByHand runs = new RunsByHand(new FilesystemDriver(store))) {
            storeId = runs.journal.storeId();
            runs.start("r");
            runs.append(RunsByHand.note("r", "message", STARTED, Rule.Writer.owner(1)));
            runs.append(RunsByHand.note("r", "message", STARTED, Rule.Writer.owner(1)));
            runs.append(RunsByHand.end("r", RunStatus.CRASHED, Rule.Writer.store(1)));
            runs.goOn("r", RunStatus.QUEUED, null);
            runs.goOn("r", RunStatus.STARTED, RunsByHand.OWNER);
            runs.append(RunsByHand.note("r", "message", STARTED, Rule.Writer.owner(3)));
            runs.end("r", RunStatus.COMPLETED);
            runs.record("other");
        }
    }

    private List<Problem> problems() {
        return Daybook.verify(store, Progress.NONE).problems();
    }

    @Test
    void whatTheStoreWritesIsRight() {
        assertThat(problems()).isEmpty();
    }

    @Test
    void firstAttemptOfWhichOnlyTheEndIsThereIsRight() {
        try (RunsByHand runs = new RunsByHand(new FilesystemDriver(store))) {
            StreamState completed = new StreamState("completed", 1, "w", 4, "", 0, 0, 0);
            Rule copied = new Rule.Copy(completed, AppendOptions.from(Rules.OWNER, 1, 7));
            runs.append(RunsByHand.op("salvaged", "completed", "{}", copied));
        }
        assertThat(problems()).isEmpty();
    }

    @Test
    void runOfWhichOnlyTheEndIsThereIsRight() {
        try (RunsByHand runs = new RunsByHand(new FilesystemDriver(store))) {
            StreamState crashed = new StreamState("crashed", 3, "w", 4, "", 0, 0, 0);
            Rule copied = new Rule.Copy(crashed, AppendOptions.from(Rules.OWNER, 5, 7));
            runs.append(RunsByHand.op("salvaged", "crashed", "{}", copied));
            runs.goOn("salvaged", RunStatus.STARTED, RunsByHand.OWNER);
            runs.end("salvaged", RunStatus.COMPLETED);
        }
        assertThat(problems()).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            4 | crashed                | queued                | queued cannot follow started
            8 | completed              | queued                | queued cannot follow started
            5 | queued                 | completed             | completed cannot follow crashed
            5 | "type":"queued"        | "type":"started"      | its status is queued, its type started
            5 | ["queued",2            | ["queued",3           | attempt 2 was expected
            6 | ["started",2           | ["started",3          | attempt 2 was expected
            8 | ["completed",2,"w"     | ["completed",2,"v"    | its workflow is v
            8 | ["completed",2,"w",3]  | ["completed",2,"w",3,"x"] | it has an owner
            6 | ,"producer":["owner",3,0] | ,"order":"x"       | does not say of which generation
            4 | ,"producer":["owner",2,0] | ,"order":"x"       | does not say of which generation
            7 | ["owner",3,1]          | ["owner",1,3]         | behind generation 3
            7 | ["owner",3,1]          | ["owner",3,2]         | append 2 of generation 3, append 1
            7 | ["owner",3,1]          | ["owner",3,0]         | append 0 of generation 3, append 1
            6 | ["owner",3,0]          | ["owner",5,0]         | append 0 of generation 5
            6 | ["owner",3,0]          | ["owner",3,1]         | append 1 of generation 3, append 0
            4 | ["owner",2,0]          | ["owner",1,3]         | it is still of generation 1
            3 | ["owner",1,2]          | ["owner",2,0]         | without a change of the status
            3 | ["owner",1,2]          | ["other",1,2]         | a producer, which runs do not have
            1 | ["owner",1,0]          | ["owner",2,0]         | append 0 of generation 2
            """)
    void wrongLineIsFound(long seq, String from, String to, String found) throws IOException {
        boolean word = from.matches("[a-z]+"); // then both the type and the status
        rewrite(seq, line -> word ? line.replace("\"" + from + "\"", "\"" + to + "\"") : line.replace(from, to));
        assertThat(problems()).isNotEmpty();
        assertThat(problems().get(0).what())
                .contains("event " + seq + " of stream runs/r")
                .contains(found);
    }

    /** Changes the line of this event of the run; its checksum fits again. What is derived is deleted. */
    private void rewrite(long seq, UnaryOperator<String> change) throws IOException {
        Path segment;
        try (Stream<Path> files = Files.list(store.resolve("journal"))) {
            segment = files.filter(file -> file.toString().endsWith(".jsonl"))
                    .findFirst()
                    .orElseThrow();
        }
        List<String> lines = new ArrayList<>();
        int changed = 0;
        for (String line : Files.readAllLines(segment)) {
            if (line.contains("\"stream\":\"runs/r\",\"seq\":" + seq + ",")) {
                String body = line.substring(0, line.lastIndexOf(",\"crc\":"));
                String planted = change.apply(body);
                changed += planted.equals(body) ? 0 : 1;
                lines.add(JournalFiles.line(storeId, planted).stripTrailing());
            } else {
                lines.add(line);
            }
        }
        assertThat(changed).isEqualTo(1);
        Files.write(segment, (String.join("\n", lines) + "\n").getBytes(StandardCharsets.UTF_8));
        Files.deleteIfExists(store.resolve("watermark"));
        try (Stream<Path> heads = Files.list(store.resolve("heads"))) {
            for (Path table : heads.toList()) {
                Files.delete(table);
            }
        }
    }
}
