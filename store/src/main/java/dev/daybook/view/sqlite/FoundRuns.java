package dev.daybook.view.sqlite;

import java.util.ArrayList;
import java.util.List;

/**
 * The runs that have a text, as the view {@code text} has them.
 *
 * @param numbers theirs, as a JSON array, which SQLite makes and reads: 8 bytes a run or so
 * @param position of the view
 */
record FoundRuns(String numbers, long position) {
    /** The runs in arrays of so many, so that what is found of each is bounded. */
    List<String> parts(int size) {
        List<String> parts = new ArrayList<>();
        int from = 1; // behind the bracket
        int end = numbers.length() - 1;
        while (from < end) {
            int to = from;
            for (int i = 0; i < size && to < end; i++) {
                int comma = numbers.indexOf(',', to + 1);
                to = comma < 0 ? end : comma;
            }
            parts.add("[" + numbers.substring(from, to) + "]");
            from = to + 1;
        }
        return parts;
    }
}
