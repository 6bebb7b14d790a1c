package dev.daybook.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.daybook.Daybook;
import dev.daybook.Freshness;
import dev.daybook.cli.Cli.Result;
import dev.daybook.stream.Event;
import dev.daybook.view.View;
import dev.daybook.view.ViewReader;
import dev.daybook.view.ViewWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.Statement;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ViewsCommandsTest {
    @TempDir
    Path folder;

    private Cli cli;

    /** Takes every event but those of the type {@code poison}. */
    private static final class Types implements View {
        @Override
        public String name() {
            return "types";
        }

        @Override
        public int version() {
            return 3;
        }

        @Override
        public List<String> tables() {
            return List.of("CREATE TABLE type (pos INTEGER PRIMARY KEY, type TEXT)");
        }

        @Override
        public void event(Event event, ViewWriter tables) {
            if (event.type().equals("poison")) {
                throw new IllegalArgumentException("no antidote");
            }
            tables.update("INSERT INTO type VALUES (?, ?)", event.pos(), event.type());
        }
    }

    @BeforeEach
    void fillAStore() {
        cli = new Cli(folder.resolve("store"));
        cli.ok("stream", "append", "a", "--data", "1");
    }

    private long follow() {
        try (Daybook book = Daybook.open(cli.store())) {
            book.views().register(new Types());
            return book.views().query("types", Freshness.own(), ViewReader::position);
        }
    }

    @Test
    void statusShowsHowFarEachIs() {
        assertThat(cli.ok("views", "status", "--json"))
                .matches(
                        "(?s)\\{\"view\":\"logs\",\"version\":1,\"state\":\"idle\",\"position\":0,\"journalPosition\":\\d+,\"stopped\":null}\n.*\n");
        follow();
        assertThat(cli.run("views", "status").lines())
                .hasSize(5)
                .last()
                .asString()
                .matches("types +3 +\\d+ +\\d+  unregistered");
    }

    @Test
    void statusSaysWhereAViewStoppedAndWhy() {
        cli.ok("stream", "append", "a", "--type", "poison", "--data", "2");
        try (Daybook book = Daybook.open(cli.store())) {
            book.views().register(new Types());
            assertThat(org.assertj.core.api.Assertions.catchThrowable(
                            () -> book.views().query("types", Freshness.own(), ViewReader::position)))
                    .hasMessageContaining("event 2 of stream a");
        }
        assertThat(cli.ok("views", "status"))
                .contains("event 2 of stream a: java.lang.IllegalArgumentException: no antidote");
        assertThat(cli.ok("views", "status", "--json")).contains("\"stopped\":\"position ");
    }

    @Test
    void rebuildMakesTheStoresViewsAnew() {
        assertThat(cli.ok("views", "rebuild"))
                .matches(
                        "logs rebuilt up to position \\d+\nruns rebuilt up to position \\d+\ntext rebuilt up to position \\d+\n");
        assertThat(cli.ok("views", "rebuild", "logs", "--json")).matches("\\{\"view\":\"logs\",\"position\":\\d+}\n");
        assertThat(cli.store().resolve("views")).isDirectoryContaining("glob:**/logs.*.db");
        assertThat(cli.ok("verify"))
                .matches("(?s)view logs at position \\d+: 0 rows, diff_rows=0\nview runs .*all well\n");
    }

    @Test
    void rebuildOfWhatIsNotTheStoresIsRefused() {
        follow();
        Result unknown = cli.run("views", "rebuild", "nothing");
        assertThat(unknown.status()).isEqualTo(3);
        assertThat(unknown.err()).contains("logs").contains("types");
        Result foreign = cli.run("views", "rebuild", "types", "--json");
        assertThat(foreign.status()).isEqualTo(4);
        assertThat(foreign.err()).contains("\"code\":\"view-not-registered\"");
        assertThat(cli.ok("verify")).startsWith("view types was not compared\n");
        assertThat(new Cli(folder.resolve("none")).run("views", "rebuild").status())
                .isEqualTo(3);
    }

    @Test
    void verifyFindsARowThatTheJournalDoesNotKnow() throws Exception {
        cli.ok("views", "rebuild", "logs");
        Path file;
        try (Stream<Path> files = Files.list(cli.store().resolve("views"))) {
            file = files.filter(path -> path.toString().endsWith(".db"))
                    .findAny()
                    .orElseThrow();
        }
        try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + file);
                Statement statement = connection.createStatement()) {
            statement.executeUpdate("INSERT INTO log VALUES (1, 1, 1, 1, NULL)");
        }
        Result verify = cli.run("verify", "--json");
        assertThat(verify.status()).isEqualTo(6);
        assertThat(verify.lines().get(0))
                .startsWith("{\"view\":\"logs\",\"compared\":true,")
                .endsWith("\"rows\":1,\"differing\":1}");
        assertThat(verify.lines().get(1)).contains("logs.").contains("daybook views rebuild logs");
        cli.ok("views", "rebuild", "logs");
        assertThat(cli.ok("verify")).contains("diff_rows=0");
    }
}
