package dev.daybook.internal.json;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.util.Random;
import org.junit.jupiter.api.Test;

final class JsonTextTest {
    private static final long SEED = Long.getLong("seed", 20_261_121);

    @Test
    void controlCharactersAreEscapedInTheShortestForm() {
        assertThat(encoded("\b\t\n\f\r\0\u000b\u001f")).isEqualTo("\"\\b\\t\\n\\f\\r\\u0000\\u000b\\u001f\"");
    }

    @Test
    void quoteBackslashDelAndLineSeparatorsAreEscaped() {
        assertThat(encoded("\"\\/\u007f\u2028\u2029")).isEqualTo("\"\\\"\\\\/\\u007f\\u2028\\u2029\"");
    }

    @Test
    void everythingElseIsRaw() {
        assertThat(encoded("a \u0080\u00e9\u07ff\u0800\u2027\u202a\uffff\ud83d\ude00"))
                .isEqualTo("\"a \u0080\u00e9\u07ff\u0800\u2027\u202a\uffff\ud83d\ude00\"");
    }

    @Test
    void everyCharacterSurvivesTheRoundTrip() {
        StringBuilder all = new StringBuilder();
        for (int c = 0; c <= Character.MAX_CODE_POINT; c++) {
            if (c < Character.MIN_SURROGATE || c > Character.MAX_SURROGATE) {
                all.appendCodePoint(c);
            }
        }
        assertRoundTrip(all.toString());
    }

    @Test
    void randomStringsSurviveTheRoundTrip() {
        for (int i = 0; i < 20_000; i++) {
            Random random = new Random(SEED + i);
            StringBuilder text = new StringBuilder();
            for (int length = random.nextInt(30); length > 0; length--) {
                text.appendCodePoint(codePoint(random));
            }
            assertRoundTrip(text.toString());
        }
    }

    @Test
    void unpairedSurrogateIsRefusedWithItsIndex() {
        for (String text :
                new String[] {"ab\ud800", "ab\udc00", "ab\ud800\ud800\udc00", "ab\ud800c", "ab\udc00\ud800"}) {
            assertThatThrownBy(() -> JsonText.encode(text))
                    .isInstanceOf(InvalidJsonException.class)
                    .hasMessage("unpaired surrogate at char 2");
            assertThatThrownBy(() -> JsonText.encode(text, new byte[100], 0))
                    .isInstanceOf(InvalidJsonException.class)
                    .hasMessage("unpaired surrogate at char 2");
        }
    }

    @Test
    void literalIsWrittenAtItsOffsetOnly() {
        byte[] target = "................".getBytes(StandardCharsets.US_ASCII);
        assertThat(JsonText.encode("a\nb", target, 3)).isEqualTo(9);
        assertThat(new String(target, StandardCharsets.US_ASCII)).isEqualTo("...\"a\\nb\".......");
    }

    @Test
    void everySpellingOfACharacterIsDecoded() {
        assertThat(decoded("\"\\u0041\\u00E9\\u00e9\\/\\\"\\\\\\b\\f\\n\\r\\t\\ud83d\\uDE00\\u0000\""))
                .isEqualTo("A\u00e9\u00e9/\"\\\b\f\n\r\t\ud83d\ude00\0");
    }

    @Test
    void literalInTheMiddleOfALineIsDecoded() {
        byte[] line = "{\"k\":\"v\\u00e9\"}".getBytes(StandardCharsets.US_ASCII);
        assertThat(JsonText.decode(line, 1, 4)).isEqualTo("k");
        assertThat(JsonText.decode(line, 5, JsonScanner.skipValue(line, 5, line.length)))
                .isEqualTo("v\u00e9");
    }

    private static int codePoint(Random random) {
        return switch (random.nextInt(6)) {
            case 0 -> random.nextInt(0x20);
            case 1 -> random.nextInt(0x80);
            case 2 -> random.nextInt(0x800);
            case 3 -> 0x2020 + random.nextInt(0x10);
            case 4 -> random.nextInt(0xD800);
            default -> 0xE000 + random.nextInt(Character.MAX_CODE_POINT + 1 - 0xE000);
        };
    }

    private static void assertRoundTrip(String text) {
        byte[] literal = JsonText.encode(text);
        assertThat(literal).hasSize(JsonText.encodedLength(text));
        assertThat(new JsonScanner().check(literal, 0, literal.length)).isFalse();
        assertThat(JsonText.decode(literal, 0, literal.length)).isEqualTo(text);
    }

    private static String encoded(String text) {
        return new String(JsonText.encode(text), StandardCharsets.UTF_8);
    }

    private static String decoded(String literal) {
        byte[] bytes = literal.getBytes(StandardCharsets.UTF_8);
        return JsonText.decode(bytes, 0, bytes.length);
    }
}
