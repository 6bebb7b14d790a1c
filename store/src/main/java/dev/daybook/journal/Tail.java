package dev.daybook.journal;

import dev.daybook.CorruptJournalException;
import org.jspecify.annotations.Nullable;

/**
 * Reads the newest segment and decides, by I6, what of it is good, what is doubtful, and what is an unacknowledged tail. Changes nothing.
 *
 * <p>Let S be the highest {@code synced} in any valid line. A bad or missing line at or below S is damage. From the first bad line or incomplete batch
 * above S on, nothing was acknowledged, even when valid lines follow: the pieces of one group reach the disk in any order.
 */
final class Tail {
    final SegmentTable table;

    /** Position of the last good line. */
    final long last;

    /** S: the highest position that a line says was durable. */
    final long synced;

    /** Byte offset behind the last good line. */
    final int end;

    /** Byte offset of the first line above S, or {@link #end}. */
    final int doubtfulFrom;

    /** Lines above S. */
    final long doubtful;

    /** Whether the last line is the mark of a clean close. */
    final boolean marked;

    /** Time of the last line, or {@link Long#MIN_VALUE}. */
    final long micros;

    /** Why the bytes behind the end are no lines; empty when there are none. */
    final String cutReason;

    private Tail(Pass pass, long synced, String cutReason) {
        this.table = pass.table;
        this.last = pass.expected - 1;
        this.synced = synced;
        this.end = pass.end;
        this.doubtfulFrom = pass.doubtfulFrom < 0 ? pass.end : pass.doubtfulFrom;
        this.doubtful = last - Math.max(synced, table.first - 1);
        this.marked = pass.marked;
        this.micros = pass.micros;
        this.cutReason = cutReason;
    }

    /** Reads all of it, as if nothing else were known. */
    static Tail read(JournalSegment segment, byte[] storeId) {
        return read(segment, storeId, Start.of(segment), Integer.MAX_VALUE, Long.MAX_VALUE);
    }

    /**
     * @param limit byte offset behind which nothing may be looked at
     * @param lastAllowed lines above this position are treated as if they were not there
     */
    static Tail read(JournalSegment segment, byte[] storeId, Start start, int limit, long lastAllowed) {
        return segment.reading(source -> read(segment, source, storeId, start, limit, lastAllowed));
    }

    /**
     * Where the reading begins.
     *
     * @param headsAfter position behind which the lines' streams are wanted
     */
    record Start(long headsAfter, @Nullable Checkpoint checkpoint) {
        /** At the beginning, knowing nothing. */
        static Start of(JournalSegment segment) {
            return new Start(segment.id.first() - 1, null);
        }

        private Pass pass(JournalSegment segment, byte[] storeId, int limit, long lastAllowed) {
            Checkpoint c = checkpoint;
            return new Pass(
                    segment, storeId, headsAfter, c == null || c.end() > limit || c.last() > lastAllowed ? null : c);
        }
    }

    /**
     * What a process that does not write may see: what the writer has published. Where that is older than what the lines themselves call
     * durable, a power cut took the watermark back, or the writer has gone on meanwhile: then what the lines say counts.
     */
    static Tail published(JournalSegment segment, byte[] storeId, Start start, Watermark.@Nullable Mark mark) {
        if (mark != null && mark.segment() == segment.id.first()) {
            Tail read = read(segment, storeId, start, (int) mark.tail(), mark.visible());
            if (segment.reading(source -> syncedBehind(segment, source, storeId, read.end)) <= read.last) {
                return read;
            }
        }
        long synced = read(segment, storeId, start, Integer.MAX_VALUE, Long.MAX_VALUE).synced;
        return read(segment, storeId, start, Integer.MAX_VALUE, synced);
    }

    private static long syncedBehind(JournalSegment segment, LineScanner.Source source, byte[] storeId, int from) {
        Pass pass = new Pass(segment, storeId, segment.id.first() - 1, null);
        pass.noteSynced(new LineScanner(source, from, Integer.MAX_VALUE, storeId));
        return pass.synced;
    }

