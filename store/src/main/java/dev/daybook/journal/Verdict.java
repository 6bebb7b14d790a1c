package dev.daybook.journal;

import dev.daybook.stream.AppendOptions;
import org.jspecify.annotations.Nullable;

/**
 * What {@link Rules} allowed, and what of it the lines say.
 *
 * @param writes false when what was asked for is so already
 * @param state what the stream is from the deciding event on; its place is known only when that is numbered. Null when nothing changes
 * @param first whether the deciding event is the first of the append; else it is the last
 * @param tuple holds the owner's, or is null
 */
record Verdict(
        boolean writes,
        @Nullable StreamState state,
        boolean first,
        @Nullable AppendOptions tuple) {
    static final Verdict NOTHING_TO_WRITE = new Verdict(false, null, false, null);

    /** Written as it was asked for. */
    static final Verdict AS_ASKED = new Verdict(true, null, false, null);

    static Verdict begins(StreamState state, @Nullable AppendOptions tuple) {
        return new Verdict(true, state, true, tuple);
    }

    static Verdict ends(StreamState state, @Nullable AppendOptions tuple) {
        return new Verdict(true, state, false, tuple);
    }

    static Verdict notes(AppendOptions tuple) {
        return new Verdict(true, null, false, tuple);
    }
}
