package dev.daybook.internal.run;

import dev.daybook.RunStateException;
import dev.daybook.internal.run.RunIndex.Ended;
import dev.daybook.journal.Journal;
import dev.daybook.journal.KnownStream;
import dev.daybook.journal.Name;
import dev.daybook.journal.Op;
import dev.daybook.journal.Rule;
import dev.daybook.journal.StreamState;
import dev.daybook.stream.Appended;
import dev.daybook.stream.Kind;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.jspecify.annotations.Nullable;

/**
 * Deletes runs that ended long ago. Which these are is looked up in the index; whether one is still as it was found there is decided with its head, and by the commit thread. A run goes
 * together with its state document, in one append: so whatever was cut short, the next cleanup finds the rest.
 */
final class Cleanup {
    private static final int TOGETHER = 5_000;

    /** Longer than anything in the journal can be ago. */
    private static final Duration EVER = Duration.ofDays(4_000_000);

    private final Journal journal;
    private final RunIndex index;
    private final long before;

    Cleanup(Journal journal, RunIndex index, Duration olderThan) {
        this.journal = journal;
        this.index = index;
        boolean none = olderThan.isNegative() || olderThan.compareTo(EVER) > 0;
        this.before = none ? Long.MIN_VALUE : journal.options().clock().nowMicros() - micros(olderThan);
    }

    /** Of no more than {@link #EVER}, whose nanoseconds are more than a long holds. */
    private static long micros(Duration olderThan) {
        return olderThan.getSeconds() * 1_000_000 + olderThan.getNano() / 1_000;
    }

    /** How many there are. */
    long count() {
        return before == Long.MIN_VALUE ? 0 : index.endedBefore(before);
    }

    /** @return how many were deleted */
    long run() {
        long deleted = 0;
        Ended last = null;
        List<Ended> page = List.of();
        do {
            page = before == Long.MIN_VALUE ? List.of() : index.endedBefore(before, last, TOGETHER);
            last = page.isEmpty() ? null : page.get(page.size() - 1);
            List<CompletableFuture<List<Appended>>> deletions = new ArrayList<>();
            for (Ended ended : byPosition(page)) {
                CompletableFuture<List<Appended>> deletion = delete(ended);
                if (deletion != null) {
                    deletions.add(deletion);
                }
            }
            for (CompletableFuture<List<Appended>> deletion : deletions) {
                deleted += isDone(deletion) ? 1 : 0;
            }
        } while (page.size() == TOGETHER);
        return deleted;
    }

    /** The index keeps neighbours of the journal together: so it writes each of its blocks anew as seldom as can be. */
    private static List<Ended> byPosition(List<Ended> page) {
        return page.stream().sorted(Comparator.comparingLong(Ended::pos)).toList();
    }

    private @Nullable CompletableFuture<List<Appended>> delete(Ended ended) {
        Name run = RunNames.stream(ended.id());
        KnownStream known = journal.known(run);
        StreamState state = known == null || known.kind() != Kind.RUN ? null : known.state();
        if (state == null || state.pos() != ended.pos()) {
            return null; // deleted, or gone on with since
        }
        List<Op> ops = new ArrayList<>();
        ops.add(Op.delete(run, Kind.RUN).with(new Rule.Forget(state.seq())));
        Name document = RunNames.state(ended.id());
        KnownStream kept = journal.known(document);
        if (kept != null && kept.kind() == Kind.DOCUMENT) {
            ops.add(Op.delete(document, Kind.DOCUMENT));
        }
        return journal.appendAsync(ops);
    }

    private static boolean isDone(CompletableFuture<List<Appended>> deletion) {
        try {
            return deletion.join().get(0).pos() > 0; // else somebody else deleted it
        } catch (CompletionException e) {
            if (e.getCause() instanceof RunStateException) {
                return false; // gone on with since
            }
            if (e.getCause() instanceof RuntimeException cause) {
                throw cause;
            }
            throw e;
        }
    }
}
