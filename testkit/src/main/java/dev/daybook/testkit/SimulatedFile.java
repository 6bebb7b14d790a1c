package dev.daybook.testkit;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/**
 * The bytes of one file, twice: as processes see them, and as the platter has them. Guarded by its {@link SimulatedDisk}.
 */
final class SimulatedFile {
    static final int SECTOR = 512;
    static final int PAGE = 4096;
    private static final byte[] ZEROS = new byte[PAGE];

    /** What processes see. Zero from {@link #size} on. Never replaced without keeping the old one in {@link #windows} if it was handed out. */
    private ByteBuffer seen;

    private long size;
    private boolean handedOut;
    private boolean sharedForWriting;

    /** Older buffers that mappings still show; every write goes there, too. */
    private final List<ByteBuffer> windows = new ArrayList<>();

    /** What a power cut leaves. Zero from {@link #durableSize} on, except for pieces that got there before their size. */
    private byte[] durable;

    private long durableSize;

    /** Whether {@link #seen} and {@link #durable} are one array, which other files may have too: it is copied before it changes. */
    private boolean frozen;

    /** Sectors that processes see and the platter does not have yet. */
    private final BitSet pending = new BitSet();

    /** Smallest size since the last sync. */
    private long smallestSize;

    /** Failed syncs so far: each open file that was there before learns of them with its own next sync. */
    int failedSyncs;

    /** Who holds the lock on it, if anybody. */
    @Nullable
    SimulatedProcess lockedBy;

    SimulatedFile() {
        this(new byte[0]);
    }

    /** A file whose bytes are durable. The array is its own from now on. */
    SimulatedFile(byte[] bytes) {
        this(bytes, bytes.length);
    }

    private SimulatedFile(byte[] bytes, long size) {
        this.seen = ByteBuffer.wrap(bytes);
        this.durable = bytes;
        this.frozen = true;
        this.size = size;
        this.durableSize = size;
        this.smallestSize = size;
    }

    /** A file with the bytes that processes see in this one, all of them durable. */
    SimulatedFile copy() {
        return frozen ? new SimulatedFile(durable, size) : new SimulatedFile(bytes());
    }

    private void thaw() {
        if (frozen) {
            byte[] shared = durable;
            seen = ByteBuffer.wrap(shared.clone());
            durable = shared.clone();
            frozen = false;
        }
    }

    long size() {
        return size;
    }

    static long allocated(long size) {
        return (size + PAGE - 1) / PAGE * PAGE;
    }

    byte[] bytes() {
        byte[] copy = new byte[(int) size];
        seen.get(0, copy);
        return copy;
    }

    int read(long offset, ByteBuffer into) {
        int n = (int) Math.max(0, Math.min(into.remaining(), size - offset));
        if (n > 0) {
            into.put(into.position(), seen, (int) offset, n);
            into.position(into.position() + n);
        }
        return n;
    }

    /** @param reachesDisk false for a write that no sync will make durable */
    void write(long offset, ByteBuffer bytes, int length, boolean reachesDisk) {
        if (length == 0) {
            return;
        }
        thaw();
        int from = Math.toIntExact(offset);
        reserve(from + length);
        seen.put(from, bytes, bytes.position(), length);
        for (ByteBuffer window : windows) {
            int n = Math.min(length, window.capacity() - from);
            if (n > 0) {
                window.put(from, bytes, bytes.position(), n);
            }
        }
        bytes.position(bytes.position() + length);
        if (reachesDisk) {
            pending.set(from / SECTOR, (from + length - 1) / SECTOR + 1);
        }
        size = Math.max(size, offset + length);
    }

    void truncate(long newSize) {
        thaw();
        if (newSize < size) {
            int from = (int) newSize;
            zero(seen, from, (int) size);
            for (ByteBuffer window : windows) {
                zero(window, from, (int) Math.min(size, window.capacity()));
            }
            pending.clear((from + SECTOR - 1) / SECTOR, Math.max((from + SECTOR - 1) / SECTOR, pending.length()));
        } else {
            reserve((int) newSize);
        }
        size = newSize;
        smallestSize = Math.min(smallestSize, newSize);
        int behind = (int) Math.max(newSize, durableSize);
        if (behind < durable.length) {
            Arrays.fill(durable, behind, durable.length, (byte) 0);
        }
    }

    private static void zero(ByteBuffer buffer, int from, int to) {
        for (int at = from; at < to; at += ZEROS.length) {
            buffer.put(at, ZEROS, 0, Math.min(ZEROS.length, to - at));
        }
    }

    ByteBuffer map(long length, boolean writable) throws IOException {
        thaw();
        if (length > size) {
            if (!writable) {
                throw new IOException("Channel not open for writing - cannot extend file to required size");
            }
            truncate(length);
        }
        if (writable && !sharedForWriting) {
            sharedForWriting = true;
            reserve(0); // moves into memory that every later mapping shares
        }
        handedOut = true;
        ByteBuffer window = seen.slice(0, (int) length);
        return writable ? window : window.asReadOnlyBuffer();
    }

