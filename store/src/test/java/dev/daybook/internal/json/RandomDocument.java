package dev.daybook.internal.json;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;

/** One random JSON document, valid unless {@code careless}, with what its author knows about it. */
final class RandomDocument {
    /** Where one value, of any level, starts and ends. */
    record Span(int start, int end) {}

    private static final String[] PIECES = {
        "a",
        "b",
        "\\u0061",
        "\\u0062",
        "text of some length ",
        "\u00e9",
        "\u4e16\u754c",
        "\ud83d\ude00",
        "\\ud83d\\ude00",
        "\\n",
        "\\\\",
        "\\\"",
        "\\/",
        "\\b\\f\\r\\t",
        "\\u0000",
        "\\uFFFF",
        "\\u2028",
        "\u2028",
        "\u007f",
        "{",
        "}",
        "[",
        "]",
        ",",
        ":",
        "'",
        "\u07ff",
        "\u0800",
        "\ud7ff",
        "\ue000",
        "\uffff",
        "\ud800\udc00",
        "\udbff\udfff",
        "\ufeff"
    };
    private static final String[] CARELESS_PIECES = {"\\ud800", "\\udc00x", "\n", "\\x", "\\u12", "\u0000"};
    private static final String[] NUMBERS = {
        "0", "-0", "1", "-1", "12345678901234567890", "0.5", "-0.0", "1e5", "1E+05", "2.50e-10", "9".repeat(1_000)
    };
    private static final String[] CARELESS_NUMBERS = {
        "01", "-", "1.", ".5", "+1", "1e", "1e+", "0x1", "NaN", "-Infinity", "9".repeat(1_001), "1." + "0".repeat(999)
    };

    private final Random random;
    private final boolean careless;
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final List<Span> spans = new ArrayList<>();
    private boolean lineBreak;

    private RandomDocument(Random random, boolean careless) {
        this.random = random;
        this.careless = careless;
        space();
        value(random.nextInt(6));
        space();
    }

    static RandomDocument valid(Random random) {
        return new RandomDocument(random, false);
    }

    /** Mostly valid, now and then with a mistake that a program could make. */
    static RandomDocument careless(Random random) {
        return new RandomDocument(random, true);
    }

    byte[] bytes() {
        return out.toByteArray();
    }

    List<Span> spans() {
        return spans;
    }

    boolean lineBreak() {
        return lineBreak;
    }

    private void value(int levels) {
        int start = out.size();
        switch (levels > 0 ? random.nextInt(8) : random.nextInt(4)) {
            case 0 -> put(mistake() ? pick(CARELESS_NUMBERS) : pick(NUMBERS));
            case 1 -> put(mistake() ? pick("True", "nul", "undefined") : pick("true", "false", "null"));
            case 2, 3 -> string();
            case 4, 5 -> array(levels);
            default -> object(levels);
        }
        spans.add(new Span(start, out.size()));
    }

    private void array(int levels) {
        put("[");
        space();
        int size = random.nextInt(5);
        for (int i = 0; i < size; i++) {
            separate(i);
            value(levels - 1);
            space();
        }
        put(mistake() ? pick(",]", "}") : "]");
    }

    private void object(int levels) {
        Set<String> names = new HashSet<>();
        put("{");
        space();
        int size = random.nextInt(20) == 0 ? 40 : random.nextInt(6);
        for (int i = 0; i < size; i++) {
            separate(i);
            String literal = literal(size > 10 ? 6 : 3);
            while (!names.add(meaning(literal)) && !mistake()) {
                literal = literal(8);
            }
            put(literal);
            space();
            put(mistake() ? ";" : ":");
            space();
            value(size > 10 ? 0 : levels - 1);
            space();
        }
        put(mistake() ? pick(",}", "]") : "}");
    }

    private void separate(int index) {
        if (index > 0) {
            put(mistake() ? ",," : ",");
            space();
        }
    }

    private void string() {
        put(literal(random.nextInt(10) == 0 ? 40 : 4));
    }

    private String literal(int piecesMax) {
        StringBuilder text = new StringBuilder("\"");
        for (int i = random.nextInt(piecesMax + 1); i > 0; i--) {
            text.append(mistake() ? pick(CARELESS_PIECES) : pick(PIECES));
        }
        return text.append('"').toString();
    }

    /** Distinct for distinct keys. Tells apart more spellings only where none of our pieces has a second one. */
    private static String meaning(String literal) {
        return literal.replace("\\u0061", "a")
                .replace("\\u0062", "b")
                .replace("\\ud83d\\ude00", "\ud83d\ude00")
                .replace("\\u2028", "\u2028")
                .replace("\\uFFFF", "\uffff");
    }

    private void space() {
        while (random.nextInt(5) == 0) {
            String space = pick(" ", "  ", "\t", "\n", "\r", "\r\n");
            lineBreak |= space.indexOf('\n') >= 0 || space.indexOf('\r') >= 0;
            put(space);
        }
    }

    private boolean mistake() {
        return careless && random.nextInt(60) == 0;
    }

    private String pick(String... choices) {
        return choices[random.nextInt(choices.length)];
    }

    private void put(String text) {
        out.writeBytes(text.getBytes(StandardCharsets.UTF_8));
    }
}
