package dev.daybook.internal.run;

import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** The steps of one attempt of a run: which names were asked for, which have a record from before, how often each was tried. Thread-safe. */
final class StepTable {
    private final Map<String, Long> records; // number of the event, by name
    private final Map<String, Integer> tries;
    private final Set<String> asked = ConcurrentHashMap.newKeySet();

    StepTable(Map<String, Long> records, Map<String, Integer> tries) {
        this.records = Map.copyOf(records);
        this.tries = new ConcurrentHashMap<>(tries);
    }

    /**
     * Asks for a step, once until it fails.
     *
     * @return number of the event that is its record; 0 when it is to be run
     */
    long ask(String name) {
        if (!asked.add(name)) {
            throw new IllegalStateException("step " + name
                    + " was asked for in this attempt of the run before; number the names of steps in a loop");
        }
        return records.getOrDefault(name, 0L);
    }

    /** It failed, and may be asked for again. */
    void failed(String name) {
        asked.remove(name);
    }

    int nextTry(String name) {
        return tries.merge(name, 1, Integer::sum);
    }
}
