package dev.daybook.journal;

import dev.daybook.driver.Storage;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Objects;
import java.util.Optional;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * How far other processes may read: 64 bytes of memory that the writer shares with them. They may be lost or torn at any time; a
 * checksum, seeded with the store id, tells.
 *
 * <pre>magic u64 · visible position u64 · durable position u64 · segment u64 · byte offset behind its last visible line u64 · CRC-32C u32</pre>
 */
final class Watermark {
    static final int BYTES = 64;

    /** So often is read again what a writer changed while it was read. */
    static final int ATTEMPTS_MAX = 10;

    private static final long MAGIC = 0x314b524d57594144L; // "DAYWMRK1"
    private static final int CHECKED = 40;

    /**
     * @param visible the newest position that readers may see
     * @param durable the newest position that is known to be on stable storage
     * @param segment first position of the segment that holds the visible end
     * @param tail byte offset behind the visible end in it
     */
    record Mark(long visible, long durable, long segment, long tail) {}

    private final ByteBuffer shared;
    private final byte[] storeId;
    private final CRC32C crc = new CRC32C(); // guarded by this
    private final byte[] scratch = new byte[BYTES]; // guarded by this
    private final ByteBuffer draft = ByteBuffer.wrap(scratch).order(ByteOrder.LITTLE_ENDIAN);

    Watermark(ByteBuffer shared, byte[] storeId) {
        this.shared = shared;
        this.storeId = storeId;
    }

    synchronized void publish(Mark mark) {
        draft.clear();
        draft.putLong(MAGIC)
                .putLong(mark.visible)
                .putLong(mark.durable)
                .putLong(mark.segment)
                .putLong(mark.tail);
        draft.putInt(checksum());
        shared.put(0, scratch, 0, CHECKED + 4);
    }

    /** The mark that a store has now, or null when there is none that is whole. */
    static @Nullable Mark read(Storage storage, byte[] storeId) throws IOException {
        Optional<ByteBuffer> shared = storage.shared(BYTES);
        return shared.isEmpty() ? null : new Watermark(shared.get(), storeId).read();
    }

    /**
     * Whether a writer went on since this was the mark and there were so many segments: what was read meanwhile may not fit together, and is
     * read again.
     */
    static boolean movedOn(Storage storage, byte[] storeId, @Nullable Mark mark, int segments) throws IOException {
        return !Objects.equals(mark, read(storage, storeId))
                || storage.segments().size() != segments;
    }

    /** The mark, or null when there is none that is whole. */
    synchronized @Nullable Mark read() {
        for (int attempt = 0; attempt < 100; attempt++) {
            shared.get(0, scratch, 0, BYTES);
            if (draft.getLong(0) == MAGIC && draft.getInt(CHECKED) == checksum()) {
                return new Mark(draft.getLong(8), draft.getLong(16), draft.getLong(24), draft.getLong(32));
            }
            Thread.onSpinWait(); // the writer may be in the middle of it
        }
        return null;
    }

    private int checksum() {
        crc.reset();
        crc.update(storeId, 0, storeId.length);
        crc.update(scratch, 0, CHECKED);
        return (int) crc.getValue();
    }
}
