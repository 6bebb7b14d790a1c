package dev.daybook.journal;

import dev.daybook.InvalidEventException;
import dev.daybook.Redaction;
import dev.daybook.internal.json.JsonReader;
import dev.daybook.internal.json.JsonReader.Token;
import dev.daybook.internal.json.JsonSink;
import dev.daybook.run.RunStatus;
import dev.daybook.stream.Kind;
import dev.daybook.stream.NewEvent;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Gives what callers put into runs, logs and documents to the store's redaction, before an append is queued. It stands where every append passes, so nothing gets around
 * it; what is copied from another store went through the one of that store.
 */
final class Redactor {
    /** The fields of a run's events that callers fill, and what must be in them: null for anything. The others are the store's own, and the redaction does not see them. */
    private static final Map<String, Token> OF_CALLERS = Map.of(
            "input", Token.END,
            "content", Token.END,
            "meta", Token.OBJECT,
            "result", Token.END,
            "output", Token.END,
            "error", Token.STRING,
            "reason", Token.STRING);

    private final Redaction redaction;

    private Redactor(Redaction redaction) {
        this.redaction = redaction;
    }

    /** Null where there is nothing to do. */
    static @Nullable Redactor of(Redaction redaction) {
        return redaction == Redaction.NONE ? null : new Redactor(redaction);
    }

    List<Op> redacted(List<Op> ops) {
        return ops.stream().map(this::redacted).toList();
    }

    private Op redacted(Op op) {
        if (op.kind() == Kind.STREAM
                || op.rule() instanceof Rule.Copy
                || op.rule() instanceof Rule.Write write && write.deletes()
                || op.rule() instanceof Rule.End end && end.to() == RunStatus.CRASHED) {
            return op; // nothing of a caller's is in it
        }
        List<Fragment> events = new ArrayList<>(op.events().size());
        for (Fragment event : op.events()) {
            byte[] before = event.payload();
            byte[] after = op.kind() == Kind.RUN ? ofRun(op, event) : changed(op, event.type(), before);
            events.add(after == before ? event : event.withPayload(after));
        }
        return op.withEvents(events);
    }

    private byte[] changed(Op op, String type, byte[] payload) {
        String before = new String(payload, StandardCharsets.UTF_8);
        String after;
        try {
            after = redaction.apply(op.kind(), op.name().toString(), type, before);
        } catch (RuntimeException e) {
            InvalidEventException refused = refused("threw " + e);
            refused.addSuppressed(e);
            throw refused;
        }
        if (after == null) {
            throw refused("returned null");
        }
        return after.equals(before) ? payload : checked(type, after);
    }

    private static byte[] checked(String type, String json) {
        try {
            return NewEvent.json(type, json).encode().payload();
        } catch (InvalidEventException e) {
            throw new InvalidEventException(e.field(), e.byteOffset(), "of what the redaction returned: " + e.reason());
        }
    }

    private static InvalidEventException refused(String what) {
        return new InvalidEventException("data", -1, "the redaction " + what);
    }

    private byte[] ofRun(Op op, Fragment event) {
        byte[] payload = event.payload();
        JsonSink kept = new JsonSink(payload.length);
        JsonSink given = new JsonSink(payload.length);
        JsonReader json = new JsonReader(payload, 0, payload.length);
        json.next(); // the store makes these payloads: objects
        while (json.next() == Token.KEY) {
            JsonSink sink = OF_CALLERS.containsKey(json.text()) ? given : kept;
            field(json, payload, sink);
        }
        if (given.length() == 0) {
            return payload;
        }
        byte[] before = given.ascii("}").toByteArray();
        byte[] after = changed(op, event.type(), before);
        if (after == before) {
            return payload;
        }
        JsonReader changed = new JsonReader(after, 0, after.length);
        if (changed.next() != Token.OBJECT) {
            throw refused("returned no object for an event of a run");
        }
        boolean content = false;
        while (changed.next() == Token.KEY) {
            content |= changed.is("content");
            require(changed.text(), new JsonReader(after, changed.end(), after.length).next());
            field(changed, after, kept);
        }
        if (!content && event.type().equals("message")) {
            kept.ascii(kept.length() == 0 ? "{" : ",").ascii("\"content\":null"); // a message has one
        }
        return kept.ascii(kept.length() == 0 ? "{}" : "}").toByteArray();
    }

    private static void require(String field, Token value) {
        Token wanted = OF_CALLERS.get(field);
        if (wanted == null) {
            throw refused("added a field " + field);
        }
        if (wanted != Token.END && wanted != value) {
            throw refused("put no " + (wanted == Token.OBJECT ? "object" : "text") + " into " + field);
        }
    }

    /** Copies the field whose key the reader is at. */
    private static void field(JsonReader json, byte[] from, JsonSink to) {
        int start = json.start();
        json.skip();
        to.ascii(to.length() == 0 ? "{" : ",").put(from, start, json.end());
    }
}
