package dev.daybook.stream;

import java.util.Locale;

/** What may write to a stream; fixed at creation (I11). */
public enum Kind {
    /** The stream API. */
    STREAM(0),
    RUN(1),
    DOCUMENT(2),
    LOG(3),
    /** The store itself. */
    SYSTEM(4);

    private final int code;

    Kind(int code) {
        this.code = code;
    }

    /** For the store: as it stands in derived files. */
    public int code() {
        return code;
    }

    /** For the store: the kind of a code. */
    public static Kind of(int code) {
        for (Kind kind : values()) {
            if (kind.code == code) {
                return kind;
            }
        }
        throw new IllegalArgumentException("no kind has the code " + code);
    }

    private final String text = name().toLowerCase(Locale.ROOT);

    /** As it stands in the journal. */
    public String text() {
        return text;
    }
}
