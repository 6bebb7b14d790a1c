package dev.daybook.internal.json;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Random;

/** Damages a document in one to three random places, by bits as well as by pieces that scanners are known to get wrong. */
final class Mutation {
    private static final String[] PIECES = {
        ",",
        ":",
        "\"",
        "\\",
        "{",
        "}",
        "[",
        "]",
        "0",
        "-",
        ".",
        "e",
        "\0",
        "\n",
        "\t",
        " ",
        "/",
        "'",
        "\u007f",
        "\\ud800",
        "\\udc00",
        "\\ud800\\udc00",
        "\\u00",
        "\\u0061",
        "{\"a\":1,\"\\u0061\":2}",
        "{\"a\":1,\"b\":2}",
        "[1,]",
        "[1]",
        "NaN",
        "00",
        "//",
        "/**/",
        "true",
        "null",
        "{}",
        "[]",
        "\"\"",
        "9".repeat(1_001),
        // Latin-1 stands for bytes here: overlong, surrogate, above U+10FFFF, byte-order mark, cut off, well-formed.
        "\u00c0\u0080",
        "\u00ed\u00a0\u0080",
        "\u00f4\u0090\u0080\u0080",
        "\u00ef\u00bb\u00bf",
        "\u00c3",
        "\u00c3\u00a9"
    };

    private Mutation() {}

    static byte[] mutate(byte[] document, Random random) {
        byte[] bytes = document;
        for (int i = random.nextInt(3); i >= 0; i--) {
            bytes = once(bytes, random);
        }
        return bytes;
    }

    private static byte[] once(byte[] bytes, Random random) {
        int at = random.nextInt(bytes.length + 1);
        int to = Math.min(bytes.length, at + 1 + random.nextInt(8));
        byte[] piece = latin1(PIECES[random.nextInt(PIECES.length)]);
        switch (random.nextInt(12)) {
            case 0 -> {
                return replace(bytes, at, to, new byte[0]);
            }
            case 1 -> {
                return replace(bytes, at, at, Arrays.copyOfRange(bytes, at, to));
            }
            case 2 -> {
                return Arrays.copyOf(bytes, at);
            }
            case 3 -> {
                return replace(bytes, at, Math.min(bytes.length, at + 1), new byte[] {(byte) random.nextInt(256)});
            }
            case 4 -> {
                int levels = 110 + random.nextInt(30);
                return latin1("[".repeat(levels) + new String(bytes, StandardCharsets.ISO_8859_1) + "]".repeat(levels));
            }
            case 5 -> {
                return replace(bytes, 0, 0, piece);
            }
            case 6 -> {
                return replace(bytes, bytes.length, bytes.length, piece);
            }
            case 7 -> {
                return replace(bytes, at, to, piece);
            }
            case 8 -> {
                byte[] copy = bytes.clone();
                if (at < copy.length) {
                    copy[at] ^= (byte) (1 << random.nextInt(8));
                }
                return copy;
            }
            default -> {
                return replace(bytes, at, at, piece);
            }
        }
    }

    private static byte[] replace(byte[] bytes, int from, int to, byte[] piece) {
        byte[] result = new byte[bytes.length - (to - from) + piece.length];
        System.arraycopy(bytes, 0, result, 0, from);
        System.arraycopy(piece, 0, result, from, piece.length);
        System.arraycopy(bytes, to, result, from + piece.length, bytes.length - to);
        return result;
    }

    private static byte[] latin1(String text) {
        return text.getBytes(StandardCharsets.ISO_8859_1);
    }
}
