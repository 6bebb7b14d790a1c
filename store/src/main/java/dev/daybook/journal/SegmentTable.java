package dev.daybook.journal;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * The index of a segment while it is written or scanned. One thread adds; others may look up what was published to them: they learn the
 * last sequence number from a head, and read arrays only below it.
 */
final class SegmentTable implements SegmentIndex {
    private static final int SPARSE_LINES = 64;

    final long first;

    /** Of a scan: the heads of this position are known already, so only the lines behind it are folded. */
    final long headsAfter;

    final Map<Name, StreamRun> runs = new ConcurrentHashMap<>();

    // Every 64th line. Guarded by sparseCount: it is written last and read first.
    private int[] sparseDelta = new int[64];
    private int[] sparseOffset = new int[64];
    private volatile int sparseCount;
    private int untilSparse;

    int lines;
    int events;
    int removals; // truncations and deletions behind headsAfter
    long bytes;
    long firstMicros = Long.MAX_VALUE;
    long lastMicros = Long.MIN_VALUE;
    long last;

    // Of a scan: finds the newest run by the bytes of the name in a line. A hash table with linear probing.
    private StreamRun[] scanned = new StreamRun[2];
    private int scannedCount;

    SegmentTable(long first) {
        this(first, first - 1);
    }

    SegmentTable(long first, long headsAfter) {
        this.first = first;
        this.headsAfter = headsAfter;
        this.last = first - 1;
    }

    /** Takes over every 64th line of a table that had this many lines. */
    void sparse(int[] deltas, int[] offsets, int ofLines) {
        sparseDelta = deltas;
        sparseOffset = offsets;
        sparseCount = deltas.length;
        untilSparse = Math.floorMod(-ofLines, SPARSE_LINES);
        lines = ofLines;
    }

    /** Notes a line of this position that begins at this offset. */
    void line(long pos, int offset, long micros) {
        if (untilSparse-- == 0) {
            untilSparse = SPARSE_LINES - 1;
            int n = sparseCount;
            if (n == sparseDelta.length) {
                int[] delta = Arrays.copyOf(sparseDelta, n * 2 + 1);
                int[] offsets = Arrays.copyOf(sparseOffset, n * 2 + 1);
                delta[n] = (int) (pos - first);
                offsets[n] = offset;
                sparseDelta = delta;
                sparseOffset = offsets;
            } else {
                sparseDelta[n] = (int) (pos - first);
                sparseOffset[n] = offset;
            }
            sparseCount = n + 1;
        }
        lines++;
        last = pos;
        if (firstMicros == Long.MAX_VALUE) {
            firstMicros = micros;
        }
        lastMicros = micros;
    }

    int sparseCount() {
        return sparseCount;
    }

    int sparseDelta(int i) {
        return sparseDelta[i];
    }

    int sparseOffset(int i) {
        return sparseOffset[i];
    }

    /** The run to which the next event of this stream belongs. */
    StreamRun run(Name name, long incarnation) {
        StreamRun run = runs.get(name);
        if (run == null || run.incarnation != incarnation) {
            run = new StreamRun(name, incarnation, run);
            runs.put(name, run);
        }
        return run;
    }

    /** Adds a scanned line: index, and partial head of its stream. */
    void scanned(Line line, int offset) {
        line(line.pos, offset, line.timeMicros());
        if (line.streamTo == line.streamFrom) {
            return;
        }
        StreamRun run = find(line);
        if (line.shape == Line.Shape.CONTROL && line.control.equals("create")) {
            run = new StreamRun(run.name, line.pos, run.untouched() ? null : run);
            runs.put(run.name, run);
            int slot = slot(run.name.json, 0, run.name.json.length);
            if (scanned[slot] != null) {
                scanned[slot] = run;
            }
        }
        if (line.shape == Line.Shape.EVENT) {
            int raw = line.rawBytes();
            run.add(line.seq, offset, raw);
            events++;
            bytes += raw;
        }
        if (line.pos > headsAfter) {
            removals += Controls.removes(line) ? 1 : 0;
            run.head.fold(line);
        }
    }

