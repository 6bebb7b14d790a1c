package dev.daybook.journal;

import dev.daybook.driver.SegmentId;
import dev.daybook.journal.SegmentTable.StreamRun;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.IntBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * The index of a sealed segment, as a mapped file. Nothing of it is on the heap. Or, while the segment is open, a {@link Checkpoint} of it: then
 * what the lines so far say of the streams is there too.
 *
 * <pre>
 * magic u64 · store id 16 B · first u64 · last u64 · generation u32 · tail u32 (byte offset behind the last line)
 * lines u32 · events u32 · bytes u64 · first time u64 · last time u64
 * sparse u32 · streams u32 · slots u32 · entries u32 · name bytes u32 · checkpoint bytes u32 (0 in the index of a whole segment)
 * sparse:  position - first u32, byte offset u32          every 64th line
 * slots:   stream number + 1, or 0 for empty u32          hash table by name, linear probing
 * streams: hash u32, name length u32, name at u32, first entry u32, count u32, 0 u32, incarnation u64, first seq u64
 * entries: byte offset u32, payload bytes so far u32      each stream's events together
 * names
 * checkpoint: CRC-32C of the segment's bytes up to the tail u32, whether the last line is a mark u8, heads after this position u64, removals u32,
 *   and of each stream: folded u8, head if so
 * CRC-32C of all before u32
 * </pre>
 */
final class SidecarIndex implements SegmentIndex {
    private static final long MAGIC =
            0x3330784449424459L; // "YDBIDx03", little-endian; grows with the layout of heads, too
    private static final int HEADER = 104;
    private static final int STREAM = 40;

    private final ByteBuffer data;
    private final long first;
    final long last;
    final int tail;
    final int lines;
    final int events;
    final long bytes;
    final long firstMicros;
    final long lastMicros;
    private final int sparse;
    private final int slots;
    private final int sparseAt;
    private final int slotsAt;
    private final int streamsAt;
    private final int entriesAt;
    private final int namesAt;
    private final int checkpointAt; // 0 for none

    private SidecarIndex(ByteBuffer data) {
        this.data = data;
        first = data.getLong(24);
        last = data.getLong(32);
        tail = data.getInt(44);
        lines = data.getInt(48);
        events = data.getInt(52);
        bytes = data.getLong(56);
        firstMicros = data.getLong(64);
        lastMicros = data.getLong(72);
        sparse = data.getInt(80);
        int streams = data.getInt(84);
        slots = data.getInt(88);
        int entries = data.getInt(92);
        sparseAt = HEADER;
        slotsAt = sparseAt + 8 * sparse;
        streamsAt = slotsAt + 4 * slots;
        entriesAt = streamsAt + STREAM * streams;
        namesAt = entriesAt + 8 * entries;
        checkpointAt = data.getInt(100) == 0 ? 0 : namesAt + data.getInt(96);
    }

    /** Whether it is that of a whole segment. */
    boolean whole() {
        return checkpointAt == 0;
    }

    /** Of a checkpoint: CRC-32C of the segment's bytes up to the tail. */
    int tailCrc() {
        return data.getInt(checkpointAt);
    }

    /** Of a checkpoint: whether its last line is a mark. */
    boolean marked() {
        return data.get(checkpointAt + 4) != 0;
    }

    /** Of a checkpoint: its heads fold the lines behind this position. */
    long headsAfter() {
        return data.getLong(checkpointAt + 5);
    }

