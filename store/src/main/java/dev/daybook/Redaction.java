package dev.daybook;

import dev.daybook.stream.Kind;

/**
 * Sees the payloads of runs, logs and documents before they are encoded, on the caller's thread, and says what is stored instead. What it takes out never reaches the
 * journal, nor a view. Set with {@link DaybookOptions#withRedaction}; thread-safe. When it throws, or what it returns cannot be stored, the append is refused with an
 * {@link InvalidEventException}; nothing is written then.
 *
 * <p>Names, ids, tags and types are no payload: no secrets there. Plain streams are left alone. {@link Redactions} has the usual ones.
 *
 * <p>It may see again what it returned before: a state document that becomes valid again is written once more.
 */
@FunctionalInterface
public interface Redaction {
    /** Nothing is changed. */
    Redaction NONE = (kind, stream, type, json) -> json;

    /**
     * What is stored.
     *
     * @param kind what the payload is of
     * @param stream the stream's name
     * @param type the event's type
     * @param json the payload, one valid JSON value. Of an event of a run: an object with those of its fields that callers fill, {@code input}, {@code content}, {@code meta},
     *     {@code result}, {@code output}, {@code error}, {@code reason}
     * @return one valid JSON value; the same object when nothing is to be changed. Of an event of a run: an object with no other fields, an object in {@code meta}, texts in
     *     {@code error} and {@code reason}
     */
    String apply(Kind kind, String stream, String type, String json);

    /** This one first, then another. */
    default Redaction then(Redaction next) {
        return (kind, stream, type, json) -> next.apply(kind, stream, type, apply(kind, stream, type, json));
    }
}
