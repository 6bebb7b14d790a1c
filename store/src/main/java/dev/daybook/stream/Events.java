package dev.daybook.stream;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.StreamSupport;

/**
 * Events to iterate over. What is iterated was acknowledged when the read began; the iterator reads as it goes and throws
 * {@link dev.daybook.CorruptJournalException} at a damaged line instead of skipping it. Holds nothing that must be closed.
 */
@FunctionalInterface
public interface Events extends Iterable<Event> {

    /** All of them, on the heap. */
    default List<Event> toList() {
        List<Event> all = new ArrayList<>();
        forEach(all::add);
        return all;
    }

    /** The same as a sequential stream, read as it is consumed. */
    default java.util.stream.Stream<Event> stream() {
        return StreamSupport.stream(spliterator(), false);
    }
}
