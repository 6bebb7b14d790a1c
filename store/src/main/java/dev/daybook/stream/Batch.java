package dev.daybook.stream;

import dev.daybook.InvalidEventException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Events for several streams that are appended all or not at all (I4); at most 10,000 events and 64 MiB. Names and limits are checked when it is
 * appended. Not thread-safe; can be appended again.
 */
public final class Batch {
    /** For the store: what happens to one stream. */
    public record Part(String stream, List<NewEvent> events, AppendOptions options) {}

    private final Map<String, Part> parts = new LinkedHashMap<>();

    private Batch() {}

    /** An empty one. */
    public static Batch of() {
        return new Batch();
    }

    /** Adds an event to a stream, after those added to it before. */
    public Batch event(String stream, NewEvent event) {
        Part part = parts.computeIfAbsent(stream, s -> new Part(s, new ArrayList<>(), AppendOptions.none()));
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
        Part old = parts.get(stream);
        if (old != null
                && !old.options().equals(AppendOptions.none())
                && !old.options().equals(options)) {
            throw new InvalidEventException("batch", -1, "stream " + stream + " has conditions already");
        }
        parts.put(stream, new Part(stream, old == null ? new ArrayList<>() : old.events(), options));
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
