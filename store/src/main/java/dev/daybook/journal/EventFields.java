package dev.daybook.journal;

import dev.daybook.internal.json.JsonText;
import dev.daybook.stream.PayloadForm;

/** Where the fields of one event's line are. Immutable. */
public final class EventFields {
    private static final ThreadLocal<Line> LINE = ThreadLocal.withInitial(Line::new);

    public final int streamFrom;
    public final int streamTo;
    public final long seq;
    public final int typeFrom;
    public final int typeTo;
    public final int sourceFrom;
    public final int sourceTo;
    public final int subjectFrom;
    public final int subjectTo;
    public final int idFrom;
    public final int idTo;
    public final int occurredAt;
    public final PayloadForm form;
    public final int payloadFrom;
    public final int payloadTo;
    private final int timeAt;

    private EventFields(Line line) {
        streamFrom = line.streamFrom;
        streamTo = line.streamTo;
        seq = line.seq;
        typeFrom = line.typeFrom;
        typeTo = line.typeTo;
        sourceFrom = line.sourceFrom;
        sourceTo = line.sourceTo;
        subjectFrom = line.subjectFrom;
        subjectTo = line.subjectTo;
        idFrom = line.idFrom;
        idTo = line.idTo;
        occurredAt = line.occurredAt;
        form = line.form();
        payloadFrom = line.payloadFrom;
        payloadTo = line.payloadTo;
        timeAt = line.timeAt;
    }

    /** bytes[from, to) is a verified event line. */
    public static EventFields of(byte[] bytes, int from, int to) {
        Line line = LINE.get();
        try {
            return new EventFields(line.parse(bytes, from, to));
        } finally {
            line.bytes = EMPTY; // the thread must not keep the caller's bytes alive
        }
    }

    private static final byte[] EMPTY = {};

    public String string(byte[] bytes, int from, int to) {
        return JsonText.decode(bytes, from, to);
    }

    public long timeMicros(byte[] bytes) {
        return Line.time(bytes, timeAt);
    }
}
