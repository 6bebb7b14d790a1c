package dev.daybook.internal.log;

import dev.daybook.log.LogQuery;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Finds rows of the log by more than their id. */
@FunctionalInterface
public interface LogIndex {

    /**
     * Where rows are.
     *
     * @param places in the order of the query; one more than its limit when there are more
     * @param position how far the index was
     */
    record Found(List<Place> places, long position) {}

    /** The time of a row in microseconds, and its id: the order of the log. */
    record Place(long micros, long id) {}

    /** @param after the place behind which the page begins, or null */
    Found find(LogQuery query, @Nullable Place after);
}
