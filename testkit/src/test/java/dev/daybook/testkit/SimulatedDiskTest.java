package dev.daybook.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.daybook.internal.disk.Disk;
import dev.daybook.internal.disk.Disk.DiskFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** The liar must lie as real disks do, and not otherwise. */
class SimulatedDiskTest {
    private static final Path DIR = Path.of("/d");
    private static final Path A = DIR.resolve("a");
    private static final Path B = DIR.resolve("b");

    private static ByteBuffer bytes(String text) {
        return ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
    }

    private static SimulatedDisk disk(long seed) throws IOException {
        SimulatedDisk disk = new SimulatedDisk(seed);
        disk.createDirectories(DIR);
        return disk;
    }

    private static String text(SimulatedDisk disk, Path file) {
        return new String(disk.bytes(file), StandardCharsets.ISO_8859_1);
    }

    @Test
    void syncedBytesUnderASyncedNameSurviveEveryPowerCut() throws Exception {
        for (long seed = 0; seed < 200; seed++) {
            SimulatedDisk disk = disk(seed);
            DiskFile file = disk.create(A);
            file.write(0, bytes("x".repeat(10_000)));
            file.sync();
            disk.syncDirectory(DIR);
            file.write(5_000, bytes("y".repeat(10_000)));
            disk.crash(seed);
            assertThat(disk.bytes(A).length).isBetween(10_000, 15_000);
            assertThat(text(disk, A)).startsWith("x".repeat(5_000));
            assertThat(text(disk, A).substring(5_000)).matches("[xy\0]*");
        }
    }

    @Test
    void unsyncedPiecesSurviveInAnyCombination() throws Exception {
        Set<String> outcomes = new HashSet<>();
        for (long seed = 0; seed < 2_000; seed++) {
            SimulatedDisk disk = new SimulatedDisk(seed, 512);
            disk.createDirectories(DIR);
            DiskFile file = disk.create(A);
            file.write(0, ByteBuffer.wrap(new byte[1_536]));
            file.sync();
            disk.syncDirectory(DIR);
            byte[] all = new byte[1_536];
            Arrays.fill(all, (byte) 'n');
            file.write(0, ByteBuffer.wrap(all));
            disk.crash(seed);
            byte[] left = disk.bytes(A);
            outcomes.add("" + left[0] + left[512] + left[1024]);
        }
        assertThat(outcomes).hasSize(8);
    }

    @Test
    void sizeCanGrowWithoutItsBytes() throws Exception {
        boolean seen = false;
        for (long seed = 0; seed < 500; seed++) {
            SimulatedDisk disk = disk(seed);
            DiskFile file = disk.create(A);
            disk.syncDirectory(DIR);
            file.write(0, bytes("x".repeat(8_192)));
            disk.crash(seed);
            String text = text(disk, A);
            assertThat(text.length()).isIn(0, 8_192);
            seen |= text.equals("\0".repeat(8_192));
        }
        assertThat(seen).isTrue();
    }

    @Test
    void unsyncedNameMaySurviveOrNot() throws Exception {
        Set<Boolean> outcomes = new HashSet<>();
        for (long seed = 0; seed < 100; seed++) {
            SimulatedDisk disk = disk(seed);
            disk.create(A).sync();
            disk.crash(seed);
            disk.reboot();
            outcomes.add(disk.exists(A));
        }
        assertThat(outcomes).containsExactlyInAnyOrder(true, false);
    }

    @Test
    void renameIsOldOrNew() throws Exception {
        Set<String> outcomes = new HashSet<>();
        for (long seed = 0; seed < 200; seed++) {
            SimulatedDisk disk = disk(seed);
            disk.put(A, "old".getBytes(StandardCharsets.UTF_8));
            DiskFile file = disk.create(B);
            file.write(0, bytes("new"));
            file.sync();
            disk.rename(B, A);
            disk.crash(seed);
            outcomes.add(text(disk, A));
        }
        assertThat(outcomes).containsExactlyInAnyOrder("old", "new");
    }

    @Test
    void deletedFileMayComeBackUntilItsDirectoryIsSynced() throws Exception {
        Set<Boolean> outcomes = new HashSet<>();
        for (long seed = 0; seed < 100; seed++) {
            SimulatedDisk disk = disk(seed);
            disk.put(A, new byte[3]);
            disk.put(B, new byte[3]);
            disk.delete(A);
            disk.syncDirectory(DIR);
            disk.delete(B);
            disk.crash(seed);
            assertThat(disk.files()).doesNotContain(A);
            outcomes.add(disk.files().contains(B));
        }
        assertThat(outcomes).containsExactlyInAnyOrder(true, false);
    }

