package dev.daybook.benchmarks;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicLong;
import org.rocksdb.CompressionType;
import org.rocksdb.FlushOptions;
import org.rocksdb.Options;
import org.rocksdb.RocksDB;
import org.rocksdb.RocksDBException;
import org.rocksdb.RocksIterator;
import org.rocksdb.WriteBatch;
import org.rocksdb.WriteOptions;

/** RocksDB as an event store: keys are stream and sequence number, LZ4, everything else as it comes. */
final class Rocks implements AutoCloseable {
    private static final int KEY_BYTES = Integer.BYTES + Long.BYTES;
    private static final int EVENTS_PER_LOAD = 1_000;

    static {
        RocksDB.loadLibrary();
    }

    private final Options options =
            new Options().setCreateIfMissing(true).setCompressionType(CompressionType.LZ4_COMPRESSION);
    private final WriteOptions durable = new WriteOptions().setSync(true);
    private final RocksDB db;
    private final AtomicLong next = new AtomicLong();

    Rocks(Path dir) throws RocksDBException, IOException {
        Files.createDirectories(dir);
        db = RocksDB.open(options, dir.toString());
    }

    static void build(Path dir, int events) throws RocksDBException, IOException {
        try (Rocks rocks = new Rocks(dir);
                WriteOptions loading = new WriteOptions().setDisableWAL(true);
                FlushOptions flushing = new FlushOptions().setWaitForFlush(true)) {
            for (int i = 0; i < events; i += EVENTS_PER_LOAD) {
                try (WriteBatch batch = new WriteBatch()) {
                    for (int j = i; j < Math.min(i + EVENTS_PER_LOAD, events); j++) {
                        batch.put(key(Workload.stream(j), j / Workload.STREAMS + 1), Workload.payload(j));
                    }
                    rocks.db.write(loading, batch);
                }
            }
            rocks.db.flush(flushing);
            rocks.db.compactRange(); // reads from one sorted run are its fastest
        }
    }

    /** Durable on return; RocksDB groups those who wait by itself. Any thread. */
    void append(long event) throws RocksDBException {
        db.put(durable, key(Workload.stream(event), next.incrementAndGet()), Workload.payload(event));
    }

    long replay(Sight sight) {
        try (RocksIterator iterator = db.newIterator()) {
            long count = 0;
            for (iterator.seekToFirst(); iterator.isValid(); iterator.next()) {
                ByteBuffer key = ByteBuffer.wrap(iterator.key());
                sight.see(key.getInt());
                sight.see(key.getLong());
                sight.see(iterator.value());
                count++;
            }
            return count;
        }
    }

    private static byte[] key(int stream, long seq) {
        return ByteBuffer.allocate(KEY_BYTES).putInt(stream).putLong(seq).array();
    }

    @Override
    public void close() {
        db.close();
        durable.close();
        options.close();
    }
}
