package dev.daybook.journal;

import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.FutureTask;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * Verifies the lines of a segment piece by piece, ahead of a reader that goes through all of them, on whatever core has nothing better to do. Copies
 * nothing. The pieces do not depend on each other: an LF is never inside a line, so each finds where its first line begins. A reader that
 * comes to a piece before anybody else verifies it itself. For one thread.
 */
final class ReadAhead {
    /** Lines that begin in one stretch of this length make a piece. */
    static final int STRETCH = 256 << 10;

    /** Pieces that are handed over at once: waking a thread takes as long as one of them. */
    private static final int HANDED_OVER = 12;

    /** So many hand-overs may wait for a thread, of all readers: a pool that is busy with something else must not gather them. */
    private static final int WAITING_MAX = 16;

    private static final AtomicInteger WAITING = new AtomicInteger();

    /** A line that is longer than this is left to who reads line by line. */
    private static final int LINE_MAX = 1 << 20;

    /** Whole lines, each with a good checksum. */
    static final class Piece {
        final int from;
        final int to;
        final int[] lineEnds;
        final int lines;

        Piece(int from, int to, int[] lineEnds, int lines) {
            this.from = from;
            this.to = to;
            this.lineEnds = lineEnds;
            this.lines = lines;
        }
    }

    private final ByteBuffer view;
    private final int first;
    private final int limit;
    private final byte[] storeId;
    private final ArrayDeque<FutureTask<@Nullable Piece>> pieces = new ArrayDeque<>();
    private int next; // where the next stretch begins
    private int handedOut; // offset behind the last piece

    /** @param at the offset of a line */
    ReadAhead(ByteBuffer view, int at, int limit, byte[] storeId) {
        this.view = view;
        this.first = at;
        this.limit = limit;
        this.storeId = storeId;
        this.next = at;
        this.handedOut = at;
    }

    /** The next piece, or null where it must be looked at more closely: something is no good line, or the end is near. */
    @Nullable
    Piece next() {
        if (pieces.size() < HANDED_OVER) {
            handOver();
        }
        FutureTask<@Nullable Piece> wanted = pieces.poll();
        if (wanted == null) {
            return null;
        }
        wanted.run(); // unless another core has begun it: then the next ones are looked after meanwhile
        for (FutureTask<@Nullable Piece> later : pieces) {
            if (wanted.isDone()) {
                break;
            }
            later.run();
        }
        Piece piece = result(wanted);
        if (piece == null || piece.from != handedOut) {
            return null;
        }
        handedOut = piece.to;
        return piece;
    }

    private void handOver() {
        List<FutureTask<@Nullable Piece>> more = new ArrayList<>(HANDED_OVER);
        for (; more.size() < HANDED_OVER && next < limit - STRETCH; next += STRETCH) {
            int from = next;
            more.add(new FutureTask<>(() -> read(from)));
        }
        if (!more.isEmpty()) {
            pieces.addAll(more);
            if (WAITING.get() < WAITING_MAX) {
                WAITING.incrementAndGet();
                ForkJoinPool.commonPool().execute(() -> {
                    WAITING.decrementAndGet();
                    more.forEach(FutureTask::run);
                });
            }
        }
    }

    private static @Nullable Piece result(FutureTask<@Nullable Piece> task) {
        boolean interrupted = false;
        try {
            while (true) {
                try {
                    return task.get();
                } catch (InterruptedException e) {
                    interrupted = true;
                } catch (ExecutionException e) {
                    return null; // whoever looks more closely meets it again
                }
            }
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    /** The lines that begin in the stretch from here, or null when one of them is not good. */
    private @Nullable Piece read(int from) {
        ByteBuffer window = view.duplicate();
        int start = from == first ? from : lineAfter(window, from - 1);
        int end = lineAfter(window, from + STRETCH - 1);
        if (start == 0 && from != first || end == 0) {
            return null;
        }
        int[] ends = new int[(end - start) / 256 + 16];
        int lines = 0;
        CRC32C crc = new CRC32C();
        for (int at = start; at < end; ) {
            int feed = Window.lineEnd(window, at, end);
            if (feed < 0 || !Window.check(crc, storeId, window, at, feed)) {
                return null;
            }
            if (lines == ends.length) {
                ends = Arrays.copyOf(ends, lines * 2);
            }
            ends[lines++] = feed;
            at = feed + 1;
        }
        return new Piece(start, end, ends, lines);
    }

    /** The offset behind the first LF from here on, or -1 when there is none near. */
    private int lineAfter(ByteBuffer window, int from) {
        return Window.lineEnd(window, from, (int) Math.min(limit, from + (long) LINE_MAX)) + 1;
    }
}
