package dev.daybook.journal;

import dev.daybook.CorruptJournalException;
import dev.daybook.driver.Segment;
import dev.daybook.driver.SegmentId;
import dev.daybook.driver.Storage;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * The frame of a journal: every segment begins with its own header and ends with its own seal, each follows the one before it, and none is
 * missing. The newest segment has no seal.
 */
final class Frame {
    private static final int SEAL_BYTES_MAX = 1_024;
    private static final int PIECE = 64 << 10;

    private final Storage storage;
    private final byte[] storeId;

    final List<JournalSegment> segments = new ArrayList<>();

    final JournalSegment newest;

    /** Segments that have a successor but no seal, oldest first. */
    final List<JournalSegment> unsealed = new ArrayList<>();

    Framing.@Nullable Seal newestSeal;

    /** Sealed segments whose file still has the spaces behind the seal: the cut was lost. A writer cuts them again. */
    final List<Uncut> uncut = new ArrayList<>();

    /** @param end of the seal, in bytes from the file's beginning */
    record Uncut(SegmentId id, Framing.Seal seal, int end) {}

    /** @param ids of all segments, oldest first; at least one */
    Frame(Storage storage, byte[] storeId, List<SegmentId> ids) throws IOException {
        this.storage = storage;
        this.storeId = storeId;
        for (int i = 0; i < ids.size(); i++) {
            try (Segment file = storage.open(ids.get(i))) {
                JournalSegment segment = begin(ids.get(i), file);
                segments.add(segment);
                if (i < ids.size() - 1) {
                    segment.last = ids.get(i + 1).first() - 1;
                    seal(segment, file);
                }
            }
        }
        newest = segments.get(segments.size() - 1);
    }

    private JournalSegment begin(SegmentId id, Segment file) throws IOException {
        String name = file.toString();
        byte[] first = read(file, 0, 512);
        int end = 0;
        while (end < first.length && first[end] != '\n') {
            end++;
        }
        Framing.Header header;
        try {
            header = Framing.requireHeader(name, storeId, id, first, 0, end);
        } catch (Line.MalformedLineException e) {
            throw new CorruptJournalException(name, 0, id.first(), id.first(), e.reason());
        }
        JournalSegment before = segments.isEmpty() ? null : segments.get(segments.size() - 1);
        if (before == null ? id.first() != 1 : header.number() != before.number + 1) {
            throw new CorruptJournalException(
                    name, 0, before == null ? 1 : before.id.first(), id.first() - 1, "a segment before it is missing");
        }
        return new JournalSegment(id, header.number(), storage, storeId, name);
    }

    private void seal(JournalSegment segment, Segment file) throws IOException {
        Framing.Seal seal = readSeal(file, storeId);
        if (seal == null) {
            unsealed.add(segment);
            return;
        }
        if (!unsealed.isEmpty() && !isUncut()) {
            JournalSegment before = unsealed.get(unsealed.size() - 1);
            before.scan(); // usually says what is wrong, and where
            throw before.corrupt(
                    before.tail,
                    before.id.first(),
                    before.last,
                    "its seal is missing or damaged, although the next segment has one");
        }
        accept(segment, file, seal, (int) file.size());
    }

    /** Whether the segment that seems to have no seal has one, with nothing but spaces behind it. Then it counts. */
    private boolean isUncut() throws IOException {
        JournalSegment segment = unsealed.get(unsealed.size() - 1);
        if (unsealed.size() > 1) {
            return false;
        }
        try (Segment file = storage.open(segment.id)) {
            int end = behindSpaces(file);
            int from = Math.max(0, end - SEAL_BYTES_MAX);
            Framing.Seal seal = lastSeal(read(file, from, end - from), storeId);
            if (seal == null) {
                return false;
            }
            unsealed.clear();
            accept(segment, file, seal, end);
            uncut.add(new Uncut(segment.id, seal, end));
            return true;
        }
    }

    /** Where the spaces at the end of a file begin. */
    private static int behindSpaces(Segment file) throws IOException {
        int end = (int) file.size();
        while (end > 0) {
            int from = Math.max(0, end - PIECE);
            byte[] piece = read(file, from, end - from);
            int length = piece.length;
            while (length > 0 && piece[length - 1] == ' ') {
                length--;
            }
            end = from + length;
            if (length > 0) {
                break;
            }
        }
        return end;
    }

    private void accept(JournalSegment segment, Segment file, Framing.Seal seal, int end) throws IOException {
        if (seal.first() != segment.id.first() || seal.last() != segment.last) {
            throw segment.corrupt(
                    file.size(),
                    Math.min(seal.last(), segment.last) + 1,
                    Math.max(seal.last(), segment.last),
                    "its seal ends at position " + seal.last() + ", the next segment begins at " + (segment.last + 1));
        }
        Framing.Seal before = newestSeal;
        if (!seal.previous().equals(before == null ? Framing.NO_HASH : before.origin())) {
            throw segment.corrupt(
                    file.size(), segment.id.first(), segment.last, "its seal does not follow the segment before it");
        }
        newestSeal = seal;
        segment.sealed = true;
        segment.ended(end);
    }

    /** The seal at the end of a segment, or null when its last line is none. */
    static Framing.@Nullable Seal readSeal(Segment file, byte[] storeId) throws IOException {
        long size = file.size();
        return lastSeal(read(file, Math.max(0, size - SEAL_BYTES_MAX), (int) Math.min(size, SEAL_BYTES_MAX)), storeId);
    }

    private static Framing.@Nullable Seal lastSeal(byte[] last, byte[] storeId) {
        int length = last.length;
        if (length < 2 || last[length - 1] != '\n') {
            return null;
        }
        int from = length - 1;
        while (from > 0 && last[from - 1] != '\n') {
            from--;
        }
        try {
            if (last[from] == '{'
                    && last[from + 2] == 's'
                    && last[from + 3] == 'e'
                    && Line.check(new CRC32C(), storeId, last, from, length - 1)) {
                return Framing.seal(last, from, length - 1);
            }
        } catch (RuntimeException e) {
            return null;
        }
        return null;
    }

    /** Up to so many bytes from this offset on. */
    static byte[] read(Segment segment, long offset, int length) throws IOException {
        byte[] bytes = new byte[length];
        int read = segment.read(offset, ByteBuffer.wrap(bytes));
        return read == length ? bytes : Arrays.copyOf(bytes, read);
    }
}
