package dev.daybook.testkit;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** What a store must hold: the plainest maps that can be. */
final class CrashModel {

    /** What an operation does. */
    enum Outcome {
        APPLIED,
        NOTHING,
        DUPLICATE,
        CONFLICT,
        CLOSED,
        NOT_FOUND;

        /** Whether a store may answer this: of two reasons to refuse it states the one it finds first. */
        boolean allows(Outcome answer) {
            return this == answer || this == NOTHING && answer == APPLIED || this == CLOSED && answer == CONFLICT;
        }
    }

    /** Changes a model as it must change a store. */
    interface Effect {
        Outcome apply(CrashModel model);
    }

    /** One stream. */
    static final class Line {
        long first = 1;
        boolean closed;
        final List<String> events = new ArrayList<>();
        final Map<String, long[]> producers = new HashMap<>();
        final Map<String, Long> ids = new HashMap<>();

        long last() {
            return first + events.size() - 1;
        }

        Line copy() {
            Line copy = new Line();
            copy.first = first;
            copy.closed = closed;
            copy.events.addAll(events);
            producers.forEach((k, v) -> copy.producers.put(k, v.clone()));
            copy.ids.putAll(ids);
            return copy;
        }

        String state() {
            return first + ".." + last() + (closed ? " closed " : " ") + events;
        }
    }

    final TreeMap<String, Line> streams = new TreeMap<>();

    CrashModel copy() {
        CrashModel copy = new CrashModel();
        streams.forEach((k, v) -> copy.streams.put(k, v.copy()));
        return copy;
    }

    private Line stream(String name) {
        return streams.computeIfAbsent(name, n -> new Line());
    }

    boolean isClosed(String name) {
        Line line = streams.get(name);
        return line != null && line.closed;
    }

    /** Whether the event of this id was truncated. */
    boolean hasLost(String name, String id) {
        Line line = streams.get(name);
        Long seq = line == null ? null : line.ids.get(id);
        return seq != null && seq < line.first;
    }

    long last(String name) {
        Line line = streams.get(name);
        return line == null ? 0 : line.last();
    }

    static Effect append(String name, List<String> payloads) {
        return appendAll(Map.of(name, payloads));
    }

    static Effect appendAll(Map<String, List<String>> parts) {
        return model -> {
            if (parts.keySet().stream().anyMatch(model::isClosed)) {
                return Outcome.CLOSED;
            }
            parts.forEach((name, payloads) -> model.stream(name).events.addAll(payloads));
            return Outcome.APPLIED;
        };
    }

    static Effect appendExpecting(String name, String payload, long expected) {
        return model -> {
            if (model.isClosed(name)) {
                return Outcome.CLOSED;
            }
            if (model.last(name) != expected) {
                return Outcome.CONFLICT;
            }
            model.stream(name).events.add(payload);
            return Outcome.APPLIED;
        };
    }

    static Effect appendFrom(String name, List<String> payloads, String producer, long epoch, long seq) {
        return model -> {
            Line line = model.streams.get(name);
            long[] known = line == null ? null : line.producers.get(producer);
            if (line != null && line.closed && (known == null || known[0] != epoch || seq > known[1])) {
                return Outcome.CLOSED;
            }
            if (known == null) {
                if (seq != 0) {
                    return Outcome.CONFLICT;
                }
            } else if (epoch < known[0]) {
                return Outcome.CONFLICT;
            } else if (epoch > known[0]) {
                if (seq != 0) {
                    return Outcome.CONFLICT;
                }
            } else if (seq <= known[1]) {
                return Outcome.DUPLICATE;
            } else if (seq != known[1] + 1) {
                return Outcome.CONFLICT;
            }
            Line to = model.stream(name);
            to.events.addAll(payloads);
            to.producers.put(producer, new long[] {epoch, seq});
            return Outcome.APPLIED;
        };
    }

    static Effect appendWithId(String name, String payload, String id) {
        return model -> {
            Line line = model.streams.get(name);
            if (line != null && line.ids.containsKey(id)) {
                return Outcome.DUPLICATE;
            }
            if (line != null && line.closed) {
                return Outcome.CLOSED;
            }
            Line to = model.stream(name);
            to.events.add(payload);
            to.ids.put(id, to.last());
            return Outcome.APPLIED;
        };
    }

    static Effect close(String name) {
        return model -> {
            Line line = model.streams.get(name);
            if (line == null) {
                return Outcome.NOT_FOUND;
            }
            line.closed = true;
            return Outcome.APPLIED;
        };
    }

    static Effect truncate(String name, long before) {
        return model -> {
            Line line = model.streams.get(name);
            if (line == null) {
                return Outcome.NOT_FOUND;
            }
            long to = Math.min(before, line.last() + 1);
            if (to <= line.first) {
                return Outcome.NOTHING;
            }
            line.events.subList(0, (int) (to - line.first)).clear();
            line.first = to;
            return Outcome.APPLIED;
        };
    }

    static Effect keepNewest(String name, long n) {
        return model -> {
            Line line = model.streams.get(name);
            return line == null
                    ? Outcome.NOT_FOUND
                    : truncate(name, Math.max(line.first, line.last() - n + 1)).apply(model);
        };
    }

    static Effect replace(String name, List<String> payloads) {
        return model -> {
            if (model.isClosed(name)) {
                return Outcome.CLOSED;
            }
            Line line = model.stream(name);
            line.first = line.last() + 1;
            line.events.clear();
            line.events.addAll(payloads);
            return Outcome.APPLIED;
        };
    }

    static Effect delete(String name) {
        return model -> model.streams.remove(name) == null ? Outcome.NOTHING : Outcome.APPLIED;
    }

    /** The difference to what a store holds, or null. */
    String difference(Map<String, String> actual) {
        Map<String, String> expected = new TreeMap<>();
        streams.forEach((k, v) -> expected.put(k, v.state()));
        if (expected.equals(actual)) {
            return null;
        }
        StringBuilder text = new StringBuilder();
        for (String name : expected.keySet()) {
            if (!expected.get(name).equals(actual.get(name))) {
                text.append("\n  stream ")
                        .append(name)
                        .append("\n    expected ")
                        .append(shorten(expected.get(name)));
                text.append("\n    actual   ").append(shorten(String.valueOf(actual.get(name))));
            }
        }
        for (String name : actual.keySet()) {
            if (!expected.containsKey(name)) {
                text.append("\n  stream ").append(name).append(" is too many: ").append(shorten(actual.get(name)));
            }
        }
        return text.toString();
    }

    private static String shorten(String state) {
        return state.replaceAll("x{4,}", "x");
    }
}
