package dev.daybook.benchmarks;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;

/**
 * What the disk gives to the simplest program: lines written over spaces, one {@code force(false)} for each append.
 * The file was filled and synced before, so that a sync has no new size to record.
 */
final class RawLoop implements AutoCloseable {
    private static final int LINE_BYTES = Workload.PAYLOAD_BYTES + 1;
    private static final int FILL_CHUNK_BYTES = 1 << 20;

    private final FileChannel channel;
    private final long fileBytes;
    private final ByteBuffer buffer;
    private long at;

    RawLoop(Path dir, long fileBytes, int eventsPerAppend) throws IOException {
        this.fileBytes = fileBytes;
        this.buffer = ByteBuffer.allocateDirect(eventsPerAppend * LINE_BYTES);
        this.channel = FileChannel.open(
                dir.resolve("raw"), StandardOpenOption.CREATE_NEW, StandardOpenOption.READ, StandardOpenOption.WRITE);
        byte[] spaces = new byte[FILL_CHUNK_BYTES];
        Arrays.fill(spaces, (byte) ' ');
        for (long done = 0; done < fileBytes; done += FILL_CHUNK_BYTES) {
            ByteBuffer chunk = ByteBuffer.wrap(spaces);
            while (chunk.hasRemaining()) {
                channel.write(chunk, done + chunk.position());
            }
        }
        channel.force(true);
    }

    void append(long firstEvent) throws IOException {
        buffer.clear();
        for (int i = 0; buffer.hasRemaining(); i++) {
            buffer.put(Workload.payload(firstEvent + i)).put((byte) '\n');
        }
        buffer.flip();
        if (at + buffer.remaining() > fileBytes) {
            at = 0;
        }
        while (buffer.hasRemaining()) {
            at += channel.write(buffer, at);
        }
        channel.force(false);
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
