package dev.daybook.testkit;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** The names in one directory, twice: as processes see them, and as the platter has them. Guarded by its {@link SimulatedDisk}. */
final class SimulatedDirectory {

    /** A change of names that becomes durable as a whole or not at all. */
    private record Change(
            @Nullable String removed,
            @Nullable String added,
            @Nullable Object node) {
        void applyTo(TreeMap<String, Object> names) {
            if (removed != null) {
                names.remove(removed);
            }
            if (added != null && node != null) {
                names.put(added, node);
            }
        }
    }

    /** Values are {@link SimulatedFile} or {@link SimulatedDirectory}. */
    final TreeMap<String, Object> seen = new TreeMap<>();

    private final TreeMap<String, Object> durable = new TreeMap<>();
    private final List<Change> pending = new ArrayList<>();

    void add(String name, Object node) {
        change(new Change(null, name, node));
    }

    void remove(String name) {
        change(new Change(name, null, null));
    }

    void rename(String from, String to) {
        change(new Change(from, to, seen.get(from)));
    }

    private void change(Change change) {
        change.applyTo(seen);
        pending.add(change);
    }

    void sync() {
        for (Change change : pending) {
            change.applyTo(durable);
        }
        pending.clear();
    }

    /** The power goes: the first changes survive, or any of them. */
    void crash(SplittableRandom random, int survivalOf16) {
        if (!pending.isEmpty()) {
            boolean inOrder = random.nextBoolean();
            int first = random.nextInt(pending.size() + 1);
            for (int i = 0; i < pending.size(); i++) {
                if (inOrder ? i < first : random.nextInt(16) < survivalOf16) {
                    pending.get(i).applyTo(durable);
                }
            }
            pending.clear();
            seen.clear();
            seen.putAll(durable);
        }
    }

    /** Puts or removes a name as if it had always been so. */
    void atRest(String name, @Nullable Object node) {
        Change change = new Change(name, node == null ? null : name, node);
        change.applyTo(seen);
        change.applyTo(durable);
    }
}
