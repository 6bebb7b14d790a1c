package dev.daybook.journal;

import java.io.IOException;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * How far the open segment is known without going through its lines: the state of {@link Tail}'s reading at a position, stored in the place of the
 * sidecar that the segment will have. An opening reads on from there.
 *
 * <p>It may be lost, torn, or of lines that were cut since, so it holds a checksum of all bytes that it stands for, and is believed only
 * when the segment has them: going through the bytes of a segment is quick, going through its lines is not. It holds only lines that were on stable
 * storage when it was stored, so its position is known durable like one that a line states.
 */
final class Checkpoint {
    private static final int PIECE = 256 << 10;

    private final SidecarIndex stored;
    private final CRC32C crc; // of the bytes up to the end

    private Checkpoint(SidecarIndex stored, CRC32C crc) {
        this.stored = stored;
        this.crc = crc;
    }

    /**
     * The stored checkpoint of this segment, or null when there is none that fits.
     *
     * @param headsAfter the position up to which heads are known
     */
    static @Nullable Checkpoint load(JournalSegment segment, long headsAfter) {
        SidecarIndex stored = segment.checkpoint();
        if (stored == null || stored.headsAfter() != headsAfter && stored.last > headsAfter) {
            return null;
        }
        CRC32C crc = new CRC32C();
        // Reads the file, not the mapping: until they are confirmed, nobody knows that there are lines so far.
        boolean confirmed = segment.reading(source -> update(crc, source, 0, stored.tail));
        return confirmed && (int) crc.getValue() == stored.tailCrc() ? new Checkpoint(stored, crc) : null;
    }

    private static boolean update(CRC32C crc, LineScanner.Source source, int from, int to) {
        byte[] piece = new byte[PIECE];
        int at = from;
        while (at < to) {
            int read = source.read(at, piece, 0, Math.min(piece.length, to - at));
            if (read <= 0) {
                return false;
            }
            crc.update(piece, 0, read);
            at += read;
        }
        return true;
    }

    int end() {
        return stored.tail;
    }

    long last() {
        return stored.last;
    }

    boolean marked() {
        return stored.marked();
    }

    SegmentTable table(long headsAfter) {
        return stored.table(headsAfter);
    }

    /**
     * Stores what an opening found in a segment, so that the next one need not go through its lines again. They are on stable storage by now.
     *
     * @param before the checkpoint from which the opening went on, not to be used any more, or null
     */
    static void store(JournalSegment segment, Tail tail, @Nullable Checkpoint before) throws IOException {
        CRC32C crc = before == null ? new CRC32C() : before.crc;
        int from = before == null ? 0 : before.end();
        if (segment.reading(source -> update(crc, source, from, tail.end))) {
            segment.storeCheckpoint(tail.table, tail.end, (int) crc.getValue(), tail.marked);
        }
    }

    /** Goes along with the segment that is being written and stores its checkpoints. For one thread. */
    static final class Maker {
        private final JournalSegment segment;
        private final CRC32C crc;
        private final Tail.Pass pass;
        private int crcEnd;

        /** @param headsAfter the position up to which heads are known without this segment's lines */
        Maker(JournalSegment segment, byte[] storeId, long headsAfter) {
            this.segment = segment;
            Checkpoint before = load(segment, headsAfter);
            this.pass = new Tail.Pass(segment, storeId, headsAfter, before);
            this.crc = before == null ? new CRC32C() : before.crc;
            this.crcEnd = before == null ? 0 : before.end();
        }

        JournalSegment segment() {
            return segment;
        }

        /**
         * Stores how the segment is now.
         *
         * @param end byte offset behind which nothing may be looked at
         * @param durable no line above this position may be in it
         */
        void store(int end, long durable) throws IOException {
            boolean good = segment.reading(source -> {
                pass.run(source, end, Integer.MAX_VALUE, durable);
                boolean read = update(crc, source, crcEnd, pass.end);
                crcEnd = pass.end;
                return read && pass.good();
            });
            if (good && pass.table.lines > 0) {
                segment.storeCheckpoint(pass.table, pass.end, (int) crc.getValue(), pass.marked);
            }
        }
    }
}
