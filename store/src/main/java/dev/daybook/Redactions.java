package dev.daybook;

import dev.daybook.internal.json.InvalidJsonException;
import dev.daybook.internal.json.JsonReader;
import dev.daybook.internal.json.JsonReader.Token;
import dev.daybook.internal.json.JsonRewriter;
import dev.daybook.internal.json.JsonScanner;
import dev.daybook.internal.json.JsonSink;
import dev.daybook.internal.json.JsonText;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The usual redactions. All of them leave JSON valid and what they do not match byte for byte as it is, and see text with its escapes undone. JSON that stands inside a
 * string is text.
 *
 * <p>What is no valid JSON is refused with an {@link InvalidEventException}: nobody could say what is in it.
 */
public final class Redactions {
    private static final ThreadLocal<JsonScanner> SCANNER = ThreadLocal.withInitial(JsonScanner::new);

    private Redactions() {}

    /**
     * Replaces what matches in every string and every number, keys left alone. A number in which something matches, as it is written, becomes a string. Patterns come
     * from the program, never from input: a bad one can take for ever.
     *
     * @param replacement as it is: {@code $} and {@code \} mean nothing
     * @throws IllegalArgumentException when the replacement has an unpaired surrogate
     */
    public static Redaction pattern(Pattern secret, String replacement) {
        JsonText.encodedLength(replacement); // would otherwise throw when the first secret comes
        String literally = Matcher.quoteReplacement(replacement);
        return (kind, stream, type, json) -> rewrite(json, rewriter -> {
            JsonReader reader = rewriter.reader();
            for (Token token = reader.next(); token != Token.END; token = reader.next()) {
                if (token == Token.STRING || token == Token.NUMBER) {
                    Matcher matcher = secret.matcher(reader.text());
                    if (matcher.find()) {
                        rewriter.replace(matcher.replaceAll(literally));
                    }
                }
            }
        });
    }

    /**
     * Removes fields. A path is field names joined by dots, from the payload's root; {@code *} stands for any field or element, {@code **} for any number of levels:
     * {@code input.apiKey}, {@code meta.headers.*}, {@code **.password}. Names are compared exactly. The payload itself stays.
     *
     * @throws IllegalArgumentException when a path is not one: when it is empty, has an empty name or one with a star in it, or ends with {@code **}
     */
    public static Redaction remove(List<String> paths) {
        Paths compiled = new Paths(paths);
        return (kind, stream, type, json) -> rewrite(json, compiled::remove);
    }

    private static String rewrite(String json, Consumer<JsonRewriter> edits) {
        try {
            byte[] bytes = JsonSink.utf8(json, "data");
            SCANNER.get().check(bytes, 0, bytes.length);
            JsonRewriter rewriter = new JsonRewriter(bytes);
            edits.accept(rewriter);
            return rewriter.changed() ? new String(rewriter.result(), StandardCharsets.UTF_8) : json;
        } catch (InvalidJsonException e) {
            throw new InvalidEventException("data", e.byteOffset(), e.reason());
        }
    }

    /** All paths at once. A set of segments says what the next name may match: one for each place in a path that has been reached. */
    private static final class Paths {
        private static final String ANY = "*";
        private static final String ANY_LEVELS = "**";

        /** Of all paths, one after the other. */
        private final List<String> segments = new ArrayList<>();

        private final BitSet last = new BitSet();
        private final BitSet root = new BitSet();

        Paths(List<String> paths) {
            for (String path : paths) {
                int first = segments.size();
                for (String segment : path.split("\\.", -1)) {
                    boolean star = segment.equals(ANY) || segment.equals(ANY_LEVELS);
                    if (segment.isEmpty() || !star && segment.contains(ANY)) {
                        throw new IllegalArgumentException(
                                "not a path to a field: '" + path + "'; names are not empty, and a star stands alone");
                    }
                    segments.add(segment);
                }
                last.set(segments.size() - 1);
                if (segments.get(segments.size() - 1).equals(ANY_LEVELS)) {
                    throw new IllegalArgumentException(
                            "not a path to a field: '" + path + "'; what comes behind ** is missing");
                }
                reach(root, first);
            }
        }

        void remove(JsonRewriter rewriter) {
            remove(rewriter, rewriter.reader().next(), root);
        }

        /** Goes through the value that begins here. Values are at most {@link JsonScanner#DEPTH_MAX} deep, and so are these calls. */
        private void remove(JsonRewriter rewriter, Token token, BitSet reached) {
            JsonReader reader = rewriter.reader();
            if (reached.isEmpty()) {
                reader.skip();
            } else if (token == Token.OBJECT) {
                BitSet below = new BitSet();
                while (reader.next() == Token.KEY) {
                    if (matches(reader, reached, below)) {
                        rewriter.removeField();
                    } else {
                        remove(rewriter, reader.next(), below);
                    }
                }
            } else if (token == Token.ARRAY) {
                BitSet below = new BitSet();
                if (matches(reader, reached, below)) {
                    rewriter.removeElements();
                } else {
                    for (Token element = reader.next(); element != Token.ARRAY_END; element = reader.next()) {
                        remove(rewriter, element, below);
                    }
                }
            }
        }

        /**
         * Whether the key at which the reader is, or each element of the array at whose beginning it is, is to be removed.
         *
         * @param below is set to what is reached with its value, if not
         */
        private boolean matches(JsonReader reader, BitSet reached, BitSet below) {
            below.clear();
            boolean key = reader.token() == Token.KEY;
            for (int i = reached.nextSetBit(0); i >= 0; i = reached.nextSetBit(i + 1)) {
                String segment = segments.get(i);
                if (segment.equals(ANY_LEVELS)) {
                    reach(below, i);
                } else if (segment.equals(ANY) || key && reader.is(segment)) {
                    if (last.get(i)) {
                        return true;
                    }
                    reach(below, i + 1);
                }
            }
            return false;
        }

        /** Any number of levels may be none: the segment behind them is reached, too. */
        private void reach(BitSet set, int segment) {
            int at = segment;
            set.set(at);
            while (segments.get(at).equals(ANY_LEVELS)) {
                set.set(++at);
            }
        }
    }
}
