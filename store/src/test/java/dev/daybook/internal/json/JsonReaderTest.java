package dev.daybook.internal.json;

import static org.assertj.core.api.Assertions.assertThat;

import dev.daybook.internal.json.JsonReader.Token;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.json.JsonFactory;

/** Against Jackson. {@code -Dseed=} replays. */
final class JsonReaderTest {
    private static final long SEED = Long.getLong("seed", 20_261_121);
    private static final int DOCUMENTS = 20_000;
    private static final JsonFactory FACTORY = new JsonFactory();

    @Test
    void tokensAndTextsAreThoseOfJackson() {
        for (int i = 0; i < DOCUMENTS; i++) {
            byte[] bytes = RandomDocument.valid(new Random(SEED + i)).bytes();
            compare(new JsonReader(bytes, 0, bytes.length), bytes, new Random(0), 0, "seed " + (SEED + i));
        }
    }

    @Test
    void skippingLeadsWhereJacksonGoes() {
        for (int i = 0; i < DOCUMENTS; i++) {
            byte[] bytes = RandomDocument.valid(new Random(SEED + i)).bytes();
            compare(new JsonReader(bytes, 0, bytes.length), bytes, new Random(SEED), 3, "seed " + (SEED + i));
        }
    }

    @Test
    void valueInsideALargerArrayIsReadAlone() {
        for (int i = 0; i < DOCUMENTS; i++) {
            byte[] bytes = RandomDocument.valid(new Random(SEED + i)).bytes();
            byte[] inside = new byte[bytes.length + 20];
            Arrays.fill(inside, (byte) (i % 3 == 0 ? '"' : i % 3 == 1 ? ':' : '1'));
            // A number goes on as far as digits go; in a line a comma follows.
            inside[7 + bytes.length] = ',';
            System.arraycopy(bytes, 0, inside, 7, bytes.length);
            compare(new JsonReader(inside, 7, 7 + bytes.length), bytes, new Random(0), 0, "seed " + (SEED + i));
        }
    }

    @Test
    void startAndEndAreThoseOfTheToken() {
        byte[] bytes = utf8(" { \"a\\n\" : [ 1.5e3 , \"x y\" ] , \"b\" : null } ");
        JsonReader reader = new JsonReader(bytes, 0, bytes.length);
        List<String> seen = new ArrayList<>();
        while (reader.next() != Token.END) {
            seen.add(new String(bytes, reader.start(), reader.end() - reader.start(), StandardCharsets.UTF_8));
        }
        assertThat(seen).containsExactly("{", "\"a\\n\"", "[", "1.5e3", "\"x y\"", "]", "\"b\"", "null", "}");
        assertThat(reader.next()).isEqualTo(Token.END);
    }

    @Test
    void keyIsComparedByWhatItStandsFor() {
        assertThat(first("\"role\"").is("role")).isTrue();
        assertThat(first("\"r\\u006fle\"").is("role")).isTrue();
        assertThat(first("\"role\"").is("rol")).isFalse();
        assertThat(first("\"role\"").is("roles")).isFalse();
        assertThat(first("\"role\"").is("Role")).isFalse();
        assertThat(first("\"a\\\\n\"").is("a\\n")).isTrue();
        assertThat(first("\"a\\n\"").is("a\\n")).isFalse();
        assertThat(first("\"\u00fcber \ud83d\ude00\"").is("\u00fcber \ud83d\ude00"))
                .isTrue();
        assertThat(first("\"\\u00fcber\"").is("\u00fcber")).isTrue();
        assertThat(first("\"uber\"").is("\u00fcber")).isFalse();
        assertThat(first("\"\"").is("")).isTrue();
        assertThat(first("\"\"").is("a")).isFalse();
    }

    @Test
    void fieldsAreFoundAmongOthers() {
        byte[] bytes = utf8("{\"content\":{\"role\":\"no\",\"x\":[1,{}]},\"role\":\"user\",\"n\":[]}");
        JsonReader json = new JsonReader(bytes, 0, bytes.length);
        String role = "";
        assertThat(json.next()).isEqualTo(Token.OBJECT);
        while (json.next() == Token.KEY) {
            if (json.is("role") && json.next() == Token.STRING) {
                role = json.text();
            } else {
                json.skip();
            }
        }
        assertThat(role).isEqualTo("user");
        assertThat(json.next()).isEqualTo(Token.END);
    }

    /** @param skipOneOf how often something is skipped on the way; 0 for never */
    private static void compare(JsonReader reader, byte[] bytes, Random random, int skipOneOf, String as) {
        try (JsonParser parser = FACTORY.createParser(ObjectReadContext.empty(), bytes, 0, bytes.length)) {
            for (JsonToken expected = parser.nextToken(); expected != null; expected = parser.nextToken()) {
                Token token = reader.next();
                assertThat(token).as(as).isEqualTo(token(expected));
                if (token == Token.KEY || token == Token.STRING) {
                    assertThat(reader.text()).as(as).isEqualTo(parser.getString());
                    assertThat(reader.is(parser.getString())).as(as).isTrue();
                    assertThat(reader.is(parser.getString() + "a")).as(as).isFalse();
                } else if (token == Token.NUMBER) {
                    assertThat(reader.text()).as(as).isEqualTo(parser.getString());
                }
                if (skipOneOf > 0 && random.nextInt(skipOneOf) == 0) {
                    reader.skip();
                    if (token == Token.KEY) {
                        parser.nextToken();
                    }
                    parser.skipChildren();
                }
            }
            assertThat(reader.next()).as(as).isEqualTo(Token.END);
        }
    }

    private static Token token(JsonToken token) {
        return switch (token) {
            case START_OBJECT -> Token.OBJECT;
            case END_OBJECT -> Token.OBJECT_END;
            case START_ARRAY -> Token.ARRAY;
            case END_ARRAY -> Token.ARRAY_END;
            case PROPERTY_NAME -> Token.KEY;
            case VALUE_STRING -> Token.STRING;
            case VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT -> Token.NUMBER;
            case VALUE_TRUE -> Token.TRUE;
            case VALUE_FALSE -> Token.FALSE;
            case VALUE_NULL -> Token.NULL;
            default -> throw new AssertionError(token);
        };
    }

    private static JsonReader first(String json) {
        byte[] bytes = utf8(json);
        JsonReader reader = new JsonReader(bytes, 0, bytes.length);
        reader.next();
        return reader;
    }

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
