package dev.daybook.journal;

import dev.daybook.internal.json.JsonText;
import dev.daybook.stream.PayloadForm;

/** One event's line, and where its fields are in it. Immutable; nobody may change the bytes. */
public final class EventFields {
    private static final ThreadLocal<Line> LINE = ThreadLocal.withInitial(Line::new);

    public final byte[] bytes;
    public final int from; // of the line
    public final int to; // without the LF
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
        bytes = line.bytes;
        from = line.start;
        to = line.end;
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

    public String string(int stringFrom, int stringTo) {
        return JsonText.decode(bytes, stringFrom, stringTo);
    }

    public long timeMicros() {
        return Line.time(bytes, timeAt);
    }
}
