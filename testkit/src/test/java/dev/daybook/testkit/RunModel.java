package dev.daybook.testkit;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;

/** What runs should be, in plain collections, for {@link RunModelTest}. */
final class RunModel {
    /** A message, a recorded step, or a checkpoint. */
    record Entry(String kind, String name, String value, String stateBefore, boolean counts) {}

    static final class OneRun {
        String status;
        int attempt = 1;
        boolean owned;
        String state;
        int failedSteps;
        final List<Entry> entries = new ArrayList<>();
        final Set<String> asked = new HashSet<>(); // names of steps, in this attempt

        OneRun copy() {
            OneRun copy = new OneRun();
            copy.status = status;
            copy.attempt = attempt;
            copy.owned = owned;
            copy.state = state;
            copy.failedSteps = failedSteps;
            copy.entries.addAll(entries);
            copy.asked.addAll(asked);
            return copy;
        }

        boolean resumable() {
            return Set.of("failed", "crashed", "interrupted", "cancelled").contains(status);
        }

        boolean ended() {
            return !status.equals("started") && !status.equals("queued");
        }

        void end(String as) {
            status = as;
            owned = false;
        }

        void add(String kind, String name, String value) {
            entries.add(new Entry(kind, name, value, state, true));
        }

        /** Where the newest record that counts stands, of this step or (null) of any; -1 for none. */
        int newestRecord(String step) {
            for (int i = entries.size() - 1; i >= 0; i--) {
                Entry entry = entries.get(i);
                if (entry.kind().equals("step") && entry.counts() && (step == null || step.equals(entry.name()))) {
                    return i;
                }
            }
            return -1;
        }

        void goOn(int setAside, boolean owns) {
            if (setAside >= 0) {
                state = entries.get(setAside).stateBefore();
                for (int i = setAside; i < entries.size(); i++) {
                    Entry e = entries.get(i);
                    entries.set(i, new Entry(e.kind(), e.name(), e.value(), e.stateBefore(), false));
                }
            }
            status = "started";
            owned = owns;
            attempt++;
            asked.clear();
        }

        Map<String, String> results() {
            Map<String, String> results = new LinkedHashMap<>();
            for (Entry entry : entries) {
                if (entry.kind().equals("step") && entry.counts()) {
                    results.put(entry.name(), entry.value());
                }
            }
            return results;
        }

        @Override
        public String toString() {
            List<String> chain = new ArrayList<>();
            long rounds = 0;
            long setAside = 0;
            for (Entry entry : entries) {
                if (entry.kind().equals("message")) {
                    rounds++;
                    if (entry.counts()) {
                        chain.add(entry.value());
                    }
                } else if (entry.kind().equals("step") && !entry.counts()) {
                    setAside++;
                }
            }
            return describe(status, attempt, chain, rounds, results().keySet(), setAside, failedSteps, state);
        }
    }

    static String describe(
            String status,
            int attempt,
            List<String> chain,
            long rounds,
            Set<String> steps,
            long setAside,
            long failed,
            String state) {
        return status + " " + attempt + " chain " + chain + " of " + rounds + " steps " + List.copyOf(steps)
                + " set aside " + setAside + " failed " + failed + " state " + Objects.toString(state);
    }

    final Map<String, OneRun> runs = new TreeMap<>();

    RunModel copy() {
        RunModel copy = new RunModel();
        runs.forEach((id, run) -> copy.runs.put(id, run.copy()));
        return copy;
    }

    /** What an opening does to what the process before it owned. */
    RunModel reopened() {
        RunModel copy = copy();
        for (OneRun run : copy.runs.values()) {
            if (run.owned) {
                run.end("crashed");
            }
        }
        return copy;
    }

    Map<String, String> described() {
        Map<String, String> all = new TreeMap<>();
        runs.forEach((id, run) -> all.put(id, run.toString()));
        return all;
    }
}
