package dev.daybook.internal.json;

import static org.assertj.core.api.Assertions.assertThat;

import dev.daybook.Redaction;
import dev.daybook.Redactions;
import dev.daybook.stream.Kind;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Random payloads and paths, against paths that are turned into patterns over a tree that Jackson read. {@code -Dseed=} replays. */
final class RedactionComparisonTest {
    private static final long SEED = Long.getLong("seed", 20_261_121);
    private static final int DOCUMENTS = 20_000;
    private static final String[] NAMES = {"a", "b", "aa", "ab", "ba", "bb", "*", "*", "**"};

    @Test
    void removedFieldsAreThoseOfTheTree() {
        int removed = 0;
        for (int i = 0; i < DOCUMENTS; i++) {
            Random random = new Random(SEED + i);
            String json = new String(payload(random), StandardCharsets.UTF_8);
            List<String> paths = paths(random);
            String result = apply(Redactions.remove(paths), json);
            assertThat(tree(result))
                    .as("seed %d: %s of %s", SEED + i, paths, json)
                    .isEqualTo(without(tree(json), "", paths));
            removed += result.equals(json) ? 0 : 1;
        }
        assertThat(removed).isBetween(DOCUMENTS / 10, DOCUMENTS * 9 / 10);
    }

    @Test
    void replacedTextsAreThoseOfTheTree() {
        Pattern pattern = Pattern.compile("a|\\\\|\n|\u00e9|5|\ud83d\ude00|\u0000");
        Redaction redaction = Redactions.pattern(pattern, "<\u2028>");
        for (int i = 0; i < DOCUMENTS; i++) {
            String json = new String(RandomDocument.valid(new Random(SEED + i)).bytes(), StandardCharsets.UTF_8);
            assertThat(tree(apply(redaction, json)))
                    .as("seed %d: %s", SEED + i, json)
                    .isEqualTo(replaced(tree(json), pattern));
        }
    }

    /** Objects and arrays with few names, so that paths find something. */
    private static byte[] payload(Random random) {
        JsonSink sink = new JsonSink(100);
        value(sink, random, 4);
        return sink.toByteArray();
    }

    private static void value(JsonSink sink, Random random, int levels) {
        int size = random.nextInt(4);
        switch (levels == 0 ? 0 : random.nextInt(5)) {
            case 0, 1 -> sink.number(size);
            case 2 -> {
                sink.ascii("[");
                for (int i = 0; i < size; i++) {
                    sink.ascii(i > 0 ? ", " : "");
                    value(sink, random, levels - 1);
                }
                sink.ascii(" ]");
            }
            default -> {
                sink.ascii("{ ");
                for (int i = 0; i < size; i++) {
                    String name = NAMES[i * 2 + random.nextInt(2)];
                    sink.ascii(i > 0 ? "," : "")
                            .ascii("\"")
                            .ascii(random.nextBoolean() ? name : name.replace("a", "\\u0061"))
                            .ascii("\" :");
                    value(sink, random, levels - 1);
                    sink.ascii(" ");
                }
                sink.ascii("}");
            }
        }
    }

    private static List<String> paths(Random random) {
        List<String> paths = new ArrayList<>();
        for (int i = random.nextInt(3); i >= 0; i--) {
            StringBuilder path = new StringBuilder();
            for (int levels = random.nextInt(4); levels > 0; levels--) {
                path.append(NAMES[random.nextInt(NAMES.length)]).append('.');
            }
            paths.add(path.append(NAMES[random.nextInt(NAMES.length - 1)]).toString());
        }
        return paths;
    }

    /** The same as a regular expression: each level is {@code /name}, an element {@code /#}. */
    private static boolean matches(String place, List<String> paths) {
        for (String path : paths) {
            StringBuilder expression = new StringBuilder();
            for (String segment : path.split("\\.", -1)) {
                expression.append(segment.equals("**") ? "(/[^/]+)*" : segment.equals("*") ? "/[^/]+" : "/" + segment);
            }
            if (place.matches(expression.toString())) {
                return true;
            }
        }
        return false;
    }

    private static @Nullable Object without(@Nullable Object tree, String place, List<String> paths) {
        if (tree instanceof Map<?, ?> fields) {
            Map<Object, @Nullable Object> left = new LinkedHashMap<>();
            fields.forEach((key, value) -> {
                if (!matches(place + "/" + key, paths)) {
                    left.put(key, without(value, place + "/" + key, paths));
                }
            });
            return left;
        }
        if (tree instanceof List<?> elements) {
            List<@Nullable Object> left = new ArrayList<>();
            elements.forEach(element -> {
                if (!matches(place + "/#", paths)) {
                    left.add(without(element, place + "/#", paths));
                }
            });
            return left;
        }
        return tree;
    }

    private static @Nullable Object replaced(@Nullable Object tree, Pattern pattern) {
        if (tree instanceof Map<?, ?> fields) {
            Map<Object, @Nullable Object> left = new LinkedHashMap<>();
            fields.forEach((key, value) -> left.put(key, replaced(value, pattern)));
            return left;
        }
        if (tree instanceof List<?> elements) {
            List<@Nullable Object> left = new ArrayList<>();
            elements.forEach(element -> left.add(replaced(element, pattern)));
            return left;
        }
        String text = tree instanceof String string ? string : tree instanceof JsonTree.Numeral n ? n.text() : null;
        return text != null && pattern.matcher(text).find()
                ? pattern.matcher(text).replaceAll("<\u2028>")
                : tree;
    }

    private static String apply(Redaction redaction, String json) {
        return redaction.apply(Kind.DOCUMENT, "d", "put", json);
    }

    private static @Nullable Object tree(String json) {
        return JsonTree.of(json.getBytes(StandardCharsets.UTF_8));
    }
}