    /**
     * Of a checkpoint: the table as it was, to be scanned on.
     *
     * @param headsAfter the position behind which heads are wanted: that of the checkpoint's heads, or one that no line in it is behind
     */
    SegmentTable table(long headsAfter) {
        SegmentTable table = new SegmentTable(first, headsAfter);
        int[] deltas = new int[sparse];
        int[] offsets = new int[sparse];
        for (int i = 0; i < sparse; i++) {
            deltas[i] = data.getInt(sparseAt + 8 * i);
            offsets[i] = data.getInt(sparseAt + 8 * i + 4);
        }
        table.sparse(deltas, offsets, lines);
        table.events = events;
        table.bytes = bytes;
        table.firstMicros = firstMicros;
        table.lastMicros = lastMicros;
        table.last = last;
        boolean heads = headsAfter < last;
        ByteBuffer in = data.duplicate().order(ByteOrder.LITTLE_ENDIAN).position(checkpointAt + 13);
        int removals = in.getInt();
        table.removals = heads ? removals : 0;
        IntBuffer pairs = data.slice(entriesAt, namesAt - entriesAt)
                .order(ByteOrder.LITTLE_ENDIAN)
                .asIntBuffer();
        int streams = (entriesAt - streamsAt) / STREAM;
        for (int i = 0; i < streams; i++) { // an older incarnation before a newer one
            int at = streamsAt + STREAM * i;
            byte[] utf8 = new byte[data.getInt(at + 4)];
            data.get(namesAt + data.getInt(at + 8), utf8);
            Name name = Name.known(utf8);
            Head head = heads && in.get() != 0 ? Head.read(name, in) : new Head(name);
            int[] entries = new int[2 * data.getInt(at + 16)];
            pairs.get(2 * data.getInt(at + 12), entries);
            table.runs.put(
                    name,
                    new StreamRun(head, data.getLong(at + 24), table.runs.get(name), data.getLong(at + 32), entries));
        }
        return table;
    }

    /** The index in these bytes, or null when they are not the whole, undamaged index of this segment. */
    static @Nullable SidecarIndex read(ByteBuffer bytes, byte[] storeId, SegmentId id) {
        ByteBuffer data = bytes.slice().order(ByteOrder.LITTLE_ENDIAN);
        int size = data.capacity();
        if (size < HEADER + 4 || data.getLong(0) != MAGIC) {
            return null;
        }
        for (int i = 0; i < 16; i++) {
            if (data.get(8 + i) != storeId[i]) {
                return null;
            }
        }
        CRC32C crc = new CRC32C();
        ByteBuffer body = data.duplicate();
        body.limit(size - 4);
        crc.update(body);
        if ((int) crc.getValue() != data.getInt(size - 4)) {
            return null;
        }
        SidecarIndex index = new SidecarIndex(data);
        return index.first == id.first() && data.getInt(40) == id.generation() ? index : null;
    }

    static ByteBuffer write(SegmentTable table, byte[] storeId, SegmentId id, int tail) {
        return write(table, storeId, id, tail, false, 0, false);
    }

    /** The table of an open segment up to its end so far. */
    static ByteBuffer checkpoint(
            SegmentTable table, byte[] storeId, SegmentId id, int tail, int tailCrc, boolean marked) {
        return write(table, storeId, id, tail, true, tailCrc, marked);
    }

    private static ByteBuffer write(
            SegmentTable table,
            byte[] storeId,
            SegmentId id,
            int tail,
            boolean checkpoint,
            int tailCrc,
            boolean marked) {
        List<StreamRun> runs = runs(table, checkpoint);
        int entries = 0;
        int names = 0;
        for (StreamRun run : runs) {
            entries += run.count();
            names += run.name.utf8().length;
        }
        Head.Bytes heads = new Head.Bytes();
        if (checkpoint) {
            for (StreamRun run : runs) {
                heads.varint(run.folded() ? 1 : 0);
                if (run.folded()) {
                    run.head.write(heads);
                }
            }
        }
        int checkpointBytes = checkpoint ? 17 + heads.length : 0;
        int slots = Math.max(4, Integer.highestOneBit(Math.max(runs.size(), 1)) * 4);
        int sparse = table.sparseCount();
        long size = HEADER
                + 8L * sparse
                + 4L * slots
                + (long) STREAM * runs.size()
                + 8L * entries
                + names
                + checkpointBytes
                + 4;
        ByteBuffer out = ByteBuffer.allocate(Math.toIntExact(size)).order(ByteOrder.LITTLE_ENDIAN);
        out.putLong(MAGIC).put(storeId).putLong(id.first()).putLong(table.last);
        out.putInt(id.generation())
                .putInt(tail)
                .putInt(table.lines)
                .putInt(table.events)
                .putLong(table.bytes);
        out.putLong(table.firstMicros).putLong(table.lastMicros);
        out.putInt(sparse)
                .putInt(runs.size())
                .putInt(slots)
                .putInt(entries)
                .putInt(names)
                .putInt(checkpointBytes);
        out.position(HEADER);
        writeSparse(table, out);
        writeSlots(runs, slots, out);
        writeStreams(runs, out);
        for (StreamRun run : runs) {
            run.writeEntries(out);
        }
        for (StreamRun run : runs) {
            out.put(run.name.utf8());
        }
        if (checkpoint) {
            out.putInt(tailCrc)
                    .put((byte) (marked ? 1 : 0))
                    .putLong(table.headsAfter)
                    .putInt(table.removals);
            out.put(heads.array, 0, heads.length);
        }
        CRC32C crc = new CRC32C();
        crc.update(out.array(), 0, out.position());
        out.putInt((int) crc.getValue());
        return out.flip();
    }