    @Test
    void killedProcessLosesItsFilesAndLocksAndNothingElse() throws Exception {
        SimulatedDisk disk = disk(1);
        Disk.DiskLock lock = disk.tryLock(DIR.resolve("lock"));
        assertThat(lock).isNotNull();
        lock.describe("me".getBytes(StandardCharsets.UTF_8));
        SimulatedProcess other = disk.process();
        assertThat(other.tryLock(DIR.resolve("lock"))).isNull();
        assertThat(other.readSmall(DIR.resolve("lock"), 100)).asString().isEqualTo("me");
        DiskFile file = disk.create(A);
        file.write(0, bytes("unsynced"));
        disk.kill();
        assertThatThrownBy(() -> file.write(0, bytes("x"))).isInstanceOf(SimulatedCrash.class);
        assertThatThrownBy(() -> other.exists(A)).isInstanceOf(SimulatedCrash.class);
        disk.reboot();
        assertThat(text(disk, A)).isEqualTo("unsynced");
        assertThat(disk.tryLock(DIR.resolve("lock"))).isNotNull();
    }

    @Test
    void afterAFailedSyncReadsShowWhatAPowerCutTakes() throws Exception {
        boolean lost = false;
        for (long seed = 0; seed < 50; seed++) {
            SimulatedDisk disk = disk(seed);
            DiskFile file = disk.create(A);
            file.write(0, bytes("aaaa"));
            file.sync();
            disk.syncDirectory(DIR);
            file.write(0, bytes("bbbb"));
            disk.fault(Fault.once(Fault.Effect.IO_ERROR, 1, o -> o.kind() == Operation.Kind.SYNC));
            assertThatThrownBy(file::sync).isInstanceOf(IOException.class).hasMessage("Input/output error");
            file.sync(); // succeeds, and lies
            ByteBuffer read = ByteBuffer.allocate(4);
            file.read(0, read);
            assertThat(new String(read.array(), StandardCharsets.UTF_8)).isEqualTo("bbbb");
            disk.kill();
            assertThat(text(disk, A)).isEqualTo("bbbb");
            disk.crash(seed);
            lost |= text(disk, A).equals("aaaa");
        }
        assertThat(lost).isTrue();
    }

    @Test
    void writingTheSameBytesAgainAfterAFailedSyncMakesThemDurable() throws Exception {
        for (long seed = 0; seed < 50; seed++) {
            SimulatedDisk disk = disk(seed);
            DiskFile file = disk.create(A);
            disk.syncDirectory(DIR);
            file.write(0, bytes("bbbb"));
            disk.fault(Fault.once(Fault.Effect.IO_ERROR, 1, o -> o.kind() == Operation.Kind.SYNC));
            assertThatThrownBy(file::sync).isInstanceOf(IOException.class);
            file.write(0, bytes("bbbb"));
            file.sync();
            disk.crash(seed);
            assertThat(text(disk, A)).isEqualTo("bbbb");
        }
    }

    @Test
    void lyingWriteAndLyingSyncAreTakenByAPowerCut() throws Exception {
        for (Fault.Effect effect : new Fault.Effect[] {Fault.Effect.LYING_WRITE, Fault.Effect.LYING_SYNC}) {
            boolean lost = false;
            for (long seed = 0; seed < 50; seed++) {
                SimulatedDisk disk = disk(seed);
                disk.put(A, "aaaa".getBytes(StandardCharsets.UTF_8));
                disk.fault(Fault.from(effect, 1, o -> true));
                DiskFile file = disk.open(A, true);
                file.write(0, bytes("bbbb"));
                file.sync();
                assertThat(text(disk, A)).isEqualTo("bbbb");
                disk.crash(seed);
                lost |= text(disk, A).equals("aaaa");
            }
            assertThat(lost).as(effect.name()).isTrue();
        }
    }

    @Test
    void mappingShowsLaterWritesAndOutlivesItsFile() throws Exception {
        SimulatedDisk disk = disk(1);
        DiskFile file = disk.create(A);
        file.write(0, bytes("a".repeat(100)));
        ByteBuffer early = file.map(100, false);
        file.write(50, bytes("b".repeat(100_000)));
        file.write(10, bytes("c"));
        assertThat(early.get(10)).isEqualTo((byte) 'c');
        assertThat(early.get(99)).isEqualTo((byte) 'b');
        file.close();
        disk.delete(A);
        assertThat(early.get(10)).isEqualTo((byte) 'c');
        assertThat(early.isReadOnly()).isTrue();
    }

    @Test
    void mappingForWritingIsSharedAndNotDurableByItself() throws Exception {
        Set<Long> outcomes = new HashSet<>();
        for (long seed = 0; seed < 100; seed++) {
            SimulatedDisk disk = disk(seed);
            disk.put(A, new byte[64]);
            ByteBuffer written = disk.open(A, true).map(64, true);
            ByteBuffer seen = disk.process().open(A, false).map(64, false);
            written.putLong(0, 7);
            assertThat(seen.getLong(0)).isEqualTo(7);
            assertThat(ByteBuffer.wrap(disk.bytes(A)).getLong(0)).isEqualTo(7);
            disk.crash(seed);
            outcomes.add(ByteBuffer.wrap(disk.bytes(A)).getLong(0));
        }
        assertThat(outcomes).containsExactlyInAnyOrder(0L, 7L);
    }

