package dev.daybook;

/** Told how far a long operation is, from the thread that does it. */
@FunctionalInterface
public interface Progress {
    Progress NONE = (done, total) -> {};

    /** @param total what {@code done} will be in the end; 0 when that is not known */
    void at(long done, long total);
}
