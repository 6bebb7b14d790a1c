package dev.daybook;

import dev.daybook.stream.Kind;

/**
 * Sees the payloads of runs, logs and documents before they are encoded, on the caller's thread, and says what is stored instead. What it takes out never reaches the
 * journal, nor a view. What it throws comes out of the append; nothing is written then.
 *
 * <p>Names, ids, tags and types are no payload: no secrets there. {@link Redactions} has the usual ones.
 */
@FunctionalInterface
public interface Redaction {

    /**
     * What is stored.
     *
     * @param kind what the payload is of
     * @param stream the stream's name
     * @param type the event's type
     * @param json the payload, one valid JSON value
     * @return one valid JSON value; the same object when nothing is to be changed
     */
    String apply(Kind kind, String stream, String type, String json);

    /** Nothing is changed. */
    static Redaction none() {
        return (kind, stream, type, json) -> json;
    }

    /** This one first, then another. */
    default Redaction then(Redaction next) {
        return (kind, stream, type, json) -> next.apply(kind, stream, type, apply(kind, stream, type, json));
    }
}
