package dev.daybook.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.daybook.Daybook;
import dev.daybook.cli.Cli.Result;
import dev.daybook.stream.NewEvent;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StreamCommandsTest {
    private static final String TIME = "\"\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.\\d{6}Z\"";

    @TempDir
    Path folder;

    private Cli cli;

    @BeforeEach
    void useAStoreOfItsOwn() {
        cli = new Cli(folder.resolve("store"));
    }

    private void append(String stream, int count) {
        StringBuilder lines = new StringBuilder();
        for (int i = 1; i <= count; i++) {
            lines.append(i).append('\n');
        }
        cli.okWithInput(lines.toString(), "stream", "append", stream, "-");
    }

    @Test
    void acknowledgementNamesStreamPositionAndSeq() {
        assertThat(cli.ok("stream", "append", "guidance", "--data", "{\"a\":1}", "--json"))
                .matches("\\{\"stream\":\"guidance\",\"pos\":\\d+,\"seq\":1}\n");
        assertThat(cli.ok("stream", "append", "guidance", "--data", "{\"a\":2}"))
                .matches("guidance 2 \\(position \\d+\\)\n");
    }

    @Test
    void readPrintsPayloadsAndWithJsonTheLines() {
        cli.ok("stream", "append", "x", "--type", "note", "--data", "{\"a\": \"ü\"}", "--id", "i1");
        assertThat(cli.ok("stream", "read", "x")).isEqualTo("{\"a\": \"ü\"}\n");
        assertThat(cli.ok("stream", "read", "x", "--json"))
                .matches(
                        "\\{\"pos\":\\d+,\"synced\":\\d+,\"time\":" + TIME
                                + ",\"stream\":\"x\",\"seq\":1,\"type\":\"note\",\"id\":\"i1\",.*\"data\":\\{\"a\": \"ü\"},\"crc\":\"[0-9a-f]{8}\"}\n");
    }

    @Test
    void jsonReadPrintsWhatStandsInTheJournal() throws Exception {
        append("x", 3);
        List<String> printed = cli.run("stream", "read", "x", "--json").lines();
        try (var files = java.nio.file.Files.list(cli.store().resolve("journal"))) {
            Path journal = files.filter(file -> file.toString().endsWith(".jsonl"))
                    .findFirst()
                    .orElseThrow();
            assertThat(java.nio.file.Files.readAllLines(journal)).containsSubsequence(printed);
        }
    }

    @Test
    void textAndBytesAreReadable() {
        cli.ok("stream", "append", "t", "--text", "--data", "not \"JSON\"");
        cli.okWithInput("\nsecond\r\n", "stream", "append", "t", "-", "--text");
        assertThat(cli.ok("stream", "read", "t")).isEqualTo("not \"JSON\"\n\nsecond\n");
        try (Daybook book = Daybook.open(cli.store())) {
            book.stream("b").append(NewEvent.binary("bytes", new byte[] {0, 1, (byte) 0xff}));
        }
        assertThat(cli.ok("stream", "read", "b")).isEqualTo("AAH/\n");
    }

    @Test
    void readHonoursSinceLimitAndReverse() {
        append("x", 30);
        assertThat(cli.run("stream", "read", "x").lines()).hasSize(30);
        assertThat(cli.ok("stream", "read", "x", "--since", "28")).isEqualTo("29\n30\n");
        assertThat(cli.ok("stream", "read", "x", "--limit", "2")).isEqualTo("1\n2\n");
        assertThat(cli.ok("stream", "read", "x", "--reverse", "--limit", "2")).isEqualTo("30\n29\n");
        assertThat(cli.ok("stream", "read", "x", "--since", "30")).isEmpty();
        assertThat(cli.ok("stream", "read", "x", "--since", "30", "--json")).isEmpty();
    }

    @Test
    void readHonoursCommitTimes() throws InterruptedException {
        append("x", 1);
        Thread.sleep(5);
        Instant between = Instant.now();
        Thread.sleep(5);
        cli.ok("stream", "append", "x", "--data", "2");
        assertThat(cli.ok("stream", "read", "x", "--from", between.toString())).isEqualTo("2\n");
        assertThat(cli.ok("stream", "read", "x", "--to", between.toString())).isEqualTo("1\n");
        assertThat(cli.ok("stream", "read", "x", "--from", "1h")).isEqualTo("1\n2\n");
        assertThat(cli.ok("stream", "read", "x", "--to", "1h")).isEmpty();
    }

    @Test
    void unknownStreamIsNotFound() {
        append("x", 1);
        for (String verb : List.of("read", "tail", "info", "close", "delete")) {
            Result result = cli.run("stream", verb, "y", "--json");
            assertThat(result.status()).as(verb).isEqualTo(3);
            assertThat(result.out()).isEmpty();
            assertThat(result.err())
                    .isEqualTo(
                            "{\"error\":{\"code\":\"not-found\",\"message\":\"there is no stream y\",\"stream\":\"y\"}}\n");
        }
        assertThat(cli.run("stream", "truncate", "y", "--keep", "1").status()).isEqualTo(3);
    }

    @Test
    void unexpectedSeqIsAConflictWithBothNumbers() {
        append("x", 2);
        Result result = cli.run("stream", "append", "x", "--data", "3", "--expect-seq", "1", "--json");
        assertThat(result.status()).isEqualTo(4);
        assertThat(result.out()).isEmpty();
        assertThat(result.err())
                .startsWith("{\"error\":{\"code\":\"conflict\",")
                .endsWith("\"expected\":1,\"actual\":2}}\n");
        cli.ok("stream", "append", "x", "--data", "3", "--expect-seq", "2");
        assertThat(cli.run("stream", "append", "new", "--data", "1", "--expect-seq", "1")
                        .status())
                .isEqualTo(4);
        cli.ok("stream", "append", "new", "--data", "1", "--expect-seq", "0");
    }

    @Test
    void sameIdIsTheSameEvent() {
        String first = cli.ok("stream", "append", "x", "--data", "1", "--id", "a");
        assertThat(cli.ok("stream", "append", "x", "--data", "1", "--id", "a")).isEqualTo(first);
        assertThat(cli.ok("stream", "read", "x")).isEqualTo("1\n");
    }

    @Test
    void producerLinesSentAgainAreStoredOnce() {
        cli.okWithInput("1\n2\n", "stream", "append", "x", "-", "--producer", "p:0:0");
        Result again = cli.runWithInput("1\n2\n3\n", "stream", "append", "x", "-", "--producer", "p:0:0");
        assertThat(again.status()).as(again.err()).isZero();
        assertThat(again.lines()).hasSize(3);
        assertThat(again.lines().get(2)).startsWith("x 3 ");
        assertThat(cli.ok("stream", "read", "x")).isEqualTo("1\n2\n3\n");
        assertThat(cli.run("stream", "append", "x", "--data", "9", "--producer", "p:0:9")
                        .status())
                .isEqualTo(4);
    }

    @Test
    void linesAreAcknowledgedInOrder() {
        StringBuilder lines = new StringBuilder();
        for (int i = 1; i <= 5_000; i++) {
            lines.append("{\"n\":").append(i).append("}\n");
        }
        List<String> acknowledged = cli.okWithInput(lines.toString(), "stream", "append", "x", "-")
                .lines()
                .toList();
        assertThat(acknowledged).hasSize(5_000);
        assertThat(acknowledged)
                .extracting(line -> line.replaceAll(" \\(position \\d+\\)", ""))
                .isEqualTo(
                        IntStream.rangeClosed(1, 5_000).mapToObj(i -> "x " + i).toList());
        assertThat(cli.ok("stream", "read", "x")).isEqualTo(lines.toString());
    }

    @Test
    void badLineEndsTheInputAndIsNamed() {
        Result result = cli.runWithInput("1\n\n2\n{\"a\":1,\"a\":2}\n5\n", "stream", "append", "x", "-");
        assertThat(result.status()).isEqualTo(2);
        assertThat(result.lines()).hasSize(2);
        assertThat(result.err()).isEqualTo("daybook: line 4: data at byte 7: duplicate key \"a\"\n");
        assertThat(cli.ok("stream", "read", "x")).isEqualTo("1\n2\n");
        assertThat(cli.runWithInput("nonsense", "stream", "append", "x", "-", "--json")
                        .err())
                .startsWith("{\"error\":{\"code\":\"invalid\",\"message\":\"line 1: data at byte ")
                .contains("\"line\":1");
    }

    @Test
    void blankLinesAndCarriageReturnsAreNoEvents() {
        cli.okWithInput("\n  \t\r\n1\r\n\n2", "stream", "append", "x", "-");
        assertThat(cli.ok("stream", "read", "x")).isEqualTo("1\n2\n");
    }

    @Test
    void emptyInputAppendsNothing() {
        Result result = cli.runWithInput("", "stream", "append", "x", "-");
        assertThat(result.status()).isZero();
        assertThat(result.out()).isEmpty();
        assertThat(cli.run("stream", "read", "x").status()).isEqualTo(3);
    }

    @Test
    void textThatIsNotUtf8IsRefused() {
        byte[] input = {'a', '\n', 'b', (byte) 0xff, '\n'};
        java.io.ByteArrayOutputStream err = new java.io.ByteArrayOutputStream();
        int status = Main.run(
                new String[] {"stream", "append", "x", "-", "--text"},
                new java.io.ByteArrayInputStream(input),
                new java.io.ByteArrayOutputStream(),
                err,
                java.util.Map.of("DAYBOOK_STORE", cli.store().toString()));
        assertThat(status).isEqualTo(2);
        assertThat(err.toString(StandardCharsets.UTF_8)).isEqualTo("daybook: line 2: text at byte 1: not UTF-8\n");
        assertThat(cli.ok("stream", "read", "x")).isEqualTo("a\n");
    }

    @Test
    void lineBeyondThePayloadLimitIsRefused() {
        String large = '"' + "x".repeat((10 << 20) - 2) + '"';
        cli.okWithInput("1\n" + large + "\n", "stream", "append", "x", "-");
        Result result = cli.runWithInput("2\n" + large + " \n", "stream", "append", "x", "-");
        assertThat(result.status()).isEqualTo(2);
        assertThat(result.lines()).hasSize(1);
        assertThat(result.err()).isEqualTo("daybook: line 2: data: longer than 10485760 bytes\n");
        assertThat(cli.ok("stream", "info", "x", "--json")).contains("\"lastSeq\":3,");
    }

    @Test
    void nothingIsStoredAfterALineThatTheStoreRefused() {
        append("x", 1);
        cli.ok("stream", "close", "x");
        Result result = cli.runWithInput("2\n3\n4\n", "stream", "append", "x", "-", "--json");
        assertThat(result.status()).isEqualTo(4);
        assertThat(result.out()).isEmpty();
        assertThat(result.err())
                .startsWith("{\"error\":{\"code\":\"stream-closed\",\"message\":\"line 1: ")
                .contains("\"line\":1");
        assertThat(cli.ok("stream", "read", "x")).isEqualTo("1\n");
        Result wrong = cli.runWithInput("1\n2\n", "stream", "append", "y", "-", "--expect-seq", "7");
        assertThat(wrong.status()).isEqualTo(4);
        assertThat(wrong.err()).contains("line 1: ");
        assertThat(cli.run("stream", "read", "y").status()).isEqualTo(3);
    }

    @Test
    void storeFromTheFutureIsWrittenOnlyWithConsent() {
        long ahead = 3_600_000_000L;
        try (dev.daybook.Daybook book = dev.daybook.Daybook.open(
                cli.store(),
                dev.daybook.DaybookOptions.defaults()
                        .withClock(() -> dev.daybook.internal.time.Clock.SYSTEM.nowMicros() + ahead))) {
            book.stream("x").append(dev.daybook.stream.NewEvent.json("t", "1"));
        }
        Result refused = cli.run("stream", "append", "x", "--data", "2", "--json");
        assertThat(refused.status()).isEqualTo(4);
        assertThat(refused.err()).contains("\"code\":\"clock\"").contains("--accept-clock");
        cli.ok("stream", "append", "x", "--data", "2", "--accept-clock");
        assertThat(cli.ok("stream", "read", "x")).isEqualTo("1\n2\n");
    }

    @Test
    void infoHasTheShapeOfTheContract() {
        append("x", 3);
        assertThat(cli.ok("stream", "info", "x", "--json"))
                .matches(
                        "\\{\"stream\":\"x\",\"kind\":\"stream\",\"incarnation\":\\d+,\"contentType\":\"application/json\","
                                + "\"firstSeq\":1,\"lastSeq\":3,\"count\":3,\"bytes\":3,\"created\":" + TIME
                                + ",\"oldest\":" + TIME
                                + ",\"newest\":" + TIME + ",\"closed\":false}\n");
        assertThat(cli.ok("stream", "info", "x")).contains("events        3 (1 to 3)\n");
        cli.ok("stream", "truncate", "x", "--keep", "0");
        assertThat(cli.ok("stream", "info", "x", "--json"))
                .contains("\"firstSeq\":4,\"lastSeq\":3,\"count\":0,\"bytes\":0,")
                .contains("\"oldest\":null,\"newest\":null,");
    }

    @Test
    void listShowsTwentyUnlessAskedForMore() {
        StringBuilder expected = new StringBuilder();
        try (Daybook book = Daybook.open(cli.store())) {
            for (int i = 10; i < 35; i++) {
                book.stream("runs/" + i).append(NewEvent.json("t", "1"));
                expected.append("runs/").append(i).append('\n');
            }
            book.stream("other").append(NewEvent.json("t", "1"));
            book.stream("runs2").append(NewEvent.json("t", "1"));
        }
        Result first = cli.run("stream", "list", "runs", "--json");
        assertThat(first.status()).isZero();
        assertThat(first.lines()).hasSize(20);
        assertThat(first.lines().get(0)).startsWith("{\"stream\":\"runs/10\",\"kind\":\"stream\",");
        assertThat(first.err()).contains("--after runs/29");
        Result rest = cli.run("stream", "list", "runs/", "--after", "runs/29", "--json");
        assertThat(rest.lines()).hasSize(5);
        assertThat(rest.err()).isEmpty();
        assertThat(cli.run("stream", "list", "runs", "--limit", "100", "--json").lines())
                .hasSize(25);
        Result table = cli.run("stream", "list", "--limit", "1");
        assertThat(table.lines()).hasSize(2);
        assertThat(table.lines().get(1))
                .startsWith("other   stream       1     1   1 B  ")
                .endsWith("  open");
        assertThat(cli.ok("stream", "list", "nothing")).isEmpty();
        assertThat(cli.ok("stream", "list", "nothing", "--json")).isEmpty();
    }

    @Test
    void truncateSaysHowManyAreGone() {
        append("x", 5);
        assertThat(cli.ok("stream", "truncate", "x", "--before", "3", "--json"))
                .isEqualTo("{\"stream\":\"x\",\"removed\":2}\n");
        assertThat(cli.ok("stream", "truncate", "x", "--keep", "1")).isEqualTo("x: 2 events removed\n");
        assertThat(cli.ok("stream", "read", "x")).isEqualTo("5\n");
    }

    @Test
    void deletedStreamIsGoneAndItsNameIsFree() {
        append("x", 2);
        assertThat(cli.ok("stream", "delete", "x", "--json")).isEqualTo("{\"stream\":\"x\",\"deleted\":true}\n");
        assertThat(cli.run("stream", "read", "x").status()).isEqualTo(3);
        assertThat(cli.ok("stream", "append", "x", "--data", "3")).startsWith("x 1 ");
    }

    @Test
    void replaceIsOneStep() {
        append("x", 3);
        assertThat(cli.okWithInput("10\n\n11\n", "stream", "replace", "x", "-", "--json"))
                .matches("\\{\"stream\":\"x\",\"pos\":\\d+,\"seq\":5}\n");
        assertThat(cli.ok("stream", "read", "x")).isEqualTo("10\n11\n");
        Result bad = cli.runWithInput("12\n{\n", "stream", "replace", "x", "-");
        assertThat(bad.status()).isEqualTo(2);
        assertThat(bad.err()).startsWith("daybook: line 2: ");
        assertThat(cli.ok("stream", "read", "x")).isEqualTo("10\n11\n");
    }

    @Test
    void closedStreamRefusesAndTailEnds() {
        append("x", 2);
        assertThat(cli.ok("stream", "close", "x", "--json")).isEqualTo("{\"stream\":\"x\",\"closed\":true}\n");
        cli.ok("stream", "close", "x");
        assertThat(cli.run("stream", "append", "x", "--data", "3").status()).isEqualTo(4);
        assertThat(cli.ok("stream", "tail", "x", "--since", "0")).isEqualTo("1\n2\n");
        assertThat(cli.ok("stream", "tail", "x", "--since", "1")).isEqualTo("2\n");
        assertThat(cli.ok("stream", "tail", "x")).isEmpty();
    }

    @Test
    void tailTellsOfATruncatedBeginning() {
        append("x", 5);
        cli.ok("stream", "truncate", "x", "--keep", "2");
        cli.ok("stream", "close", "x");
        Result result = cli.run("stream", "tail", "x", "--since", "0");
        assertThat(result.status()).isZero();
        assertThat(result.out()).isEqualTo("4\n5\n");
        assertThat(result.err()).isEqualTo("daybook: events 1 to 3 of stream x were truncated\n");
    }

    @Test
    void wrongFormOfPayloadIsRefused() {
        append("x", 1);
        Result result = cli.run("stream", "append", "x", "--text", "--data", "hello", "--json");
        assertThat(result.status()).isEqualTo(4);
        assertThat(result.err()).startsWith("{\"error\":{\"code\":\"content-type\",");
    }

    @Test
    void badStreamNamesAreUsageErrors() {
        for (String name : List.of("", "a//b", "/a", "a/", "..", "a/./b", "__ds/x", "tab\t")) {
            Result result = cli.run("stream", "append", name, "--data", "1", "--json");
            assertThat(result.status()).as(name).isEqualTo(2);
            assertThat(result.err()).contains("\"code\":\"invalid\"");
        }
    }
}
