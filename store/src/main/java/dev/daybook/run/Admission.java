package dev.daybook.run;

/**
 * How many runs of a workflow may be started at once in this store, and what happens to more. Decided on the commit thread.
 *
 * @param limit at least 1
 * @param overflow what happens beyond it
 * @param queueMax for {@link Overflow#QUEUE}: how many may wait; beyond it the oldest waiting run is dropped
 */
public record Admission(int limit, Overflow overflow, int queueMax) {

    /** No limit; what a workflow has until it is told otherwise. */
    public static final Admission UNLIMITED = new Admission(Integer.MAX_VALUE, Overflow.WAIT, Integer.MAX_VALUE);

    public Admission {
        if (limit < 1 || queueMax < 1) {
            throw new IllegalArgumentException("limit and queueMax must be 1 or more");
        }
    }

    /** What happens to a run for which there is no slot. */
    public enum Overflow {
        /** It becomes dropped. */
        DROP,
        /** It becomes queued, and the oldest queued run is dropped when there are too many. */
        QUEUE,
        /** Whoever starts it waits. */
        WAIT
    }

    public static Admission drop(int limit) {
        return new Admission(limit, Overflow.DROP, Integer.MAX_VALUE);
    }

    public static Admission queue(int limit, int queueMax) {
        return new Admission(limit, Overflow.QUEUE, queueMax);
    }

    public static Admission waiting(int limit) {
        return new Admission(limit, Overflow.WAIT, Integer.MAX_VALUE);
    }
}
