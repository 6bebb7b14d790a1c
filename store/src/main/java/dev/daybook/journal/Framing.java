package dev.daybook.journal;

import dev.daybook.CorruptJournalException;
import dev.daybook.UnsupportedFormatException;
import dev.daybook.driver.SegmentId;
import dev.daybook.internal.json.JsonScanner;
import dev.daybook.internal.json.JsonSink;
import dev.daybook.internal.json.JsonText;
import dev.daybook.internal.time.Timestamps;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/** The lines around the events of a segment, header, gap and seal, and the store's manifest. */
final class Framing {
    static final int FORMAT = 1;
    static final String NO_HASH = "0".repeat(64);

    private Framing() {}

    /**
     * @param number counts segments from 1
     * @param first the first position in it
     */
    record Header(long number, long first, int generation, String day) {}

    record Seal(
            long number,
            long first,
            long last,
            long lines,
            long events,
            long bytes,
            long totalEvents,
            long totalBytes,
            long firstMicros,
            long lastMicros,
            String sha256,
            String origin,
            String previous) {}

    record Gap(long from, long through) {}

    static String manifest(byte[] storeId, long micros) {
        return "{\"daybook\":" + FORMAT + ",\"requires\":[],\"store\":\""
                + HexFormat.of().formatHex(storeId) + "\",\"created\":\"" + Timestamps.format(micros) + "\"}\n";
    }

    /** The store id that a manifest states. */
    static byte[] storeId(String file, byte[] manifest) {
        Map<String, String> fields;
        try {
            new JsonScanner().check(manifest, 0, manifest.length);
            fields = fields(manifest, 0, manifest.length);
        } catch (RuntimeException e) {
            throw new CorruptJournalException(file, 0, 0, 0, "it is not a store's description: " + e.getMessage());
        }
        String version = fields.getOrDefault("daybook", "?");
        if (!version.equals(String.valueOf(FORMAT))) {
            throw new UnsupportedFormatException(
                    file + " has format " + version + ", this Daybook knows format " + FORMAT + ": use a newer Daybook",
                    null);
        }
        if (!fields.getOrDefault("requires", "[]").equals("[]")) {
            throw new UnsupportedFormatException(
                    file + " (format " + version + ") requires " + fields.get("requires")
                            + ", which this Daybook (format " + FORMAT + ") does not know: use a newer Daybook",
                    null);
        }
        String store = text(fields.get("store"));
        if (!isStoreId(store)) {
            throw new CorruptJournalException(file, 0, 0, 0, "it has no store id");
        }
        return HexFormat.of().parseHex(store);
    }

    /** By hand: a short command would spend more on a regular expression than on reading a stream. */
    static boolean isStoreId(String text) {
        boolean hex = text.length() == 32;
        for (int i = 0; hex && i < 32; i++) {
            hex = "0123456789abcdef".indexOf(text.charAt(i)) >= 0;
        }
        return hex;
    }

    static byte[] header(byte[] storeId, Header header) {
        return line(
                storeId,
                new JsonSink(256)
                        .ascii("{\"daybook\":")
                        .number(FORMAT)
                        .ascii(",\"store\":\"")
                        .ascii(HexFormat.of().formatHex(storeId))
                        .ascii("\",\"segment\":")
                        .number(header.number)
                        .ascii(",\"first\":")
                        .number(header.first)
                        .ascii(",\"generation\":")
                        .number(header.generation)
                        .ascii(",\"day\":\"")
                        .ascii(header.day)
                        .ascii("\""));
    }

    static byte[] seal(byte[] storeId, Seal seal) {
        return line(
                storeId,
                new JsonSink(640)
                        .ascii("{\"seal\":")
                        .number(seal.number)
                        .ascii(",\"first\":")
                        .number(seal.first)
                        .ascii(",\"last\":")
                        .number(seal.last)
                        .ascii(",\"lines\":")
                        .number(seal.lines)
                        .ascii(",\"events\":")
                        .number(seal.events)
                        .ascii(",\"bytes\":")
                        .number(seal.bytes)
                        .ascii(",\"totalEvents\":")
                        .number(seal.totalEvents)
                        .ascii(",\"totalBytes\":")
                        .number(seal.totalBytes)
                        .ascii(",\"time\":[\"")
                        .ascii(Timestamps.format(seal.firstMicros))
                        .ascii("\",\"")
                        .ascii(Timestamps.format(seal.lastMicros))
                        .ascii("\"],\"sha256\":\"")
                        .ascii(seal.sha256)
                        .ascii("\",\"origin\":\"")
                        .ascii(seal.origin)
                        .ascii("\",\"previous\":\"")
                        .ascii(seal.previous)
                        .ascii("\""));
    }

