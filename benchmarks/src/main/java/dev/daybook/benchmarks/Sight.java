package dev.daybook.benchmarks;

import java.nio.ByteBuffer;

/**
 * Looks at what is read, so that nobody gets away with not delivering it: numbers, lengths, first and last bytes are
 * summed up.
 */
final class Sight {
    private long bytes;
    private long sum;
    private long numbers;

    /** What tells where the event lies: its position, its number in its stream, or the like. */
    void see(long number) {
        numbers += number;
    }

    void see(String stream) {
        numbers += stream.length();
    }

    void see(byte[] payload) {
        bytes += payload.length;
        sum += payload[0] + payload[payload.length - 1];
    }

    void see(ByteBuffer payload) {
        int length = payload.remaining();
        bytes += length;
        sum += payload.get(payload.position()) + payload.get(payload.position() + length - 1);
    }

    /** Every payload is an object of one length, so that the sums follow from the count. */
    void require(String who, long count, long expected) {
        if (count != expected
                || bytes != expected * Workload.PAYLOAD_BYTES
                || sum != expected * ('{' + '}')
                || numbers < expected) {
            throw new IllegalStateException("%s delivered %d events with %d payload bytes instead of %d events"
                    .formatted(who, count, bytes, expected));
        }
    }
}
