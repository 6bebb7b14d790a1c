package dev.daybook.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.daybook.InvalidEventException;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SmallPartsTest {
    private static final Instant NOW = Instant.parse("2026-11-20T12:00:00Z");

    @ParameterizedTest
    @CsvSource({
        "15m,                       2026-11-20T11:45:00Z",
        "7d,                        2026-11-13T12:00:00Z",
        "1h30m,                     2026-11-20T10:30:00Z",
        "2w,                        2026-11-06T12:00:00Z",
        "500ms,                     2026-11-20T11:59:59.500Z",
        "PT15M,                     2026-11-20T11:45:00Z",
        "2026-11-19,                2026-11-19T00:00:00Z",
        "2026-11-19T10:00:00Z,      2026-11-19T10:00:00Z",
        "2026-11-19T10:00:00+02:00, 2026-11-19T08:00:00Z",
    })
    void timesAreInstantsDatesOrDurationsBack(String text, String instant) {
        assertThat(Times.parse("--from", text, NOW, false)).isEqualTo(Instant.parse(instant));
    }

    @Test
    void dateAtTheEndOfARangeIsTheWholeDay() {
        assertThat(Times.parse("--to", "2026-11-19", NOW, true))
                .isEqualTo(Instant.parse("2026-11-19T23:59:59.999999999Z"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "yesterday",
                "15",
                "m",
                "15x",
                "-5m",
                "2026-13-01",
                "2026-11-19T25:00:00Z",
                "99999999999999999999d",
                "9999999999999d",
                "9999999999999w"
            })
    void otherTimesAreUsageErrors(String text) {
        assertThatThrownBy(() -> Times.parse("--from", text, NOW, false))
                .isInstanceOf(Failure.class)
                .hasMessageContaining("--from must be a time");
    }

    @Test
    void timesArePrintedWithSixDigits() {
        assertThat(Times.format(Instant.parse("2026-01-02T03:04:05Z"))).isEqualTo("2026-01-02T03:04:05.000000Z");
        assertThat(Times.format(Instant.parse("0987-12-31T23:59:59.000123999Z")))
                .isEqualTo("0987-12-31T23:59:59.000123Z");
        assertThat(Times.format(Instant.parse("1969-12-31T23:59:59.5Z"))).isEqualTo("1969-12-31T23:59:59.500000Z");
    }

    @Test
    void jsonIsEscaped() {
        assertThat(Json.object().field("a", "\"\\\n\r\t\u0001\u007f\u2028ü").toString())
                .isEqualTo("{\"a\":\"\\\"\\\\\\n\\r\\t\\u0001\\u007f\\u2028ü\"}");
    }

    @Test
    void jsonHasEveryKindOfField() {
        assertThat(Json.object()
                        .field("n", 3)
                        .field("b", true)
                        .field("none", Optional.empty())
                        .decimal("d", 2.05)
                        .field(
                                "o",
                                Json.object()
                                        .fields(Json.object())
                                        .field("x", 1)
                                        .fields(Json.object().field("y", 2)))
                        .toString())
                .isEqualTo("{\"n\":3,\"b\":true,\"none\":null,\"d\":2.1,\"o\":{\"x\":1,\"y\":2}}");
        assertThat(Json.object().toString()).isEqualTo("{}");
    }

    private static List<String> lines(String text, int readBytes, int max) throws IOException {
        LineReader reader =
                new LineReader(new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8)), readBytes, max);
        List<String> lines = new ArrayList<>();
        for (byte[] line = reader.next(); line != null; line = reader.next()) {
            lines.add(new String(line, StandardCharsets.UTF_8));
        }
        assertThat(reader.number()).isEqualTo(lines.size());
        return lines;
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 5, 100})
    void linesEndAtLineFeedsWhateverArrivesAtOnce(int readBytes) throws IOException {
        assertThat(lines("one\ntwo\r\n\nfour\rx\n\r\nsix", readBytes, 10))
                .containsExactly("one", "two", "", "four\rx", "", "six");
        assertThat(lines("", readBytes, 10)).isEmpty();
        assertThat(lines("\n", readBytes, 10)).containsExactly("");
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 4, 100})
    void lineOfTheLimitPassesAndALongerOneIsRefused(int readBytes) throws IOException {
        assertThat(lines("12345\r\n12345\n12345", readBytes, 5)).containsExactly("12345", "12345", "12345");
        assertThatThrownBy(() -> lines("123456", readBytes, 5)).isInstanceOf(InvalidEventException.class);
        assertThatThrownBy(() -> lines("123456\n", readBytes, 5)).isInstanceOf(InvalidEventException.class);
        assertThatThrownBy(() -> lines("123456\r\n", readBytes, 5)).isInstanceOf(InvalidEventException.class);
    }

    @Test
    void endlessLineIsRefusedBeforeItIsInMemory() {
        long[] served = {0};
        InputStream endless = new InputStream() {
            @Override
            public int read() {
                throw new UnsupportedOperationException();
            }

            @Override
            public int read(byte[] into, int from, int count) {
                served[0] += count;
                return count;
            }
        };
        LineReader reader = new LineReader(endless, 1 << 16, 1 << 20);
        assertThatThrownBy(reader::next).isInstanceOf(InvalidEventException.class);
        assertThat(served[0]).isLessThan((1 << 20) + (1 << 17));
    }

    @Test
    void rawArgumentsAreTheLastOfTheCommandLine() {
        byte[] commandLine = "java\0-cp\0x\0Main\0append\0ü?\0\0".getBytes(StandardCharsets.UTF_8);
        assertThat(RawArguments.last(commandLine, new String[] {"append", "???", ""}))
                .containsExactly("append", "ü?", "");
    }

    @Test
    void wordsForAShellAreQuotedWhereNeeded() {
        assertThat(Shell.quote("runs/7")).isEqualTo("runs/7");
        assertThat(Shell.quote("it's $HOME")).isEqualTo("'it'\\''s $HOME'");
        assertThat(Shell.quote("")).isEqualTo("''");
    }

    @Test
    void tableColumnsAreAligned() {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        Output out = new Output(bytes);
        new Table("NAME", ">N").print(out);
        new Table("NAME", ">N", "X").row("ü", "10", "").row("abcdef", "7", "y").print(out);
        out.flush();
        assertThat(bytes.toString(StandardCharsets.UTF_8)).isEqualTo("""
                NAME     N  X
                ü       10
                abcdef   7  y
                """);
    }

    @Test
    void sizesAreReadable() {
        assertThat(Table.bytes(1023)).isEqualTo("1023 B");
        assertThat(Table.bytes(1536)).isEqualTo("1.5 KiB");
        assertThat(Table.bytes(64L << 20)).isEqualTo("64.0 MiB");
    }

    @Test
    void outputLargerThanItsBufferIsWhole() {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        Output out = new Output(bytes);
        StringBuilder expected = new StringBuilder();
        for (int length : new int[] {10, 65_534, 65_535, 65_536, 65_537, 200_000, 3, 0}) {
            out.line("x".repeat(length));
            expected.append("x".repeat(length)).append('\n');
        }
        out.flush();
        assertThat(bytes.toString(StandardCharsets.UTF_8)).isEqualTo(expected.toString());
    }

    @Test
    void demoAgentAlwaysDoesTheSame() {
        for (long seq = 1; seq <= DemoRun.EVENTS; seq++) {
            assertThat(DemoRun.event(seq).type()).isEqualTo(DemoRun.type(seq));
        }
        assertThat(DemoRun.data(DemoRun.EVENTS)).isEqualTo("{\"answer\":\"Athens\",\"compared\":12}");
    }
}
