package dev.daybook.stream;

/** What a subscription delivers: an event, or the word that some are gone. */
public sealed interface Item permits Event, Gap {

    /** Position of the event, or of the record that made the gap known. */
    long pos();
}
