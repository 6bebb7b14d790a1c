package dev.daybook;

import java.util.List;

/**
 * What {@link Daybook#verify} checked.
 *
 * @param segments segments read
 * @param lines lines whose checksum was computed
 * @param events events among them
 * @param streams streams whose numbering was followed
 * @param bytes bytes read
 * @param views the views that have files
 * @param problems what is wrong; empty when all is well
 */
public record VerifyReport(
        int segments,
        long lines,
        long events,
        long streams,
        long bytes,
        List<ViewCheck> views,
        List<Problem> problems) {

    /**
     * A view against what a rebuild makes of the journal.
     *
     * @param name the view
     * @param compared false when it was not compared, since its fold is not known here, or its file cannot be used
     * @param position the position up to which it was compared
     * @param rows rows in all its tables; of full text, words
     * @param differing rows that only one of them has, or with another value
     */
    public record ViewCheck(String name, boolean compared, long position, long rows, long differing) {}

    /**
     * One thing that is wrong.
     *
     * @param file where
     * @param byteOffset at which byte of it; -1 when it is about the whole file
     * @param firstPosition first position affected, 0 when unknown
     * @param lastPosition last position affected, 0 when unknown
     * @param what what is wrong
     * @param advice what to do
     * @param heals true when the next opening for writing makes it good by itself (derived files)
     */
    public record Problem(
            String file,
            long byteOffset,
            long firstPosition,
            long lastPosition,
            String what,
            String advice,
            boolean heals) {}

    public boolean clean() {
        return problems.isEmpty();
    }
}
