package dev.daybook;

import dev.daybook.internal.time.Clock;
import java.time.Duration;

/**
 * How to open a store. Immutable; each {@code with} method returns a changed copy. A value out of range is an {@link IllegalArgumentException}.
 *
 * @param durability what an acknowledgement means; {@link Durability#SYNC} by default
 * @param readOnly open for reading only, beside whatever process writes; false by default
 * @param lockTimeout how long opening waits for another writing process to go away; zero by default
 * @param appendTimeout how long an append waits, for room in the queue and for its acknowledgement; 30 s by default
 * @param syncInterval with {@link Durability#OS}, how often the store syncs in the background; 100 ms by default
 * @param segmentBytesMax a segment is rolled when it would grow beyond this; 64 MiB by default, 4 KiB to 1 GiB
 * @param payloadBytesMax largest payload; 10 MiB by default, at most 16 MiB
 * @param queueBytesMax bytes of appends that may wait for the disk; 128 MiB by default
 * @param queueCountMax appends that may wait for the disk; 65,536 by default
 * @param acceptClock open although the journal's last time is more than five minutes ahead of the clock; false by default
 * @param search whether full text can be searched; true by default. Without it nothing of the kind is kept
 * @param clock tells the time; the computer's by default
 * @param redaction what is not to be stored of runs, logs and documents; {@link Redaction#NONE} by default
 */
public record DaybookOptions(
        Durability durability,
        boolean readOnly,
        Duration lockTimeout,
        Duration appendTimeout,
        Duration syncInterval,
        long segmentBytesMax,
        int payloadBytesMax,
        long queueBytesMax,
        int queueCountMax,
        boolean acceptClock,
        boolean search,
        Clock clock,
        Redaction redaction) {

    /** The most that {@link #payloadBytesMax()} can be. */
    public static final int PAYLOAD_BYTES_LIMIT = 16 << 20;

    public DaybookOptions {
        require(!lockTimeout.isNegative(), "lockTimeout must not be negative");
        require(!appendTimeout.isNegative() && !appendTimeout.isZero(), "appendTimeout must be positive");
        require(!syncInterval.isNegative() && !syncInterval.isZero(), "syncInterval must be positive");
        require(
                segmentBytesMax >= 4 << 10 && segmentBytesMax <= 1 << 30,
                "segmentBytesMax must be between 4 KiB and 1 GiB");
        require(
                payloadBytesMax >= 1 && payloadBytesMax <= PAYLOAD_BYTES_LIMIT,
                "payloadBytesMax must be between 1 byte and 16 MiB");
        require(queueBytesMax >= 1 << 20, "queueBytesMax must be at least 1 MiB");
        require(queueCountMax >= 1, "queueCountMax must be at least 1");
    }

    private static void require(boolean condition, String rule) {
        if (!condition) {
            throw new IllegalArgumentException(rule);
        }
    }

    public static DaybookOptions defaults() {
        return new Changed().options();
    }

    public DaybookOptions withDurability(Durability value) {
        Changed changed = new Changed(this);
        changed.durability = value;
        return changed.options();
    }

    public DaybookOptions withReadOnly(boolean value) {
        Changed changed = new Changed(this);
        changed.readOnly = value;
        return changed.options();
    }

    public DaybookOptions withLockTimeout(Duration value) {
        Changed changed = new Changed(this);
        changed.lockTimeout = value;
        return changed.options();
    }

    public DaybookOptions withAppendTimeout(Duration value) {
        Changed changed = new Changed(this);
        changed.appendTimeout = value;
        return changed.options();
    }

    public DaybookOptions withSyncInterval(Duration value) {
        Changed changed = new Changed(this);
        changed.syncInterval = value;
        return changed.options();
    }

    public DaybookOptions withSegmentBytesMax(long value) {
        Changed changed = new Changed(this);
        changed.segmentBytesMax = value;
        return changed.options();
    }

    public DaybookOptions withPayloadBytesMax(int value) {
        Changed changed = new Changed(this);
        changed.payloadBytesMax = value;
        return changed.options();
    }

    public DaybookOptions withQueueBytesMax(long value) {
        Changed changed = new Changed(this);
        changed.queueBytesMax = value;
        return changed.options();
    }

    public DaybookOptions withQueueCountMax(int value) {
        Changed changed = new Changed(this);
        changed.queueCountMax = value;
        return changed.options();
    }

    public DaybookOptions withAcceptClock(boolean value) {
        Changed changed = new Changed(this);
        changed.acceptClock = value;
        return changed.options();
    }

    public DaybookOptions withSearch(boolean value) {
        Changed changed = new Changed(this);
        changed.search = value;
        return changed.options();
    }

    public DaybookOptions withClock(Clock value) {
        Changed changed = new Changed(this);
        changed.clock = value;
        return changed.options();
    }

    public DaybookOptions withRedaction(Redaction value) {
        Changed changed = new Changed(this);
        changed.redaction = value;
        return changed.options();
    }

    /** The options as they are by default, or as others have them, while one is changed. */
    private static final class Changed {
        private Durability durability = Durability.SYNC;
        private boolean readOnly;
        private Duration lockTimeout = Duration.ZERO;
        private Duration appendTimeout = Duration.ofSeconds(30);
        private Duration syncInterval = Duration.ofMillis(100);
        private long segmentBytesMax = 64L << 20;
        private int payloadBytesMax = 10 << 20;
        private long queueBytesMax = 128L << 20;
        private int queueCountMax = 65_536;
        private boolean acceptClock;
        private boolean search = true;
        private Clock clock = Clock.SYSTEM;
        private Redaction redaction = Redaction.NONE;

        Changed() {}

        Changed(DaybookOptions from) {
            durability = from.durability;
            readOnly = from.readOnly;
            lockTimeout = from.lockTimeout;
            appendTimeout = from.appendTimeout;
            syncInterval = from.syncInterval;
            segmentBytesMax = from.segmentBytesMax;
            payloadBytesMax = from.payloadBytesMax;
            queueBytesMax = from.queueBytesMax;
            queueCountMax = from.queueCountMax;
            acceptClock = from.acceptClock;
            search = from.search;
            clock = from.clock;
            redaction = from.redaction;
        }

        DaybookOptions options() {
            return new DaybookOptions(
                    durability,
                    readOnly,
                    lockTimeout,
                    appendTimeout,
                    syncInterval,
                    segmentBytesMax,
                    payloadBytesMax,
                    queueBytesMax,
                    queueCountMax,
                    acceptClock,
                    search,
                    clock,
                    redaction);
        }
    }
}
