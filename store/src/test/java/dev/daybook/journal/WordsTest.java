package dev.daybook.journal;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Random;
import org.junit.jupiter.api.Test;

class WordsTest {
    private final Random random = new Random(11);

    @Test
    void hexadecimalDigitsAreThoseOfTheJavaPlatform() {
        byte[] digits = new byte[8];
        for (int i = 0; i < 100_000; i++) {
            int value = i < 1_000 ? i : random.nextInt();
            Words.put(digits, 0, Words.hex(value));
            assertThat(new String(digits, StandardCharsets.US_ASCII)).isEqualTo(String.format("%08x", value));
        }
    }

    @Test
    void lineFeedIsFoundWhereverItStands() {
        for (int length = 0; length < 100; length++) {
            byte[] bytes = new byte[length + 8];
            for (int feed = 0; feed <= length; feed++) {
                for (int i = 0; i < bytes.length; i++) {
                    do {
                        bytes[i] = (byte) random.nextInt();
                    } while (bytes[i] == '\n');
                }
                if (feed < length) {
                    bytes[feed] = '\n';
                    bytes[feed + random.nextInt(length - feed)] = '\n'; // often a second one behind it
                }
                bytes[length] = '\n'; // behind the end
                int expected = feed < length ? feed : -1;
                assertThat(LineScanner.lineEnd(bytes, 0, length)).isEqualTo(expected);
                assertThat(Window.lineEnd(ByteBuffer.wrap(bytes), 0, length)).isEqualTo(expected);
            }
        }
    }
}
