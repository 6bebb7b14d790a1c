package dev.daybook.stream;

import dev.daybook.InvalidEventException;
import dev.daybook.internal.json.JsonSink;
import org.jspecify.annotations.Nullable;

/**
 * Conditions of an append to one stream. Immutable.
 *
 * @param expectedSeq the stream's last sequence number must be this (0: it has no events, or does not exist); -1 for any
 * @param producer who sends it, for idempotency and fencing; null for nobody
 * @param order the writer's own order token: must be greater, bytewise, than the stream's last one; null for none
 * @param closing the stream is closed in the same step
 * @param mustExist the stream is not created by this append
 */
public record AppendOptions(
        long expectedSeq,
        @Nullable Producer producer,
        @Nullable String order,
        boolean closing,
        boolean mustExist) {

    /** As {@link #expectedSeq()}: wherever the stream is. */
    public static final long ANY_SEQ = -1;

    private static final AppendOptions NONE = new AppendOptions(ANY_SEQ, null, null, false, false);

    public AppendOptions {
        if (expectedSeq < ANY_SEQ) {
            throw new InvalidEventException("expectedSeq", -1, "must be 0 or more");
        }
        if (order != null && (order.isEmpty() || JsonSink.utf8(order, "order").length > 256)) {
            throw new InvalidEventException("order", -1, "must have 1 to 256 bytes");
        }
    }

    /** No conditions. */
    public static AppendOptions none() {
        return NONE;
    }

    /** Only if this is the stream's last sequence number. */
    public static AppendOptions expecting(long lastSeq) {
        return NONE.expectedSeq(lastSeq);
    }

    /** Sent by this producer: see {@link Producer}. */
    public static AppendOptions from(String producerId, long epoch, long seq) {
        return NONE.producer(producerId, epoch, seq);
    }

    /** Only if this is the stream's last sequence number; 0 when it has no events yet. */
    public AppendOptions expectedSeq(long lastSeq) {
        if (lastSeq < 0) {
            throw new InvalidEventException("expectedSeq", -1, "must be 0 or more");
        }
        return new AppendOptions(lastSeq, producer, order, closing, mustExist);
    }

    /** Sent by this producer: see {@link Producer}. */
    public AppendOptions producer(String id, long epoch, long seq) {
        return new AppendOptions(expectedSeq, new Producer(id, epoch, seq), order, closing, mustExist);
    }

    /** With an order token of 1 to 256 bytes. */
    public AppendOptions order(String token) {
        return new AppendOptions(expectedSeq, producer, token, closing, mustExist);
    }

    /** And closes the stream in the same step. */
    public AppendOptions close() {
        return new AppendOptions(expectedSeq, producer, order, true, mustExist);
    }

    /** Only if the stream exists. */
    public AppendOptions requireStream() {
        return new AppendOptions(expectedSeq, producer, order, closing, true);
    }

    /**
     * Identifies one append of one sender. The store accepts a sender's appends in order, each once: sequence 0 first, then 1, 2, ...;
     * a higher epoch begins at 0 again and fences off the lower ones. These are the rules of the Durable Streams protocol.
     *
     * @param id the sender; 1 to 256 bytes
     * @param epoch its term
     * @param seq its count of appends in this term, from 0
     */
    public record Producer(String id, long epoch, long seq) {
        private static final long MAX = (1L << 53) - 1;

        public Producer {
            if (id.isEmpty() || JsonSink.utf8(id, "producer").length > 256) {
                throw new InvalidEventException("producer", -1, "id must have 1 to 256 bytes");
            }
            if (epoch < 0 || epoch > MAX || seq < 0 || seq > MAX) {
                throw new InvalidEventException("producer", -1, "epoch and seq must be between 0 and 2^53-1");
            }
        }
    }
}
