package dev.daybook.run;

import java.util.List;

/** The messages of a run. Thread-safe. Each call reads what is acknowledged then, the whole stream of the run. */
public interface RunThread {

    /** A message that opens a thread: not counted as a round, in the chain like any other. */
    String START_ROLE = "__start__";

    /** The messages that count for going on, oldest first: all of them, however old, but those that were set aside. */
    List<Message> chain();

    /** How many rounds there are. */
    long count();

    /**
     * Rounds with a lower number, newest first. {@code rounds(Long.MAX_VALUE, 20)} is the newest page; its last element's {@link Message#round()} is the next
     * {@code before}.
     *
     * @param before exclusive, at least 1
     * @param limit 1 to 10,000
     * @throws IllegalArgumentException when one is out of range
     */
    List<Message> rounds(long before, int limit);

    /** Like {@link #rounds(long, int)}, only those of this role; they keep their numbers. */
    List<Message> rounds(String role, long before, int limit);
}
