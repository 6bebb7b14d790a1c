package dev.daybook.stream;

import dev.daybook.InvalidEventException;
import dev.daybook.document.Condition;
import dev.daybook.log.NewLogRow;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Events for several streams, documents and rows of the log, that are appended all or not at all (I4); at most 10,000 events and 64 MiB. Names and limits are checked when it is
 * appended. Not thread-safe; can be appended again.
 */
public final class Batch {
    /**
     * For the store: what happens to one stream, to one document, or to the log.
     *
     * @param name the stream's name, or the document's key
     * @param condition of a document; else null
     * @param deletes whether the document is deleted
     */
    public record Part(
            String name,
            Kind kind,
            List<NewEvent> events,
            AppendOptions options,
            @Nullable Condition condition,
            boolean deletes) {
        private static Part stream(String name, List<NewEvent> events, AppendOptions options) {
            return new Part(name, Kind.STREAM, events, options, null, false);
        }
    }

    private final Map<Place, Part> parts = new LinkedHashMap<>();

    /** What a part is found by: a stream and a document can have the same name. */
    private record Place(Kind kind, String name) {
        static Place stream(String name) {
            return new Place(Kind.STREAM, name);
        }
    }

    private Batch() {}

    /** An empty one. */
    public static Batch of() {
        return new Batch();
    }

    /** Adds an event to a stream, after those added to it before. */
    public Batch event(String stream, NewEvent event) {
        Part part = parts.computeIfAbsent(
                Place.stream(stream), s -> Part.stream(stream, new ArrayList<>(), AppendOptions.none()));
        part.events().add(event);
        return this;
    }

    /** Adds an event and states the conditions for its stream. */
    public Batch event(String stream, NewEvent event, AppendOptions options) {
        return options(stream, options).event(stream, event);
    }

    /**
     * States the conditions for a stream; once per stream.
     *
     * @throws InvalidEventException when it has others already
     */
    public Batch options(String stream, AppendOptions options) {
        Part old = parts.get(Place.stream(stream));
        if (old != null
                && !old.options().equals(AppendOptions.none())
                && !old.options().equals(options)) {
            throw new InvalidEventException("batch", -1, "stream " + stream + " has conditions already");
        }
        parts.put(Place.stream(stream), Part.stream(stream, old == null ? new ArrayList<>() : old.events(), options));
        return this;
    }

    /** Puts a document, if its condition holds, as {@link dev.daybook.document.Documents#put(String, String, Condition)}. */
    public Batch document(String key, String json, Condition condition) {
        return document(key, NewEvent.json("put", json), condition, false);
    }

    /** Deletes a document, if its condition holds; one without a value is left as it is. */
    public Batch deleteDocument(String key, Condition condition) {
        return document(key, NewEvent.json("delete", "null"), condition, true);
    }

    /** Appends a row to the log, after those added before. */
    public Batch log(NewLogRow row) {
        parts.computeIfAbsent(
                        new Place(Kind.LOG, NewLogRow.STREAM),
                        n -> new Part(NewLogRow.STREAM, Kind.LOG, new ArrayList<>(), AppendOptions.none(), null, false))
                .events()
                .add(row.event());
        return this;
    }

    private Batch document(String key, NewEvent event, Condition condition, boolean deletes) {
        Part before = parts.putIfAbsent(
                new Place(Kind.DOCUMENT, key),
                new Part(key, Kind.DOCUMENT, List.of(event), AppendOptions.none(), condition, deletes));
        if (before != null) {
            throw new InvalidEventException("batch", -1, "document " + key + " is written twice");
        }
        return this;
    }

    /** Whether it names no stream. */
    public boolean isEmpty() {
        return parts.isEmpty();
    }

    /** For the store: the parts, in the order in which their streams were first named. */
    public List<Part> parts() {
        return List.copyOf(parts.values());
    }
}
