package dev.daybook.journal;

import dev.daybook.driver.SegmentId;
import dev.daybook.journal.SegmentTable.StreamRun;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * The index of a sealed segment, as a mapped file. Nothing of it is on the heap.
 *
 * <pre>
 * magic u64 · store id 16 B · first u64 · last u64 · generation u32 · tail u32 (byte offset behind the last line)
 * lines u32 · events u32 · bytes u64 · first time u64 · last time u64
 * sparse u32 · streams u32 · slots u32 · entries u32 · name bytes u32 · 0 u32
 * sparse:  position - first u32, byte offset u32          every 64th line
 * slots:   stream number + 1, or 0 for empty u32          hash table by name, linear probing
 * streams: hash u32, name length u32, name at u32, first entry u32, count u32, 0 u32, incarnation u64, first seq u64
 * entries: byte offset u32, payload bytes so far u32      each stream's events together
 * names
 * CRC-32C of all before u32
 * </pre>
 */
final class SidecarIndex implements SegmentIndex {
    private static final long MAGIC = 0x3130784449424459L; // "YDBIDx01", little-endian
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
        List<StreamRun> runs = new ArrayList<>(table.runs.size());
        int entries = 0;
        int names = 0;
        for (StreamRun newest : table.runs.values()) {
            for (StreamRun run = newest; run != null; run = run.previous) {
                if (run.count() > 0) {
                    runs.add(run);
                    entries += run.count();
                    names += run.name.utf8().length;
                }
            }
        }
        int slots = Math.max(4, Integer.highestOneBit(Math.max(runs.size(), 1)) * 4);
        int sparse = table.sparseCount();
        long size = HEADER + 8L * sparse + 4L * slots + (long) STREAM * runs.size() + 8L * entries + names + 4;
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
                .putInt(0);
        out.position(HEADER);
        for (int i = 0; i < sparse; i++) {
            out.putInt(table.sparseDelta(i)).putInt(table.sparseOffset(i));
        }
        int slotsAt = out.position();
        for (int i = 0; i < runs.size(); i++) {
            int slot = runs.get(i).name.hashCode() & (slots - 1);
            while (out.getInt(slotsAt + 4 * slot) != 0) {
                slot = (slot + 1) & (slots - 1);
            }
            out.putInt(slotsAt + 4 * slot, i + 1);
        }
        out.position(slotsAt + 4 * slots);
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
        for (StreamRun run : runs) {
            for (int i = 0; i < run.count(); i++) {
                out.putInt(run.offset(i)).putInt((int) run.bytesThrough(i));
            }
        }
        for (StreamRun run : runs) {
            out.put(run.name.utf8());
        }
        CRC32C crc = new CRC32C();
        crc.update(out.array(), 0, out.position());
        out.putInt((int) crc.getValue());
        return out.flip();
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