    private StreamRun find(Line line) {
        int slot = slot(line.bytes, line.streamFrom, line.streamTo);
        StreamRun run = scanned[slot];
        if (run == null) {
            Name name = line.name();
            run = runs.get(name); // of a table that was stored
            if (run == null) {
                run = new StreamRun(name, 0, null);
                runs.put(name, run);
            }
            if (!line.isStream(name)) {
                return run; // another program wrote the name in another way
            }
            scanned[slot] = run;
            if (++scannedCount > scanned.length / 2) {
                grow();
            }
        }
        return run;
    }

    /** Where the run of the stream with this name is, or would be. */
    private int slot(byte[] json, int from, int to) {
        int slot = Name.hash(json, from, to) & (scanned.length - 1);
        for (StreamRun run = scanned[slot]; run != null; run = scanned[slot]) {
            if (Arrays.equals(json, from, to, run.name.json, 0, run.name.json.length)) {
                break;
            }
            slot = (slot + 1) & (scanned.length - 1);
        }
        return slot;
    }

    private void grow() {
        StreamRun[] all = scanned;
        scanned = new StreamRun[all.length * 2];
        for (StreamRun run : all) {
            if (run != null) {
                scanned[slot(run.name.json, 0, run.name.json.length)] = run;
            }
        }
    }

    void scanDone() {
        scanned = new StreamRun[2];
        scannedCount = 0;
    }

    @Override
    public @Nullable Run find(Name stream, long incarnation) {
        for (StreamRun run = runs.get(stream); run != null; run = run.previous) {
            if (run.incarnation == incarnation) {
                return run;
            }
        }
        return null;
    }

    @Override
    public int floor(long pos) {
        int n = sparseCount;
        int[] deltas = sparseDelta;
        int[] offsets = sparseOffset;
        int low = 0;
        int high = n - 1;
        while (low < high) {
            int middle = (low + high + 1) >>> 1;
            if (deltas[middle] <= pos - first) {
                low = middle;
            } else {
                high = middle - 1;
            }
        }
        return n == 0 ? -1 : offsets[low];
    }

    /** The events of one stream's incarnation in this segment, in order. */
    static final class StreamRun implements Run {
        final Name name;
        final long incarnation; // 0: began before this segment
        final @Nullable StreamRun previous; // an older incarnation
        final Head head; // partial, of a scan; unused while writing

        private long firstSeq;
        private int count;
        private int[] entries = new int[8]; // byte offset and payload bytes so far of each event

        StreamRun(Name name, long incarnation, @Nullable StreamRun previous) {
            this.name = name;
            this.incarnation = incarnation;
            this.previous = previous;
            this.head = new Head(name);
        }

        /** As it was when it was stored. */
        StreamRun(Head head, long incarnation, @Nullable StreamRun previous, long firstSeq, int[] entries) {
            this.name = head.name;
            this.incarnation = incarnation;
            this.previous = previous;
            this.head = head;
            this.firstSeq = firstSeq;
            this.entries = entries;
            this.count = entries.length / 2;
        }

        boolean untouched() {
            return count == 0 && !folded();
        }

        /** Whether its head has folded any line. */
        boolean folded() {
            return head.linePos != 0 || head.lastSeq != 0;
        }

        /** Its entries, each a byte offset and the payload bytes so far. */
        void writeEntries(ByteBuffer out) {
            out.asIntBuffer().put(entries, 0, 2 * count);
            out.position(out.position() + 8 * count);
        }

        void add(long seq, int offset, int rawBytes) {
            int n = count;
            if (n == 0) {
                firstSeq = seq;
            }
            if (2 * n == entries.length) {
                entries = Arrays.copyOf(entries, Math.max(8, n * 4));
            }
            entries[2 * n] = offset;
            entries[2 * n + 1] = rawBytes + (n == 0 ? 0 : entries[2 * n - 1]);
            count = n + 1;
        }

        @Override
        public long firstSeq() {
            return firstSeq;
        }

        @Override
        public int count() {
            return count;
        }

        @Override
        public int offset(int i) {
            return entries[2 * i];
        }

        @Override
        public long bytesThrough(int i) {
            return entries[2 * i + 1];
        }
    }
}