    private static byte[] line(byte[] storeId, JsonSink body) {
        byte[] text = body.toByteArray();
        return body.ascii(",\"crc\":\"")
                .ascii(HexFormat.of().toHexDigits(Line.checksum(new CRC32C(), storeId, text, 0, text.length)))
                .ascii("\"}\n")
                .toByteArray();
    }

    /** Reads the header at the beginning of a segment; throws when it is not this segment's. */
    static Header requireHeader(String file, byte[] storeId, SegmentId id, byte[] bytes, int from, int to) {
        if (to - from < Line.CRC_TAIL + 2 || !Line.check(new CRC32C(), storeId, bytes, from, to)) {
            throw new CorruptJournalException(
                    file,
                    0,
                    id.first(),
                    id.first(),
                    foreign(storeId, bytes, from, to, "the header's checksum is wrong"));
        }
        Map<String, String> f = fields(bytes, from, to);
        String version = f.getOrDefault("daybook", "?");
        if (!version.equals(String.valueOf(FORMAT))) {
            throw new UnsupportedFormatException(
                    file + " has format " + version + ", this Daybook knows format " + FORMAT + ": use a newer Daybook",
                    null);
        }
        Header header =
                new Header(number(f, "segment"), number(f, "first"), (int) number(f, "generation"), text(f.get("day")));
        if (header.first != id.first() || header.generation != id.generation()) {
            throw new CorruptJournalException(
                    file,
                    0,
                    id.first(),
                    id.first(),
                    "its header says that it begins at position " + header.first + ", generation " + header.generation
                            + ": another segment's file has this name");
        }
        return header;
    }

    private static String foreign(byte[] storeId, byte[] bytes, int from, int to, String otherwise) {
        try {
            String store = text(fields(bytes, from, to).get("store"));
            if (store.length() == 32 && !store.equals(HexFormat.of().formatHex(storeId))) {
                return "it belongs to another store (" + store + ")";
            }
        } catch (RuntimeException e) {
            return otherwise;
        }
        return otherwise;
    }

    /** A seal from a checked line. */
    static Seal seal(byte[] bytes, int from, int to) {
        Map<String, String> f = fields(bytes, from, to);
        String times = f.getOrDefault("time", "");
        if (times.length() != 2 * Timestamps.LENGTH + 7) {
            throw new Line.MalformedLineException("the seal has no time range");
        }
        return new Seal(
                number(f, "seal"),
                number(f, "first"),
                number(f, "last"),
                number(f, "lines"),
                number(f, "events"),
                number(f, "bytes"),
                number(f, "totalEvents"),
                number(f, "totalBytes"),
                Timestamps.parse(times.substring(2, 2 + Timestamps.LENGTH)),
                Timestamps.parse(times.substring(5 + Timestamps.LENGTH, 5 + 2 * Timestamps.LENGTH)),
                text(f.get("sha256")),
                text(f.get("origin")),
                text(f.get("previous")));
    }

    static Gap gap(byte[] bytes, int from, int to) {
        Map<String, String> f = fields(bytes, from, to);
        return new Gap(number(f, "gap"), number(f, "through"));
    }

    /** The members of a JSON object that is known to be valid, values as their text. */
    static Map<String, String> fields(byte[] bytes, int from, int to) {
        Map<String, String> fields = new LinkedHashMap<>();
        int at = from;
        while (at < to && bytes[at] != '{') {
            at++;
        }
        at++;
        while (at < to && bytes[at] != '}') {
            int keyEnd = JsonScanner.skipValue(bytes, at, to);
            int keyFrom = at;
            while (bytes[keyFrom] != '"') {
                keyFrom++;
            }
            String key = JsonText.decode(bytes, keyFrom, keyEnd);
            at = keyEnd;
            while (bytes[at] != ':') {
                at++;
            }
            int valueEnd = JsonScanner.skipValue(bytes, at + 1, to);
            fields.put(key, new String(bytes, at + 1, valueEnd - at - 1, StandardCharsets.UTF_8).strip());
            at = valueEnd;
            while (at < to && bytes[at] != ',' && bytes[at] != '}') {
                at++;
            }
            if (at < to && bytes[at] == ',') {
                at++;
            }
        }
        return fields;
    }

    static String text(@Nullable String json) {
        if (json == null || json.length() < 2 || json.charAt(0) != '"') {
            return "";
        }
        if (json.indexOf('\\') < 0) {
            return json.substring(1, json.length() - 1); // all that we write: an opening reads three of each segment
        }
        byte[] raw = json.getBytes(StandardCharsets.UTF_8);
        return JsonText.decode(raw, 0, raw.length);
    }

    private static long number(Map<String, String> fields, String name) {
        try {
            return Long.parseLong(fields.getOrDefault(name, ""));
        } catch (NumberFormatException e) {
            throw new Line.MalformedLineException(name + " is not a number");
        }
    }
}
