package dev.daybook.internal.json;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Every rule with the byte it points at. In the inputs, Latin-1 characters stand for bytes. */
final class JsonScannerTest {
    private final JsonScanner scanner = new JsonScanner();

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{}",
                "[]",
                "\"\"",
                "0",
                "-0",
                "-0.0e-0",
                "1E+5",
                "true",
                "false",
                "null",
                " [ 1 , 2 ] ",
                "\t{}\t",
                "{\"a\":{\"a\":[{\"a\":1},{\"a\":2}]}}",
                "[{},[],{}]",
                "\"\\u0000\\uFFFF\\ud800\\udc00\\/\"",
                "\"\u00ef\u00bb\u00bf\"",
                "{\"\":0,\"\\u0000\":1,\"\\u0000\\u0000\":2}"
            })
    void jsonIsAccepted(String text) {
        assertThat(check(text)).isFalse();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            ignoreLeadingAndTrailingWhitespace = true,
            value = {
                "``                       | 0  | no value",
                "`  `                     | 2  | no value",
                "`[1,`                    | 3  | expected a value, found the end",
                "[1,]                     | 3  | trailing comma or missing value, found ']'",
                "[,1]                     | 1  | expected a value, found ','",
                "{\"a\":1,}               | 7  | trailing comma, found '}'",
                "{\"a\":}                 | 5  | trailing comma or missing value, found '}'",
                "{\"a\" 1}                | 5  | expected ':', found '1'",
                "{\"a\"                   | 4  | expected ':', found the end",
                "{a:1}                    | 1  | expected a key in quotes, found 'a'",
                "{1:1}                    | 1  | expected a key in quotes, found '1'",
                "{                        | 1  | expected a key in quotes, found the end",
                "[1 2]                    | 3  | expected ',' or ']', found '2'",
                "{\"a\":1 \"b\":2}        | 7  | expected ',' or '}', found '\"'",
                "[1}                      | 2  | expected ',' or ']', found '}'",
                "{\"a\":1]                | 6  | expected ',' or '}', found ']'",
                "[1                       | 2  | expected ',' or ']', found the end",
                "{} {}                    | 3  | text after the end of the value",
                "1 2                      | 2  | text after the end of the value",
                "{}]                      | 2  | text after the end of the value",
                "NaN                      | 0  | NaN and Infinity are not JSON",
                "[Infinity]               | 1  | NaN and Infinity are not JSON",
                "-Infinity                | 1  | expected a digit, found 'I'",
                "/**/1                    | 0  | comments are not JSON",
                "[1,//2                   | 3  | comments are not JSON",
                "{/**/}                   | 1  | comments are not JSON",
                "'a'                      | 0  | single quotes are not JSON",
                "01                       | 0  | leading zero",
                "[-00.5]                  | 2  | leading zero",
                "-                        | 1  | expected a digit, found the end",
                "+1                       | 0  | expected a value, found '+'",
                ".5                       | 0  | expected a value, found '.'",
                "1.                       | 2  | expected a digit, found the end",
                "[1.e5]                   | 3  | expected a digit, found 'e'",
                "1e                       | 2  | expected a digit, found the end",
                "1e+                      | 3  | expected a digit, found the end",
                "0x1F                     | 1  | text after the end of the value",
                "tru                      | 0  | expected true, false or null",
                "[nulL]                   | 1  | expected true, false or null",
                "fals                     | 0  | expected true, false or null",
                "truee                    | 4  | text after the end of the value",
                "True                     | 0  | expected a value, found 'T'",
                "\"abc                    | 4  | string without end",
                "\"abc\\                  | 5  | string without end",
                "\"abc\\\"                | 6  | string without end",
                "[\"a\\x\"]               | 3  | unknown escape",
                "[\"a\\'\"]               | 3  | unknown escape",
                "\"\\u12G4\"              | 1  | \\u without four hexadecimal digits",
                "\"\\u12\"                | 1  | \\u without four hexadecimal digits",
                "\"\\u123                 | 1  | \\u without four hexadecimal digits",
                "\"ab\\ud800\"            | 3  | unpaired surrogate escape",
                "\"ab\\udc00\"            | 3  | unpaired surrogate escape",
                "\"\\ud800\\u0041\"       | 1  | unpaired surrogate escape",
                "\"\\ud800\\ud800\\udc00\"| 1  | unpaired surrogate escape",
                "\"\\ud800\\udc0\"        | 1  | unpaired surrogate escape",
                "\"\\ud83d\\ude00\\ude00\"| 13 | unpaired surrogate escape",
                "{\"\\uDBFF\":1}          | 2  | unpaired surrogate escape"
            })
    void malformedTextIsRefusedAtItsByte(String text, int byteOffset, String reason) {
        assertRefused(text, byteOffset, reason);
    }

    @Test
    void byteOrderMarkIsRefused() {
        assertRefused("\u00ef\u00bb\u00bf{}", 0, "byte-order mark");
        assertRefused(" \u00ef\u00bb\u00bf{}", 1, "expected a value, found byte 0xEF");
        assertRefused("{}\u00ef\u00bb\u00bf", 2, "text after the end of the value");
    }

    @Test
    void otherEncodingsAreRefused() {
        assertRefused("\0{\0}", 0, "expected a value, found byte 0x00");
        assertRefused("{\0}\0", 1, "expected a key in quotes, found byte 0x00");
        assertRefused("\u00fe\u00ff\0{\0}", 0, "expected a value, found byte 0xFE");
        assertRefused("[1,\u00a02]", 3, "expected a value, found byte 0xA0");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "\u0080",
                "\u00bf",
                "\u00c0\u0080",
                "\u00c1\u00bf",
                "\u00c3(",
                "\u00e0\u0080\u0080",
                "\u00e0\u009f\u00bf",
                "\u00ed\u00a0\u0080",
                "\u00ed\u00bf\u00bf",
                "\u00f0\u008f\u00bf\u00bf",
                "\u00f4\u0090\u0080\u0080",
                "\u00f5\u0080\u0080\u0080",
                "\u00ff",
                "\u00e4\u00b8",
                "\u00f0\u009f\u0098"
            })
    void malformedUtf8IsRefusedInValuesAndKeys(String bytes) {
        String reason = "malformed UTF-8, byte 0x%02X".formatted((int) bytes.charAt(0));
        assertRefused("\"" + bytes + "\"", 1, reason);
        assertRefused("{\"0123456789" + bytes + "\":1}", 12, reason);
        assertRefused("[\"\u00c3\u00a9" + bytes, 4, reason);
    }

    @Test
    void everyRawControlCharacterIsRefused() {
        for (char c = 0; c < ' '; c++) {
            String reason = "raw control character 0x%02X in a string".formatted((int) c);
            for (int before = 0; before < 10; before++) {
                String text = "\"" + "x".repeat(before) + c;
                assertRefused(text + "\"", before + 1, reason);
                assertRefused(text + "0123456789\"", before + 1, reason);
                assertRefused("{" + text + "\":1}", before + 2, reason);
            }
        }
    }

    @Test
    void delIsAcceptedAndUnchanged() {
        byte[] bytes = bytes("{\"a\u007f\":\"\u007f\u007f\u007f\u007f\u007f\u007f\u007f\u007f\"}");
        byte[] before = bytes.clone();
        assertThat(scanner.check(bytes, 0, bytes.length)).isFalse();
        assertThat(bytes).isEqualTo(before);
        assertThat(JsonText.decode(bytes, 1, 5)).isEqualTo("a\u007f");
    }

    @Test
    void everyByteBetweenTokensButWhiteSpaceIsRefused() {
        for (int b = 0; b < 256; b++) {
            String text = "[1 " + (char) b + " ]";
            if (" \t\n\r0123456789".indexOf(b) < 0) {
                int byteOffset = b == ',' ? 5 : b == ']' ? 5 : 3;
                assertThat(refusal(text).byteOffset()).as("byte %d", b).isEqualTo(byteOffset);
            }
        }
    }

    @Test
    void duplicateKeyIsRefused() {
        assertRefused("{\"a\":1,\"b\":2,\"a\":3}", 13, "duplicate key \"a\"");
        assertRefused("[{\"\":1,\"\":2}]", 7, "duplicate key \"\"");
        assertRefused("{\"a\":{\"b\":[],\"b\":1}}", 13, "duplicate key \"b\"");
        assertRefused("{\"a\":{\"a\":[{\"a\":1}]},\"a\":2}", 21, "duplicate key \"a\"");
        assertRefused("{\"\u00c3\u00a9\":1,\"\u00c3\u00a9\":2}", 8, "duplicate key \"\u00e9\"");
    }

    @Test
    void duplicateKeyIsRefusedAlsoWhenEscaped() {
        assertRefused("{\"a\":1,\"\\u0061\":2}", 7, "duplicate key \"a\"");
        assertRefused("{\"\\u0061\":1,\"a\":2}", 12, "duplicate key \"a\"");
        assertRefused("{\"\\/\":1,\"/\":2}", 8, "duplicate key \"/\"");
        assertRefused("{\"\\u00e9\":1,\"\\u00E9\":2}", 12, "duplicate key \"\u00e9\"");
        assertRefused("{\"\\ud83d\\ude00\":1,\"\u00f0\u009f\u0098\u0080\":2}", 18, "duplicate key \"\ud83d\ude00\"");
        assertRefused("{\"\\n\":1,\"\\u000A\":2}", 8, "duplicate key \"\\n\"");
    }

    @Test
    void duplicateKeyIsFoundWhateverItsLengthAndPlace() {
        for (int length = 0; length <= 40; length++) {
            String key = "k".repeat(length);
            String text = "{\"" + key + "\":1,\"" + key + "x\":2,\"" + key;
            assertRefused(text + "\":3}", 12 + 2 * length, "duplicate key \"" + key + "\"");
            assertThat(check(text + "y\":3}")).isFalse();
        }
    }

    @Test
    void longDuplicateKeyIsShortenedInTheReason() {
        String key = "x".repeat(63) + "\\ud83d\\ude00" + "y".repeat(100);
        assertRefused("{\"" + key + "\":1,\"" + key + "\":2}", 181, "duplicate key \"" + "x".repeat(63) + "...\"");
    }

    @Test
    void sameKeyInDifferentObjectsIsAccepted() {
        assertThat(check("[{\"a\":1},{\"a\":1},{\"a\":{\"a\":{\"a\":1},\"b\":{\"a\":1}}}]"))
                .isFalse();
    }

    @Test
    void scannerIsAsGoodAsNewAfterARefusal() {
        assertRefused("{\"a\":{\"b\":[", 11, "expected a value, found the end");
        assertThat(check("{\"b\":1,\"a\":{\"a\":1}}")).isFalse();
    }

    @Test
    void numberIsRefusedFromItsCharacterThousandAndOneOn() {
        assertThat(check("9".repeat(1_000))).isFalse();
        assertThat(check("[-1." + "0".repeat(997) + "]")).isFalse();
        assertRefused("[" + "9".repeat(1_001) + "]", 1, "number longer than 1000 digits");
        assertRefused("-" + "9".repeat(1_000), 0, "number longer than 1000 digits");
        assertRefused(" 1." + "0".repeat(999), 1, "number longer than 1000 digits");
        assertRefused("1e" + "0".repeat(999), 0, "number longer than 1000 digits");
    }

    @Test
    void depthIsRefusedFromLevelHundredAndTwentyNineOn() {
        assertThat(check("[".repeat(128) + "]".repeat(128))).isFalse();
        assertThat(check("{\"a\":".repeat(127) + "{}" + "}".repeat(127))).isFalse();
        assertRefused("[".repeat(129) + "]".repeat(129), 128, "nested deeper than 128");
        assertRefused("{\"a\":".repeat(129), 640, "nested deeper than 128");
    }

    @Test
    void hundredThousandLevelsAreRefusedWithoutStackOverflow() {
        assertRefused("[".repeat(100_000) + "]".repeat(100_000), 128, "nested deeper than 128");
        assertRefused("{\"a\":[".repeat(50_000), 6 * 64, "nested deeper than 128");
    }

    @Test
    void skippingAHundredThousandLevelsDoesNotOverflowTheStack() {
        byte[] bytes = bytes("[".repeat(100_000) + "]".repeat(100_000) + ",1");
        assertThat(JsonScanner.skipValue(bytes, 0, bytes.length)).isEqualTo(200_000);
    }

    @Test
    void lineBreakBetweenTokensIsReported() {
        for (String text : new String[] {"\n{}", "{}\r", "{\n}", "[1,\r2]", "{\"a\"\n:1}", "{\"a\":\r\n1}", "[1\n]"}) {
            assertThat(check(text)).as(text).isTrue();
        }
        assertThat(check("{\"a\\n\":\"\\r\\n\"}")).isFalse();
        assertThat(check(" \t{ \"a\"\t: 1 }")).isFalse();
    }

    @Test
    void offsetCountsFromTheStartOfTheRange() {
        byte[] bytes = bytes("xx[1,]xx");
        assertThatThrownBy(() -> scanner.check(bytes, 2, 6))
                .isInstanceOfSatisfying(
                        InvalidJsonException.class,
                        e -> assertThat(e.byteOffset()).isEqualTo(3))
                .hasMessage("trailing comma or missing value, found ']' at byte 3");
    }

    @Test
    void valueMustEndInsideTheRange() {
        byte[] bytes = bytes("{\"abc\":\"defghijk\",\"l\":true}");
        for (int to = 0; to < bytes.length; to++) {
            int end = to;
            assertThatThrownBy(() -> scanner.check(bytes, 0, end)).isInstanceOf(InvalidJsonException.class);
        }
    }

    @Test
    void rangeOutsideTheArrayIsTheCallersMistake() {
        assertThatThrownBy(() -> scanner.check(new byte[2], 1, 3)).isInstanceOf(IndexOutOfBoundsException.class);
    }

    @Test
    void valueIsSkippedAfterWhiteSpace() {
        byte[] bytes = bytes("{\"a\": \n-1.5e3 ,\"b\":\"}\\\\\\\"]\", \"c\":[{\"]\":null}]}");
        assertThat(JsonScanner.skipValue(bytes, 5, bytes.length)).isEqualTo(13);
        assertThat(JsonScanner.skipValue(bytes, 19, bytes.length)).isEqualTo(27);
        assertThat(JsonScanner.skipValue(bytes, 33, bytes.length)).isEqualTo(45);
        assertThat(JsonScanner.skipValue(bytes, 0, bytes.length)).isEqualTo(bytes.length);
    }

    private void assertRefused(String text, int byteOffset, String reason) {
        InvalidJsonException refusal = refusal(text);
        assertThat(refusal.reason()).as(text).isEqualTo(reason);
        assertThat(refusal.byteOffset()).as(text).isEqualTo(byteOffset);
    }

    private InvalidJsonException refusal(String text) {
        InvalidJsonException refusal = catchThrowableOfType(InvalidJsonException.class, () -> check(text));
        assertThat(refusal).as(text).isNotNull();
        return refusal;
    }

    private boolean check(String text) {
        byte[] bytes = bytes(text);
        return scanner.check(bytes, 0, bytes.length);
    }

    private static byte[] bytes(String latin1) {
        return latin1.getBytes(StandardCharsets.ISO_8859_1);
    }
}
