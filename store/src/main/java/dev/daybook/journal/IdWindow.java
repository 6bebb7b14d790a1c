package dev.daybook.journal;

import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The ids of a stream's newest events: those with one of the last {@link #EVENTS} sequence numbers. Owned by the commit thread. */
final class IdWindow {
    static final int EVENTS = 65_536;

    private final Map<String, Long> seqs = new HashMap<>();
    private final java.util.ArrayDeque<Map.Entry<String, Long>> byAge = new java.util.ArrayDeque<>();

    void add(String id, long seq) {
        seqs.put(id, seq);
        byAge.addLast(Map.entry(id, seq));
        while (!byAge.isEmpty() && byAge.getFirst().getValue() <= seq - EVENTS) {
            Map.Entry<String, Long> oldest = byAge.removeFirst();
            seqs.remove(oldest.getKey(), oldest.getValue());
        }
    }

    int size() {
        return byAge.size();
    }

    /** The event with this id, if it is within the window that ends at {@code lastSeq}. */
    @Nullable
    Long find(String id, long lastSeq) {
        Long seq = seqs.get(id);
        return seq != null && seq > lastSeq - EVENTS ? seq : null;
    }
}
