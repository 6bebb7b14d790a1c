package dev.daybook.driver;

/**
 * Names a segment.
 *
 * @param first the first position in it
 * @param generation 0 as first written; grows when it is rewritten
 */
public record SegmentId(long first, int generation) implements Comparable<SegmentId> {
    public SegmentId {
        if (first < 1 || generation < 0) {
            throw new IllegalArgumentException("a segment begins at position 1 or later, generation 0 or later");
        }
    }

    @Override
    public int compareTo(SegmentId other) {
        int byFirst = Long.compare(first, other.first);
        return byFirst != 0 ? byFirst : Integer.compare(generation, other.generation);
    }

    /** The name as it appears in messages and, in the filesystem driver, on disk. */
    @Override
    public String toString() {
        String digits = Long.toString(first);
        return "0".repeat(20 - digits.length()) + digits + "-" + generation;
    }
}
