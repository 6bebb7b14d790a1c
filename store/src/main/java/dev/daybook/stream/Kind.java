package dev.daybook.stream;

import java.util.Locale;

/** What may write to a stream; fixed at creation (I11). */
public enum Kind {
    /** The stream API. */
    STREAM,
    RUN,
    DOCUMENT,
    LOG,
    /** The store itself. */
    SYSTEM;

    private final String text = name().toLowerCase(Locale.ROOT);

    /** As it stands in the journal. */
    public String text() {
        return text;
    }
}
