package dev.daybook.internal.log;

import dev.daybook.log.LogQuery;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Finds rows of the log by more than their id. */
public interface LogIndex {

    /**
     * Where rows are.
     *
     * @param places in the order of the query; one more than its limit when there are more
     * @param position how far the index was
     */
    record Found(List<Place> places, long position) {}

    /**
     * Ids between which all rows of a range of time are.
     *
     * @param first not more than the first
     * @param last not less than the last; 0 when there are none
     * @param position how far the index was
     */
    record Range(long first, long last, long position) {
        public static final Range ALL = new Range(1, Long.MAX_VALUE, Long.MAX_VALUE);
    }

    /**
     * Rows that may fit a query with a text: the words are in them, and what else is asked is likely.
     *
     * @param ids in the order of the query
     * @param complete whether there are no more
     * @param position how far the index was
     */
    record Hits(List<Long> ids, boolean complete, long position) {}

    /** The time of a row in microseconds, and its id: the order of the log. */
    record Place(long micros, long id) {}

    /** @param after the place behind which the page begins, or null */
    Found find(LogQuery query, @Nullable Place after);

    /** Where to look for a text: the others, whose times the index of words does not know, need not be read. */
    Range range(LogQuery query);

    /**
     * Looks for the text of a query.
     *
     * @param range of this query
     * @param after the id behind which to go on; null from the beginning
     * @param count at most so many
     */
    Hits search(LogQuery query, Range range, @Nullable Long after, int count);
}
