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
        Clock clock) {

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
        return new DaybookOptions(
                Durability.SYNC,
                false,
                Duration.ZERO,
                Duration.ofSeconds(30),
                Duration.ofMillis(100),
                64L << 20,
                10 << 20,
                128L << 20,
                65_536,
                false,
                true,
                Clock.SYSTEM);
    }

    public DaybookOptions withDurability(Durability value) {
        return new DaybookOptions(
                value,
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
                clock);
    }

    public DaybookOptions withReadOnly(boolean value) {
        return new DaybookOptions(
                durability,
                value,
                lockTimeout,
                appendTimeout,
                syncInterval,
                segmentBytesMax,
                payloadBytesMax,
                queueBytesMax,
                queueCountMax,
                acceptClock,
                search,
                clock);
    }

    public DaybookOptions withLockTimeout(Duration value) {
        return new DaybookOptions(
                durability,
                readOnly,
                value,
                appendTimeout,
                syncInterval,
                segmentBytesMax,
                payloadBytesMax,
                queueBytesMax,
                queueCountMax,
                acceptClock,
                search,
                clock);
    }

    public DaybookOptions withAppendTimeout(Duration value) {
        return new DaybookOptions(
                durability,
                readOnly,
                lockTimeout,
                value,
                syncInterval,
                segmentBytesMax,
                payloadBytesMax,
                queueBytesMax,
                queueCountMax,
                acceptClock,
                search,
                clock);
    }

    public DaybookOptions withSyncInterval(Duration value) {
        return new DaybookOptions(
                durability,
                readOnly,
                lockTimeout,
                appendTimeout,
                value,
                segmentBytesMax,
                payloadBytesMax,
                queueBytesMax,
                queueCountMax,
                acceptClock,
                search,
                clock);
    }

    public DaybookOptions withSegmentBytesMax(long value) {
        return new DaybookOptions(
                durability,
                readOnly,
                lockTimeout,
                appendTimeout,
                syncInterval,
                value,
                payloadBytesMax,
                queueBytesMax,
                queueCountMax,
                acceptClock,
                search,
                clock);
    }

    public DaybookOptions withPayloadBytesMax(int value) {
        return new DaybookOptions(
                durability,
                readOnly,
                lockTimeout,
                appendTimeout,
                syncInterval,
                segmentBytesMax,
                value,
                queueBytesMax,
                queueCountMax,
                acceptClock,
                search,
                clock);
    }

    public DaybookOptions withQueueBytesMax(long value) {
        return new DaybookOptions(
                durability,
                readOnly,
                lockTimeout,
                appendTimeout,
                syncInterval,
                segmentBytesMax,
                payloadBytesMax,
                value,
                queueCountMax,
                acceptClock,
                search,
                clock);
    }

    public DaybookOptions withQueueCountMax(int value) {
        return new DaybookOptions(
                durability,
                readOnly,
                lockTimeout,
                appendTimeout,
                syncInterval,
                segmentBytesMax,
                payloadBytesMax,
                queueBytesMax,
                value,
                acceptClock,
                search,
                clock);
    }

    public DaybookOptions withAcceptClock(boolean value) {
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
                value,
                search,
                clock);
    }

    public DaybookOptions withSearch(boolean value) {
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
                value,
                clock);
    }

    public DaybookOptions withClock(Clock value) {
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
                value);
    }
}
