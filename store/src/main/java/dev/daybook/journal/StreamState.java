package dev.daybook.journal;

import dev.daybook.internal.json.JsonScanner;
import dev.daybook.internal.json.JsonSink;
import dev.daybook.internal.json.JsonText;
import dev.daybook.stream.Event;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * What a typed stream is from one of its events on: the field {@code state} of that event's line. Of a run its status and what goes with it
 * ({@code docs/format/runs.md}), of a document that was deleted only the word. It stands in the line, not in the payload, so that heads can be
 * folded without looking into payloads, and so that no caller can forge it.
 *
 * @param word the status; one that only a newer Daybook knows is kept as it is
 * @param attempt number of the attempt, from 1; 0 when there are none
 * @param workflow empty when there is none
 * @param attempts how many attempts a worker may make by itself
 * @param owner who holds the lease; empty when nobody does
 * @param leaseMillis length of the lease; 0 when there is none, or it ends with the process that writes
 * @param seq number of the event
 * @param pos position of the event
 */
public record StreamState(
        String word, int attempt, String workflow, int attempts, String owner, int leaseMillis, long seq, long pos) {

    static final String STARTED = "started";
    static final String DELETED = "deleted";

    /** No more bytes than this stand in a line for the longest one that this Daybook writes, and for an owner's tuple. */
    static final int BYTES_MAX = 6 * 2 * Rule.WORD_BYTES_MAX + 256;

    /** The state that json[from, to) says, brackets included, on the line of this event. */
    static StreamState parse(byte[] json, int from, int to, long seq, long pos) {
        Values values = new Values(json, from, to - 1);
        return new StreamState(
                values.text(),
                values.number(),
                values.text(),
                values.number(),
                values.text(),
                values.number(),
                seq,
                pos);
    }

    /** The state that an event's line says, or null when it says none. */
    public static @Nullable StreamState of(Event event) {
        byte[] bytes = event.line().getBytes(StandardCharsets.UTF_8);
        Line line = new Line();
        line.parse(bytes, 0, bytes.length);
        return line.stateFrom == line.stateTo ? null : parse(bytes, line.stateFrom, line.stateTo, line.seq, line.pos);
    }

    /** The same, on the line of this event. */
    StreamState at(long eventSeq, long eventPos) {
        return new StreamState(word, attempt, workflow, attempts, owner, leaseMillis, eventSeq, eventPos);
    }

    /** As it stands in the line, and in derived files. */
    byte[] json() {
        boolean leased = leaseMillis != 0; // what is empty is left out when all behind it is
        boolean owned = leased || !owner.isEmpty();
        boolean repeated = owned || attempts != 0;
        boolean run = repeated || attempt != 0 || !workflow.isEmpty();
        JsonSink json = new JsonSink(96).ascii("[").string(word);
        if (run) {
            json.ascii(",").number(attempt).ascii(",").string(workflow);
        }
        if (repeated) {
            json.ascii(",").number(attempts);
        }
        if (owned) {
            json.ascii(",").string(owner);
        }
        if (leased) {
            json.ascii(",").number(leaseMillis);
        }
        return json.ascii("]").toByteArray();
    }

    /** Whether it is that of a run with something left to do: it waits, it works, or a worker may go on with it by itself. */
    public boolean running() {
        return switch (word) {
            case "queued", STARTED -> true;
            case "crashed", "interrupted" -> attempt < attempts;
            default -> false;
        };
    }

    /** Goes through the values of an array. One that is missing, or of a type that only a newer Daybook knows, is empty or 0. */
    private static final class Values {
        private final byte[] json;
        private final int to;
        private int from;
        private int end; // of the last value, where a comma follows; in the beginning the bracket

        Values(byte[] json, int bracket, int to) {
            this.json = json;
            this.to = to;
            this.end = bracket;
        }

        private void next() {
            from = Math.min(end + 1, to);
            end = JsonScanner.skipValue(json, from, to);
        }

        String text() {
            next();
            return from < end && json[from] == '"' ? JsonText.decode(json, from, end) : "";
        }

        int number() {
            next();
            long number = 0;
            for (int i = from; i < end; i++) {
                int digit = json[i] - '0';
                number = number * 10 + digit;
                if (digit < 0 || digit > 9 || number > Integer.MAX_VALUE) {
                    return 0;
                }
            }
            return (int) number;
        }
    }
}
