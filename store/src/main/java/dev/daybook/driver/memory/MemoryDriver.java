package dev.daybook.driver.memory;

import dev.daybook.StoreLockedException;
import dev.daybook.driver.Driver;
import dev.daybook.driver.Segment;
import dev.daybook.driver.SegmentId;
import dev.daybook.driver.Storage;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.NoSuchFileException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Keeps a journal on the heap, as long as this object lives; it can be closed and opened again. Same behaviour as a directory, but
 * nothing survives the process.
 */
public final class MemoryDriver implements Driver {
    private final Semaphore lock = new Semaphore(1);
    private final ConcurrentSkipListMap<SegmentId, MemorySegment> segments = new ConcurrentSkipListMap<>();
    private final Map<String, byte[]> derived = new ConcurrentHashMap<>();
    private volatile byte @Nullable [] manifest;
    private volatile @Nullable ByteBuffer shared;

    @Override
    public String name() {
        return "memory";
    }

    @Override
    public int version() {
        return 1;
    }

    @Override
    public int appendBytesMax() {
        return 64 << 20;
    }

    @Override
    public String location() {
        return "memory";
    }

    @Override
    public Storage openForWriting(Duration lockTimeout) {
        boolean held;
        try {
            held = lock.tryAcquire(lockTimeout.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            held = false;
        }
        if (!held) {
            throw new StoreLockedException(
                    location(), "pid " + ProcessHandle.current().pid() + ", this process", lockTimeout.toMillis());
        }
        return new MemoryStorage(true);
    }

    @Override
    public Storage openForReading() throws IOException {
        if (manifest == null) {
            throw new NoSuchFileException("memory holds no store yet");
        }
        return new MemoryStorage(false);
    }

    @Override
    public void destroy(Duration lockTimeout) throws IOException {
        try (Storage storage = openForWriting(lockTimeout)) {
            manifest = null;
            segments.clear();
            derived.clear();
            shared = null;
        }
    }

    private final class MemoryStorage implements Storage {
        private final boolean writable;
        private boolean closed; // guarded by this

        MemoryStorage(boolean writable) {
            this.writable = writable;
        }

        @Override
        public boolean writable() {
            return writable;
        }

        @Override
        public Optional<byte[]> manifest() {
            return Optional.ofNullable(manifest);
        }

        @Override
        public void manifest(byte[] text) {
            manifest = text.clone();
        }

        @Override
        public List<SegmentId> segments() {
            TreeMap<Long, SegmentId> newest = new TreeMap<>();
            segments.keySet().forEach(id -> newest.put(id.first(), id));
            return new ArrayList<>(newest.values());
        }

        @Override
        public Segment open(SegmentId id) throws IOException {
            MemorySegment segment = segments.get(id);
            if (segment == null) {
                throw new NoSuchFileException("memory holds no segment " + id);
            }
            return segment;
        }

        @Override
        public Segment create(SegmentId id, ByteBuffer header) {
            MemorySegment segment = new MemorySegment(id);
            segment.prepare(header.remaining());
            segment.write(0, header.duplicate());
            segments.put(id, segment);
            return segment;
        }

        @Override
        public void remove(SegmentId id) {
            segments.remove(id);
        }

        @Override
        public String setAside(String name, ByteBuffer bytes) {
            return "nowhere: memory keeps no cut bytes";
        }

        @Override
        public List<String> derived(String folder) {
            return derived.keySet().stream()
                    .filter(key -> key.startsWith(folder + "/"))
                    .map(key -> key.substring(folder.length() + 1))
                    .sorted()
                    .toList();
        }

        @Override
        public Optional<ByteBuffer> derived(String folder, String name) {
            return Optional.ofNullable(derived.get(folder + "/" + name))
                    .map(ByteBuffer::wrap)
                    .map(ByteBuffer::asReadOnlyBuffer);
        }

        @Override
        public void derive(String folder, String name, ByteBuffer... bytes) {
            ByteBuffer whole = ByteBuffer.allocate(
                    Arrays.stream(bytes).mapToInt(ByteBuffer::remaining).sum());
            for (ByteBuffer part : bytes) {
                whole.put(part.duplicate());
            }
            derived.put(folder + "/" + name, whole.array());
        }

        @Override
        public void dropDerived(String folder, String name) {
            derived.remove(folder + "/" + name);
        }

        @Override
        public Optional<ByteBuffer> shared(int bytes) {
            ByteBuffer known = shared;
            if (known == null && writable) {
                known = ByteBuffer.allocate(bytes);
                shared = known;
            }
            return Optional.ofNullable(known);
        }

        @Override
        public synchronized void close() {
            if (!closed) {
                closed = true;
                if (writable) {
                    lock.release();
                }
            }
        }
    }

    /** Bytes on the heap. Windows that were handed out stay true: a write goes into every array that a window shows. */
    private static final class MemorySegment implements Segment {
        private final SegmentId id;
        private final List<byte[]> older = new ArrayList<>(); // guarded by this
        private volatile byte[] bytes = {};

        MemorySegment(SegmentId id) {
            this.id = id;
        }

        @Override
        public SegmentId id() {
            return id;
        }

        @Override
        public long size() {
            return bytes.length;
        }

        @Override
        public ByteBuffer view() {
            return ByteBuffer.wrap(bytes).asReadOnlyBuffer();
        }

        @Override
        public int read(long offset, ByteBuffer into) {
            byte[] now = bytes;
            int length = Math.max(0, Math.min(into.remaining(), now.length - Math.toIntExact(offset)));
            into.put(now, Math.toIntExact(offset), length);
            return length;
        }

        @Override
        public synchronized void prepare(long upTo) {
            if (upTo > bytes.length) {
                byte[] wider = Arrays.copyOf(bytes, Math.toIntExact(Math.max(upTo, bytes.length * 2L)));
                Arrays.fill(wider, bytes.length, wider.length, (byte) ' ');
                if (bytes.length > 0) {
                    older.add(bytes);
                }
                bytes = wider;
            }
        }

        @Override
        public synchronized void write(long offset, ByteBuffer lines) {
            int at = Math.toIntExact(offset);
            int length = lines.remaining();
            for (byte[] array : older) {
                if (at < array.length) {
                    lines.duplicate().get(array, at, Math.min(length, array.length - at));
                }
            }
            lines.get(bytes, at, length);
        }

        @Override
        public void sync() {
            // there is nothing more durable than this here
        }

        @Override
        public synchronized void end(long offset, ByteBuffer last) {
            int end = Math.toIntExact(offset) + last.remaining();
            prepare(end);
            write(offset, last);
            byte[] exact = Arrays.copyOf(bytes, end);
            older.add(bytes);
            bytes = exact;
        }

        @Override
        public void close() {
            // the driver keeps it
        }

        @Override
        public String toString() {
            return "memory:" + id;
        }
    }
}
