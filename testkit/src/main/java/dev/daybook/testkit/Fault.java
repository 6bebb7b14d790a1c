package dev.daybook.testkit;

import java.io.IOException;
import java.nio.file.FileSystemException;
import java.util.function.Predicate;

/**
 * Something that goes wrong on a {@link SimulatedDisk}: of the operations that match, those from the {@code first} on (from 1),
 * {@code count} times.
 *
 * @param effect what goes wrong
 * @param first number of the first matching operation that is hit, from 1
 * @param count how many are hit; {@link Long#MAX_VALUE} for all that follow
 * @param where which operations are counted
 */
public record Fault(Effect effect, long first, long count, Predicate<Operation> where) {

    /** What goes wrong. */
    public enum Effect {
        /** "Input/output error". A failed sync drops what was pending: reads still see it, a power cut takes it. */
        IO_ERROR("Input/output error"),
        /** "No space left on device". A write may have written a part. */
        NO_SPACE("No space left on device"),
        /** "Too many open files". */
        NO_DESCRIPTORS("Too many open files"),
        /** "Read-only file system". */
        READ_ONLY("Read-only file system"),
        /** A part of the bytes is written, then "Input/output error". */
        SHORT_WRITE("Input/output error"),
        /** Says yes; reads see the bytes until the power goes, which takes them. */
        LYING_WRITE(""),
        /** Says yes and makes nothing durable. */
        LYING_SYNC("");

        private final String message;

        Effect(String message) {
            this.message = message;
        }

        /** The exception as the JDK would throw it. */
        IOException exception(Operation operation) {
            return operation.kind().needsDescriptor()
                    ? new FileSystemException(operation.path().toString(), null, message)
                    : new IOException(message);
        }
    }

    public Fault {
        if (first < 1 || count < 1) {
            throw new IllegalArgumentException("operations are counted from 1");
        }
    }

    /** Hits one operation. */
    public static Fault once(Effect effect, long first, Predicate<Operation> where) {
        return new Fault(effect, first, 1, where);
    }

    /** Hits every operation from this one on. */
    public static Fault from(Effect effect, long first, Predicate<Operation> where) {
        return new Fault(effect, first, Long.MAX_VALUE, where);
    }
}
