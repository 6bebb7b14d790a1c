package dev.daybook.journal;

import dev.daybook.CorruptJournalException;
import dev.daybook.StoreFailedException;
import dev.daybook.driver.Segment;
import dev.daybook.driver.SegmentId;
import dev.daybook.driver.Storage;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.MappedByteBuffer;
import java.util.Optional;
import java.util.function.Function;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * A segment as readers use it. A sealed one costs no descriptor and no heap: its bytes and its index are mapped when somebody asks.
 * Thread-safe.
 */
final class JournalSegment {
    static final long OPEN = Long.MAX_VALUE;

    /**
     * After so many lines read one by one, all of them are made accessible at once. Otherwise nearly every first look at a line is a page
     * fault, which costs more than all else about reading it; by then those have cost about half of what this costs.
     */
    private static final int READS_BEFORE_TOUCH = 1_024;

    private static final int TOUCH_STEP = 64 << 10; // Linux makes so much accessible with one fault
    private static final int TOUCH_SAMPLE = 1 << 20;

    final SegmentId id;
    final long number;
    private final Storage storage;
    private final byte[] storeId;
    private final String file;

    /** Last position in it; {@link #OPEN} while it is being written. */
    volatile long last = OPEN;

    /** Whether it was seen to end with its seal: then nothing of it is cut off any more. */
    volatile boolean sealed;

    /** Byte offset behind its last line, the seal not included; -1 when that is not known yet. */
    volatile int tail = -1;

    private volatile @Nullable Segment writing; // while it is open
    private volatile @Nullable SegmentIndex index;
    private volatile @Nullable ByteBuffer view; // of a segment that is not written here; reaches to its tail
    private volatile long endedBytes = -1; // of a file that does not change any more
    private int reads; // of single lines; racing threads may lose some

    JournalSegment(SegmentId id, long number, Storage storage, byte[] storeId, String file) {
        this.id = id;
        this.number = number;
        this.storage = storage;
        this.storeId = storeId;
        this.file = file;
    }

    String file() {
        return file;
    }

    void writing(@Nullable Segment segment) {
        writing = segment;
        view = null;
    }

    void index(SegmentIndex known) {
        index = known;
    }

    /** Its bytes, at least up to what was visible when this was called. */
    ByteBuffer view() {
        ByteBuffer known = view;
        if (known != null && known.capacity() >= tail) {
            return known;
        }
        try {
            Segment open = writing;
            if (open != null) {
                return open.view();
            }
            try (Segment segment = storage.open(id)) {
                ByteBuffer mapped = segment.view();
                view = mapped;
                return mapped;
            }
        } catch (IOException e) {
            throw new StoreFailedException(
                    "cannot read " + file + ": " + e, StoreFailedException.Reason.READ_FAILED, e);
        }
    }

    /** Bytes of its file now, prepared space included. */
    long bytes() throws IOException {
        Segment open = writing;
        if (open != null) {
            return open.size();
        }
        if (endedBytes >= 0) {
            return endedBytes;
        }
        try (Segment segment = storage.open(id)) {
            long size = segment.size();
            if (last != OPEN) {
                byte[] end = new byte[1];
                segment.read(Math.max(0, size - 1), ByteBuffer.wrap(end));
                if (end[0] == '\n') { // else there is space prepared, which is still to be cut off
                    endedBytes = size;
                }
            }
            return size;
        }
    }

    /** Its file ends behind its seal. */
    void ended(long bytes) {
        endedBytes = bytes;
    }

    /** Whether {@link #bytes()} stays what it is. */
    boolean isEnded() {
        return endedBytes >= 0;
    }

    /** Reads the bytes themselves: for when it is not known how far the lines go. */
    <T> T reading(Function<LineScanner.Source, T> body) {
        try {
            Segment open = writing;
            if (open != null) {
                return body.apply(source(open, file));
            }
            try (Segment segment = storage.open(id)) {
                return body.apply(source(segment, file));
            }
        } catch (IOException e) {
            throw new StoreFailedException(
                    "cannot read " + file + ": " + e, StoreFailedException.Reason.READ_FAILED, e);
        }
    }

    static LineScanner.Source source(Segment segment, String file) {
        return (at, into, from, length) -> {
            try {
                return segment.read(at, ByteBuffer.wrap(into, from, length));
            } catch (IOException e) {
                throw new StoreFailedException(
                        "cannot read " + file + ": " + e, StoreFailedException.Reason.READ_FAILED, e);
            }
        };
    }

    /** Its index, made from its lines when the sidecar is missing or wrong. */
    SegmentIndex index() {
        SegmentIndex known = index;
        return known != null ? known : loadIndex();
    }

    private synchronized SegmentIndex loadIndex() {
        SegmentIndex known = index;
        if (known == null) {
            known = stored();
            if (known == null) {
                known = store(scan());
            }
            index = known;
        }
        return known;
    }

    /** The sidecar, if it is there and whole. */
    @Nullable
    SidecarIndex stored() {
        try {
            SidecarIndex sidecar = sidecar();
            if (sidecar != null && sidecar.whole() && sidecar.last == last) {
                tail = sidecar.tail;
                return sidecar;
            }
            return null;
        } catch (IOException e) {
            return null; // it is made again
        }
    }

    /** What the sidecar file holds, whole or a checkpoint, or null when it is missing or damaged. */
    private @Nullable SidecarIndex sidecar() throws IOException {
        Optional<ByteBuffer> bytes = storage.derived("index", id.toString());
        return bytes.map(b -> SidecarIndex.read(b, storeId, id)).orElse(null);
    }