    /** All runs, of a stream an older incarnation before a newer one; those without events only for a checkpoint. */
    private static List<StreamRun> runs(SegmentTable table, boolean checkpoint) {
        List<StreamRun> runs = new ArrayList<>(table.runs.size());
        for (StreamRun newest : table.runs.values()) {
            int at = runs.size();
            for (StreamRun run = newest; run != null; run = run.previous) {
                if (run.count() > 0 || checkpoint) {
                    runs.add(at, run);
                }
            }
        }
        return runs;
    }

    private static void writeSparse(SegmentTable table, ByteBuffer out) {
        for (int i = 0; i < table.sparseCount(); i++) {
            out.putInt(table.sparseDelta(i)).putInt(table.sparseOffset(i));
        }
    }

    private static void writeSlots(List<StreamRun> runs, int slots, ByteBuffer out) {
        int slotsAt = out.position();
        for (int i = 0; i < runs.size(); i++) {
            int slot = runs.get(i).name.hashCode() & (slots - 1);
            while (out.getInt(slotsAt + 4 * slot) != 0) {
                slot = (slot + 1) & (slots - 1);
            }
            out.putInt(slotsAt + 4 * slot, i + 1);
        }
        out.position(slotsAt + 4 * slots);
    }

    private static void writeStreams(List<StreamRun> runs, ByteBuffer out) {
        int entry = 0;
        int nameAt = 0;
        for (StreamRun run : runs) {
            out.putInt(run.name.hashCode())
                    .putInt(run.name.utf8().length)
                    .putInt(nameAt)
                    .putInt(entry);
            out.putInt(run.count()).putInt(0).putLong(run.incarnation).putLong(run.firstSeq());
            entry += run.count();
            nameAt += run.name.utf8().length;
        }
    }

    @Override
    public @Nullable Run find(Name stream, long incarnation) {
        byte[] name = stream.utf8();
        for (int slot = stream.hashCode() & (slots - 1); ; slot = (slot + 1) & (slots - 1)) {
            int number = data.getInt(slotsAt + 4 * slot) - 1;
            if (number < 0) {
                return null;
            }
            int at = streamsAt + STREAM * number;
            if (data.getInt(at) == stream.hashCode()
                    && data.getInt(at + 4) == name.length
                    && data.getLong(at + 24) == incarnation
                    && isName(namesAt + data.getInt(at + 8), name)) {
                return new SidecarRun(
                        data, data.getLong(at + 32), data.getInt(at + 16), entriesAt + 8 * data.getInt(at + 12));
            }
        }
    }

    private boolean isName(int at, byte[] name) {
        for (int i = 0; i < name.length; i++) {
            if (data.get(at + i) != name[i]) {
                return false;
            }
        }
        return true;
    }

    @Override
    public int floor(long pos) {
        int low = 0;
        int high = sparse - 1;
        while (low < high) {
            int middle = (low + high + 1) >>> 1;
            if (data.getInt(sparseAt + 8 * middle) <= pos - first) {
                low = middle;
            } else {
                high = middle - 1;
            }
        }
        return sparse == 0 ? -1 : data.getInt(sparseAt + 8 * low + 4);
    }

    private record SidecarRun(ByteBuffer data, long firstSeq, int count, int at) implements Run {
        @Override
        public int offset(int i) {
            return data.getInt(at + 8 * i);
        }

        @Override
        public long bytesThrough(int i) {
            return data.getInt(at + 8 * i + 4);
        }
    }
}
