package dev.daybook.internal.json;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CoderResult;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Every boundary of the one to four byte forms, against the strict decoder of {@code java.nio}. */
final class Utf8Test {
    private static final String FIRST = "00 22 5C 7F 80 BF C0 C1 C2 DF E0 E1 EC ED EE EF F0 F1 F3 F4 F5 F7 F8 FB FC FF";
    private static final String SECOND = "00 7F 80 8F 90 9F A0 BF C0 FF";
    private static final String[] REST = {"", "80", "BF", "7F", "8080", "BFBF", "807F", "80C0", "808080"};
    private static final HexFormat HEX = HexFormat.of();

    @Test
    void boundaryTableIsJudgedAsByJavaNio() {
        List<byte[]> cases = cases();
        assertThat(cases).hasSizeGreaterThan(1_000);
        for (byte[] sequence : cases) {
            for (int padding = 0; padding <= 9; padding++) {
                byte[] bytes = pad(sequence, padding, 0);
                assertThat(JsonScanner.invalidUtf8(bytes, 0, bytes.length))
                        .as("%s after %d", HEX.formatHex(sequence), padding)
                        .isEqualTo(firstMalformed(bytes));
                byte[] followed = pad(sequence, padding, 9);
                assertThat(JsonScanner.invalidUtf8(followed, 0, followed.length))
                        .as("%s between", HEX.formatHex(sequence))
                        .isEqualTo(firstMalformed(followed));
            }
        }
    }

    @Test
    void boundaryTableIsJudgedTheSameInsideAString() {
        for (byte[] sequence : cases()) {
            byte[] bytes = pad(sequence, 5, 3);
            boolean plain = IntStream.range(0, sequence.length)
                    .noneMatch(i -> sequence[i] == 0 || sequence[i] == '"' || sequence[i] == '\\');
            if (plain) {
                bytes[0] = '"';
                bytes[bytes.length - 1] = '"';
                InvalidJsonException refusal = catchThrowableOfType(
                        InvalidJsonException.class, () -> new JsonScanner().check(bytes, 0, bytes.length));
                assertThat(refusal == null ? -1 : refusal.byteOffset())
                        .as(HEX.formatHex(sequence))
                        .isEqualTo(firstMalformed(bytes));
            }
        }
    }

    @Test
    void everyCodePointIsValid() {
        int[] all = IntStream.rangeClosed(0, Character.MAX_CODE_POINT)
                .filter(c -> c < Character.MIN_SURROGATE || c > Character.MAX_SURROGATE)
                .toArray();
        byte[] bytes = new String(all, 0, all.length).getBytes(StandardCharsets.UTF_8);
        assertThat(JsonScanner.invalidUtf8(bytes, 0, bytes.length)).isEqualTo(-1);
    }

    @Test
    void sequenceCutOffByTheRangeIsRefusedThoughTheArrayGoesOn() {
        byte[] bytes = "abc\ud83d\ude00".getBytes(StandardCharsets.UTF_8);
        assertThat(JsonScanner.invalidUtf8(bytes, 0, 7)).isEqualTo(-1);
        assertThat(JsonScanner.invalidUtf8(bytes, 0, 6)).isEqualTo(3);
        assertThat(JsonScanner.invalidUtf8(bytes, 1, 4)).isEqualTo(3);
        assertThat(JsonScanner.invalidUtf8(bytes, 4, 7)).isEqualTo(4);
    }

    private static List<byte[]> cases() {
        List<byte[]> cases = new ArrayList<>();
        for (String first : FIRST.split(" ", -1)) {
            cases.add(HEX.parseHex(first));
            for (String second : SECOND.split(" ", -1)) {
                for (String rest : REST) {
                    cases.add(HEX.parseHex(first + second + rest));
                }
            }
        }
        return cases;
    }

    private static byte[] pad(byte[] sequence, int before, int after) {
        byte[] bytes = new byte[before + sequence.length + after];
        Arrays.fill(bytes, (byte) 'x');
        System.arraycopy(sequence, 0, bytes, before, sequence.length);
        return bytes;
    }

    private static int firstMalformed(byte[] bytes) {
        CharsetDecoder decoder = StandardCharsets.UTF_8.newDecoder();
        ByteBuffer in = ByteBuffer.wrap(bytes);
        CoderResult result = decoder.decode(in, CharBuffer.allocate(bytes.length), true);
        return result.isError() ? in.position() : -1;
    }
}
