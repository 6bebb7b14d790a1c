package dev.daybook.journal;

import java.util.Collection;
import java.util.Collections;
import java.util.Map;
import java.util.concurrent.ConcurrentSkipListMap;
import org.jspecify.annotations.Nullable;

/**
 * What runs of one workflow: ids in the order of the lines that say so. The commit thread changes it; others see what is going on, a little ahead of
 * what is acknowledged.
 */
public final class Lane {
    /** What a run is here as. */
    private enum Place {
        QUEUED,
        STARTED,
        STOPPED
    }

    static final Lane EMPTY = new Lane("");

    private final String workflow;

    private final Ids queued = new Ids();
    private final Ids started = new Ids();
    private final Ids stopped = new Ids();

    Lane(String workflow) {
        this.workflow = workflow;
    }

    /** Ids by the position of their line, and how many, since counting would go through all. */
    private static final class Ids {
        private final ConcurrentSkipListMap<Long, String> byPos = new ConcurrentSkipListMap<>();
        private volatile int count;

        @SuppressWarnings("NonAtomicVolatileUpdate") // one thread writes
        void add(long pos, String id) {
            byPos.put(pos, id);
            count++;
        }

        @SuppressWarnings("NonAtomicVolatileUpdate")
        void remove(long pos) {
            if (byPos.remove(pos) != null) {
                count--;
            }
        }
    }

    private Ids ids(Place place) {
        return switch (place) {
            case QUEUED -> queued;
            case STARTED -> started;
            case STOPPED -> stopped;
        };
    }

    private static @Nullable Place place(StreamState state) {
        if (!state.running()) {
            return null;
        }
        return switch (state.word()) {
            case "queued" -> Place.QUEUED;
            case StreamState.STARTED -> Place.STARTED;
            default -> Place.STOPPED;
        };
    }

    void add(String id, StreamState state) {
        Place place = place(state);
        if (place != null) {
            ids(place).add(state.pos(), id);
        }
    }

    void remove(StreamState state) {
        Place place = place(state);
        if (place != null) {
            ids(place).remove(state.pos());
        }
    }

    boolean isEmpty() {
        return queued.count == 0 && started.count == 0 && stopped.count == 0;
    }

    @Nullable
    String oldestQueued() {
        Map.Entry<Long, String> oldest = queued.byPos.firstEntry();
        return oldest == null ? null : oldest.getValue();
    }

    public String workflow() {
        return workflow;
    }

    /** How many wait. */
    public int queued() {
        return queued.count;
    }

    /** How many are started: so many slots are taken. */
    public int started() {
        return started.count;
    }

    /** Those that wait, the oldest first. */
    public Collection<String> queuedRuns() {
        return Collections.unmodifiableCollection(queued.byPos.values());
    }

    /** Those that are started, the oldest first. */
    public Collection<String> startedRuns() {
        return Collections.unmodifiableCollection(started.byPos.values());
    }

    /** Crashed and interrupted ones with attempts left. */
    public Collection<String> stoppedRuns() {
        return Collections.unmodifiableCollection(stopped.byPos.values());
    }
}
