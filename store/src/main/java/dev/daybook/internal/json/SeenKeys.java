package dev.daybook.internal.json;

import java.util.Arrays;
import java.util.SplittableRandom;

/**
 * The keys of all objects that are open at one moment, as one stack: an object is a range of it, and closing the object
 * pops its range. Up to {@link #LINEAR_MAX} keys of an object are compared hash by hash; an object with more is linked
 * into one hash table with chains, so that any number of keys costs linear time.
 *
 * <p>The hash is a polynomial over the key's bytes modulo the prime 2^61-1, evaluated at a secret random point. Two
 * different polynomials of degree n agree at n points at most, so whoever chooses keys without knowing the point can
 * make two of them meet only by luck, and nobody can send an object whose keys all fall into one chain. Mixing a random
 * seed into a multiply-and-shift hash does not give that: pairs of keys exist that collide under every seed.
 */
final class SeenKeys {
    /** Below this, comparing hashes in a row is faster than a table. */
    static final int LINEAR_MAX = 16;

    private static final int CAPACITY_MIN = 64;

    /** A thread must not keep the memory of the largest line it ever saw. */
    private static final int CAPACITY_KEPT_MAX = 1_024;

    private static final int UNESCAPED_KEPT_MAX = 16 * 1_024;
    private static final int[] NO_TABLE = {};
    private static final long PRIME = (1L << 61) - 1;

    /** Bytes to a coefficient: 56 bits, below the prime, so that different chunks are different coefficients. */
    private static final int CHUNK_BYTES = 7;

    private static final long CHUNK_MASK = (1L << (8 * CHUNK_BYTES)) - 1;

    /** Value of {@link #previous} for a key that is not in the table. */
    private static final int UNLINKED = -1;

    /** Where the polynomial is evaluated: between 2^32 and the prime. Secret, see above. */
    private final long point;

    private int count;
    private long[] hashes = new long[CAPACITY_MIN];

    /** Start of the key in the line, or, if it had escapes, the complement of its start in {@link #unescaped}. */
    private int[] starts = new int[CAPACITY_MIN];

    private int[] ends = new int[CAPACITY_MIN];

    /** Key linked before this one in the same chain, plus one; 0 at the end of a chain, or {@link #UNLINKED}. */
    private int[] previous = new int[CAPACITY_MIN];

    /**
     * Last key of each chain, plus one. The chains of all open objects share it: keys are linked in the order of the
     * stack, so those of the innermost object come first, and unlinking them in reverse restores what was there.
     */
    private int[] table = NO_TABLE;

    private byte[] unescaped = new byte[256];
    private int unescapedLength;

    /** Compared pairs of keys since the last {@link #clear}, for the test that shows linear cost. */
    private long comparisons;

    SeenKeys() {
        // Not SecureRandom: it costs 20 ms of a short-lived process, and the point only has to be unknown to senders.
        this((new SplittableRandom().nextLong() >>> 3) % (PRIME - (1L << 32)) + (1L << 32));
    }

    /** For the test that shows what a point that is not secret leads to. */
    SeenKeys(long point) {
        this.point = point;
    }

    /** Forgets everything, also what a refused line left behind. */
    void clear() {
        if (count > 0) { // the last line was refused half way
            table = NO_TABLE;
            count = 0;
        }
        if (hashes.length > CAPACITY_KEPT_MAX) {
            resize(CAPACITY_MIN);
            table = NO_TABLE;
        }
        if (unescaped.length > UNESCAPED_KEPT_MAX) {
            unescaped = new byte[256];
        }
        unescapedLength = 0;
        comparisons = 0;
    }

    /** Opens an object; the result names it in {@link #add} and {@link #close}. */
    int open() {
        return count;
    }

    /** Adds {@code line[start, end)}, which has no escapes, to the innermost object; false if that has it already. */
    boolean add(byte[] line, int start, int end, int object) {
        return add(line, hash(line, start, end), start, end, object);
    }

