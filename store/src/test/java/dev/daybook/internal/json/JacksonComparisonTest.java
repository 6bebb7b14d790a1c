package dev.daybook.internal.json;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Optional;
import java.util.Random;
import java.util.function.Function;
import java.util.function.Predicate;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Random and damaged documents, judged by the scanner and by {@link JacksonOracle}. {@code -Dseed=} replays. */
final class JacksonComparisonTest {
    private static final long SEED = Long.getLong("seed", 20_261_121);
    private static final int DOCUMENTS = 20_000;
    private static final JsonScanner SCANNER = new JsonScanner();

    @Test
    void randomDocumentsAreJudgedAsByJackson() {
        assertThat(firstDisagreement(bytes -> refusal(bytes).isEmpty(), JacksonComparisonTest::randomDocument))
                .isEmpty();
    }

    @Test
    void mutatedDocumentsAreJudgedAsByJackson() {
        assertThat(firstDisagreement(bytes -> refusal(bytes).isEmpty(), JacksonComparisonTest::mutatedDocument))
                .isEmpty();
    }

    @Test
    void bothVerdictsAreCommonInTheComparison() {
        assertThat(accepted(JacksonComparisonTest::randomDocument)).isBetween(DOCUMENTS / 4, DOCUMENTS * 19 / 20);
        assertThat(accepted(JacksonComparisonTest::mutatedDocument)).isBetween(DOCUMENTS / 20, DOCUMENTS * 3 / 4);
    }

    /** The planted bugs: a scanner without one of its rules must be found out by the same comparison. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "duplicate key",
                "malformed UTF-8",
                "byte-order mark",
                "unpaired surrogate",
                "raw control character",
                "leading zero",
                "number longer",
                "nested deeper",
                "trailing comma",
                "text after the end",
                "no value",
                "string without end",
                "unknown escape",
                "\\u without",
                "comments",
                "NaN"
            })
    void missingRuleIsNoticed(String rule) {
        Predicate<byte[]> wrong =
                bytes -> refusal(bytes).map(e -> e.reason().startsWith(rule)).orElse(true);
        assertThat(firstDisagreement(wrong, JacksonComparisonTest::mutatedDocument))
                .isPresent();
    }

    @Test
    void ruleTooManyIsNoticed() {
        Predicate<byte[]> wrong =
                bytes -> refusal(bytes).isEmpty() && new String(bytes, StandardCharsets.UTF_8).indexOf('\u007f') < 0;
        assertThat(firstDisagreement(wrong, JacksonComparisonTest::mutatedDocument))
                .isPresent();
    }

    @Test
    void duplicateKeySeenOnlyBeforeUnescapingIsNoticed() {
        Predicate<byte[]> wrong = bytes -> refusal(bytes)
                .map(e -> e.reason().startsWith("duplicate") && escapedAt(bytes, e.byteOffset()))
                .orElse(true);
        assertThat(firstDisagreement(wrong, JacksonComparisonTest::mutatedDocument))
                .isPresent();
    }

    @Test
    void validDocumentsAreAcceptedAndTheirLineBreaksReported() {
        for (int i = 0; i < DOCUMENTS; i++) {
            RandomDocument document = RandomDocument.valid(new Random(SEED + i));
            byte[] bytes = document.bytes();
            assertThat(SCANNER.check(bytes, 0, bytes.length)).as(show(i, bytes)).isEqualTo(document.lineBreak());
        }
    }

    @Test
    void documentInsideALargerArrayIsJudgedAlone() {
        for (int i = 0; i < DOCUMENTS; i++) {
            byte[] bytes = mutatedDocument(new Random(SEED + i));
            byte[] inside = new byte[bytes.length + 20];
            Arrays.fill(inside, (byte) (i % 2 == 0 ? '"' : ' '));
            System.arraycopy(bytes, 0, inside, 7, bytes.length);
            assertThat(refusal(inside, 7, 7 + bytes.length).map(InvalidJsonException::getMessage))
                    .as(show(i, bytes))
                    .isEqualTo(refusal(bytes).map(InvalidJsonException::getMessage));
        }
    }

    @Test
    void everyValueIsSkippedToItsEnd() {
        for (int i = 0; i < DOCUMENTS; i++) {
            RandomDocument document = RandomDocument.valid(new Random(SEED + i));
            byte[] bytes = document.bytes();
            for (RandomDocument.Span span : document.spans()) {
                int end = JsonScanner.skipValue(bytes, span.start(), bytes.length);
                if (end != span.end()) {
                    assertThat(end)
                            .as("%s from %d", show(i, bytes), span.start())
                            .isEqualTo(span.end());
                }
            }
        }
    }

    private static Optional<String> firstDisagreement(Predicate<byte[]> validator, Function<Random, byte[]> documents) {
        for (int i = 0; i < DOCUMENTS; i++) {
            byte[] bytes = documents.apply(new Random(SEED + i));
            if (validator.test(bytes) != JacksonOracle.accepts(bytes)) {
                return Optional.of(show(i, bytes) + refusal(bytes));
            }
        }
        return Optional.empty();
    }

    private static int accepted(Function<Random, byte[]> documents) {
        int accepted = 0;
        for (int i = 0; i < DOCUMENTS; i++) {
            accepted += JacksonOracle.accepts(documents.apply(new Random(SEED + i))) ? 1 : 0;
        }
        return accepted;
    }

    private static byte[] randomDocument(Random random) {
        return RandomDocument.careless(random).bytes();
    }

    private static byte[] mutatedDocument(Random random) {
        return Mutation.mutate(RandomDocument.valid(random).bytes(), random);
    }

    private static Optional<InvalidJsonException> refusal(byte[] bytes) {
        return refusal(bytes, 0, bytes.length);
    }

    private static Optional<InvalidJsonException> refusal(byte[] bytes, int from, int to) {
        try {
            SCANNER.check(bytes, from, to);
            return Optional.empty();
        } catch (InvalidJsonException e) {
            return Optional.of(e);
        }
    }

    private static boolean escapedAt(byte[] bytes, int key) {
        return new String(bytes, key, JsonScanner.skipValue(bytes, key, bytes.length) - key, StandardCharsets.UTF_8)
                .contains("\\u");
    }

    private static String show(int index, byte[] bytes) {
        return "seed " + (SEED + index) + ": " + new String(bytes, StandardCharsets.ISO_8859_1) + " ";
    }
}