    @Test
    void fullDiskWritesAPartAndIsUsableWhenFreed() throws Exception {
        SimulatedDisk disk = disk(1);
        DiskFile file = disk.create(A);
        disk.freeBytes(8_192);
        assertThatThrownBy(() -> file.write(0, bytes("x".repeat(20_000))))
                .isInstanceOf(IOException.class)
                .hasMessage("No space left on device");
        assertThat(file.size()).isEqualTo(8_192);
        file.write(0, bytes("in place"));
        file.truncate(0);
        file.write(0, bytes("y".repeat(8_000)));
        disk.freeBytes(Long.MAX_VALUE);
        file.write(0, bytes("x".repeat(20_000)));
        assertThat(file.size()).isEqualTo(20_000);
    }

    @Test
    void descriptorsRunOutAndReturn() throws Exception {
        SimulatedDisk disk = disk(1);
        disk.descriptorsMax(1);
        DiskFile file = disk.create(A);
        assertThatThrownBy(() -> disk.create(B)).hasMessageContaining("Too many open files");
        file.close();
        disk.create(B).close();
        assertThat(disk.descriptors()).isZero();
    }

    @Test
    void processesDieInTheMiddleOfTheChosenMutation() throws Exception {
        SimulatedDisk disk = disk(1);
        DiskFile file = disk.create(A);
        disk.dieAtMutation(2);
        file.write(0, bytes("one"));
        assertThatThrownBy(() -> file.write(3, bytes("two"))).isInstanceOf(SimulatedCrash.class);
        assertThatThrownBy(() -> disk.exists(A)).isInstanceOf(SimulatedCrash.class);
        assertThat(disk.isDown()).isTrue();
        disk.reboot();
        assertThat(text(disk, A)).startsWith("one");
    }

    @Test
    void hookSeesEveryOperationAndMayCrash() throws Exception {
        SimulatedDisk disk = disk(1);
        disk.beforeOperation(o -> {
            if (o.kind() == Operation.Kind.SYNC) {
                disk.crash(1);
            }
        });
        DiskFile file = disk.create(A);
        assertThatThrownBy(file::sync).isInstanceOf(SimulatedCrash.class);
    }

    @Test
    void writesAndSyncsAreCounted() throws Exception {
        SimulatedDisk disk = disk(1);
        DiskFile file = disk.create(A);
        file.write(0, bytes("x"));
        file.write(1, bytes("y"));
        file.sync();
        assertThat(disk.writes(A)).isEqualTo(2);
        assertThat(disk.syncs(A)).isEqualTo(1);
        assertThat(disk.syncs()).isEqualTo(1);
    }

    @Test
    void filesAreMadeOpenedAndMissedAsOnARealDisk() throws Exception {
        SimulatedDisk disk = disk(1);
        disk.create(A).close();
        assertThatThrownBy(() -> disk.create(A)).isInstanceOf(FileAlreadyExistsException.class);
        assertThatThrownBy(() -> disk.open(B, false)).isInstanceOf(NoSuchFileException.class);
        assertThatThrownBy(() -> disk.create(Path.of("/nowhere/a"))).isInstanceOf(NoSuchFileException.class);
        assertThat(disk.list(DIR)).containsExactly("a");
        assertThat(disk.list(Path.of("/nowhere"))).isEmpty();
        disk.delete(B);
    }

    @Test
    void copyIsIndependent() throws Exception {
        SimulatedDisk disk = disk(1);
        disk.put(A, new byte[] {1, 2, 3});
        SimulatedDisk copy = disk.copy(2);
        copy.flip(A, 1, 0);
        copy.cut(A, 2);
        assertThat(copy.bytes(A)).containsExactly(1, 3);
        assertThat(disk.bytes(A)).containsExactly(1, 2, 3);
        copy.remove(A);
        assertThat(copy.files()).isEmpty();
    }

    @Test
    void sameSeedHasTheSameOutcome() throws Exception {
        for (int round = 0; round < 20; round++) {
            assertThat(outcome(round)).isEqualTo(outcome(round));
        }
    }

    private static String outcome(long seed) throws IOException {
        SimulatedDisk disk = disk(seed);
        for (int i = 0; i < 20; i++) {
            DiskFile file = disk.create(DIR.resolve("f" + i));
            file.write(0, bytes("x".repeat(i * 700)));
            if (i % 3 == 0) {
                file.sync();
            }
        }
        disk.crash(seed);
        StringBuilder all = new StringBuilder();
        for (Path file : disk.files()) {
            all.append(file).append(Arrays.hashCode(disk.bytes(file))).append(' ');
        }
        return all.toString();
    }
}