    /** The same for a key with escapes, which counts as the text it stands for. */
    boolean addEscaped(byte[] line, int start, int end, int object) {
        int room = unescapedLength + (end - start);
        if (room > unescaped.length) {
            unescaped = Arrays.copyOf(unescaped, Math.max(room, 2 * unescaped.length));
        }
        int from = unescapedLength;
        unescapedLength = JsonText.unescape(line, start, end, unescaped, from);
        return add(line, hash(unescaped, from, unescapedLength), ~from, unescapedLength, object);
    }

    void close(int object) {
        if (count - object > LINEAR_MAX) {
            for (int key = count - 1; key >= object; key--) {
                table[slot(key)] = previous[key];
            }
        }
        count = object;
    }

    long comparisons() {
        return comparisons;
    }

    private boolean add(byte[] line, long hash, int start, int end, int object) {
        int key = count;
        if (key == hashes.length) {
            grow();
        }
        hashes[key] = hash;
        starts[key] = start;
        ends[key] = end;
        if (key - object >= LINEAR_MAX) {
            return addToTable(line, key, object);
        }
        previous[key] = UNLINKED;
        for (int other = object; other < key; other++) {
            if (hashes[other] == hash && equal(line, other, key)) {
                return false;
            }
        }
        count = key + 1;
        return true;
    }

    private boolean addToTable(byte[] line, int key, int object) {
        if (table.length == 0) {
            table = new int[2 * hashes.length];
        }
        if (key - object == LINEAR_MAX) {
            for (int earlier = object; earlier < key; earlier++) {
                link(earlier);
            }
        }
        long hash = hashes[key];
        for (int other = table[slot(key)] - 1; other >= object; other = previous[other] - 1) {
            comparisons++;
            if (hashes[other] == hash && equal(line, other, key)) {
                return false;
            }
        }
        link(key);
        count = key + 1;
        return true;
    }

    private void link(int key) {
        int slot = slot(key);
        previous[key] = table[slot];
        table[slot] = key + 1;
    }

    private int slot(int key) {
        return (int) hashes[key] & (table.length - 1);
    }

    private boolean equal(byte[] line, int one, int other) {
        return Arrays.equals(
                starts[one] < 0 ? unescaped : line,
                starts[one] < 0 ? ~starts[one] : starts[one],
                ends[one],
                starts[other] < 0 ? unescaped : line,
                starts[other] < 0 ? ~starts[other] : starts[other],
                ends[other]);
    }

    private void grow() {
        resize(2 * hashes.length);
        if (table.length > 0) {
            table = new int[2 * hashes.length];
            for (int key = 0; key < count; key++) {
                if (previous[key] != UNLINKED) {
                    link(key);
                }
            }
        }
    }

    private void resize(int capacity) {
        hashes = Arrays.copyOf(hashes, capacity);
        starts = Arrays.copyOf(starts, capacity);
        ends = Arrays.copyOf(ends, capacity);
        previous = Arrays.copyOf(previous, capacity);
    }

    /**
     * The leading coefficient is the length, so that zero padding of the last chunk makes no two keys equal; there is no
     * constant term, so that every bit of the result depends on the secret point.
     */
    private long hash(byte[] bytes, int start, int end) {
        long hash = end - start + 1L;
        int at = start;
        for (; end - at >= CHUNK_BYTES; at += CHUNK_BYTES) {
            hash = timesPoint(hash) + (word(bytes, at) & CHUNK_MASK);
        }
        if (at < end) {
            hash = timesPoint(hash) + (word(bytes, at) & ((1L << (8 * (end - at))) - 1));
        }
        hash = timesPoint(hash);
        return hash >= PRIME ? hash - PRIME : hash;
    }

    /** For a factor below 2^62: congruent to the product, and at most 2^61 + 3. */
    private long timesPoint(long factor) {
        long low = factor * point;
        long sum = (low & PRIME) + ((low >>> 61) | (Math.multiplyHigh(factor, point) << 3));
        return (sum & PRIME) + (sum >>> 61);
    }

    private static long word(byte[] bytes, int at) {
        if (at <= bytes.length - Long.BYTES) {
            return (long) Utf8.LONG.get(bytes, at);
        }
        long word = 0;
        for (int i = bytes.length - 1; i >= at; i--) {
            word = (word << 8) | (bytes[i] & 0xFF);
        }
        return word;
    }
}
