package dev.daybook.run;

import java.time.Instant;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A run to be started or submitted. Immutable; limits are checked when it is used ({@link dev.daybook.InvalidEventException}).
 *
 * @param workflow its workflow, 1 to 256 bytes
 * @param id its id, 1 to 128 bytes without a slash; null for a new ULID
 * @param input the trigger payload as JSON, or null for none
 * @param parent the run that started it, or null
 * @param tags at most 64 short texts by name
 * @param occurred when it began, if that was not now; null for the time of the store
 */
public record NewRun(
        String workflow,
        @Nullable String id,
        @Nullable String input,
        @Nullable String parent,
        Map<String, String> tags,
        @Nullable Instant occurred) {

    public NewRun {
        tags = Map.copyOf(tags);
    }

    /** A run of this workflow. */
    public static NewRun of(String workflow) {
        return new NewRun(workflow, null, null, null, Map.of(), null);
    }

    public NewRun id(String value) {
        return new NewRun(workflow, value, input, parent, tags, occurred);
    }

    public NewRun input(String json) {
        return new NewRun(workflow, id, json, parent, tags, occurred);
    }

    public NewRun parent(String runId) {
        return new NewRun(workflow, id, input, runId, tags, occurred);
    }

    /** With one more tag. */
    public NewRun tag(String key, String value) {
        Map<String, String> more = new java.util.HashMap<>(tags);
        more.put(key, value);
        return new NewRun(workflow, id, input, parent, more, occurred);
    }

    public NewRun occurred(Instant time) {
        return new NewRun(workflow, id, input, parent, tags, time);
    }
}
