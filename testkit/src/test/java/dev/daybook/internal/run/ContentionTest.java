package dev.daybook.internal.run;

import static org.assertj.core.api.Assertions.assertThat;

import dev.daybook.journal.Plant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Claimants that contend for runs and pause past their leases. {@code -Dseed=N} replays one seed. */
class ContentionTest {
    private static final int SEEDS = 60;

    @AfterEach
    void plantNothing() {
        Plant.none();
    }

    @Test
    void noRunIsWrittenByTwoGenerationsAndEveryRunEnds() {
        Long single = Long.getLong("seed");
        int fenced = 0;
        int stalls = 0;
        for (long seed = single == null ? 1 : single; seed <= (single == null ? SEEDS : single); seed++) {
            Contention contention = new Contention(seed);
            try {
                contention.run();
                assertThat(contention.problems()).isEmpty();
            } catch (RuntimeException | AssertionError e) {
                throw new AssertionError("seed " + seed + " (-Dseed=" + seed + " replays it): " + e.getMessage(), e);
            }
            fenced += contention.fenced;
            stalls += contention.stalls;
        }
        System.out.println("contention: seeds=" + SEEDS + " claimants=8 lost leases=" + fenced + " stalls=" + stalls);
        assertThat(fenced).isGreaterThan(single == null ? SEEDS : -1);
        assertThat(stalls).isGreaterThan(single == null ? SEEDS : -1);
    }

    @Test
    void storeWithoutAFenceIsFound() {
        found("NO_FENCE");
        List<String> inVerify = new ArrayList<>();
        for (long seed = 1; seed <= SEEDS && inVerify.isEmpty(); seed++) {
            Contention contention = new Contention(seed);
            try {
                contention.run();
            } catch (AssertionError e) {
                contention.problems().forEach(problem -> inVerify.add(problem.what()));
            }
        }
        assertThat(inVerify).anyMatch(what -> what.contains("behind generation"));
    }

    @Test
    void storeThatBelievesTheClockIsFound() {
        assertThat(found("EXPIRE_BY_CLOCK")).contains("although it was heard of");
    }

    /** What the first seed says that finds the bug. */
    private static String found(String bug) {
        Plant.bug(bug);
        for (long seed = 1; seed <= SEEDS; seed++) {
            try {
                new Contention(seed).run();
            } catch (AssertionError e) {
                System.out.println("planted bug " + bug + " found by seed " + seed + ": " + e.getMessage());
                return String.valueOf(e.getMessage());
            }
        }
        throw new AssertionError("planted bug " + bug + " is not found by " + SEEDS + " seeds");
    }
}
