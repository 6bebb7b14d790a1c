package dev.daybook.journal;

/** Goes through all lines of a segment that has a successor, and makes its table. Any bad line is damage. */
final class SegmentScan {
    private final JournalSegment segment;
    private final SegmentTable table;
    private final Line line = new Line();
    private long expected;

    SegmentScan(JournalSegment segment) {
        this.segment = segment;
        this.table = new SegmentTable(segment.id.first());
        this.expected = segment.id.first();
    }

    SegmentTable run(LineScanner scanner) {
        if (scanner.next() != LineScanner.Found.LINE) {
            throw segment.corrupt(0, expected, expected, "the header is damaged: " + scanner.reason());
        }
        segment.tail = lines(scanner);
        long last = segment.last;
        if (last != JournalSegment.OPEN && expected - 1 != last) {
            throw segment.corrupt(segment.tail, expected, last, "lines are missing at the end");
        }
        table.last = expected - 1;
        table.scanDone();
        return table;
    }

    /** Takes lines one by one. Returns the offset behind the last one, the seal not included. */
    private int lines(LineScanner scanner) {
        long last = segment.last;
        while (true) {
            LineScanner.Found found = scanner.next();
            int offset = scanner.offset();
            if (found == LineScanner.Found.END) {
                return offset;
            }
            if (found == LineScanner.Found.BAD
                    && last != JournalSegment.OPEN
                    && expected > last
                    && !scanner.endsInLine()) {
                return offset; // a seal that was being written: it is written again
            }
            if (found == LineScanner.Found.BAD) {
                throw segment.corrupt(
                        offset,
                        expected,
                        Math.max(expected, last == JournalSegment.OPEN ? expected : last),
                        scanner.reason());
            }
            if (!take(scanner.bytes(), scanner.from(), scanner.to(), offset)) {
                return offset;
            }
        }
    }

    /** Takes a good line. False when it is the seal. */
    private boolean take(byte[] bytes, int from, int to, int offset) {
        try {
            line.parse(bytes, from, to);
            if (line.shape == Line.Shape.SEAL) {
                return false;
            }
            if (line.shape == Line.Shape.GAP) {
                Framing.Gap gap = Framing.gap(bytes, from, to);
                if (gap.from() != expected) {
                    throw segment.corrupt(offset, expected, gap.through(), "a gap begins at " + gap.from());
                }
                expected = gap.through() + 1;
                return true;
            }
            if (line.shape != Line.Shape.EVENT && line.shape != Line.Shape.CONTROL || line.pos != expected) {
                throw segment.corrupt(offset, expected, expected, "position " + expected + " should stand here");
            }
            Controls.require(line, segment.file());
            table.scanned(line, offset);
        } catch (Line.MalformedLineException e) {
            throw segment.corrupt(offset, expected, expected, e.reason());
        }
        expected++;
        return true;
    }
}
