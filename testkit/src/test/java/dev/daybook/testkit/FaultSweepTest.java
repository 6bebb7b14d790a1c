package dev.daybook.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.daybook.Daybook;
import dev.daybook.DaybookException;
import dev.daybook.DaybookOptions;
import dev.daybook.StoreFailedException;
import dev.daybook.driver.filesystem.FilesystemDriver;
import dev.daybook.stream.AppendOptions;
import dev.daybook.stream.Batch;
import dev.daybook.stream.Event;
import dev.daybook.stream.NewEvent;
import dev.daybook.stream.ReadOptions;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The k-th operation on the disk fails, for k = 1, 2, 3, ... until nothing is left to fail. */
@Timeout(180)
@ExtendWith(WithoutLog.class)
class FaultSweepTest {
    private static final Path DIRECTORY = Path.of("/sim/data");

    @ParameterizedTest
    @CsvSource({
        "IO_ERROR, false",
        "IO_ERROR, true",
        "SHORT_WRITE, false",
        "NO_SPACE, false",
        "NO_SPACE, true",
        "NO_DESCRIPTORS, false",
        "NO_DESCRIPTORS, true",
        "READ_ONLY, true"
    })
    void nothingAcknowledgedIsLostWhicheverOperationFails(Fault.Effect effect, boolean sticky) throws Exception {
        int untouched = 0;
        int k = 1;
        for (; untouched < 3; k++) { // background work makes the number of operations vary a little
            if (!sweep(effect, sticky, k)) {
                untouched++;
            }
        }
        System.out.println("fault sweep: effect=" + effect + " sticky=" + sticky + " operations=" + (k - 3));
    }

    private static Predicate<Operation> where(Fault.Effect effect) {
        return switch (effect) {
            case NO_DESCRIPTORS -> o -> o.kind().needsDescriptor();
            case NO_SPACE, READ_ONLY -> o -> o.kind().isMutation();
            case SHORT_WRITE -> o -> o.kind() == Operation.Kind.WRITE;
            default -> o -> true;
        };
    }

    /** @return whether anything failed */
    private static boolean sweep(Fault.Effect effect, boolean sticky, int k) throws Exception {
        String what = effect + (sticky ? " from operation " : " at operation ") + k + ": ";
        SimulatedDisk disk = new SimulatedDisk(k);
        disk.createDirectories(DIRECTORY.getParent());
        ManualClock clock = ManualClock.evening();
        DaybookOptions options = DaybookOptions.defaults()
                .withSegmentBytesMax(4 << 10)
                .withAppendTimeout(Duration.ofSeconds(10))
                .withClock(clock);
        disk.fault(sticky ? Fault.from(effect, k, where(effect)) : Fault.once(effect, k, where(effect)));
        List<String> acknowledged = new ArrayList<>();
        List<String> refused = new ArrayList<>();
        StoreFailedException fatal = null;
        Daybook book = null;
        try {
            book = Daybook.open(new FilesystemDriver(DIRECTORY, disk), options);
            for (int i = 0; i < 24; i++) {
                if (i == 12) {
                    clock.advance(Duration.ofDays(1));
                }
                List<String> payloads = List.of("\"e" + i + "." + "x".repeat(300) + "\"", "\"f" + i + "\"");
                try {
                    if (i % 3 == 0) {
                        book.append(Batch.of()
                                .event("a", NewEvent.json("t", payloads.get(0)))
                                .event("b", NewEvent.json("t", payloads.get(1))));
                    } else {
                        book.stream("a")
                                .append(
                                        payloads.stream()
                                                .map(p -> NewEvent.json("t", p))
                                                .toList(),
                                        AppendOptions.none());
                    }
                    acknowledged.addAll(payloads);
                    assertThat(fatal)
                            .as(what + "an append succeeded after a final failure")
                            .isNull();
                } catch (StoreFailedException e) {
                    if (e.retryable()) {
                        assertThat(fatal)
                                .as(what + "a final failure became retryable")
                                .isNull();
                        refused.addAll(payloads);
                    } else if (fatal == null) {
                        fatal = e;
                    } else {
                        assertThat(root(e)).as(what + "the first cause is kept").isEqualTo(root(fatal));
                    }
                }
            }
            disk.heal();
            if (fatal == null) {
                try {
                    book.stream("a").append(NewEvent.json("t", "\"healed\""));
                    acknowledged.add("\"healed\"");
                } catch (StoreFailedException e) {
                    // A failed sync is final also when it was of space prepared ahead; that shows at the next append.
                    assertThat(e.reason()).as(what).isEqualTo(StoreFailedException.Reason.WRITE_FAILED);
                    assertThat(cause(e).getStackTrace())
                            .as(what + "only preparing ahead fails unseen")
                            .anyMatch(frame -> frame.getMethodName().equals("fill"));
                }
            } else {
                try {
                    book.stream("a").append(NewEvent.json("t", "\"healed\""));
                    throw new AssertionError(what + "a final failure was forgotten");
                } catch (StoreFailedException e) {
                    assertThat(e.retryable()).as(what).isFalse();
                    assertThat(root(e)).as(what + "the first cause is kept").isEqualTo(root(fatal));
                }
                // The name of a new segment that cannot be synced is in doubt, and so final.
                boolean directory = root(fatal).contains(": " + DIRECTORY.resolve("journal") + ": ");
                if (effect == Fault.Effect.NO_DESCRIPTORS && !directory) {
                    throw new AssertionError(what + "running out of descriptors is not final", fatal);
                }
            }
        } catch (DaybookException e) {
            if (book != null) {
                throw new AssertionError(what + e, e);
            }
            assertThat(e).as(what + "opening").isInstanceOf(StoreFailedException.class);
        } finally {
            if (book != null) {
                try {
                    book.close();
                } catch (DaybookException e) {
                    assertThat(e).as(what + "closing").isInstanceOf(StoreFailedException.class);
                }
            }
        }
        boolean hit = disk.faultsHit() > 0;
        disk.heal();
        disk.kill();
        if (k % 2 == 0) {
            disk.crash(k);
        }
        try (Daybook again = Daybook.open(new FilesystemDriver(DIRECTORY, disk.process()), options)) {
            List<String> found =
                    again.read("", ReadOptions.all()).stream().map(Event::data).toList();
            assertThat(found).as(what + "acknowledged events").containsAll(acknowledged);
            assertThat(found).as(what + "refused events").noneMatch(refused::contains);
            assertThat(found).as(what).doesNotHaveDuplicates();
            again.stream("a").append(NewEvent.json("t", "\"again\""));
        } catch (DaybookException e) {
            throw new AssertionError(what + "opening again failed: " + e, e);
        }
        return hit;
    }

    private static String root(Throwable e) {
        return cause(e).toString();
    }

    private static Throwable cause(Throwable e) {
        Throwable root = e;
        while (root.getCause() != null) {
            root = root.getCause();
        }
        return root;
    }
}
