package dev.daybook.journal;

import dev.daybook.StoreFailedException;
import dev.daybook.driver.SegmentId;
import dev.daybook.driver.Storage;
import dev.daybook.journal.HeadTable.Totals;
import dev.daybook.journal.SegmentTable.StreamRun;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Keeps a store that was opened for reading up to date with the process that writes it: looks at the watermark, and folds the lines that
 * became visible. Any reading thread does this, one at a time.
 */
final class Follower {
    private final Journal journal;
    private final Storage storage;
    private final byte[] storeId;
    private final Heads heads;

    /** What the watermark said at the opening, which has judged it: a power cut may have left one that is older or newer than the lines. */
    private final Watermark.@Nullable Mark judged;

    // Guarded by this.
    private List<JournalSegment> segments;
    private SegmentTable table;
    private int tail;
    private long pos;
    private Totals totals;
    private long micros;

    private final Map<Name, StreamCell> changed = new LinkedHashMap<>();

    private volatile long seen;

    Follower(
            Journal journal,
            Storage storage,
            byte[] storeId,
            Heads heads,
            Visible visible,
            Watermark.@Nullable Mark judged) {
        this.journal = journal;
        this.storage = storage;
        this.storeId = storeId;
        this.heads = heads;
        this.judged = judged;
        this.segments = visible.segments();
        this.table = (SegmentTable) visible.newest().index();
        this.tail = visible.tail();
        this.pos = visible.pos();
        this.totals = visible.totals();
        this.micros = visible.micros();
        this.seen = pos;
    }

    void refresh(@Nullable Watermark watermark) {
        Watermark.Mark mark = watermark == null ? null : watermark.read();
        if (mark == null || mark.visible() <= seen || mark.equals(judged)) {
            return;
        }
        synchronized (this) {
            try {
                advance(mark);
            } catch (IOException e) {
                throw new StoreFailedException(
                        "cannot follow " + journal.location() + ": " + e, StoreFailedException.Reason.READ_FAILED, e);
            }
        }
    }

    /** Returns when no other thread is between publishing lines and publishing the heads that know of them. */
    synchronized void settle() {}

    /** Adds what runs, as far as was followed. */
    synchronized void running(Running to) {
        heads.running(to::add);
        to.tellChanged(null);
    }

    private void advance(Watermark.Mark mark) throws IOException {
        if (mark.visible() <= pos) {
            return;
        }
        JournalSegment newest = segments.get(segments.size() - 1);
        if (mark.segment() == newest.id.first()) {
            fold(newest, (int) mark.tail(), mark.visible());
        } else {
            List<SegmentId> ids = storage.segments();
            List<JournalSegment> all = new ArrayList<>(segments);
            for (SegmentId id : ids) {
                if (id.first() <= newest.id.first() || id.first() > mark.segment()) {
                    continue;
                }
                newest.last = id.first() - 1;
                fold(newest, Integer.MAX_VALUE, newest.last);
                newest.tail = tail;
                newest = new JournalSegment(
                        id,
                        newest.number + 1,
                        storage,
                        storeId,
                        storage.open(id).toString());
                table = new SegmentTable(id.first());
                newest.index(table);
                tail = 0;
                all.add(newest);
                segments = List.copyOf(all); // together with its table and tail: reading on may fail
            }
            fold(newest, (int) mark.tail(), mark.visible());
        }
        // Segments before heads: a reader that knows of an event must be able to reach it.
        journal.publish(new Visible(segments, pos, Math.min(pos, mark.durable()), tail, totals, micros));
        for (StreamCell cell : changed.values()) {
            cell.published = cell.working;
            cell.inGroup = false;
        }
        changed.clear();
        seen = pos;
    }

    /** Reads on in a segment, up to a position. */
    private void fold(JournalSegment segment, int limit, long through) {
        segment.reading(source -> {
            fold(segment, new LineScanner(source, tail, limit, storeId), through);
            return pos;
        });
        segment.tail = tail;
    }

    private void fold(JournalSegment segment, LineScanner scanner, long through) {
        Line line = new Line();
        while (pos < through) {
            if (scanner.next() != LineScanner.Found.LINE) {
                throw segment.corrupt(
                        scanner.offset(),
                        pos + 1,
                        through,
                        "the writer published lines that cannot be read: " + scanner.reason());
            }
            line.parse(scanner.bytes(), scanner.from(), scanner.to());
            if (line.shape == Line.Shape.HEADER) {
                tail = scanner.nextOffset();
                continue;
            }
            if (line.pos != pos + 1) {
                throw segment.corrupt(scanner.offset(), pos + 1, line.pos, "lines are missing");
            }
            Controls.require(line, segment.file());
            take(line, segment, scanner.offset());
            pos = line.pos;
            tail = scanner.nextOffset();
        }
    }

    private void take(Line line, JournalSegment segment, int offset) {
        micros = line.timeMicros();
        table.line(line.pos, offset, micros);
        if (line.streamTo == line.streamFrom) {
            return;
        }
        Name name = line.name();
        StreamCell cell = heads.cell(name);
        Head known = cell.working;
        Head head = cell.inGroup && known != null ? known : known == null ? new Head(name) : known.copy();
        cell.inGroup = true;
        cell.working = head;
        cell.touchedSegment = segment.id.first();
        changed.put(name, cell);
        Head before = known == null ? null : known.copy();
        head.fold(line);
        totals = Opening.change(totals, before, head);
        if (Controls.removes(line)) {
            totals = new Totals(totals.streams(), totals.events(), totals.bytes(), totals.removals() + 1);
        }
        if (line.shape == Line.Shape.EVENT) {
            int raw = line.rawBytes();
            StreamRun run = table.run(name, head.incarnation >= table.first ? head.incarnation : 0);
            run.add(line.seq, offset, raw);
            table.events++;
            table.bytes += raw;
        }
    }
}
