package dev.daybook.document;

import java.time.Instant;

/**
 * A value of a document.
 *
 * @param key its key
 * @param version the number of the write that made it, from 1
 * @param data the value as JSON
 * @param pos where that write is in the journal
 * @param time when it was written
 */
public record Document(String key, long version, String data, long pos, Instant time) {}
