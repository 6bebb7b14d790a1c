package dev.daybook.internal.json;

import static org.assertj.core.api.Assertions.assertThat;

import dev.daybook.internal.json.JsonReader.Token;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Against the same changes of a tree that Jackson read. {@code -Dseed=} replays. */
final class JsonRewriterTest {
    private static final long SEED = Long.getLong("seed", 20_261_121);
    private static final int DOCUMENTS = 20_000;
    private static final String NEW = "new \"\\\n\u00fc\u2028\ud83d\ude00";

    @Test
    void changesAreThoseOfTheTree() {
        for (int i = 0; i < DOCUMENTS; i++) {
            byte[] bytes = RandomDocument.valid(new Random(SEED + i)).bytes();
            int salt = i;
            byte[] result = rewrite(bytes, salt);
            new JsonScanner().check(result, 0, result.length);
            assertThat(JsonTree.of(result)).as("seed %d", SEED + i).isEqualTo(changed(JsonTree.of(bytes), salt));
        }
    }

    @Test
    void whatIsNotTouchedStaysByteForByte() {
        for (int i = 0; i < DOCUMENTS; i++) {
            byte[] bytes = RandomDocument.valid(new Random(SEED + i)).bytes();
            assertThat(tokens(rewrite(bytes, i), -1)).as("seed %d", SEED + i).isEqualTo(tokens(bytes, i));
        }
    }

    @Test
    void untouchedCopyIsTheSame() {
        byte[] bytes = utf8(" { \"a\" : [ 1 , { } ] } ");
        JsonRewriter rewriter = new JsonRewriter(bytes);
        while (rewriter.reader().next() != Token.END) {
            assertThat(rewriter.changed()).isFalse();
        }
        assertThat(rewriter.result()).isEqualTo(bytes);
    }

    @Test
    void commaGoesWithTheFieldAndSpaceBetweenOthersStays() {
        assertThat(without("{ \"a\" : 1 , \"b\" : 2 , \"c\" : 3 }", "a")).isEqualTo("{ \"b\" : 2 , \"c\" : 3 }");
        assertThat(without("{ \"a\" : 1 , \"b\" : 2 , \"c\" : 3 }", "b")).isEqualTo("{ \"a\" : 1 , \"c\" : 3 }");
        assertThat(without("{ \"a\" : 1 , \"b\" : 2 , \"c\" : 3 }", "c")).isEqualTo("{ \"a\" : 1 , \"b\" : 2 }");
        assertThat(without("{ \"a\" : 1 , \"b\" : 2 , \"c\" : 3 }", "ab")).isEqualTo("{ \"c\" : 3 }");
        assertThat(without("{ \"a\" : 1 , \"b\" : 2 , \"c\" : 3 }", "ac")).isEqualTo("{ \"b\" : 2 }");
        assertThat(without("{ \"a\" : 1 , \"b\" : 2 , \"c\" : 3 }", "bc")).isEqualTo("{ \"a\" : 1 }");
        assertThat(without("{ \"a\" : 1 , \"b\" : 2 , \"c\" : 3 }", "abc")).isEqualTo("{}");
        assertThat(without(" {\"a\":{\"b\":[1,2],\"c\":{}},\"d\":[{\"a\":1},{\"c\":\",\"}]} ", "c"))
                .isEqualTo(" {\"a\":{\"b\":[1,2]},\"d\":[{\"a\":1},{}]} ");
        assertThat(without("{\n\t\"a\" :\r\n 1,\n\t\"b\": 2\n}", "a")).isEqualTo("{\n\t\"b\": 2\n}");
    }

    @Test
    void emptyArrayHasNothingToRemove() {
        assertThat(withoutElements("[ ]")).isEqualTo("[ ]");
        assertThat(withoutElements(" [ 1 , [ 2 ] ] ")).isEqualTo(" [] ");
        assertThat(withoutElements("{\"a\":[1,{\"]\":\"]\"}],\"b\":[],\"c\":[[]]}"))
                .isEqualTo("{\"a\":[],\"b\":[],\"c\":[]}");
    }

    private static byte[] rewrite(byte[] bytes, int salt) {
        JsonRewriter rewriter = new JsonRewriter(bytes);
        JsonReader reader = rewriter.reader();
        for (Token token = reader.next(); token != Token.END; token = reader.next()) {
            if (token == Token.KEY && goes(reader.text(), salt)) {
                rewriter.removeField();
            } else if ((token == Token.STRING || token == Token.NUMBER) && goes(reader.text(), salt)) {
                rewriter.replace(NEW);
            }
        }
        assertThat(rewriter.changed()
                        || new String(rewriter.result(), StandardCharsets.UTF_8)
                                .equals(new String(bytes, StandardCharsets.UTF_8)))
                .isTrue();
        return rewriter.result();
    }

    private static @Nullable Object changed(@Nullable Object tree, int salt) {
        if (tree instanceof Map<?, ?> fields) {
            Map<Object, @Nullable Object> left = new LinkedHashMap<>();
            fields.forEach((key, value) -> {
                if (!goes((String) key, salt)) {
                    left.put(key, changed(value, salt));
                }
            });
            return left;
        }
        if (tree instanceof List<?> elements) {
            List<@Nullable Object> left = new ArrayList<>();
            elements.forEach(element -> left.add(changed(element, salt)));
            return left;
        }
        String text = tree instanceof String string ? string : tree instanceof JsonTree.Numeral n ? n.text() : null;
        return text != null && goes(text, salt) ? NEW : tree;
    }

    /** A third of all texts, each time others. */
    private static boolean goes(String text, int salt) {
        return Math.floorMod((text.hashCode() + salt) * 0x9E3779B9 >>> 7, 3) == 0;
    }

    /**
     * The tokens as they are written, without what goes and with what is new.
     *
     * @param salt -1 when nothing goes
     */
    private static List<String> tokens(byte[] bytes, int salt) {
        JsonReader reader = new JsonReader(bytes, 0, bytes.length);
        List<String> tokens = new ArrayList<>();
        for (Token token = reader.next(); token != Token.END; token = reader.next()) {
            boolean text = token == Token.STRING || token == Token.NUMBER;
            if (salt >= 0 && token == Token.KEY && goes(reader.text(), salt)) {
                reader.skip();
            } else if (salt >= 0 && text && goes(reader.text(), salt)) {
                tokens.add(new String(JsonText.encode(NEW), StandardCharsets.UTF_8));
            } else {
                tokens.add(new String(bytes, reader.start(), reader.end() - reader.start(), StandardCharsets.UTF_8));
            }
        }
        return tokens;
    }

    private static String without(String json, String keys) {
        JsonRewriter rewriter = new JsonRewriter(utf8(json));
        JsonReader reader = rewriter.reader();
        for (Token token = reader.next(); token != Token.END; token = reader.next()) {
            if (token == Token.KEY && keys.contains(reader.text())) {
                rewriter.removeField();
            }
        }
        return new String(rewriter.result(), StandardCharsets.UTF_8);
    }

    private static String withoutElements(String json) {
        JsonRewriter rewriter = new JsonRewriter(utf8(json));
        JsonReader reader = rewriter.reader();
        for (Token token = reader.next(); token != Token.END; token = reader.next()) {
            if (token == Token.ARRAY) {
                rewriter.removeElements();
            }
        }
        return new String(rewriter.result(), StandardCharsets.UTF_8);
    }

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
