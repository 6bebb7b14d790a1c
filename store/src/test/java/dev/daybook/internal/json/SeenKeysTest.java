package dev.daybook.internal.json;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.util.function.IntFunction;
import org.junit.jupiter.api.Test;

/** Objects of many keys: duplicates are found across the table's growth, and the work grows with the keys only. */
final class SeenKeysTest {
    private final JsonScanner scanner = new JsonScanner();

    @Test
    void duplicateIsFoundAtEverySizeOfAnObject() {
        for (int size = 1; size <= 300; size++) {
            String object = object(size, i -> "k" + i);
            assertAccepted(object);
            for (int again : new int[] {0, size / 2, size - 1}) {
                assertDuplicate(object.substring(0, object.length() - 1) + ",\"k" + again + "\":0}", "k" + again);
                assertDuplicate(object.substring(0, object.length() - 1) + ",\"\\u006b" + again + "\":0}", "k" + again);
            }
        }
    }

    @Test
    void largeObjectKeepsItsKeysWhileAnInnerOneComesAndGoes() {
        for (int outer : new int[] {1, 15, 16, 17, 18, 60, 70, 2_000}) {
            for (int inner : new int[] {0, 1, 16, 17, 60, 2_000}) {
                String open = object(outer, i -> "k" + i);
                String line = open.substring(0, open.length() - 1) + ",\"x\":" + object(inner, i -> "k" + i);
                assertAccepted(line + ",\"y\":" + object(inner, i -> "k" + i) + "}");
                assertDuplicate(line + ",\"k" + (outer - 1) + "\":0}", "k" + (outer - 1));
                assertDuplicate(line + ",\"k0\":0}", "k0");
                assertDuplicate(line + ",\"x\":0}", "x");
            }
        }
    }

    @Test
    void hundredThousandKeysCostLinearTime() {
        assertLinear(100_000, i -> "key" + i);
    }

    /** Families whose members differ where a weak hash does not look: the last bits, the first, equal sums, zeros. */
    @Test
    void keysMadeToCollideCostLinearTime() {
        int count = 50_000;
        assertLinear(count, i -> Integer.toString(i, 2));
        assertLinear(count, i -> "%07x".formatted(i << 9));
        assertLinear(count, i -> "%016x".formatted((long) i << 40));
        assertLinear(
                count, i -> "Aa".repeat(20) + (char) (0x100 + (i & 63)) + (char) (0x100 + ((i >> 6) & 63)) + (i >> 12));
        assertLinear(2_000, "\\u0000"::repeat);
        assertLinear(1 << 15, i -> {
            StringBuilder key = new StringBuilder();
            for (int bit = 0; bit < 15; bit++) {
                key.append(((i >> bit) & 1) == 0 ? "Aa" : "BB");
            }
            return key.toString();
        });
    }

    /** The planted bug: with a point that is known, keys can be made that all meet, and the count shows it. */
    @Test
    void hashWithAKnownPointIsNoticed() {
        assertThat(comparisonsOfPermutedKeys(new SeenKeys(1))).isGreaterThan(1_000_000);
        assertThat(comparisonsOfPermutedKeys(new SeenKeys())).isLessThan(3 * 4_096);
    }

    @Test
    void tenMebibytesOfKeysAreCheckedInSeconds() {
        StringBuilder text = new StringBuilder("{");
        for (int i = 0; text.length() < 10 * 1024 * 1024; i++) {
            text.append('"').append(Integer.toString(i, 36)).append("\":0,");
        }
        byte[] bytes = text.append("\"\":0}").toString().getBytes(StandardCharsets.US_ASCII);
        long start = System.nanoTime();
        scanner.check(bytes, 0, bytes.length);
        assertThat(System.nanoTime() - start).isLessThan(10_000_000_000L);
    }

    /** Adds 4,096 keys of equal chunks in different order: at point 1, where a polynomial is a sum, all are equal. */
    private static long comparisonsOfPermutedKeys(SeenKeys keys) {
        int object = keys.open();
        byte[] line = new byte[4_096 * 12 * 14];
        for (int key = 0; key < 4_096; key++) {
            StringBuilder text = new StringBuilder();
            for (int bit = 0; bit < 12; bit++) {
                text.append(((key >> bit) & 1) == 0 ? "1234567abcdefg" : "abcdefg1234567");
            }
            byte[] bytes = text.toString().getBytes(StandardCharsets.US_ASCII);
            System.arraycopy(bytes, 0, line, key * bytes.length, bytes.length);
            assertThat(keys.add(line, key * bytes.length, (key + 1) * bytes.length, object))
                    .isTrue();
        }
        return keys.comparisons();
    }

    private void assertLinear(int count, IntFunction<String> name) {
        assertAccepted(object(count, name));
        assertThat(scanner.keyComparisons()).isLessThan(3L * count);
    }

    private void assertAccepted(String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        assertThat(scanner.check(bytes, 0, bytes.length)).isFalse();
    }

    private void assertDuplicate(String text, String key) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        assertThatThrownBy(() -> scanner.check(bytes, 0, bytes.length))
                .isInstanceOf(InvalidJsonException.class)
                .hasMessageStartingWith("duplicate key \"" + key + "\"");
    }

    private static String object(int size, IntFunction<String> name) {
        StringBuilder text = new StringBuilder("{");
        for (int i = 0; i < size; i++) {
            text.append(i > 0 ? "," : "").append('"').append(name.apply(i)).append("\":0");
        }
        return text.append('}').toString();
    }
}
