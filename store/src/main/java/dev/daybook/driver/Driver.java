package dev.daybook.driver;

import java.io.IOException;
import java.time.Duration;

/**
 * A place where a journal can live. Above this seam nothing knows about files.
 *
 * <p>A driver keeps <em>segments</em>: runs of bytes that grow at the end and are then sealed. It does not know what is in them. It
 * also keeps small things that can be lost at any time (<em>derived</em> data and the watermark). Implementations are thread-safe
 * unless a method says otherwise.
 */
public interface Driver {

    /** Short name, such as {@code filesystem}. */
    String name();

    /** Version of the driver's own layout. */
    int version();

    /** The most bytes that one append may have, and become durable all or nothing with the journal's help. */
    int appendBytesMax();

    /** Where this store is, for messages. */
    String location();

    /**
     * Opens the place for writing, making it where it does not exist.
     *
     * @param lockTimeout how long to wait for another writer to go away; zero means not at all
     * @throws dev.daybook.StoreLockedException when another process still has it
     */
    Storage openForWriting(Duration lockTimeout) throws IOException;

    /** Opens the place for reading only, whether somebody writes it or not. Nothing is changed or made. */
    Storage openForReading() throws IOException;

    /** Removes everything the driver keeps here. Durable on return. Idempotent. */
    void destroy(Duration lockTimeout) throws IOException;
}
