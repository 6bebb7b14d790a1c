package dev.daybook.testkit;

import java.text.Normalizer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.SplittableRandom;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Full-text search in plain Java, over payloads and words that are made up here. */
final class PlainSearch {
    private static final String[] VOCABULARY = {
        "apple", "Apples", "crème", "brûlée", "CREME", "日本語", "42", "NOT", "a-b", "b", "x:y", "straße", "Ünder"
    };
    private static final Pattern STRING = Pattern.compile("\"([^\"]*)\"(:?)");
    private static final Pattern ASKED = Pattern.compile("\"([^\"]*)\"|(\\S+)");

    private PlainSearch() {}

    private static String some(SplittableRandom random, String separator) {
        List<String> words = new ArrayList<>();
        for (int n = random.nextInt(5); n >= 0; n--) {
            words.add(VOCABULARY[random.nextInt(VOCABULARY.length)]);
        }
        return String.join(separator, words);
    }

    /** A JSON value without escapes in it. */
    static String payload(SplittableRandom random, int number) {
        return switch (random.nextInt(4)) {
            case 0 -> String.valueOf(number);
            case 1 -> "\"" + some(random, ", ") + "\"";
            case 2 ->
                "{\"apple\":[\"" + some(random, " ") + "\"," + number + ",true],\"42\":\"" + some(random, "...")
                        + "\"}";
            default -> "[[\"" + some(random, "\",\"") + "\"],null]";
        };
    }

    /** What somebody might ask. */
    static String words(SplittableRandom random) {
        return switch (random.nextInt(4)) {
            case 0 -> "\"" + some(random, " ") + "\"";
            case 1 -> VOCABULARY[random.nextInt(VOCABULARY.length)].substring(0, 1) + "*";
            case 2 ->
                "\"" + VOCABULARY[random.nextInt(VOCABULARY.length)] + "\" "
                        + VOCABULARY[random.nextInt(VOCABULARY.length)] + "*";
            default -> VOCABULARY[random.nextInt(VOCABULARY.length)];
        };
    }

    static boolean fits(String asked, String payload) {
        List<String> text = new ArrayList<>();
        for (Matcher strings = STRING.matcher(payload); strings.find(); ) {
            if (strings.group(2).isEmpty()) { // else it is a key
                text.addAll(tokens(strings.group(1)));
            }
        }
        for (Matcher words = ASKED.matcher(asked); words.find(); ) {
            boolean quoted = words.group(1) != null;
            String word = quoted ? words.group(1) : words.group(2);
            boolean beginning = !quoted && word.endsWith("*");
            if (!has(text, tokens(word), beginning)) {
                return false;
            }
        }
        return true;
    }

    /** Whether these words stand side by side; of the last one perhaps only its beginning is given. */
    private static boolean has(List<String> text, List<String> wanted, boolean beginning) {
        int last = wanted.size() - 1;
        for (int at = 0; at + last < text.size(); at++) {
            String end = text.get(at + last);
            if (text.subList(at, at + last).equals(wanted.subList(0, last))
                    && (beginning ? end.startsWith(wanted.get(last)) : end.equals(wanted.get(last)))) {
                return true;
            }
        }
        return false;
    }

    private static List<String> tokens(String text) {
        String plain = Normalizer.normalize(text, Normalizer.Form.NFD)
                .replaceAll("\\p{Mn}", "")
                .toLowerCase(Locale.ROOT);
        return Arrays.stream(plain.split("[^\\p{L}\\p{N}]+"))
                .filter(token -> !token.isEmpty())
                .toList();
    }
}