    private static Tail read(
            JournalSegment segment,
            LineScanner.Source source,
            byte[] storeId,
            Start start,
            int limit,
            long lastAllowed) {
        Pass pass = start.pass(segment, storeId, limit, lastAllowed);
        pass.run(source, limit, Integer.MAX_VALUE, lastAllowed);
        long synced = Math.max(pass.synced, segment.id.first() - 1);
        String reason = pass.reason;
        if (pass.batchOpen()) {
            // The last batch is not complete: it goes as a whole.
            int cut = pass.batchOffset;
            long cutPos = pass.batchPos;
            if (reason.isEmpty()) {
                reason = "the batch that begins at position " + cutPos + " is not complete";
            }
            requireUnacknowledged(segment, cut, cutPos, synced, reason);
            Pass again = start.pass(segment, storeId, limit, lastAllowed);
            again.run(source, limit, cut, Long.MAX_VALUE);
            again.findDoubtful(source, synced);
            again.table.scanDone();
            return new Tail(again, synced, reason);
        }
        if (!reason.isEmpty()) {
            requireUnacknowledged(segment, pass.end, pass.expected, synced, reason);
        } else if (pass.expected - 1 < Math.min(synced, lastAllowed)) {
            requireUnacknowledged(segment, pass.end, pass.expected, synced, "lines are missing at the end");
        }
        pass.findDoubtful(source, synced);
        pass.table.scanDone();
        return new Tail(pass, synced, reason);
    }

    private static void requireUnacknowledged(
            JournalSegment segment, int offset, long position, long synced, String reason) {
        if (position <= synced && !PlantedBug.active(PlantedBug.CUT_MIDDLE)) {
            throw new CorruptJournalException(
                    segment.file(),
                    offset,
                    position,
                    synced,
                    reason + "; a later line says that position " + synced + " was on stable storage");
        }
    }

    /** One reading of the segment, which can be continued when there is more. */
    static final class Pass {
        private final JournalSegment segment;
        private final byte[] storeId;
        private final Line line = new Line();
        final SegmentTable table;
        private long expected;
        private long synced;
        int end;
        private int doubtfulFrom = -1;
        boolean marked;
        private long micros = Long.MIN_VALUE;
        private String reason = "";

        private long batchPos;
        private int batchOffset;
        private int batchSeen;
        private int batchSize;

        /** @param from where to go on, or null to begin at the beginning */
        Pass(JournalSegment segment, byte[] storeId, long headsAfter, @Nullable Checkpoint from) {
            this.segment = segment;
            this.storeId = storeId;
            if (from == null) {
                table = new SegmentTable(segment.id.first(), headsAfter);
                expected = segment.id.first();
            } else {
                table = from.table(headsAfter);
                expected = from.last() + 1;
                synced = from.last(); // or it would not be in a checkpoint
                end = from.end();
                marked = from.marked();
                micros = table.lastMicros;
            }
        }

        /** Whether nothing was wrong so far. */
        boolean good() {
            return reason.isEmpty() && !batchOpen();
        }

        boolean batchOpen() {
            return batchSeen < batchSize;
        }

        void run(LineScanner.Source source, int limit, int stopAt, long lastAllowed) {
            LineScanner scanner = new LineScanner(source, end, limit, storeId);
            if (end == 0) {
                if (scanner.next() != LineScanner.Found.LINE) {
                    throw segment.corrupt(0, expected, expected, "the header is damaged: " + scanner.reason());
                }
                end = scanner.nextOffset();
            }
            while (true) {
                LineScanner.Found found = scanner.next();
                if (found == LineScanner.Found.END || scanner.offset() >= stopAt) {
                    return;
                }
                String wrong = found == LineScanner.Found.BAD ? scanner.reason() : take(scanner, lastAllowed);
                if (wrong == null) {
                    return; // beyond what may be looked at
                }
                if (!wrong.isEmpty()) {
                    reason = wrong;
                    end = scanner.offset();
                    if (found == LineScanner.Found.LINE) {
                        noteSyncedOfLine(scanner);
                        noteSynced(scanner);
                    } else {
                        noteSyncedBehindBad(scanner);
                    }
                    return;
                }
                end = scanner.nextOffset();
            }
        }

