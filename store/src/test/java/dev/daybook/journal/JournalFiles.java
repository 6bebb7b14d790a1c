package dev.daybook.journal;

import static org.assertj.core.api.Assertions.assertThat;

import dev.daybook.internal.time.Timestamps;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.zip.CRC32C;

/** Writes the files of a store by hand, so that a test can arrange on bytes. */
final class JournalFiles {
    static final byte[] STORE_ID = HexFormat.of().parseHex("8f14e45fceea167a5a36dedd4bea2543");
    static final long MICROS = Timestamps.parse("2026-11-20T22:53:01.123456Z");

    final Path directory;

    JournalFiles(Path directory) throws IOException {
        this.directory = directory;
        Files.createDirectories(directory.resolve("journal"));
        Files.writeString(directory.resolve("store.json"), Framing.manifest(STORE_ID, MICROS));
    }

    static String header(long number, long first) {
        return text(Framing.header(STORE_ID, new Framing.Header(number, first, 0, "2026-11-20")));
    }

    /** A line with the right checksum; the body begins with the brace. */
    static String line(byte[] storeId, String body) {
        byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
        int crc = Line.checksum(new CRC32C(), storeId, bytes, 0, bytes.length);
        return body + ",\"crc\":\"" + HexFormat.of().toHexDigits(crc) + "\"}\n";
    }

    static String creation(long pos, long synced, String stream) {
        return creation(pos, synced, stream, "stream");
    }

    static String creation(long pos, long synced, String stream, String kind) {
        return line(
                STORE_ID,
                start(pos, synced) + "\"stream\":\"" + stream + "\",\"control\":\"create\",\"kind\":\"" + kind
                        + "\",\"contentType\":\"application/json\"");
    }

    static String event(long pos, long synced, String stream, long seq, String json) {
        return line(
                STORE_ID,
                start(pos, synced) + "\"stream\":\"" + stream + "\",\"seq\":" + seq + ",\"type\":\"t\",\"data\":"
                        + json);
    }

    static String inBatch(long pos, long synced, String stream, long seq, String json, int index, int size) {
        return line(
                STORE_ID,
                start(pos, synced) + "\"stream\":\"" + stream + "\",\"seq\":" + seq + ",\"type\":\"t\",\"batch\":["
                        + index + "," + size + "],\"data\":" + json);
    }

    static String control(long pos, long synced, String fields) {
        return line(STORE_ID, start(pos, synced) + fields);
    }

    private static String start(long pos, long synced) {
        return "{\"pos\":" + pos + ",\"synced\":" + synced + ",\"time\":\"2026-11-20T22:53:01.123456Z\",";
    }

    static String text(byte[] bytes) {
        return new String(bytes, StandardCharsets.UTF_8);
    }

    /** Makes it a whole derived file, but with the magic number of the layout before this one. */
    static void makeOlder(Path derived) throws IOException {
        ByteBuffer bytes = ByteBuffer.wrap(Files.readAllBytes(derived)).order(ByteOrder.LITTLE_ENDIAN);
        int checked = bytes.capacity() - 4;
        assertThat(bytes.get(7)).isEqualTo((byte) '3');
        bytes.put(7, (byte) '2');
        CRC32C crc = new CRC32C();
        crc.update(bytes.array(), 0, checked);
        bytes.putInt(checked, (int) crc.getValue());
        Files.write(derived, bytes.array());
    }

    Path segment(long first) {
        return directory.resolve("journal").resolve(new dev.daybook.driver.SegmentId(first, 0) + ".jsonl");
    }

    JournalFiles put(long first, String... lines) throws IOException {
        Files.writeString(segment(first), String.join("", lines));
        return this;
    }
}
