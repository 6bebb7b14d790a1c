package dev.daybook.document;

import java.time.Instant;

/**
 * A document in a list, without its value.
 *
 * @param key its key
 * @param version its newest version
 * @param bytes payload bytes of all its versions
 * @param changed when it was written last
 */
public record DocumentEntry(String key, long version, long bytes, Instant changed) {}
