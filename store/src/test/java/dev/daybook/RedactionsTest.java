package dev.daybook;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.daybook.internal.json.JsonScanner;
import dev.daybook.internal.json.JsonTree;
import dev.daybook.stream.Kind;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class RedactionsTest {
    /** What must not be left, however it is written. */
    private static final List<String> SECRETS = List.of("s3cr3t", "4111111111111111", "\u00fcb\u00e9r-key");

    private static final Redaction PATTERN =
            Redactions.pattern(Pattern.compile("(?i)s3cr3t|\\b4\\d{15}\\b|\u00fcb\u00e9r-key"), "***");

    /** Path, payload, what is left. The secrets are in fields of all kinds and places. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "password               | {\"password\":\"s3cr3t\"}                                 | {}",
                "password               | {\"password\":\"s3cr3t\",\"a\":1}                         | {\"a\":1}",
                "password               | {\"a\":1,\"password\":\"s3cr3t\"}                         | {\"a\":1}",
                "password               | {\"a\":1,\"password\":\"s3cr3t\",\"b\":2}                 | {\"a\":1,\"b\":2}",
                "password               | {\"p\\u0061ssword\":\"s3cr3t\"}                           | {}",
                "password               | {\"\\u0070\\u0061\\u0073\\u0073\\u0077\\u006F\\u0072\\u0064\":\"s3cr3t\"} | {}",
                "password               | {\"password\":4111111111111111}                           | {}",
                "password               | {\"password\":[\"s3cr3t\",{\"x\":[\"s3cr3t\"]}],\"a\":[]} | {\"a\":[]}",
                "password               | {\"password\":{\"value\":\"s3cr3t\"},\"a\":null}           | {\"a\":null}",
                "input.apiKey           | {\"input\":{\"apiKey\":\"s3cr3t\",\"q\":\"x\"}}            | {\"input\":{\"q\":\"x\"}}",
                "input.auth.token.value | {\"input\":{\"auth\":{\"token\":{\"value\":\"s3cr3t\"}}}}  | {\"input\":{\"auth\":{\"token\":{}}}}",
                "meta.headers.*         | {\"meta\":{\"headers\":{\"Authorization\":\"s3cr3t\",\"Cookie\":\"s3cr3t\"}},\"b\":1} | {\"meta\":{\"headers\":{}},\"b\":1}",
                "keys.*                 | {\"keys\":[\"s3cr3t\",4111111111111111,[\"s3cr3t\"]]}      | {\"keys\":[]}",
                "users.*.password       | {\"users\":[{\"name\":\"a\",\"password\":\"s3cr3t\"},{\"password\":\"s3cr3t\"}]} | {\"users\":[{\"name\":\"a\"},{}]}",
                "*.*.password           | {\"a\":{\"b\":{\"password\":\"s3cr3t\"}},\"c\":[{\"password\":\"s3cr3t\"}]} | {\"a\":{\"b\":{}},\"c\":[{}]}",
                "**.password            | {\"password\":\"s3cr3t\"}                                 | {}",
                "**.password            | [[[{\"a\":[{\"password\":\"s3cr3t\"}]}]],{\"password\":\"s3cr3t\"}] | [[[{\"a\":[{}]}]],{}]",
                "**.password            | {\"a\":{\"password\":{\"password\":\"s3cr3t\"}},\"b\":{\"c\":{\"password\":\"s3cr3t\"}}} | {\"a\":{},\"b\":{\"c\":{}}}",
                "**.auth.**.value       | {\"x\":{\"auth\":{\"y\":[{\"value\":\"s3cr3t\"}],\"value\":\"s3cr3t\"}},\"value\":1} | {\"x\":{\"auth\":{\"y\":[{}]}},\"value\":1}",
                "\u00fcber.schl\u00fcssel | {\"\\u00FCber\":{\"schl\u00fcssel\":\"s3cr3t\",\"a\":1}} | {\"\u00fcber\":{\"a\":1}}",
                "*                      | [\"s3cr3t\",{\"a\":\"s3cr3t\"}]                           | []",
                "*                      | {\"s3cr3t\":1,\"b\":\"s3cr3t\"}                           | {}"
            })
    void secretFieldIsRemoved(String path, String json, String left) {
        String result = apply(Redactions.remove(List.of(path)), json);
        assertNoSecret(result);
        assertThat(JsonTree.of(utf8(result))).isEqualTo(JsonTree.of(utf8(left)));
    }

    /** Payload, what is left. The secrets are in text, numbers and arrays, with escapes and without. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "\"s3cr3t\"                                    | \"***\"",
                "4111111111111111                              | \"***\"",
                "{\"text\":\"before s3cr3t, after S3CR3T.\"}   | {\"text\":\"before ***, after ***.\"}",
                "{\"text\":\"s3cr\\u0033t\"}                   | {\"text\":\"***\"}",
                "{\"text\":\"\\u0073\\u0033\\u0063\\u0072\\u0033\\u0074\"} | {\"text\":\"***\"}",
                "{\"text\":\"\\u00fcb\\u00E9r-key\",\"n\":\"\u00fcb\u00e9r\\u002dkey\"} | {\"text\":\"***\",\"n\":\"***\"}",
                "[\"a\",[\"s3cr3t\",[\"x\",\"s3cr3t\"]],\"b\"] | [\"a\",[\"***\",[\"x\",\"***\"]],\"b\"]",
                "{\"card\":4111111111111111,\"n\":41111}       | {\"card\":\"***\",\"n\":41111}",
                "[-4111111111111111,1.0]                       | [\"-***\",1.0]",
                "{\"a\":{\"b\":[{\"c\":\"card 4111111111111111\"}]}} | {\"a\":{\"b\":[{\"c\":\"card ***\"}]}}",
                "{\"json\":\"{\\\"password\\\":\\\"s3cr3t\\\"}\"} | {\"json\":\"{\\\"password\\\":\\\"***\\\"}\"}",
                "{\"a\":\"\\ud83d\\ude00s3cr3t\\n\"}           | {\"a\":\"\ud83d\ude00***\\n\"}"
            })
    void secretTextIsReplaced(String json, String left) {
        String result = apply(PATTERN, json);
        assertNoSecret(result);
        assertThat(JsonTree.of(utf8(result))).isEqualTo(JsonTree.of(utf8(left)));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "null",
                " [ ] ",
                "{ \"a\" : \"p\\u0061ssword\" ,\n\t\"b\":[ 1.50, 1E+05 , -0 ], \"\\u0070asswords\":\"\\/\" }",
                "\"password\"",
                "{\"a.password\":1,\"Password\":{},\"pass\":{\"word\":true},\"s3cr3\":\"3cr3t\"}"
            })
    void whatHoldsNoSecretIsTheSameObject(String json) {
        Redaction remove = Redactions.remove(List.of("password", "**.password.*", "a.password"));
        assertThat(apply(remove, json)).isSameAs(json);
        assertThat(apply(PATTERN, json)).isSameAs(json);
        assertThat(apply(Redaction.NONE, json)).isSameAs(json);
        assertThat(apply(Redactions.remove(List.of()), json)).isSameAs(json);
    }

    @Test
    void whatIsNotMatchedStaysByteForByte() {
        String json = " { \"a\" : [ 1.50 , \"\\u0061\\/\" ] , \"password\" : 1 , \"b\" :\n{ \"c\" : \"s3cr3t\" } } ";
        assertThat(apply(Redactions.remove(List.of("password")), json))
                .isEqualTo(" { \"a\" : [ 1.50 , \"\\u0061\\/\" ] , \"b\" :\n{ \"c\" : \"s3cr3t\" } } ");
        assertThat(apply(PATTERN, json))
                .isEqualTo(" { \"a\" : [ 1.50 , \"\\u0061\\/\" ] , \"password\" : 1 , \"b\" :\n{ \"c\" : \"***\" } } ");
    }

    @Test
    void manyPathsAreRemovedTogether() {
        Redaction redaction = Redactions.remove(List.of("a.b", "a.*.x", "**.p", "q.**.r.*"));
        assertThat(apply(
                        redaction,
                        "{\"a\":{\"b\":1,\"c\":{\"x\":2,\"y\":3}},\"p\":4,\"q\":{\"r\":[5],\"s\":{\"r\":{\"t\":6}}}}"))
                .isEqualTo("{\"a\":{\"c\":{\"y\":3}},\"q\":{\"r\":[],\"s\":{\"r\":{}}}}");
    }

    @Test
    void replacementIsTakenLiterally() {
        Redaction redaction = Redactions.pattern(Pattern.compile("(s3)cr3t"), "$1 \\ \"\n");
        assertThat(apply(redaction, "[\"s3cr3t\"]")).isEqualTo("[\"$1 \\\\ \\\"\\n\"]");
        assertThatThrownBy(() -> Redactions.pattern(Pattern.compile("x"), "\ud800"))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void keysAreLeftAloneByPatterns() {
        assertThat(apply(PATTERN, "{\"s3cr3t\":\"s3cr3t\"}")).isEqualTo("{\"s3cr3t\":\"***\"}");
    }

    @Test
    void redactionsFollowEachOther() {
        Redaction redaction = Redactions.remove(List.of("password"))
                .then(PATTERN)
                .then((kind, stream, type, json) -> "[\"" + kind + " " + stream + " " + type + "\"," + json + "]");
        assertThat(apply(redaction, "{\"password\":1,\"a\":\"s3cr3t\"}"))
                .isEqualTo("[\"RUN runs/1 message\",{\"a\":\"***\"}]");
    }

    @Test
    void deepestPayloadIsRedacted() {
        String json =
                "[".repeat(JsonScanner.DEPTH_MAX - 1) + "{\"password\":1}" + "]".repeat(JsonScanner.DEPTH_MAX - 1);
        assertThat(apply(Redactions.remove(List.of("**.password")), json))
                .isEqualTo(json.replace("\"password\":1", ""));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", ".", "a.", ".a", "a..b", "**", "a.**", "a*", "a.b*.c", "***", "a.*b"})
    void badPathIsRefused(String path) {
        assertThatThrownBy(() -> Redactions.remove(List.of("good", path)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("'" + path + "'");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "{",
                "{\"password\":1",
                "{\"password\":1}}",
                "{'password':1}",
                "[1,]",
                "{\"a\":1,\"\\u0061\":2}",
                "\"\ud800\"",
                "\"\\ud800\"",
                "1 2"
            })
    void whatIsNoJsonIsRefused(String json) {
        assertThatThrownBy(() -> apply(Redactions.remove(List.of("password")), json))
                .isInstanceOf(InvalidEventException.class);
        assertThatThrownBy(() -> apply(PATTERN, json)).isInstanceOf(InvalidEventException.class);
    }

    private static String apply(Redaction redaction, String json) {
        String result = redaction.apply(Kind.RUN, "runs/1", "message", json);
        byte[] bytes = utf8(result);
        new JsonScanner().check(bytes, 0, bytes.length);
        return result;
    }

    private static void assertNoSecret(String json) {
        String decoded = String.valueOf(JsonTree.of(utf8(json)));
        for (String secret : SECRETS) {
            assertThat(json.toLowerCase(Locale.ROOT)).doesNotContain(secret);
            assertThat(decoded.toLowerCase(Locale.ROOT)).doesNotContain(secret);
        }
    }

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