    private void reserve(int needed) {
        boolean enough = needed <= seen.capacity();
        if (enough && seen.isDirect() == sharedForWriting) {
            return;
        }
        int capacity = enough ? seen.capacity() : Math.max(needed, Math.max(2 * seen.capacity(), 2 * PAGE));
        ByteBuffer larger =
                sharedForWriting ? ByteBuffer.allocateDirect(Math.max(capacity, PAGE)) : ByteBuffer.allocate(capacity);
        larger.put(0, seen, 0, (int) Math.min(size, seen.capacity()));
        if (handedOut) {
            windows.add(seen);
            handedOut = false;
        }
        seen = larger;
    }

    void sync() {
        markShared();
        settleSize();
        for (int s = pending.nextSetBit(0); s >= 0; s = pending.nextSetBit(s + 1)) {
            reachPlatter(s);
        }
        pending.clear();
    }

    /** The platter took some of it, and the rest is forgotten: this boot still sees it, the next one does not. */
    void failSync(SplittableRandom random) {
        failedSyncs++;
        markShared();
        if (random.nextBoolean()) {
            settleSize();
        }
        for (int s = pending.nextSetBit(0); s >= 0; s = pending.nextSetBit(s + 1)) {
            if (!truncationIsPending() && random.nextInt(4) == 0) {
                reachPlatter(s);
            }
        }
        pending.clear();
    }

    /** The operating system writes something back on its own. */
    void writeBack(SplittableRandom random) {
        if (truncationIsPending()) {
            return;
        }
        for (int s = pending.nextSetBit(0); s >= 0; s = pending.nextSetBit(s + 1)) {
            if (random.nextInt(3) == 0) {
                reachPlatter(s);
                pending.clear(s);
            }
        }
        if (random.nextInt(3) == 0) {
            settleSize();
        }
    }

    private boolean truncationIsPending() {
        return smallestSize < durableSize;
    }

    /** What was written through a mapping is pending without anybody having said so. */
    private void markShared() {
        if (sharedForWriting && size > 0) {
            pending.set(0, (int) ((size - 1) / SECTOR) + 1);
        }
    }

    private void reachPlatter(int sector) {
        int from = sector * SECTOR;
        int to = (int) Math.min(from + SECTOR, Math.max(size, from));
        if (to > durable.length) {
            byte[] larger = new byte[Math.max(to, Math.max(2 * durable.length, 2 * PAGE))];
            System.arraycopy(durable, 0, larger, 0, durable.length);
            durable = larger;
        }
        seen.get(from, durable, from, to - from);
    }

    private void settleSize() {
        if (truncationIsPending() && smallestSize < durable.length) {
            Arrays.fill(durable, (int) smallestSize, durable.length, (byte) 0);
        }
        durableSize = size;
        smallestSize = size;
    }

    /** The power goes: an arbitrary part of what was pending is there afterwards. */
    void crash(SplittableRandom random, int pieceBytes, int survivalOf16) {
        markShared();
        long before = durableSize;
        long after = before;
        if (size != before || smallestSize < before) {
            int roll = random.nextInt(16);
            after = roll < survivalOf16 ? size : roll == 15 ? Math.min(smallestSize, before) : before;
        }
        byte[] left = new byte[(int) after];
        System.arraycopy(durable, 0, left, 0, (int) Math.min(after, durable.length));
        if (after != before && smallestSize < Math.min(before, after)) {
            Arrays.fill(left, (int) smallestSize, left.length, (byte) 0);
        }
        int sectors = pieceBytes / SECTOR;
        for (int s = pending.nextSetBit(0); s >= 0; ) {
            int piece = s / sectors;
            boolean survives = random.nextInt(16) < survivalOf16;
            boolean torn = sectors > 1 && random.nextInt(8) == 0;
            for (; s >= 0 && s / sectors == piece; s = pending.nextSetBit(s + 1)) {
                if (torn ? random.nextBoolean() : survives) {
                    int from = s * SECTOR;
                    int n = (int) Math.min(Math.min(SECTOR, size - from), (long) left.length - from);
                    if (n > 0) {
                        seen.get(from, left, from, n);
                    }
                }
            }
        }
        reset(left);
    }

    /** Changes bytes at rest, for processes and the platter alike. */
    void reset(byte[] bytes) {
        seen = ByteBuffer.wrap(bytes);
        durable = bytes;
        frozen = true;
        size = bytes.length;
        durableSize = size;
        smallestSize = size;
        pending.clear();
        windows.clear();
        handedOut = false;
        sharedForWriting = false;
        lockedBy = null;
    }
}
