package dev.daybook.journal;

import dev.daybook.VerifyReport.Problem;
import dev.daybook.run.RunStatus;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * What {@link Rules} let no line of a run say ({@code docs/format/runs.md}): a status that cannot follow the one before, an attempt out of order, a generation that goes down, an owner's append that is
 * missing. Decided with the head as it was before the line, so it costs no memory. A run of which only the end is there, as a salvage may leave it, may begin with anything.
 */
final class RunVerification {
    private static final String ADVICE =
            "the line is whole, but what it says cannot come after what was there: restore a backup, or, if this store was salvaged from a damaged one, take the run as it is";

    private RunVerification() {}

    /** Adds what is wrong with an event of a run. */
    static void check(Head before, Line line, String file, int offset, Consumer<Problem> problems) {
        String wrong = wrong(before, line);
        if (wrong != null) {
            String what = "event " + line.seq + " of stream " + before.name + ": " + wrong;
            problems.accept(new Problem(file, offset, line.pos, line.pos, what, ADVICE, false));
        }
    }

    private static @Nullable String wrong(Head before, Line line) {
        StreamState was = before.state;
        StreamState is = line.stateTo == line.stateFrom
                ? null
                : StreamState.parse(line.bytes, line.stateFrom, line.stateTo, line.seq, line.pos);
        String wrong = is == null ? null : status(was, is, line.string(line.typeFrom, line.typeTo));
        return wrong != null ? wrong : lease(before, was, is, line);
    }

    private static @Nullable String status(@Nullable StreamState was, StreamState is, String type) {
        if (!is.word().equals(type)) {
            return "its status is " + is.word() + ", its type " + type;
        }
        if (!is.owner().isEmpty() && !is.word().equals(StreamState.STARTED)) {
            return "it has an owner although it is " + is.word();
        }
        if (was == null) {
            return null;
        }
        if (!was.workflow().equals(is.workflow())) {
            return "its workflow is " + is.workflow() + ", and was " + was.workflow();
        }
        RunStatus from = RunStatus.of(was.word());
        RunStatus to = RunStatus.of(is.word());
        if (from == RunStatus.UNKNOWN || to == RunStatus.UNKNOWN) {
            return null; // a newer Daybook knows better
        }
        if (!from.next().contains(to)) {
            return is.word() + " cannot follow " + was.word();
        }
        int attempt = was.attempt() + (from.ended() ? 1 : 0);
        return is.attempt() == attempt
                ? null
                : "it is attempt " + is.attempt() + ", attempt " + attempt + " was expected";
    }

    private static boolean begins(StreamState is) {
        return RunStatus.STARTED == RunStatus.of(is.word());
    }

    private static @Nullable String lease(Head before, @Nullable StreamState was, @Nullable StreamState is, Line line) {
        boolean owned = was != null && !was.owner().isEmpty();
        boolean owns = is != null && !is.owner().isEmpty();
        boolean inAStead =
                is != null && (is.word().equals("crashed") || is.word().equals("killed"));
        if (line.producerTo == line.producerFrom) {
            return owns || owned && is != null ? "it does not say of which generation it is" : null;
        }
        if (!line.string(line.producerFrom, line.producerTo).equals(Rules.OWNER)) {
            return "it is of a producer, which runs do not have";
        }
        Head.Producer owner = before.producer(Rules.OWNER);
        long generation = line.producerEpoch;
        if (owner == null && (was == null ? is == null || is.attempt() > 1 || !begins(is) : was.attempt() > 1)) {
            return null; // what came before is not there
        }
        long known = owner == null ? 0 : owner.epoch();
        if (generation < known) {
            return "it is of generation " + generation + ", behind generation " + known;
        }
        boolean next = generation > known;
        long expected = next || owner == null ? 0 : owner.seq() + 1;
        if (generation > known + 1 || line.producerSeq != expected) {
            return "it is append " + line.producerSeq + " of generation " + generation + ", append " + expected
                    + " of generation " + (next ? known + 1 : known) + " was expected";
        }
        if (next && is == null) {
            return "generation " + generation + " begins without a change of the status";
        }
        return !next && (owns || inAStead) ? "it is still of generation " + generation : null;
    }
}
