package dev.daybook.journal;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * The second fold: what runs, by workflow. It holds the runs with something left to do and nothing of the others, so its size and the time to make it follow what runs, not what
 * ever ran. Admission is decided against it. It is not stored: heads know which of them run.
 *
 * <p>The commit thread owns it, and changes it together with the working heads. Other threads find candidates in it and then let an append decide; what is shown to
 * users is what the published heads say (I3).
 */
public final class Running {
    private static final byte[] PREFIX = "runs/".getBytes(StandardCharsets.US_ASCII);

    private final Map<String, Lane> lanes = new ConcurrentHashMap<>();

    /** Workflows of which something changed since the last group, for those who wait. */
    private final List<String> changed = new ArrayList<>();

    /** The stream of a run. */
    static Name name(String id) {
        return Name.known(("runs/" + id).getBytes(StandardCharsets.UTF_8));
    }

    /** The run of a stream. */
    static String id(Name name) {
        return id(name.utf8());
    }

    /** What those wait for who wait for a workflow: a name that no stream can have. */
    static Name news(String workflow) {
        return Name.known(("\0" + workflow).getBytes(StandardCharsets.UTF_8));
    }

    private static String id(byte[] utf8) {
        int above = PREFIX.length;
        boolean below = utf8.length > above && Arrays.equals(utf8, 0, above, PREFIX, 0, above);
        int from = below ? above : 0;
        return new String(utf8, from, utf8.length - from, StandardCharsets.UTF_8);
    }

    /** Adds a run of this stream that has this state. */
    void add(byte[] stream, StreamState state) {
        change(stream, null, state);
    }

    /** The run of this stream was that, and is this; null where there is nothing. */
    void change(byte[] stream, @Nullable StreamState was, @Nullable StreamState is) {
        StreamState any = is != null ? is : was;
        if (any == null) {
            return;
        }
        String workflow = any.workflow();
        Lane lane = lanes.get(workflow);
        boolean here = lane != null;
        if (lane == null) {
            lane = new Lane(workflow);
        }
        if (was != null) {
            lane.remove(was);
        }
        if (is != null) {
            lane.add(id(stream), is);
        }
        if (lane.isEmpty()) {
            lanes.remove(workflow);
        } else if (!here) {
            lanes.put(workflow, lane);
        }
        changed.add(workflow);
    }

    /** Tells the names that those wait for who wait for what changed since this was asked last. */
    void tellChanged(@Nullable Collection<Name> to) {
        if (to != null && !changed.isEmpty()) {
            changed.stream().distinct().map(Running::news).forEach(to::add);
        }
        changed.clear();
    }

    /** What runs of this workflow. Look it up anew: one of which nothing runs is dropped. */
    public Lane lane(String workflow) {
        return lanes.getOrDefault(workflow, Lane.EMPTY);
    }

    /** All workflows of which something runs. */
    public Collection<Lane> lanes() {
        return Collections.unmodifiableCollection(lanes.values());
    }
}
