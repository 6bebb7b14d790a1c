package dev.daybook.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.daybook.Daybook;
import dev.daybook.DaybookOptions;
import dev.daybook.Progress;
import dev.daybook.driver.filesystem.FilesystemDriver;
import dev.daybook.internal.disk.Disk;
import java.nio.file.Path;
import java.util.SplittableRandom;
import java.util.function.UnaryOperator;

/** Random work on a store that lives five times on one simulated disk. Each life ends by a close, a kill or a power cut, as the seed decides. */
abstract class MortalStore {
    private static final Path DIRECTORY = Path.of("/sim/data");
    private static final int LIVES = 5;

    final SplittableRandom random;
    private final SimulatedDisk disk;
    private final UnaryOperator<Disk> wrapper;
    private final int segmentBytes;
    private SimulatedProcess process;
    final ManualClock clock = ManualClock.evening();

    interface Maker {
        MortalStore of(long seed, UnaryOperator<Disk> wrapper);
    }

    /** @param segmentBytes the least that a segment has; some have up to four times as much */
    MortalStore(long seed, UnaryOperator<Disk> wrapper, int segmentBytes) {
        this.wrapper = wrapper;
        random = new SplittableRandom(seed);
        disk = new SimulatedDisk(seed);
        process = disk.process();
        this.segmentBytes = segmentBytes << random.nextInt(3);
    }

    /** So many seeds, or {@code -Dmodel.seeds=N}, or the one of {@code -Dseed=N}; at least so many lives must end in the middle of something. */
    static void mustBeAsItsModel(int seedsOfItself, int crashesMin, Maker maker) {
        Long single = Long.getLong("seed");
        int seeds = Integer.getInteger("model.seeds", seedsOfItself);
        int crashes = 0;
        for (long seed = single == null ? 1 : single; seed <= (single == null ? seeds : single); seed++) {
            try {
                crashes += maker.of(seed, process -> process).live();
            } catch (Exception | AssertionError e) {
                throw new AssertionError("seed " + seed + " (-Dseed=" + seed + " replays it): " + e.getMessage(), e);
            }
        }
        assertThat(crashes).isGreaterThan(single == null && seeds >= seedsOfItself ? crashesMin : -1);
    }

    /** The test must be able to fail: on a disk that forgets to sync it does. */
    static void mustFailWithoutSync(int seeds, Maker maker) {
        boolean found = false;
        for (long seed = 1; seed <= seeds && !found; seed++) {
            try {
                maker.of(seed, process -> new BuggyDisk(process, BuggyDisk.Bug.NO_SYNC))
                        .live();
            } catch (Exception | AssertionError e) {
                found = true;
            }
        }
        assertThat(found).isTrue();
    }

    /** Whether the process of this life is dead. */
    final boolean isDead() {
        return process.isDead();
    }

    /** It was opened: compares it with the model. */
    abstract void opened(Daybook book);

    /** Works for a life; it may end at any moment. */
    abstract void work(Daybook book);

    /** How many operations on the disk a life that is to end early may have. */
    abstract int mutationsMax();

    /** What is there after the last write, whose outcome nobody was told: all of it or nothing. */
    abstract void settle(Daybook book);

    private int live() throws Exception {
        process.createDirectories(DIRECTORY.getParent());
        int crashes = 0;
        for (int life = 0; life < LIVES; life++) {
            process = disk.process();
            Daybook book = open(wrapper.apply(process));
            opened(book);
            disk.dieAtMutation(random.nextInt(3) == 0 ? Long.MAX_VALUE / 2 : 1 + random.nextInt(mutationsMax()));
            try {
                work(book);
                book.close();
            } catch (RuntimeException | SimulatedCrash e) {
                if (!process.isDead()) {
                    throw e;
                }
                crashes++;
            }
            boolean died = process.isDead();
            try {
                book.close();
            } catch (RuntimeException | SimulatedCrash e) {
                // a dead process cannot close
            }
            if (!died) {
                disk.kill();
            }
            if (random.nextBoolean()) {
                disk.crash(random.nextLong());
            }
            disk.dieAtMutation(Long.MAX_VALUE / 2);
            try (Daybook again = open(disk.process())) {
                settle(again);
            } finally {
                disk.kill();
            }
        }
        assertThat(Daybook.verify(new FilesystemDriver(DIRECTORY, disk.process()), Progress.NONE)
                        .problems())
                .isEmpty();
        return crashes;
    }

    private Daybook open(Disk on) {
        return Daybook.open(
                new FilesystemDriver(DIRECTORY, on),
                DaybookOptions.defaults().withSegmentBytesMax(segmentBytes).withClock(clock));
    }
}