    /** The checkpoint that was stored while it was open, if it is whole; it may be of other lines. */
    @Nullable
    SidecarIndex checkpoint() {
        try {
            SidecarIndex sidecar = sidecar();
            return sidecar == null || sidecar.whole() ? null : sidecar;
        } catch (IOException e) {
            return null; // the lines are there
        }
    }

    void storeCheckpoint(SegmentTable table, int end, int crc, boolean marked) throws IOException {
        storage.derive("index", id.toString(), SidecarIndex.checkpoint(table, storeId, id, end, crc, marked));
    }

    /** Writes the sidecar and uses it. Where it cannot be written, the same bytes serve from the heap. */
    SidecarIndex store(SegmentTable table) {
        ByteBuffer bytes = SidecarIndex.write(table, storeId, id, tail);
        if (storage.writable()) {
            try {
                storage.derive("index", id.toString(), bytes.duplicate());
                SidecarIndex mapped = stored();
                if (mapped != null) {
                    return mapped;
                }
            } catch (IOException e) {
                System.getLogger("dev.daybook").log(System.Logger.Level.WARNING, "no sidecar for " + file + ": " + e);
            }
        }
        SidecarIndex onHeap = SidecarIndex.read(bytes, storeId, id);
        if (onHeap == null) {
            throw new IllegalStateException("an index does not read back");
        }
        return onHeap;
    }

    /** Goes through all lines of a segment that has a successor; any bad one is damage. */
    SegmentTable scan() {
        if (sealed) {
            return scan(LineScanner.window(view()));
        }
        return reading(this::scan);
    }

    private SegmentTable scan(LineScanner.Source source) {
        return new SegmentScan(this).run(LineScanner.passing(source, Integer.MAX_VALUE, storeId));
    }

    CorruptJournalException corrupt(long offset, long firstPosition, long lastPosition, String reason) {
        return new CorruptJournalException(file, offset, firstPosition, lastPosition, reason);
    }

    /** Damage of the line that begins at this offset, with the positions that the lines around it leave for it. */
    CorruptJournalException damaged(int offset, String reason) {
        int end = tail < 0 ? Integer.MAX_VALUE : tail;
        return reading(source -> {
            LineScanner scanner = new LineScanner(source, 0, end, storeId);
            long first = id.first();
            LineScanner.Found found = scanner.next();
            while (found == LineScanner.Found.LINE || found == LineScanner.Found.BAD && scanner.skipBad()) {
                long pos = Line.position(scanner.bytes(), scanner.from());
                if (pos > 0 && scanner.offset() > offset) {
                    return corrupt(offset, first, pos - 1, reason);
                }
                if (pos > 0 && scanner.offset() < offset) {
                    first = pos + 1;
                }
                found = scanner.next();
            }
            return corrupt(offset, first, last == OPEN ? first : last, reason);
        });
    }

    /**
     * The line that begins at this offset, verified, as bytes of its own.
     *
     * @param guess how long it is likely to be; when that is right, its end needs no search and its bytes are copied once
     */
    byte[] line(int offset, int guess, CRC32C crc) {
        ByteBuffer bytes = view();
        // Not beyond the lines: what was prepared behind them may be cut off at any moment.
        int known = tail;
        int limit = known < 0 ? bytes.capacity() : Math.min(known, bytes.capacity());
        if (++reads == READS_BEFORE_TOUCH) {
            reads = 0;
            if (view != null) {
                touch(limit);
            }
        }
        if (guess >= Line.CRC_TAIL && guess < (long) limit - offset && bytes.get(offset + guess) == '\n') {
            byte[] line = new byte[guess];
            bytes.get(offset, line);
            if (Line.check(crc, storeId, line, 0, guess)) {
                return line;
            }
        }
        int size = Math.min(1_024, limit - offset);
        if (size <= 0) {
            throw damaged(offset, "the file ends before this line");
        }
        byte[] line = new byte[size];
        bytes.get(offset, line);
        int from = 0;
        while (true) {
            for (int i = from; i < line.length; i++) {
                if (line[i] == '\n') {
                    if (i < Line.CRC_TAIL || !Line.check(crc, storeId, line, 0, i)) {
                        throw damaged(offset, "the checksum does not fit the line");
                    }
                    return java.util.Arrays.copyOf(line, i);
                }
            }
            if (offset + line.length >= limit) {
                throw damaged(offset, "the line does not end");
            }
            from = line.length;
            line = java.util.Arrays.copyOf(line, (int) Math.min((long) limit - offset, line.length * 4L));
            bytes.get(offset + from, line, from, line.length - from);
        }
    }

    /** Looks at all of it, unless that would read from the disk what nobody asked for. */
    private void touch(int limit) {
        for (int at = 0; at < limit; at += TOUCH_SAMPLE) {
            if (isCold(at)) {
                return;
            }
        }
        ByteBuffer bytes = view();
        byte sum = 0;
        for (int at = 0; at < limit; at += TOUCH_STEP) {
            sum += bytes.get(at);
        }
        reads = READS_BEFORE_TOUCH + (sum & 1); // once is enough; with the sum in it no look is optimised away
    }

    /** Whether the bytes at this offset would have to come from the disk. */
    boolean isCold(int offset) {
        return view() instanceof MappedByteBuffer mapped
                && offset < mapped.capacity()
                && !mapped.slice(offset, 1).isLoaded();
    }

    @Override
    public String toString() {
        return file;
    }
}
