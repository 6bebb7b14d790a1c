package dev.daybook.internal.run;

import dev.daybook.InvalidEventException;
import dev.daybook.internal.json.JsonSink;
import dev.daybook.journal.Name;

/** Ids of runs, and the streams that they stand for. */
final class RunNames {
    static final String PREFIX = "runs/";

    private static final int ID_BYTES_MAX = 128;

    private RunNames() {}

    /** @throws InvalidEventException naming the rule that the id breaks */
    static Name stream(String id) {
        requireBytes("run", id, ID_BYTES_MAX);
        if (id.indexOf('/') >= 0) {
            throw new InvalidEventException("run", -1, "an id has no slash");
        }
        try {
            return Name.of(PREFIX + id);
        } catch (InvalidEventException e) {
            throw new InvalidEventException("run", -1, e.reason());
        }
    }

    /** The run of a stream. */
    static String id(Name stream) {
        return stream.toString().substring(PREFIX.length());
    }

    /** The key of a run's state document. */
    static String stateKey(String id) {
        return PREFIX + id + "/state";
    }

    static Name state(String id) {
        return Name.of("documents/" + stateKey(id));
    }

    static void requireBytes(String field, String text, int bytesMax) {
        if (text.isEmpty() || text.length() > bytesMax || JsonSink.utf8(text, field).length > bytesMax) {
            throw new InvalidEventException(field, -1, "must have 1 to " + bytesMax + " bytes");
        }
    }
}
