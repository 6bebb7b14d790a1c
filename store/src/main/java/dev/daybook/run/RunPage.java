package dev.daybook.run;

import java.util.List;
import java.util.Optional;

/**
 * A page of a list of runs or attempts, newest first.
 *
 * @param items what was found
 * @param next cursor of the next page, for {@link RunFilter#after}; empty at the end. What comes meanwhile moves nothing
 * @param position how far the view was that answered
 */
public record RunPage<T>(List<T> items, Optional<String> next, long position) {
    public RunPage {
        items = List.copyOf(items);
    }
}
