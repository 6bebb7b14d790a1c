package dev.daybook.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ParsersTest {
    private static Parsed full(String line) {
        return FullParser.parse(
                words(line),
                new Output(new ByteArrayOutputStream()),
                new Messages(new ByteArrayOutputStream(), false, Map.of()));
    }

    private static String[] words(String line) {
        return line.split(" ", -1);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "stream read runs/7",
                "stream read runs/7 --since 3 --limit=5 --reverse --json --store /tmp/x",
                "stream read --from 15m --to=2026-11-20 runs/7",
                "stream append a - --json --type t",
                "stream append a --data {} --producer p:0:1 --text",
                "stream append a --data= --id=x=y",
                "stream list",
                "run list --status failed --tag a=b --status=killed,dropped --tag c=",
                "stream list runs --after runs/7",
                "stream truncate a --keep 3",
                "stream replace a -",
                "stats --streams",
                "salvage --to dir",
                "import file --export --prefix p",
                "export",
                "completion bash",
                "demo-agent runs/1 --pause-millis 3",
            })
    void bothParsersUnderstandTheSame(String line) {
        Parsed quick = QuickParser.parse(words(line));
        assertThat(quick).isNotNull();
        Parsed full = full(line);
        assertThat(quick.arguments()).isEqualTo(full.arguments());
        assertThat(quick.command()).hasSameClassAs(full.command());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "stream",
                "strem read x",
                "stream raed x",
                "stream read",
                "stream read x y",
                "stream read x --limit",
                "stream read x --limit --json",
                "stream read x --limit 1 --limit 2",
                "stream read x --json=yes",
                "stream read x --nonsense",
                "stream append a --data --text",
                "--nonsense",
            })
    void quickParserLeavesMistakesToTheFullOne(String line) {
        assertThat(QuickParser.parse(words(line))).isNull();
        assertThatThrownBy(() -> full(line)).isInstanceOf(Failure.class);
    }

    @Test
    void optionsMayStandBeforeTheCommand() {
        Parsed parsed = full("--json --store dir stream read x");
        assertThat(parsed.arguments()).isEqualTo(new Arguments(Map.of("--json", "", "--store", "dir"), List.of("x")));
    }

    @Test
    void valuesThatBeginWithAnAtSignAreNotFiles() {
        assertThat(full("--json stream read @x").arguments().parameters()).containsExactly("@x");
    }

    @Test
    void whatFollowsTwoDashesIsAParameter() {
        assertThat(full("stream read -- --x").arguments().parameters()).containsExactly("--x");
    }

    @Test
    void everyCommandOfTheTableExists() {
        for (String name : Commands.NAMES) {
            if (Commands.verbs(name).isEmpty()) {
                assertThat(Commands.find(name)).as(name).isNotNull();
            }
            for (String verb : Commands.verbs(name)) {
                assertThat(Commands.find(name, verb)).as(name + " " + verb).isNotNull();
            }
        }
    }

    /** docs/features.md says what to type. */
    @Test
    void featuresPageNamesOnlyCommandsThatExist() throws IOException {
        List<String> lines = commandLines(Files.readString(Path.of("..", "docs", "features.md")));
        assertThat(lines).hasSizeGreaterThan(30).allMatch(ParsersTest::exists);
        assertThat(exists("daybook stream read NAME --since SEQ")).isTrue();
        for (String wrong : List.of("daybook reed", "daybook stream reed NAME", "daybook stats --sinse SEQ")) {
            assertThat(exists(wrong)).as(wrong).isFalse();
        }
    }

    private static List<String> commandLines(String page) {
        return Pattern.compile("`(daybook [^`]+)`")
                .matcher(page)
                .results()
                .map(code -> code.group(1))
                .toList();
    }

    private static boolean exists(String commandLine) {
        List<String> words = List.of(commandLine.split(" "));
        boolean group = !Commands.verbs(words.get(1)).isEmpty();
        Command command = group ? Commands.find(words.get(1), words.get(2)) : Commands.find(words.get(1));
        return command != null
                && words.stream()
                        .filter(word -> word.startsWith("--"))
                        .allMatch(option -> command.syntax().option(option) != null);
    }

    @Test
    void nearestWordsAreThoseWithFewestTypingMistakes() {
        List<String> words = List.of("read", "append", "truncate", "list");
        assertThat(Nearest.of("raed", words)).containsExactly("read");
        assertThat(Nearest.of("trucate", words)).containsExactly("truncate");
        assertThat(Nearest.of("lst", words)).containsExactly("list");
        assertThat(Nearest.of("xyz", words)).isEmpty();
        assertThat(Nearest.distance("abcd", "bacd")).isEqualTo(1);
        assertThat(Nearest.distance("", "abc")).isEqualTo(3);
    }
}
