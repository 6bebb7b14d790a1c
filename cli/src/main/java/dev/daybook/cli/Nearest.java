package dev.daybook.cli;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;

/** The words that a mistyped one may have meant. */
final class Nearest {
    private Nearest() {}

    /** Those with the fewest typing mistakes between them and the word; none if it takes more than a third of its letters. */
    static List<String> of(String word, Collection<String> candidates) {
        List<String> nearest = new ArrayList<>();
        int least = Math.max(1, (word.length() + 1) / 3);
        for (String candidate : candidates) {
            int distance = distance(word, candidate);
            if (distance < least) {
                nearest.clear();
            }
            if (distance <= least) {
                least = distance;
                nearest.add(candidate);
            }
        }
        return nearest;
    }

    /** Letters to insert, drop, change or swap. */
    static int distance(String a, String b) {
        int[][] steps = new int[a.length() + 1][b.length() + 1];
        for (int i = 0; i <= a.length(); i++) {
            for (int j = 0; j <= b.length(); j++) {
                if (i == 0 || j == 0) {
                    steps[i][j] = i + j;
                    continue;
                }
                int change = a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1;
                int best = Math.min(steps[i - 1][j - 1] + change, Math.min(steps[i - 1][j], steps[i][j - 1]) + 1);
                boolean swapped =
                        i > 1 && j > 1 && a.charAt(i - 1) == b.charAt(j - 2) && a.charAt(i - 2) == b.charAt(j - 1);
                steps[i][j] = swapped ? Math.min(best, steps[i - 2][j - 2] + 1) : best;
            }
        }
        return steps[a.length()][b.length()];
    }
}
