package dev.daybook.stream;

/** How a payload stands in its line. */
public enum PayloadForm {
    /** As {@code data}: any JSON value. */
    JSON,
    /** As {@code text}. */
    TEXT,
    /** As {@code base64}. */
    BINARY
}
