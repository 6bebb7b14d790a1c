package dev.daybook.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.daybook.Daybook;
import dev.daybook.cli.Cli.Result;
import dev.daybook.log.NewLogRow;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LogCommandsTest {
    @TempDir
    Path folder;

    private Cli cli;

    @BeforeEach
    void useAStoreOfItsOwn() {
        cli = new Cli(folder.resolve("store"));
    }

    private void append(String source, String type, String time, String... more) {
        List<String> words = new java.util.ArrayList<>(
                List.of("log", "append", "--source", source, "--type", type, "--occurred", time));
        words.addAll(List.of(more));
        cli.ok(words.toArray(String[]::new));
    }

    @Test
    void rowIsAppendedAndFound() {
        assertThat(cli.ok("log", "append", "--source", "planner", "--type", "started", "--json"))
                .isEqualTo("{\"id\":1,\"pos\":2}\n");
        assertThat(cli.okWithInput("{\"a\": \"ü\"}\n", "log", "append", "--source", "s", "--type", "t", "-"))
                .isEqualTo("2\n");
        append("sensor", "late", "2026-01-02T03:04:05Z", "--ref", "run-1", "--payload", "[1]");
        assertThat(cli.ok("log", "query", "--ref", "run-1", "--json"))
                .isEqualTo(
                        "{\"id\":3,\"pos\":6,\"time\":\"2026-01-02T03:04:05.000000Z\",\"source\":\"sensor\",\"type\":\"late\","
                                + "\"ref\":\"run-1\",\"payload\":[1]}\n");
        assertThat(cli.ok("log", "query", "--without-ref", "--source", "s", "--json"))
                .contains("\"ref\":null,\"payload\":{\"a\": \"ü\"}}");
        assertThat(cli.ok("log", "query")).contains("ID", "SOURCE", "planner", "sensor");
        assertThat(cli.ok("log", "query", "--type", "none")).isEmpty();
    }

    @Test
    void rowsAreInOrderAndPagesGoOn() {
        for (int i = 1; i <= 5; i++) {
            append("s", "t", "2026-01-02T00:00:0" + i + "Z");
        }
        assertThat(cli.ok(
                                "log",
                                "query",
                                "--since",
                                "2026-01-02T00:00:02Z",
                                "--until",
                                "2026-01-02T00:00:04Z",
                                "--json")
                        .lines())
                .extracting(line -> line.substring(0, 7))
                .containsExactly("{\"id\":2", "{\"id\":3", "{\"id\":4");
        assertThat(cli.ok("log", "query", "--since", "300000000w", "--json").lines())
                .hasSize(5);
        assertThat(cli.ok("log", "query", "--until", "300000000w", "--json")).isEmpty();
        Result first = cli.run("log", "query", "--reverse", "--limit", "2", "--json");
        assertThat(first.out().lines()).extracting(line -> line.charAt(6)).containsExactly('5', '4');
        String cursor = first.err().strip().substring(first.err().strip().lastIndexOf(' ') + 1);
        assertThat(cli.ok("log", "query", "--reverse", "--limit", "9", "--cursor", cursor, "--json")
                        .lines())
                .extracting(line -> line.charAt(6))
                .containsExactly('3', '2', '1');
    }

    @Test
    void rowsAreFoundByTheirWords() {
        append("s", "t", "2026-01-03", "--payload", "{\"message\":\"Connection reset by peer\"}");
        append("s", "t", "2026-01-02", "--payload", "\"reset reset\"");
        append("s", "u", "2026-01-01", "--payload", "\"reset the connection\"");
        assertThat(ids("--text", "connection reset")).containsExactly('1', '3');
        assertThat(ids("--text", "\"connection reset\"")).containsExactly('1');
        assertThat(ids("--text", "CONN* -", "--reverse")).containsExactly('3', '1');
        assertThat(ids("--text", "reset", "--rank", "--type", "t")).containsExactly('2', '1');
        assertThat(ids("--text", "reset", "--until", "2026-01-02")).containsExactly('2', '3');
        assertThat(ids("--text", "message")).isEmpty();
        Result first = cli.run("log", "query", "--text", "reset", "--limit", "1");
        assertThat(first.err()).contains("--cursor 1");
        assertThat(ids("--text", "reset", "--cursor", "1")).containsExactly('2', '3');
    }

    private List<Character> ids(String... more) {
        List<String> words = new java.util.ArrayList<>(List.of("log", "query", "--json"));
        words.addAll(List.of(more));
        return cli.ok(words.toArray(String[]::new))
                .lines()
                .map(line -> line.charAt(6))
                .toList();
    }

    @Test
    void badInputMakesNoStore() {
        for (List<String> bad : List.of(
                List.of("append", "--source", "s"),
                List.of("append", "--source", "", "--type", "t"),
                List.of("append", "--source", "s", "--type", "t", "--payload", "{"),
                List.of("append", "--source", "s", "--type", "t", "--occurred", "yesterday"),
                List.of("append", "--source", "s", "--type", "t", "x"))) {
            List<String> words = new java.util.ArrayList<>(List.of("log"));
            words.addAll(bad);
            assertThat(cli.run(words.toArray(String[]::new)).status())
                    .as(bad.toString())
                    .isEqualTo(2);
        }
        assertThat(Files.exists(folder.resolve("store"))).isFalse();
        assertThat(cli.run("log", "query").status()).isEqualTo(3);
        append("s", "t", "2026-01-02");
        for (List<String> bad : List.of(
                List.of("--cursor", "x"),
                List.of("--limit", "0"),
                List.of("--text", "\"*\""),
                List.of("--text", "a", "--rank", "--reverse"),
                List.of("--text", "a", "--rank", "--limit", "1001"),
                List.of("--rank"),
                List.of("--text", "a", "--cursor", "1.1"),
                List.of("--limit", "10001"),
                List.of("--since", "soon"),
                List.of("--ref", "r", "--without-ref"))) {
            List<String> words = new java.util.ArrayList<>(List.of("log", "query"));
            words.addAll(bad);
            assertThat(cli.run(words.toArray(String[]::new)).status())
                    .as(bad.toString())
                    .isEqualTo(2);
        }
    }

    @Test
    void rowsOfAnotherProcessAreFoundWhileItWrites() {
        try (Daybook writer = Daybook.open(folder.resolve("store"))) {
            writer.logs().append(NewLogRow.of("s", "t"));
            assertThat(cli.ok("log", "query", "--json").lines()).hasSize(1);
            writer.logs().append(NewLogRow.of("s", "t"));
            assertThat(cli.ok("log", "query", "--json").lines()).hasSize(2);
        }
    }
}
