package dev.daybook.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.daybook.Daybook;
import dev.daybook.DaybookOptions;
import dev.daybook.InvalidEventException;
import dev.daybook.Progress;
import dev.daybook.Redaction;
import dev.daybook.Redactions;
import dev.daybook.document.Condition;
import dev.daybook.driver.memory.MemoryDriver;
import dev.daybook.log.LogQuery;
import dev.daybook.log.NewLogRow;
import dev.daybook.run.Codec;
import dev.daybook.run.NewMessage;
import dev.daybook.run.NewRun;
import dev.daybook.run.Resume;
import dev.daybook.run.Run;
import dev.daybook.run.RunStatus;
import dev.daybook.run.Runs;
import dev.daybook.run.StepOptions;
import dev.daybook.stream.Batch;
import dev.daybook.stream.NewEvent;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletionException;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a redaction takes out is in no file of the store, whichever way it came. */
class RedactionTest {
    private static final String SECRET = "s3cr3t";
    private static final String ESCAPED = "\\u00733cr3t";
    private static final Redaction REDACTION =
            Redactions.pattern(Pattern.compile(SECRET), "***").then(Redactions.remove(List.of("**.password")));

    /** Values that hold the secret. */
    private static final List<String> SHAPES = List.of(
            "\"s3cr3t\"",
            "\"before s3cr3t behind\"",
            "\"s3cr3ts3cr3t\"",
            "\"" + ESCAPED + "\"",
            "\"s3cr3\\u0074\"",
            "\"\\u0073\\u0033\\u0063\\u0072\\u0033\\u0074\"",
            "\"\\ns3cr3t\\n\"",
            "\"\ud83d\ude00s3cr3t\\u0000\"",
            "[\"s3cr3t\"]",
            "[[[[\"s3cr3t\"]]]]",
            "[1,\"x\",\"s3cr3t\",null]",
            "{\"a\":\"s3cr3t\"}",
            "{ \"a\" :\n \"s3cr3t\" }",
            "{\"a\":{\"b\":{\"c\":\"s3cr3t\"}}}",
            "{\"a\":[{\"b\":\"s3cr3t\"},{\"b\":\"s3cr3t\"}]}",
            "{\"\":\"s3cr3t\"}",
            "{\"error\":\"s3cr3t\",\"step\":\"s3cr3t\",\"role\":\"s3cr3t\"}",
            "{\"tags\":{\"k\":\"s3cr3t\"}}",
            "\"{\\\"json\\\":\\\"s3cr3t\\\"}\"",
            "\"Authorization: Bearer s3cr3t\"",
            "\"https://user:s3cr3t@example.org/?key=s3cr3t\"",
            "{\"password\":\"s3cr3t\"}",
            "{\"password\":[\"s3cr3t\"]}",
            "{\"password\":{\"s3cr3t\":1}}",
            "{\"p\\u0061ssword\":{\"s3cr3t\":{}}}",
            "{\"a\":1,\"password\":\"s3cr3t\",\"b\":2}",
            "[{\"password\":{\"x\":\"s3cr3t\"}},{\"a\":[{\"password\":\"s3cr3t\"}]}]",
            "{\"input\":{\"password\":\"s3cr3t\"}}",
            "{\"password\":null,\"a\":\"s3cr3t\"}",
            "\"" + "x".repeat(5_000) + "s3cr3t" + "y".repeat(5_000) + "\"");

    @TempDir
    Path directory;

    private static Daybook open(Path directory, Redaction redaction) {
        return Daybook.open(directory, DaybookOptions.defaults().withRedaction(redaction));
    }

    @Test
    void secretsOfAllShapesAreNowhere() throws IOException {
        write(open(directory, REDACTION));
        assertThat(filesWithTheSecret(directory)).isEmpty();
        assertThat(Daybook.verify(directory, Progress.NONE).problems()).isEmpty();
    }

    /** The test must be able to fail. */
    @Test
    void secretsAreFoundWhereNothingIsTakenOut() throws IOException {
        write(open(directory, Redaction.NONE));
        assertThat(filesWithTheSecret(directory)).isNotEmpty();
    }

    private static void write(Daybook opened) {
        try (Daybook book = opened) {
            for (String value : SHAPES) {
                every(book, "r" + SHAPES.indexOf(value), value);
            }
            // The views have them, too.
            assertThat(book.logs().query(LogQuery.all().limit(1_000)).rows()).hasSize(2 * SHAPES.size());
        }
    }

    /** Writes this value in every way there is. */
    private static void every(Daybook book, String id, String value) {
        Runs runs = book.runs();
        Run run = runs.start(NewRun.of("w").id(id).input("{\"v\":" + value + "}"));
        run.message(NewMessage.json("user", value).meta("{\"m\":" + value + "}"));
        run.step("s", Codec.JSON, StepOptions.defaults(), step -> {
            step.message(NewMessage.json("tool", value));
            step.state(value);
            return value;
        });
        assertThatThrownBy(() -> run.step("t", () -> {
                    throw new IllegalStateException(SECRET);
                }))
                .hasMessage(SECRET);
        run.checkpoint(value);
        run.fail("no " + SECRET);
        Run again = runs.resume(id, Resume.step("s").overrides("{\"more\":" + value + "}"));
        again.complete(value);
        runs.record(NewRun.of("w").id(id + "-cancelled")).cancel(SECRET, Duration.ZERO);
        book.logs().append(NewLogRow.of("s", "t").json(value));
        book.documents().put("d/" + id, value);
        book.documents().put("c/" + id, value, Condition.none(), "c", 2);
        book.appendAsync(Batch.of()
                        .document("e/" + id, value, Condition.none())
                        .log(NewLogRow.of("s", "t").json(value)))
                .join();
    }

