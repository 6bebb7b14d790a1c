package dev.daybook.internal.json;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.core.json.JsonFactory;

/**
 * A second opinion on what is valid: Jackson with duplicate detection, and a simple check of our own for each thing it
 * is known to let through: malformed UTF-8, a byte-order mark, UTF-16 and UTF-32, unpaired surrogate escapes, long
 * numbers, several values in a row.
 */
final class JacksonOracle {
    private static final JsonFactory FACTORY = JsonFactory.builder()
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .streamReadConstraints(StreamReadConstraints.builder()
                    .maxNestingDepth(JsonScanner.DEPTH_MAX)
                    .maxNumberLength(100_000)
                    .maxNameLength(1_000_000)
                    .build())
            .build();

    private JacksonOracle() {}

    static boolean accepts(byte[] bytes) {
        return isUtf8(bytes) && !startsWithByteOrderMark(bytes) && !hasNul(bytes) && jacksonAccepts(bytes);
    }

    private static boolean jacksonAccepts(byte[] bytes) {
        int depth = 0;
        int values = 0;
        try (JsonParser parser = FACTORY.createParser(ObjectReadContext.empty(), bytes, 0, bytes.length)) {
            for (JsonToken token = parser.nextToken(); token != null; token = parser.nextToken()) {
                boolean named = token == JsonToken.PROPERTY_NAME;
                if ((named || token == JsonToken.VALUE_STRING) && hasUnpairedSurrogate(parser.getString())) {
                    return false;
                }
                if (token.isNumeric() && parser.getString().length() > JsonScanner.NUMBER_DIGITS_MAX) {
                    return false;
                }
                depth += token.isStructStart() ? 1 : token.isStructEnd() ? -1 : 0;
                values += depth == 0 ? 1 : 0;
            }
            return values == 1;
        } catch (JacksonException refused) {
            return false;
        }
    }

    private static boolean isUtf8(byte[] bytes) {
        try {
            StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes));
            return true;
        } catch (CharacterCodingException malformed) {
            return false;
        }
    }

    private static boolean startsWithByteOrderMark(byte[] bytes) {
        return new String(bytes, StandardCharsets.UTF_8).startsWith("\ufeff");
    }

    /** No raw NUL is valid anywhere, and no UTF-16 or UTF-32 of a JSON value is without. */
    private static boolean hasNul(byte[] bytes) {
        return new String(bytes, StandardCharsets.ISO_8859_1).indexOf('\0') >= 0;
    }

    private static boolean hasUnpairedSurrogate(String text) {
        return text.codePoints().anyMatch(c -> c >= Character.MIN_SURROGATE && c <= Character.MAX_SURROGATE);
    }
}
