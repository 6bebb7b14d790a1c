package dev.daybook.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.daybook.Daybook;
import dev.daybook.cli.Cli.Result;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StoreCommandsTest {
    @TempDir
    Path folder;

    private Cli cli;

    @BeforeEach
    void fillAStore() {
        cli = new Cli(folder.resolve("store"));
        cli.okWithInput("{\"n\":1}\n{\"n\":2}\n{\"n\":3}\n", "stream", "append", "a", "-");
        cli.ok("stream", "append", "b", "--data", "{\"n\":4}");
        cli.ok("stream", "append", "a", "--data", "{\"n\":5}");
    }

    private Path newestSegment() throws IOException {
        try (Stream<Path> files = Files.list(cli.store().resolve("journal"))) {
            return files.filter(file -> file.toString().endsWith(".jsonl"))
                    .max(Path::compareTo)
                    .orElseThrow();
        }
    }

    /** Changes a byte of the payload {"n":2}, which lies far below the last line that was synced. */
    private long damage() throws IOException {
        Path segment = newestSegment();
        byte[] bytes = Files.readAllBytes(segment);
        int at = new String(bytes, StandardCharsets.ISO_8859_1).indexOf("{\"n\":2}") + 5;
        bytes[at] = '7';
        Files.write(segment, bytes);
        return at;
    }

    @Test
    void statsCountWhatIsThere() {
        assertThat(cli.ok("stats", "--json"))
                .matches(
                        "\\{\"location\":\"[^\"]+\",\"storeId\":\"[0-9a-f]{32}\",\"driver\":\"filesystem\",\"driverVersion\":\\d+,"
                                + "\"formatVersion\":1,\"lastPosition\":\\d+,\"durablePosition\":\\d+,\"streams\":2,\"events\":5,"
                                + "\"bytes\":35,\"segments\":1,\"journalBytes\":\\d+,\"oldest\":\"[^\"]+\",\"newest\":\"[^\"]+\"}\n");
        assertThat(cli.ok("stats")).contains("\nstreams    2\nevents     5 (35 B of payload)\n");
        List<String> withStreams = cli.run("stats", "--streams", "--json").lines();
        assertThat(withStreams).hasSize(3);
        assertThat(withStreams.get(1)).startsWith("{\"stream\":\"a\",");
        assertThat(withStreams.get(2)).startsWith("{\"stream\":\"b\",");
        assertThat(cli.run("stats", "--streams").lines().get(10)).startsWith("STREAM  KIND");
    }

    @Test
    void cleanStoreIsVerified() {
        Result result = cli.run("verify");
        assertThat(result.status()).as(result.out()).isZero();
        assertThat(result.out()).endsWith("5 events of 2 streams: all well\n");
        assertThat(cli.ok("verify", "--json"))
                .matches(
                        "\\{\"segments\":1,\"lines\":\\d+,\"events\":5,\"streams\":2,\"bytes\":\\d+,\"problems\":0,\"damaged\":false}\n");
    }

    @Test
    void damageIsReportedWithItsPlace() throws IOException {
        damage();
        Result verify = cli.run("verify", "--json");
        assertThat(verify.status()).isEqualTo(6);
        assertThat(verify.lines()).hasSizeGreaterThanOrEqualTo(2);
        assertThat(verify.lines().get(0))
                .startsWith("{\"file\":\"")
                .contains(newestSegment().getFileName().toString())
                .contains("\"byteOffset\":")
                .contains("\"heals\":false");
        assertThat(verify.out()).contains("\"damaged\":true}\n");
        Result read = cli.run("stream", "read", "a", "--json");
        assertThat(read.status()).isEqualTo(6);
        assertThat(read.err())
                .startsWith("{\"error\":{\"code\":\"corrupt\",")
                .contains("\"file\":\"")
                .contains("\"byteOffset\":");
    }

    @Test
    void salvageCopiesWhatIsGoodAndListsWhatIsLost() throws IOException {
        damage();
        byte[] before = Files.readAllBytes(newestSegment());
        String to = folder.resolve("rescued").toString();
        Result result = cli.run("salvage", "--to", to, "--json");
        assertThat(result.status()).as(result.err()).isEqualTo(1);
        assertThat(result.lines().get(0)).startsWith("{\"file\":\"").contains("\"reason\":");
        assertThat(result.lines().get(result.lines().size() - 1))
                .isEqualTo("{\"events\":4,\"streams\":2,\"losses\":1}");
        assertThat(cli.ok("stream", "read", "a", "--store", to)).isEqualTo("{\"n\":1}\n{\"n\":3}\n{\"n\":5}\n");
        assertThat(newestSegment()).hasBinaryContent(before);
    }

    @Test
    void salvageOfAGoodStoreLosesNothing() {
        assertThat(cli.run("salvage", "--to", cli.store().toString()).status()).isEqualTo(4);
        Result result = cli.run("salvage", "--to", folder.resolve("copy").toString());
        assertThat(result.status()).as(result.out() + result.err()).isZero();
        assertThat(result.out()).endsWith("nothing lost\n");
    }

    @Test
    void exportAndRestoreGiveTheSameStore() throws IOException {
        Path file = folder.resolve("backup.jsonl");
        assertThat(cli.ok("export", file.toString(), "--json"))
                .startsWith("{\"lines\":")
                .contains("\"events\":5,");
        Result streamed = cli.run("export");
        assertThat(streamed.out()).isEqualTo(Files.readString(file));
        assertThat(streamed.err()).startsWith("daybook: ").contains("5 events");
        Cli restored = new Cli(folder.resolve("restored"));
        restored.ok("restore", file.toString());
        assertThat(restored.ok("stream", "read", "a", "--json")).isEqualTo(cli.ok("stream", "read", "a", "--json"));
        Cli piped = new Cli(folder.resolve("piped"));
        piped.okWithInput(streamed.out(), "restore", "-");
        assertThat(piped.ok("verify")).endsWith("all well\n");
    }

    @Test
    void exportDoesNotOverwrite() throws IOException {
        Path file = Files.writeString(folder.resolve("mine"), "precious");
        Result result = cli.run("export", file.toString());
        assertThat(result.status()).isEqualTo(4);
        assertThat(file).hasContent("precious");
        try (Stream<Path> files = Files.list(folder)) {
            assertThat(files.map(path -> path.getFileName().toString())).noneMatch(name -> name.endsWith(".tmp"));
        }
    }

    @Test
    void restoreDoesNotTouchAStoreThatIsThere() throws IOException {
        Path file = folder.resolve("backup.jsonl");
        cli.ok("export", file.toString());
        Result result = cli.run("restore", file.toString());
        assertThat(result.status()).as(result.err()).isEqualTo(4);
        assertThat(cli.ok("verify")).endsWith("5 events of 2 streams: all well\n");
        assertThat(cli.run(
                                "restore",
                                folder.resolve("missing").toString(),
                                "--store",
                                folder.resolve("n").toString())
                        .status())
                .isEqualTo(3);
        assertThat(folder.resolve("n")).doesNotExist();
    }

    @Test
    void importAddsTheSameFileOnce() throws IOException {
        Path file = Files.writeString(folder.resolve("chat.jsonl"), "{\"n\":6}\n{\"n\":7}\n");
        assertThat(cli.ok("import", file.toString(), "--stream", "c", "--type", "t", "--json"))
                .isEqualTo("{\"lines\":2,\"appended\":2,\"duplicates\":0}\n");
        assertThat(cli.ok("import", file.toString(), "--stream", "c", "--type", "t", "--json"))
                .isEqualTo("{\"lines\":2,\"appended\":0,\"duplicates\":2}\n");
        assertThat(cli.ok("stream", "read", "c")).isEqualTo("{\"n\":6}\n{\"n\":7}\n");
        assertThat(cli.run("import", folder.resolve("none").toString(), "--stream", "c")
                        .status())
                .isEqualTo(3);
        Files.writeString(file, "\n1\n \n2\n{\"a\":1,\"a\":2}\n");
        Result bad = cli.run("import", file.toString(), "--stream", "d");
        assertThat(bad.status()).isEqualTo(2);
        assertThat(bad.err()).contains("line 5: duplicate key");
        assertThat(cli.run("stream", "read", "d").status()).isEqualTo(3);
    }

    @Test
    void importOfAnExportKeepsNamesAndPayloads() {
        Path file = folder.resolve("backup.jsonl");
        cli.ok("export", file.toString());
        Cli other = new Cli(folder.resolve("other"));
        other.ok("import", file.toString(), "--export");
        assertThat(other.ok("stream", "read", "a")).isEqualTo(cli.ok("stream", "read", "a"));
        assertThat(other.ok("stream", "read", "b")).isEqualTo(cli.ok("stream", "read", "b"));
    }

    @Test
    void lockedStoreIsReportedWithItsOwnerAndCanBeRead() {
        try (Daybook owner = Daybook.open(cli.store())) {
            assertThat(owner.info().events()).isEqualTo(5);
            Result result = cli.run("stream", "append", "a", "--data", "6", "--json");
            assertThat(result.status()).isEqualTo(5);
            assertThat(result.out()).isEmpty();
            assertThat(result.err())
                    .startsWith("{\"error\":{\"code\":\"locked\",")
                    .contains("\"owner\":\"");
            assertThat(cli.run("stream", "read", "a").lines()).hasSize(4);
        }
    }

    @Test
    void storeThatLostItsJournalIsNoNewStore() throws IOException {
        Files.delete(newestSegment());
        for (String line : List.of("stats", "stream append a --data 6", "stream read a", "verify")) {
            Result result = cli.run(line.split(" "));
            assertThat(result.status()).as(line).isEqualTo(6);
            assertThat(result.out() + result.err()).contains("store.json").contains("the journal has no segment");
        }
    }

    @Test
    void newerFormatIsRefused() throws IOException {
        Path description = cli.store().resolve("store.json");
        Files.writeString(description, Files.readString(description).replace("\"daybook\":1", "\"daybook\":99"));
        Result result = cli.run("stream", "read", "a", "--json");
        assertThat(result.status()).isEqualTo(6);
        assertThat(result.err()).startsWith("{\"error\":{\"code\":\"unsupported\",");
    }

    @Test
    void benchMeasuresBothAndLeavesNothing() throws IOException {
        Result result = cli.run("bench", "--seconds", "1", "--json");
        assertThat(result.status()).as(result.err()).isZero();
        assertThat(result.lines()).hasSize(5).allMatch(line -> line.startsWith("{\"case\":\""));
        assertThat(result.lines()).noneMatch(line -> line.contains("\"events\":0,"));
        assertThat(result.lines().get(0)).endsWith("\"timesDisk\":1.0}");
        try (Stream<Path> files = Files.list(folder)) {
            assertThat(files.map(path -> path.getFileName().toString())).containsExactly("store");
        }
    }
}