    private static List<Path> filesWithTheSecret(Path directory) throws IOException {
        try (Stream<Path> files = Files.walk(directory)) {
            return files.filter(Files::isRegularFile)
                    .filter(file -> {
                        try {
                            String text = Files.readString(file, StandardCharsets.ISO_8859_1);
                            return text.contains(SECRET) || text.contains(ESCAPED) || text.contains("s3cr3\\u0074");
                        } catch (IOException e) {
                            throw new java.io.UncheckedIOException(e);
                        }
                    })
                    .toList();
        }
    }

    @Test
    void programGetsItsResultAndLaterWhatIsStored() {
        try (Daybook book = open(directory, REDACTION)) {
            Run run = book.runs().start(NewRun.of("s3cr3t").id("s3cr3t").tag("k", "s3cr3t"));
            assertThat(run.step("s3cr3t", () -> "a s3cr3t")).isEqualTo("a s3cr3t");
            run.message("s3cr3t", "x");
        }
        try (Daybook book = open(directory, REDACTION)) {
            Run run = book.runs().startOrResume(NewRun.of("s3cr3t").id("s3cr3t"));
            assertThat(run.step("s3cr3t", () -> "not run again")).isEqualTo("a ***");
            assertThat(run.info().tags()).containsEntry("k", "s3cr3t"); // names, tags, roles are no payload
            assertThat(run.thread().chain().get(0).role()).isEqualTo("s3cr3t");
        }
    }

    @Test
    void streamsAreLeftAlone() {
        try (Daybook book = open(directory, REDACTION)) {
            book.stream("s").append(NewEvent.json("t", "\"s3cr3t\""));
            assertThat(book.stream("s").read().stream().toList().get(0).data()).isEqualTo("\"s3cr3t\"");
        }
    }

    @Test
    void fieldsOfARunCanBeTakenOutAltogether() {
        Redaction nothing = (kind, stream, type, json) -> "{}";
        try (Daybook book = open(directory, nothing)) {
            Run run = book.runs().start(NewRun.of("w").id("r").input("1"));
            run.message("user", "x");
            run.step("s", () -> "x");
            run.fail("x");
            assertThat(run.input()).isEmpty();
            assertThat(run.thread().chain().get(0).content()).isEqualTo("null");
            assertThat(run.info().error()).isEmpty();
            assertThat(run.timeline().steps()).hasSize(1);
        }
        assertThat(Daybook.verify(directory, Progress.NONE).problems()).isEmpty();
    }

    @Test
    void redactionThatFailsRefusesTheAppend() {
        for (Redaction bad : List.<Redaction>of(
                (kind, stream, type, json) -> {
                    throw new IllegalStateException("planted");
                },
                (kind, stream, type, json) -> "{",
                (kind, stream, type, json) -> "\"\ud800\"",
                (kind, stream, type, json) -> null)) {
            try (Daybook book =
                    Daybook.open(new MemoryDriver(), DaybookOptions.defaults().withRedaction(bad))) {
                for (ThrowingCallable call : List.<ThrowingCallable>of(
                        () -> book.runs().start(NewRun.of("w").input("1")),
                        () -> book.documents().put("d", "1"),
                        () -> book.logs().append(NewLogRow.of("s", "t").json("1")))) {
                    assertThatThrownBy(call)
                            .isInstanceOf(InvalidEventException.class)
                            .hasMessageContaining("redaction");
                }
                assertThatThrownBy(() -> book.appendAsync(Batch.of().document("d", "1", Condition.none()))
                                .join())
                        .satisfiesAnyOf(
                                e -> assertThat(e).isInstanceOf(InvalidEventException.class),
                                e -> assertThat(e).isInstanceOf(CompletionException.class));
                assertThat(book.info().lastPosition()).isZero();
                assertThat(book.runs().start(NewRun.of("w")).info().status()).isEqualTo(RunStatus.STARTED);
            }
        }
    }

    @Test
    void storeIsOpenedWhateverTheRedactionSays() {
        try (Daybook book = open(directory, Redaction.NONE)) {
            book.runs().start(NewRun.of("w").id("r"));
        }
        Redaction bad = (kind, stream, type, json) -> {
            throw new IllegalStateException("planted");
        };
        try (Daybook book = open(directory, bad)) {
            assertThat(book.runs().require("r").status()).isEqualTo(RunStatus.CRASHED);
        }
    }

    @Test
    void redactionCannotChangeWhatIsNotTheCallers() {
        for (String bad :
                List.of("[]", "1", "{\"step\":\"other\"}", "{\"state\":1}", "{\"error\":1}", "{\"meta\":[]}")) {
            Redaction redaction = (kind, stream, type, json) -> bad;
            try (Daybook book =
                    Daybook.open(new MemoryDriver(), DaybookOptions.defaults().withRedaction(redaction))) {
                Run run = book.runs().start(NewRun.of("w").id("r"));
                assertThatThrownBy(() -> run.step("s", () -> "x"))
                        .isInstanceOf(InvalidEventException.class)
                        .hasMessageContaining("redaction");
                assertThat(book.info().events()).isEqualTo(1);
            }
        }
    }
}
