package dev.daybook.journal;

import dev.daybook.run.Admission;
import dev.daybook.stream.AppendOptions;
import dev.daybook.stream.Kind;
import dev.daybook.stream.StreamConfig;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What one append does to one stream, in this order: create, truncate, events, close, delete. Immutable.
 *
 * @param kind the kind whose API this comes through (I11)
 * @param create make the stream with this configuration if it is not there; null: as the first event wants it
 * @param explicitCreate fail if it is there with another configuration
 * @param truncation what to remove first, or null
 * @param rule what a run or a document asks besides; null for plain streams
 */
public record Op(
        Name name,
        Kind kind,
        List<Fragment> events,
        AppendOptions options,
        @Nullable StreamConfig create,
        boolean explicitCreate,
        @Nullable Truncation truncation,
        boolean delete,
        @Nullable Rule rule) {

    /** Bytes of a line besides its name and what the caller gave: fixed field names, numbers, time, batch, checksum. */
    private static final int LINE_OVERHEAD = 220;

    /** An owner's tuple, or the state of a deleted document. */
    private static final int TUPLE = 80;

    /** The line of a run that is dropped to make room: its state, twice an id, and what else is in it. */
    private static final int EVICTION = StreamState.BYTES_MAX + LINE_OVERHEAD + 2 * 6 * 128 + 128;

    /** What a create record has besides: kind, content type, expiry. */
    private static final int CREATE_OVERHEAD = 160;

    /**
     * @param before events with a lower sequence number go
     * @param ofIncarnation the stream it was computed for
     * @param from the first sequence number that was there when it was computed
     * @param bytes payload bytes of the events from {@code from} to {@code before - 1}
     */
    record Truncation(long before, long ofIncarnation, long from, long bytes) {}

    public static Op append(Name name, Kind kind, List<Fragment> events, AppendOptions options) {
        return new Op(name, kind, events, options, null, false, null, false, null);
    }

    static Op create(Name name, Kind kind, StreamConfig config) {
        return new Op(name, kind, List.of(), AppendOptions.none(), config, true, null, false, null);
    }

    public static Op delete(Name name, Kind kind) {
        return new Op(name, kind, List.of(), AppendOptions.none(), null, false, null, true, null);
    }

    Op withTruncation(Truncation what) {
        return new Op(name, kind, events, options, create, explicitCreate, what, delete, rule);
    }

    /** The same with these events. */
    Op withEvents(List<Fragment> others) {
        return new Op(name, kind, others, options, create, explicitCreate, truncation, delete, rule);
    }

    /** The same, decided by this rule. */
    public Op with(Rule asked) {
        return new Op(name, kind, events, options, create, explicitCreate, truncation, delete, asked);
    }

    /** No more bytes than this will be written for it. */
    long bytesMax() {
        long perLine = (long) LINE_OVERHEAD + name.json.length;
        long bytes = perLine
                + CREATE_OVERHEAD
                + (create == null ? 0 : 6L * create.contentType().length());
        bytes += (truncation != null ? perLine : 0) + (options.closing() ? perLine : 0) + (delete ? perLine : 0);
        var producer = options.producer();
        if (producer != null) {
            bytes += 64 + 6L * producer.id().length();
        }
        String order = options.order();
        if (order != null) {
            bytes += 16 + 6L * order.length();
        }
        for (Fragment event : events) {
            bytes += perLine + event.bytes();
        }
        return bytes + ruleBytes();
    }

    private long ruleBytes() {
        if (rule == null) {
            return 0;
        }
        if (rule instanceof Rule.Begin begin) {
            boolean evicts = begin.admission().overflow() == Admission.Overflow.QUEUE;
            return (long) StreamState.BYTES_MAX + (evicts ? EVICTION : 0);
        }
        return rule instanceof Rule.End || rule instanceof Rule.Copy ? StreamState.BYTES_MAX : TUPLE;
    }
}