        /** Takes a good line. Returns what is wrong with it, empty for nothing, null when it is beyond what is allowed. */
        private @Nullable String take(LineScanner scanner, long lastAllowed) {
            try {
                line.parse(scanner.bytes(), scanner.from(), scanner.to());
                if (line.shape == Line.Shape.SEAL) {
                    throw segment.corrupt(
                            scanner.offset(),
                            expected,
                            expected,
                            "it is sealed, so a later segment existed: that one is missing");
                }
                if (line.shape == Line.Shape.GAP) {
                    Framing.Gap gap = Framing.gap(scanner.bytes(), scanner.from(), scanner.to());
                    if (gap.from() != expected || segment.id.generation() == 0) {
                        return "a gap stands where position " + expected + " was expected";
                    }
                    expected = gap.through() + 1;
                    return "";
                }
                if (line.shape == Line.Shape.HEADER) {
                    return "a second header";
                }
                if (line.pos > lastAllowed) {
                    return null;
                }
                if (line.pos != expected) {
                    return "position " + line.pos + " stands where " + expected + " was expected";
                }
                if (line.synced >= line.pos) {
                    return "it claims that itself was durable before it was written";
                }
                if (batchOpen()
                        ? line.batchIndex != batchSeen + 1 || line.batchSize != batchSize
                        : line.batchIndex != 1) {
                    return "line " + line.batchIndex + " of a batch of " + line.batchSize
                            + " stands in the wrong place";
                }
                Controls.require(line, segment.file());
                if (line.batchIndex == 1) {
                    batchPos = line.pos;
                    batchOffset = scanner.offset();
                }
                batchSeen = line.batchIndex;
                batchSize = line.batchSize;
                synced = Math.max(synced, line.synced);
                micros = line.timeMicros();
                marked = line.control.equals(Controls.MARK);
                table.scanned(line, scanner.offset());
                expected++;
                return "";
            } catch (Line.MalformedLineException e) {
                return e.reason();
            }
        }

        /** Takes notice of what every good line from here on says, whatever stands between them. */
        void noteSynced(LineScanner scanner) {
            LineScanner.Found found = scanner.next();
            for (; found == LineScanner.Found.LINE; found = scanner.next()) {
                noteSyncedOfLine(scanner);
            }
            if (found == LineScanner.Found.BAD) {
                noteSyncedBehindBad(scanner);
            }
        }

        private void noteSyncedBehindBad(LineScanner scanner) {
            while (scanner.skipBad()) {
                do {
                    noteSyncedOfLine(scanner);
                } while (scanner.next() == LineScanner.Found.LINE);
            }
        }

        private void noteSyncedOfLine(LineScanner scanner) {
            try {
                line.parse(scanner.bytes(), scanner.from(), scanner.to());
                if (line.shape == Line.Shape.EVENT || line.shape == Line.Shape.CONTROL) {
                    synced = Math.max(synced, line.synced);
                }
            } catch (Line.MalformedLineException e) {
                // says nothing
            }
        }

        /** Finds where the lines above S begin. */
        void findDoubtful(LineScanner.Source source, long above) {
            if (expected - 1 <= above) {
                return;
            }
            int from = table.floor(above + 1);
            if (from < 0) {
                return;
            }
            LineScanner scanner = new LineScanner(source, from, end, storeId);
            while (scanner.next() == LineScanner.Found.LINE) {
                if (Line.position(scanner.bytes(), scanner.from()) > above) {
                    doubtfulFrom = scanner.offset();
                    return;
                }
            }
        }
    }
}
