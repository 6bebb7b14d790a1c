package dev.daybook.view.sqlite;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

final class BlockTest {
    private static final long SEED = Long.getLong("seed", 20_261_121);
    private static final long NUMBER = 7;

    private record Attempt(long position, long end, long duration, String workflow, int status) {}

    @Test
    void writtenBlockIsReadBack() {
        for (int attempts : new int[] {1, 2, 255, 256, 257, 5_000, Block.ATTEMPTS_MAX}) {
            List<Attempt> expected = attempts(new Random(SEED), attempts);
            Block block = block(expected);
            assertThat(attempts(block)).isEqualTo(expected);
            assertThat(attempts(read(block.bytes()))).isEqualTo(expected);
            assertThat(read(block.bytes()).bytes()).isEqualTo(block.bytes());
        }
    }

    @Test
    void blockCanBeAddedToAfterItWasRead() {
        List<Attempt> all = attempts(new Random(SEED), 1_000);
        Block block = new Block(NUMBER);
        for (Attempt attempt : all) {
            add(block, attempt);
            block = read(block.bytes());
        }
        assertThat(block.bytes()).isEqualTo(block(all).bytes());
    }

    @Test
    void copyIsAddedToByItself() {
        List<Attempt> all = attempts(new Random(SEED), 1_000);
        Block block = block(all.subList(0, 999));
        byte[] before = block.bytes();
        Block copy = block.copy();
        add(copy, all.get(999));
        assertThat(copy.bytes()).isEqualTo(block(all).bytes());
        assertThat(block.bytes()).isEqualTo(before);
    }

    @Test
    void attemptOfAThousandTakesThirtyKibibytesAtMost() {
        assertThat(block(attempts(new Random(SEED), 1_000)).bytes()).hasSizeLessThan(30 << 10);
    }

    @Test
    void everyDamagedByteIsNoticed() {
        byte[] bytes = block(attempts(new Random(SEED), 20)).bytes();
        int checksum = Block.checksum(bytes);
        for (int i = 0; i < bytes.length; i++) {
            byte[] damaged = bytes.clone();
            damaged[i] ^= 4;
            assertThatThrownBy(() -> Block.read(NUMBER, damaged, checksum))
                    .isInstanceOf(SqliteTrouble.class)
                    .hasMessage("block 7 is damaged: its checksum is wrong");
        }
    }

    @Test
    void bytesThatAreNoBlockAreRefusedWhateverTheirChecksum() {
        byte[] bytes = block(attempts(new Random(SEED), 20)).bytes();
        for (int length = 0; length < bytes.length; length++) {
            byte[] cut = Arrays.copyOf(bytes, length);
            assertThatThrownBy(() -> read(cut)).isInstanceOf(SqliteTrouble.class);
        }
        assertThatThrownBy(() -> read(Arrays.copyOf(bytes, bytes.length + 1))).isInstanceOf(SqliteTrouble.class);
        byte[] many = bytes.clone();
        many[3] = 0x7f;
        assertThatThrownBy(() -> read(many)).isInstanceOf(SqliteTrouble.class);
    }

    @Test
    void attemptsThatDoNotFollowAreRefused() {
        Block block = new Block(NUMBER);
        long first = NUMBER << Block.POSITION_BITS;
        assertThatThrownBy(() -> block.add(first - 1, 0, 0, "w", 1)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> block.add(first + Block.ATTEMPTS_MAX, 0, 0, "w", 1))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> block.add(first, 0, -2, "w", 1)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> block.add(first, 0, 0, "w", Block.STATUSES))
                .isInstanceOf(IllegalArgumentException.class);
        block.add(first + 1, 0, 0, "w", 1);
        assertThatThrownBy(() -> block.add(first + 1, 0, 0, "w", 1)).isInstanceOf(IllegalArgumentException.class);
        assertThat(block.count()).isEqualTo(1);
    }

    private static List<Attempt> attempts(Random random, int count) {
        TreeSet<Long> positions = new TreeSet<>();
        while (positions.size() < count) {
            positions.add((NUMBER << Block.POSITION_BITS) + random.nextInt(Block.ATTEMPTS_MAX));
        }
        String[] workflows = {"summarise", "\u00fcbersetzen", "\ud83d\ude00", "w".repeat(256), "x", ""};
        return positions.stream()
                .map(position -> new Attempt(
                        position,
                        random.nextLong() >> random.nextInt(64),
                        random.nextInt(4) == 0 ? Block.NO_DURATION : random.nextLong() >>> (1 + random.nextInt(63)),
                        workflows[random.nextInt(workflows.length)],
                        random.nextInt(Block.STATUSES)))
                .toList();
    }

    private static Block block(List<Attempt> attempts) {
        Block block = new Block(NUMBER);
        attempts.forEach(attempt -> add(block, attempt));
        return block;
    }

    private static void add(Block block, Attempt attempt) {
        block.add(attempt.position, attempt.end, attempt.duration, attempt.workflow, attempt.status);
    }

    private static Block read(byte[] bytes) {
        return Block.read(NUMBER, bytes, Block.checksum(bytes));
    }

    private static List<Attempt> attempts(Block block) {
        List<Attempt> attempts = new ArrayList<>();
        for (int i = 0; i < block.count(); i++) {
            attempts.add(new Attempt(
                    block.position(i),
                    block.ends[i],
                    block.durations[i],
                    block.names().get(block.workflows[i]),
                    block.statuses[i]));
        }
        return attempts;
    }
}
