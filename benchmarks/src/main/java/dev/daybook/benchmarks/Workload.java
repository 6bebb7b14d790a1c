package dev.daybook.benchmarks;

import java.nio.charset.StandardCharsets;
import java.util.Random;

/**
 * The events that every contestant stores: JSON objects of 311 bytes, with a line break 312, over 1,000 streams in
 * turn.
 */
final class Workload {
    static final int STREAMS = 1_000;
    static final int PAYLOAD_BYTES = 311;
    static final String EVENT_TYPE = "message";

    /**
     * Enough distinct payloads that no cache holds them all close by; a power of two, so that choosing one costs
     * nothing.
     */
    private static final int POOL_SIZE = 4_096;

    private static final byte[][] POOL = new byte[POOL_SIZE][];
    private static final String[] STREAM_NAMES = new String[STREAMS];

    static {
        String[] words =
                ("the agent reads a page then plans its next step and calls tool with arguments because answer of"
                                + " model was not complete result shows three more files which need changes before tests can pass")
                        .split(" ");
        Random random = new Random(42);
        for (int i = 0; i < POOL_SIZE; i++) {
            StringBuilder json = new StringBuilder("{\"role\":\"assistant\",\"id\":\"")
                    .append(Long.toHexString(random.nextLong() | Long.MIN_VALUE))
                    .append("\",\"tokens\":")
                    .append(100 + random.nextInt(900))
                    .append(",\"content\":\"");
            int contentEnd = PAYLOAD_BYTES - 2;
            while (json.length() < contentEnd) {
                json.append(words[random.nextInt(words.length)]).append(' ');
            }
            json.setLength(contentEnd);
            POOL[i] = json.append("\"}").toString().getBytes(StandardCharsets.US_ASCII);
        }
        for (int i = 0; i < STREAMS; i++) {
            STREAM_NAMES[i] = "runs/%04d".formatted(i);
        }
    }

    private Workload() {}

    static byte[] payload(long event) {
        return POOL[(int) event & (POOL_SIZE - 1)];
    }

    static int stream(long event) {
        return (int) (event % STREAMS);
    }

    static String streamName(int stream) {
        return STREAM_NAMES[stream];
    }
}
