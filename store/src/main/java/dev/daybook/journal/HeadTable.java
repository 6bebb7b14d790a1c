package dev.daybook.journal;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.Iterator;
import java.util.function.BiConsumer;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * Heads at a position, sorted by name, as a mapped file: the base table, or a delta that stands above the table before it.
 *
 * <pre>
 * magic u64 · store id 16 B · through u64 · previous u64 (through of the table below; 0 for none) · kind u32 (0 base, 1 delta)
 * entries u32 · streams u64 · events u64 · bytes u64 · removals u64 (of the whole store) · running u32
 * offsets u32 each · numbers of the entries that are running u32 each · records: name length varint, name, head · CRC-32C of all before u32
 * </pre>
 */
final class HeadTable {
    private static final long MAGIC = 0x3330534441454844L; // "DHEADS03", little-endian
    private static final int HEADER = 84;

    /**
     * What the whole store holds.
     *
     * @param removals records that ever took events away; while there are none, every event line is a living event
     */
    record Totals(long streams, long events, long bytes, long removals) {
        static final Totals NONE = new Totals(0, 0, 0, 0);
    }

    private final ByteBuffer data;
    final long through;
    final long previous;
    final boolean base;
    final int entries;
    final Totals totals;

    /** How many of its entries are {@link Head#running running}. */
    final int running;

    private HeadTable(ByteBuffer data) {
        this.data = data;
        through = data.getLong(24);
        previous = data.getLong(32);
        base = data.getInt(40) == 0;
        entries = data.getInt(44);
        totals = new Totals(data.getLong(48), data.getLong(56), data.getLong(64), data.getLong(72));
        running = data.getInt(80);
    }

    static String fileName(long through, boolean base) {
        String digits = Long.toString(through);
        return "0".repeat(20 - digits.length()) + digits + (base ? ".base" : ".delta");
    }

    /** The table in these bytes, or null when they are not a whole, undamaged table of this store. */
    static @Nullable HeadTable read(ByteBuffer bytes, byte[] storeId) {
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
        ByteBuffer body = data.duplicate();
        body.limit(size - 4);
        CRC32C crc = new CRC32C();
        crc.update(body);
        return (int) crc.getValue() == data.getInt(size - 4) ? new HeadTable(data) : null;
    }

    /** @param heads sorted by name */
    static ByteBuffer[] write(
            byte[] storeId, long through, long previous, boolean base, Totals totals, Iterator<Head> heads) {
        Head.Bytes records = new Head.Bytes();
        int[] offsets = new int[1024];
        int n = 0;
        int[] running = new int[16];
        int r = 0;
        while (heads.hasNext()) {
            Head head = heads.next();
            if (n == offsets.length) {
                offsets = Arrays.copyOf(offsets, n * 2);
            }
            if (head.running()) {
                if (r == running.length) {
                    running = Arrays.copyOf(running, r * 2);
                }
                running[r++] = n;
            }
            offsets[n++] = records.length;
            records.bytes(head.name.utf8());
            head.write(records);
        }
        ByteBuffer front = ByteBuffer.allocate(HEADER + 4 * (n + r)).order(ByteOrder.LITTLE_ENDIAN);
        front.putLong(MAGIC)
                .put(storeId)
                .putLong(through)
                .putLong(previous)
                .putInt(base ? 0 : 1)
                .putInt(n);
        front.putLong(totals.streams)
                .putLong(totals.events)
                .putLong(totals.bytes)
                .putLong(totals.removals)
                .putInt(r);
        for (int i = 0; i < n; i++) {
            front.putInt(offsets[i]);
        }
        for (int i = 0; i < r; i++) {
            front.putInt(running[i]);
        }
        front.flip();
        CRC32C crc = new CRC32C();
        crc.update(front.array(), 0, front.limit());
        crc.update(records.array, 0, records.length);
        ByteBuffer last = ByteBuffer.allocate(4).order(ByteOrder.LITTLE_ENDIAN);
        last.putInt((int) crc.getValue()).flip();
        return new ByteBuffer[] {front, ByteBuffer.wrap(records.array, 0, records.length), last};
    }

    private int recordAt(int i) {
        return HEADER + 4 * (entries + running) + data.getInt(HEADER + 4 * i);
    }

    private ByteBuffer record(int i) {
        return data.duplicate().position(recordAt(i));
    }

    byte[] name(int i) {
        return Head.Bytes.raw(record(i));
    }

    Head head(int i) {
        ByteBuffer in = record(i);
        return Head.read(Name.known(Head.Bytes.raw(in)), in);
    }

    /** Name and state of the i-th of those that are. Not its head: there may be a million. */
    void running(int i, BiConsumer<byte[], StreamState> to) {
        ByteBuffer in = record(data.getInt(HEADER + 4 * (entries + i)));
        to.accept(Head.Bytes.raw(in), Head.readState(in));
    }

    boolean has(Name name) {
        return index(name) >= 0;
    }

    private int index(Name name) {
        int i = ceiling(name.utf8());
        return i < entries && compare(i, name.utf8()) == 0 ? i : -1;
    }

    /** Index of the first entry whose name is at least this one. */
    int ceiling(byte[] name) {
        int low = 0;
        int high = entries;
        while (low < high) {
            int middle = (low + high) >>> 1;
            if (compare(middle, name) < 0) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        return low;
    }

    @Nullable
    Head find(Name name) {
        int i = index(name);
        if (i < 0) {
            return null;
        }
        ByteBuffer in = record(i);
        Head.Bytes.raw(in);
        return Head.read(name, in);
    }

    private int compare(int i, byte[] name) {
        int at = recordAt(i);
        int length = 0;
        for (int shift = 0; ; shift += 7) {
            byte b = data.get(at++);
            length |= (b & 0x7f) << shift;
            if (b >= 0) {
                break;
            }
        }
        int common = Math.min(length, name.length);
        for (int k = 0; k < common; k++) {
            int difference = (data.get(at + k) & 0xff) - (name[k] & 0xff);
            if (difference != 0) {
                return difference;
            }
        }
        return length - name.length;
    }
}
