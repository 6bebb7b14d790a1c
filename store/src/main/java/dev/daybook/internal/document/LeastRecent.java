package dev.daybook.internal.document;

import dev.daybook.document.DocumentEntry;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Supplier;
import java.util.function.ToLongFunction;

/**
 * The keys below one prefix by the position of their newest line. It follows the heads: whoever wrote a key has it looked up there, so the order in which writers get here
 * does not matter. Thread-safe.
 */
final class LeastRecent {
    private final TreeMap<Long, String> byPlace = new TreeMap<>(); // guarded by this, like all below
    private final Map<String, Long> placeOf = new HashMap<>();
    private boolean filled;

    /** Takes all keys there are, if it did not yet. What is written meanwhile waits and is looked up after it. */
    synchronized void fill(Supplier<List<DocumentEntry>> all, ToLongFunction<String> places) {
        if (!filled) {
            filled = true;
            for (DocumentEntry entry : all.get()) {
                refresh(entry.key(), places);
            }
        }
    }

    /** Looks up a key that was written. */
    synchronized void refresh(String key, ToLongFunction<String> places) {
        if (!filled) {
            return;
        }
        Long before = placeOf.remove(key);
        if (before != null) {
            byPlace.remove(before);
        }
        long place = places.applyAsLong(key);
        if (place > 0) {
            placeOf.put(key, place);
            byPlace.put(place, key);
        }
    }

    /** The least recently written keys that are too many when this one is written, at most this many of them. */
    synchronized List<String> beyond(String written, int keysMax, int limit) {
        int left = placeOf.size() + (placeOf.containsKey(written) ? 0 : 1) - keysMax;
        if (left <= 0) {
            return List.of();
        }
        List<String> beyond = new ArrayList<>();
        for (String key : byPlace.values()) {
            if (beyond.size() == Math.min(left, limit)) {
                break;
            }
            if (!key.equals(written)) {
                beyond.add(key);
            }
        }
        return beyond;
    }

    synchronized boolean isAt(String key, long place) {
        Long known = placeOf.get(key);
        return known != null && known == place;
    }
}
