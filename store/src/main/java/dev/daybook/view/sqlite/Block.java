package dev.daybook.view.sqlite;

import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.CRC32C;

/**
 * Ended attempts of runs by column: those whose positions are the same without their last 14 bits, in order of position.
 *
 * <pre>
 * attempts u32 · workflows u32 · of each workflow: bytes u16, name in UTF-8
 * last 14 bits of the position u16 each · end i64 each · duration i64 each (-1: none) · workflow u16 each · status u8 each
 * </pre>
 *
 * All little-endian. Workflows are numbered as they first come, so the bytes depend on the attempts and on nothing else: a rebuilt view has the same.
 *
 * <p>Who folds the journal adds to one and writes it; who reads one, on any thread, leaves it as it is.
 */
final class Block {
    static final int POSITION_BITS = 14;
    static final int ATTEMPTS_MAX = 1 << POSITION_BITS;

    /** The duration of an attempt that never began. */
    static final long NO_DURATION = -1;

    /** Statuses are codes below this; the view says which is which. */
    static final int STATUSES = 16;

    private static final int ATTEMPT_BYTES = 2 + 8 + 8 + 2 + 1;

    /** The block holds the positions from {@code number << 14} on. */
    final long number;

    /** The columns, each at least {@link #count} long. */
    private short[] positions;

    long[] ends;
    long[] durations;
    short[] workflows;
    byte[] statuses;

    private int count;
    private final List<String> names = new ArrayList<>();
    private final Map<String, Integer> numbers = new HashMap<>();

    Block(long number) {
        this(number, 256);
    }

    private Block(long number, int expected) {
        this.number = number;
        positions = new short[expected];
        ends = new long[expected];
        durations = new long[expected];
        workflows = new short[expected];
        statuses = new byte[expected];
    }

    /** In which block the line at this position belongs. */
    static long numberOf(long position) {
        return position >>> POSITION_BITS;
    }

    static int checksum(byte[] bytes) {
        CRC32C crc = new CRC32C();
        crc.update(bytes, 0, bytes.length);
        return (int) crc.getValue();
    }

    private static SqliteTrouble damaged(long number, String reason) {
        return SqliteTrouble.damaged("block " + number + " is damaged: " + reason);
    }

    /**
     * The block that {@link #bytes} wrote.
     *
     * @throws SqliteTrouble when these are not its bytes: only another file helps
     */
    static Block read(long number, byte[] bytes, int checksum) {
        if (checksum(bytes) != checksum) {
            throw damaged(number, "its checksum is wrong");
        }
        ByteBuffer in = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
        try {
            int count = in.getInt();
            int workflows = in.getInt();
            if (count < 0 || count > ATTEMPTS_MAX || workflows < 0 || workflows > count) {
                throw damaged(number, count + " attempts of " + workflows + " workflows");
            }
            Block block = new Block(number, count);
            for (int i = 0; i < workflows; i++) {
                byte[] name = new byte[Short.toUnsignedInt(in.getShort())];
                in.get(name);
                block.numberOf(new String(name, StandardCharsets.UTF_8));
            }
            if (in.remaining() != count * ATTEMPT_BYTES) {
                throw damaged(number, in.remaining() + " bytes for " + count + " attempts");
            }
            block.count = count;
            in.asShortBuffer().get(block.positions);
            in.position(in.position() + 2 * count);
            in.asLongBuffer().get(block.ends).get(block.durations);
            in.position(in.position() + 16 * count);
            in.asShortBuffer().get(block.workflows);
            in.position(in.position() + 2 * count);
            in.get(block.statuses);
            return block;
        } catch (BufferUnderflowException e) {
            throw damaged(number, "it ends early");
        }
    }

    /**
     * Adds an attempt behind the others.
     *
     * @param position of the line that ended it
     * @param duration {@link #NO_DURATION} when it never began
     */
    void add(long position, long end, long duration, String workflow, int status) {
        if (numberOf(position) != number || count > 0 && position <= position(count - 1)) {
            throw new IllegalArgumentException("position " + position + " does not follow in block " + number);
        }
        if (duration < NO_DURATION || status < 0 || status >= STATUSES) {
            throw new IllegalArgumentException("duration " + duration + ", status " + status);
        }
        if (count == ends.length) {
            int room = Math.min(2 * count, ATTEMPTS_MAX);
            positions = Arrays.copyOf(positions, room);
            ends = Arrays.copyOf(ends, room);
            durations = Arrays.copyOf(durations, room);
            workflows = Arrays.copyOf(workflows, room);
            statuses = Arrays.copyOf(statuses, room);
        }
        positions[count] = (short) (position & (ATTEMPTS_MAX - 1));
        ends[count] = end;
        durations[count] = duration;
        workflows[count] = (short) numberOf(workflow);
        statuses[count] = (byte) status;
        count++;
    }

    /** A block of its own with the same attempts. */
    Block copy() {
        Block copy = new Block(number, Math.max(count, 256));
        for (int i = 0; i < count; i++) {
            copy.add(position(i), ends[i], durations[i], names.get(workflows[i]), statuses[i]);
        }
        return copy;
    }

    byte[] bytes() {
        byte[][] utf8 = new byte[names.size()][];
        int size = 8 + ATTEMPT_BYTES * count;
        for (int i = 0; i < utf8.length; i++) {
            utf8[i] = names.get(i).getBytes(StandardCharsets.UTF_8);
            size += 2 + utf8[i].length;
        }
        ByteBuffer out = ByteBuffer.allocate(size).order(ByteOrder.LITTLE_ENDIAN);
        out.putInt(count).putInt(utf8.length);
        for (byte[] name : utf8) {
            out.putShort((short) name.length).put(name);
        }
        out.asShortBuffer().put(positions, 0, count);
        out.position(out.position() + 2 * count);
        out.asLongBuffer().put(ends, 0, count).put(durations, 0, count);
        out.position(out.position() + 16 * count);
        out.asShortBuffer().put(workflows, 0, count);
        out.position(out.position() + 2 * count);
        out.put(statuses, 0, count);
        return out.array();
    }

    int count() {
        return count;
    }

    long position(int i) {
        return (number << POSITION_BITS) + positions[i];
    }

    /** The workflows, by their numbers in the column. */
    List<String> names() {
        return names;
    }

    private int numberOf(String workflow) {
        Integer known = numbers.putIfAbsent(workflow, names.size());
        if (known != null) {
            return known;
        }
        names.add(workflow);
        return names.size() - 1;
    }
}
