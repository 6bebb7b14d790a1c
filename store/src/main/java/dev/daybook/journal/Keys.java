package dev.daybook.journal;

import dev.daybook.InvalidEventException;
import dev.daybook.RefusedException;
import java.nio.charset.StandardCharsets;

/** Keys of documents, and the names of their streams. Thread-safe. */
public final class Keys {
    public static final int BYTES_MAX = 500;

    /** The stream above those of all documents. */
    public static final String ALL = "documents";

    private static final String ABOVE = ALL + "/";

    /** What is below it changes only together with a line of its run. */
    private static final String OF_RUNS = "runs/";

    private final Names names = new Names();

    /** @throws InvalidEventException naming the rule that the key breaks */
    public Name name(String key) {
        Name name;
        try {
            name = names.of(ABOVE + key);
        } catch (InvalidEventException e) {
            int at = e.byteOffset() < 0 ? -1 : Math.toIntExact(e.byteOffset()) - ABOVE.length();
            throw new InvalidEventException("key", at, tooLong(key) ? tooLong() : e.reason());
        }
        if (tooLong(key)) {
            throw new InvalidEventException("key", -1, tooLong());
        }
        return name;
    }

    private static boolean tooLong(String key) {
        return key.length() > BYTES_MAX || key.getBytes(StandardCharsets.UTF_8).length > BYTES_MAX;
    }

    private static String tooLong() {
        return "a key has at most " + BYTES_MAX + " bytes of UTF-8";
    }

    /** The name of one that the document API may write. */
    public Name writable(String key) {
        Name name = name(key);
        if (isOfARun(key)) {
            throw new RefusedException(
                    name.toString(),
                    RefusedException.Reason.WRONG_KIND,
                    "it belongs to a run, and changes only together with it");
        }
        return name;
    }

    public static boolean isOfARun(String key) {
        return key.startsWith(OF_RUNS);
    }

    /** The key of a document's stream. */
    public static String key(String stream) {
        return stream.startsWith(ABOVE) ? stream.substring(ABOVE.length()) : stream;
    }

    /** The stream of a prefix or a cursor, which may be empty. */
    public static String below(String prefix) {
        return prefix.isEmpty() ? ALL : ABOVE + prefix;
    }
}
