package dev.daybook.testkit;

import java.nio.file.Path;

/**
 * One call on a {@link SimulatedDisk}.
 *
 * @param number its number since the disk was made, from 1
 * @param kind what is asked
 * @param path of which file or directory
 * @param offset where in the file, for reads and writes; the new size, for truncations; else 0
 * @param length how many bytes, for reads, writes and mappings; else 0
 */
public record Operation(long number, Kind kind, Path path, long offset, int length) {

    /** What can be asked of a disk. */
    public enum Kind {
        CREATE_DIRECTORY(true, false),
        CREATE(true, true),
        OPEN(false, true),
        LOCK(true, true),
        READ(false, false),
        WRITE(true, false),
        SYNC(true, false),
        TRUNCATE(true, false),
        MAP(false, false),
        LIST(false, true),
        RENAME(true, false),
        DELETE(true, false),
        SYNC_DIRECTORY(true, true);

        private final boolean mutation;
        private final boolean descriptor;

        Kind(boolean mutation, boolean descriptor) {
            this.mutation = mutation;
            this.descriptor = descriptor;
        }

        /** Whether a power cut before and after it can leave different things. */
        public boolean isMutation() {
            return mutation;
        }

        /** Whether it needs a file descriptor. */
        public boolean needsDescriptor() {
            return descriptor;
        }
    }
}
