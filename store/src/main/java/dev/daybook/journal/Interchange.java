package dev.daybook.journal;

import dev.daybook.DaybookOptions;
import dev.daybook.ExportReport;
import dev.daybook.ImportReport;
import dev.daybook.InvalidEventException;
import dev.daybook.Progress;
import dev.daybook.driver.Driver;
import dev.daybook.driver.Segment;
import dev.daybook.driver.SegmentId;
import dev.daybook.driver.Storage;
import dev.daybook.internal.json.JsonScanner;
import dev.daybook.internal.time.Timestamps;
import dev.daybook.journal.HeadTable.Totals;
import dev.daybook.stream.AppendOptions;
import dev.daybook.stream.Kind;
import dev.daybook.stream.NewEvent;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/** Journals as text, out and in. */
public final class Interchange {
    private static final int LINE_BYTES_MAX = 64 << 20;
    private static final int CHUNK_LINES = 1_000;
    private static final long CHUNK_BYTES = 8 << 20;

    private Interchange() {}

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }

    /** Writes {@code {"export":1,...}}, the lines, and {@code {"exported":n,...}} with their SHA-256. */
    public static ExportReport export(Journal journal, OutputStream to, Progress progress) throws IOException {
        Visible visible = journal.visible();
        BufferedOutputStream out = new BufferedOutputStream(to, 256 << 10);
        MessageDigest digest = sha256();
        String manifest = new String(
                        journal.storage().manifest().orElseThrow(() -> new IOException("the store has no description")),
                        StandardCharsets.UTF_8)
                .strip();
        out.write(("{\"export\":1,\"last\":" + visible.pos() + ",\"manifest\":" + manifest + "}\n")
                .getBytes(StandardCharsets.UTF_8));
        JournalCursor cursor = new JournalCursor(journal, 0, visible.pos());
        long lines = 0;
        long events = 0;
        long bytes = 0;
        while (cursor.step()) {
            LineScanner scanner = cursor.scanner();
            int length = scanner.to() - scanner.from() + 1;
            out.write(scanner.bytes(), scanner.from(), length);
            digest.update(scanner.bytes(), scanner.from(), length);
            lines++;
            bytes += length;
            events += cursor.event() == null ? 0 : 1;
            if ((lines & 0xffff) == 0) {
                progress.at(cursor.pos(), visible.pos());
            }
        }
        out.write(("{\"exported\":" + lines + ",\"sha256\":\"" + HexFormat.of().formatHex(digest.digest()) + "\"}\n")
                .getBytes(StandardCharsets.UTF_8));
        out.flush();
        progress.at(visible.pos(), visible.pos());
        return new ExportReport(lines, events, bytes, cursor.pos());
    }

    /** The lines of an export, each checked, and the proof at its end. */
    private static final class ExportReader {
        private final Lines in;
        private final byte[] storeId;
        private final byte[] manifest;
        private final MessageDigest digest = sha256();
        private final CRC32C crc = new CRC32C();
        private final Line line = new Line();
        private long number = 1;
        private long read;
        private long expected = 1;

        ExportReader(InputStream source) throws IOException {
            in = new Lines(source);
            byte[] first = in.next(LINE_BYTES_MAX, number);
            if (first == null || !new String(first, StandardCharsets.UTF_8).startsWith("{\"export\":1,")) {
                throw new InvalidEventException("export", -1, "line 1: this is not an export of a Daybook store");
            }
            try {
                new JsonScanner().check(first, 0, first.length);
            } catch (dev.daybook.internal.json.InvalidJsonException e) {
                throw new InvalidEventException("export", e.byteOffset(), "line 1: " + e.reason());
            }
            Map<String, String> fields = Framing.fields(first, 0, first.length);
            manifest = (fields.getOrDefault("manifest", "") + "\n").getBytes(StandardCharsets.UTF_8);
            storeId = Framing.storeId("the export's line 1", manifest);
        }

        /** The next journal line, or null behind the last one, after the proof was checked. */
        @Nullable
        Line next() throws IOException {
            number++;
            byte[] bytes = in.next(LINE_BYTES_MAX, number);
            if (bytes == null) {
                throw bad("the export ends before its last line: it is not whole");
            }
            if (bytes.length > 13
                    && new String(bytes, 0, 13, StandardCharsets.ISO_8859_1).startsWith("{\"exported\":")) {
                Map<String, String> fields = Framing.fields(bytes, 0, bytes.length);
                if (!fields.getOrDefault("exported", "").equals(String.valueOf(read))
                        || !Framing.text(fields.get("sha256"))
                                .equals(HexFormat.of().formatHex(digest.digest()))) {
                    throw bad("the lines are not the ones that were exported");
                }
                if (!in.isAtEnd()) {
                    throw bad("something follows the export's last line");
                }
                return null;
            }
            if (bytes.length < Line.CRC_TAIL || !Line.check(crc, storeId, bytes, 0, bytes.length)) {
                throw bad("the checksum does not fit the line");
            }
            digest.update(bytes);
            digest.update((byte) '\n');
            try {
                line.parse(bytes, 0, bytes.length);
                Controls.require(line, "the export");
            } catch (Line.MalformedLineException e) {
                throw bad(e.reason());
            }
            if (line.pos != expected) {
                throw bad("position " + expected + " was expected");
            }
            expected++;
            read++;
            return line;
        }

        InvalidEventException bad(String reason) {
            return new InvalidEventException("export", -1, "line " + number + ": " + reason);
        }
    }

    public static ExportReport restore(InputStream in, Driver to, Progress progress) throws IOException {
        Salvage.requireNew(to);
        ExportReader reader = new ExportReader(in);
        boolean unfinished = false;
        try (Storage storage = to.openForWriting(Duration.ZERO)) {
            if (storage.manifest().isPresent() || !storage.segments().isEmpty()) {
                throw Salvage.exists(to); // it came while the export's first line was waited for
            }
            unfinished = true;
            ExportReport report = new Restore(storage, reader).run(progress);
            storage.manifest(reader.manifest); // from here on it is a store
            unfinished = false;
            return report;
        } finally {
            if (unfinished) {
                to.destroy(Duration.ZERO);
            }
        }
    }

    /** Writes the lines of an export as segments, rolled and sealed as the commit thread would have. */
    private static final class Restore {
        private final Storage storage;
        private final ExportReader reader;
        private final Sealer sealer;
        private final long segmentBytesMax = DaybookOptions.defaults().segmentBytesMax();
        private @Nullable Segment file;
        private @Nullable JournalSegment segment;
        private SegmentTable table = new SegmentTable(1);
        private int tail;
        private long day;
        private long number;

        Restore(Storage storage, ExportReader reader) {
            this.storage = storage;
            this.reader = reader;
            this.sealer = new Sealer(reader.storeId, new Heads(storage, reader.storeId), null);
        }

        ExportReport run(Progress progress) throws IOException {
            long bytes = 0;
            long events = 0;
            long lines = 0;
            byte[] pending = new byte[1 << 20];
            int pendingLength = 0;
            try {
                for (Line line = reader.next(); line != null; line = reader.next()) {
                    long micros = line.timeMicros();
                    int length = line.end + 1;
                    boolean roll = segment == null
                            || line.batchIndex == 1
                                    && (Timestamps.day(micros) != day
                                            || tail + pendingLength + length > segmentBytesMax);
                    if (roll || pendingLength + length > pending.length) {
                        write(pending, pendingLength);
                        pendingLength = 0;
                    }
                    if (roll) {
                        begin(line.pos, Timestamps.day(micros));
                    }
                    if (length > pending.length) {
                        pending = new byte[length];
                    }
                    System.arraycopy(line.bytes, 0, pending, pendingLength, line.end);
                    pending[pendingLength + line.end] = '\n';
                    table.scanned(line, tail + pendingLength);
                    pendingLength += length;
                    bytes += length;
                    lines++;
                    events += line.shape == Line.Shape.EVENT ? 1 : 0;
                    if ((lines & 0xffff) == 0) {
                        progress.at(lines, 0);
                    }
                }
                write(pending, pendingLength);
                if (segment == null) {
                    begin(1, Timestamps.day(0));
                }
                Segment last = file;
                if (last != null) {
                    last.end(tail, ByteBuffer.allocate(0));
                    last.close();
                }
            } finally {
                sealer.close();
            }
            return new ExportReport(lines, events, bytes, lines);
        }

        private void write(byte[] bytes, int length) throws IOException {
            Segment to = file;
            if (length > 0 && to != null) {
                to.prepare(tail + (long) length);
                to.write(tail, ByteBuffer.wrap(bytes, 0, length));
                tail += length;
            }
        }

        private void begin(long first, long newDay) throws IOException {
            JournalSegment before = segment;
            Segment beforeFile = file;
            if (before != null && beforeFile != null) {
                beforeFile.sync();
                before.last = first - 1;
                before.tail = tail;
                table.scanDone();
                sealer.seal(new Sealer.Task(before, beforeFile, table, List.of(), Totals.NONE));
            }
            number++;
            day = newDay;
            SegmentId id = new SegmentId(first, 0);
            byte[] header =
                    Framing.header(reader.storeId, new Framing.Header(number, first, 0, Timestamps.formatDay(newDay)));
            Segment next = storage.create(id, ByteBuffer.wrap(header));
            JournalSegment begun = new JournalSegment(id, number, storage, reader.storeId, next.toString());
            begun.writing(next);
            file = next;
            segment = begun;
            table = new SegmentTable(first);
            tail = header.length;
        }
    }

    /** Lines of a stream, which is read in blocks. */
    private static final class Lines {
        private final InputStream in;
        private final byte[] block = new byte[256 << 10];
        private int from; // what was not taken yet
        private int to;

        Lines(InputStream in) {
            this.in = in;
        }

        boolean isAtEnd() throws IOException {
            if (from == to) {
                from = 0;
                to = Math.max(0, in.read(block));
            }
            return from == to;
        }

        /** One line without its LF, or null at the end. A line longer than the limit is refused before it is held. */
        byte @Nullable [] next(int bytesMax, long number) throws IOException {
            byte[] line = {};
            int length = 0;
            while (!isAtEnd()) {
                int end = from;
                while (end < to && block[end] != '\n') {
                    end++;
                }
                int more = end - from;
                if (more > bytesMax - length) {
                    throw new InvalidEventException(
                            "line", -1, "line " + number + " is longer than " + bytesMax + " bytes");
                }
                if (more > line.length - length) {
                    boolean whole = end < to;
                    line = Arrays.copyOf(line, whole ? length + more : Math.min(bytesMax, 2 * (length + more)));
                }
                System.arraycopy(block, from, line, length, more);
                length += more;
                from = end;
                if (end < to) {
                    from++;
                    return length == line.length ? line : Arrays.copyOf(line, length);
                }
            }
            return length == 0 ? null : Arrays.copyOf(line, length);
        }
    }

    /** A producer that stands for a file's content. Checks every line first, so that a bad file adds nothing. */
    private static String checkedProducer(Path file, boolean jsonLines, int payloadBytesMax) throws IOException {
        MessageDigest digest = sha256();
        try (InputStream in = new DigestInputStream(Files.newInputStream(file), digest)) {
            if (jsonLines) {
                Lines lines = new Lines(in);
                JsonScanner scanner = new JsonScanner();
                long number = 1;
                for (byte[] line = lines.next(payloadBytesMax, number);
                        line != null;
                        line = lines.next(payloadBytesMax, ++number)) {
                    if (blank(line)) {
                        continue;
                    }
                    try {
                        scanner.check(line, 0, line.length);
                    } catch (dev.daybook.internal.json.InvalidJsonException e) {
                        throw new InvalidEventException(
                                "data", e.byteOffset(), file + ", line " + number + ": " + e.reason());
                    }
                }
            } else {
                in.transferTo(OutputStream.nullOutputStream());
            }
        }
        return "import:" + HexFormat.of().formatHex(digest.digest());
    }

    private static boolean blank(byte[] line) {
        for (byte b : line) {
            if (b != ' ' && b != '\t' && b != '\r') {
                return false;
            }
        }
        return true;
    }

    public static ImportReport importLines(Journal journal, Path file, String stream, String type, Progress progress)
            throws IOException {
        Name target = Name.of(stream);
        int payloadBytesMax = journal.options().payloadBytesMax();
        String producer = checkedProducer(file, true, payloadBytesMax);
        long lines = 0;
        long appended = 0;
        long duplicates = 0;
        long seq = 0;
        try (InputStream in = Files.newInputStream(file)) {
            Lines text = new Lines(in);
            List<Fragment> chunk = new ArrayList<>();
            long chunkBytes = 0;
            long number = 1;
            byte[] line = text.next(payloadBytesMax, number);
            while (line != null || !chunk.isEmpty()) {
                if (line != null && !blank(line)) {
                    chunk.add(NewEvent.json(type, line).encode());
                    chunkBytes += line.length;
                    lines++;
                }
                byte[] next = line == null ? null : text.next(payloadBytesMax, ++number);
                // The same file is always cut into the same chunks, so that their sequence identifies them.
                if (!chunk.isEmpty()
                        && (next == null || chunk.size() == CHUNK_LINES || chunkBytes + next.length > CHUNK_BYTES)) {
                    // Not through the stream: where a chunk that is there already went would be looked for, and nobody
                    // asks.
                    Op op = Op.append(target, Kind.STREAM, chunk, AppendOptions.from(producer, 0, seq++));
                    boolean known = journal.append(List.of(op)).get(0).duplicate();
                    appended += known ? 0 : chunk.size();
                    duplicates += known ? chunk.size() : 0;
                    chunk = new ArrayList<>();
                    chunkBytes = 0;
                    progress.at(lines, 0);
                }
                line = next;
            }
        }
        return new ImportReport(lines, appended, duplicates);
    }

    public static ImportReport importExport(Journal journal, Path file, String prefix, Progress progress)
            throws IOException {
        String producer = checkedProducer(file, false, 0);
        LivingLines living = new LivingLines(prefix, producer);
        long lines = 0;
        try (InputStream in = Files.newInputStream(file)) {
            ExportReader reader = new ExportReader(in);
            for (Line line = reader.next(); line != null; line = reader.next()) {
                living.learn(line);
                lines++;
            }
        }
        living.requirePlainStreams();
        try (InputStream in = Files.newInputStream(file)) {
            ExportReader reader = new ExportReader(in);
            long read = 0;
            for (Line line = reader.next(); line != null; line = reader.next()) {
                living.copy(line, journal);
                if ((++read & 0xffff) == 0) {
                    progress.at(read, lines);
                }
            }
            living.finish(journal);
        }
        return new ImportReport(lines, living.events, living.duplicates);
    }
}
