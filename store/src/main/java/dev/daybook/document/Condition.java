package dev.daybook.document;

/** When a document may be written. Decided on the commit thread. Immutable. */
public sealed interface Condition {

    /** Whenever. */
    static Condition none() {
        return new None();
    }

    /** Only if this is its newest version, deletes counted; 0 for one that never was. */
    static Condition ifVersion(long version) {
        return new Version(version);
    }

    /** Only if it has no value. */
    static Condition ifAbsent() {
        return new Absent();
    }

    /** Only if it has a value. */
    static Condition ifPresent() {
        return new Present();
    }

    record None() implements Condition {}

    record Version(long version) implements Condition {
        public Version {
            if (version < 0) {
                throw new IllegalArgumentException("a version is 0 or more, not " + version);
            }
        }
    }

    record Absent() implements Condition {}

    record Present() implements Condition {}
}
