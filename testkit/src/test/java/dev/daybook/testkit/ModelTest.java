package dev.daybook.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.daybook.ConflictException;
import dev.daybook.Daybook;
import dev.daybook.DaybookOptions;
import dev.daybook.InvalidEventException;
import dev.daybook.RefusedException;
import dev.daybook.StreamNotFoundException;
import dev.daybook.driver.Driver;
import dev.daybook.driver.filesystem.FilesystemDriver;
import dev.daybook.driver.memory.MemoryDriver;
import dev.daybook.internal.disk.NioDisk;
import dev.daybook.stream.Appended;
import dev.daybook.stream.Event;
import dev.daybook.stream.ReadOptions;
import dev.daybook.stream.Stream;
import dev.daybook.stream.StreamInfo;
import dev.daybook.testkit.CrashModel.Outcome;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Random operations on streams, against plain maps. {@code -Dseed=N} replays one seed. */
class ModelTest {
    private static final int STEPS = 150;

    @Test
    void memoryEqualsPlainMaps() throws Exception {
        seeds(300, seed -> new MemoryDriver());
    }

    @Test
    void filesystemEqualsPlainMaps(@TempDir Path directory) throws Exception {
        seeds(40, seed -> new FilesystemDriver(directory.resolve(Long.toString(seed)), new NioDisk()));
    }

    @Test
    void simulatedDiskEqualsPlainMaps() throws Exception {
        seeds(200, seed -> new FilesystemDriver(Path.of("/" + seed), new SimulatedDisk(seed)));
    }

    private interface Place {
        Driver driver(long seed);
    }

    private static void seeds(int count, Place place) throws Exception {
        Long single = Long.getLong("seed");
        for (long seed = single == null ? 1 : single; seed <= (single == null ? count : single); seed++) {
            try {
                run(seed, place.driver(seed));
            } catch (Exception | AssertionError e) {
                throw new AssertionError("seed " + seed + " (-Dseed=" + seed + " replays it): " + e.getMessage(), e);
            }
        }
    }

    private static void run(long seed, Driver driver) throws Exception {
        SplittableRandom random = new SplittableRandom(seed);
        RandomWork work = new RandomWork(random.split());
        CrashModel model = new CrashModel();
        ManualClock clock = ManualClock.evening();
        DaybookOptions options = DaybookOptions.defaults()
                .withSegmentBytesMax((4 << 10) << random.nextInt(3))
                .withClock(clock);
        Daybook book = Daybook.open(driver, options);
        try {
            for (int i = 0; i < STEPS; i++) {
                RandomWork.Step step = work.next(book, model);
                Outcome expected = step.effect().apply(model);
                Outcome outcome = outcome(step);
                assertThat(expected.allows(outcome))
                        .as(step.number() + " " + step.what() + ": expected " + expected + ", got " + outcome)
                        .isTrue();
                if (random.nextInt(20) == 0) {
                    clock.advance(random.nextInt(3) == 0 ? Duration.ofHours(13) : Duration.ofSeconds(1));
                }
                if (random.nextInt(25) == 0) {
                    book.close();
                    book = Daybook.open(driver, options);
                    assertThat(book.openReport().cleanlyClosed())
                            .as("cleanly closed")
                            .isTrue();
                }
                if (random.nextInt(10) == 0) {
                    compare(book, model, random);
                }
            }
            compare(book, model, random);
        } finally {
            book.close();
        }
    }

    private static Outcome outcome(RandomWork.Step step) throws Exception {
        try {
            Object answer;
            try {
                answer = step.call().get().get();
            } catch (java.util.concurrent.ExecutionException e) {
                throw e.getCause() instanceof RuntimeException cause ? cause : e;
            }
            return answer instanceof Appended appended && appended.duplicate() ? Outcome.DUPLICATE : Outcome.APPLIED;
        } catch (ConflictException | InvalidEventException e) {
            return Outcome.CONFLICT;
        } catch (RefusedException e) {
            assertThat(e.reason()).isEqualTo(RefusedException.Reason.STREAM_CLOSED);
            return Outcome.CLOSED;
        } catch (StreamNotFoundException e) {
            return Outcome.NOT_FOUND;
        }
    }

    private static void compare(Daybook book, CrashModel model, SplittableRandom random) {
        Map<String, String> actual = new TreeMap<>();
        long count = 0;
        for (StreamInfo info : book.streams("", "", 100)) {
            Stream stream = book.stream(info.name());
            List<Event> events = stream.read().toList();
            count += events.size();
            for (int i = 0; i < events.size(); i++) {
                assertThat(events.get(i).seq()).isEqualTo(info.firstSeq() + i);
            }
            List<String> payloads = events.stream().map(Event::data).toList();
            assertThat(info.bytes())
                    .isEqualTo(payloads.stream().mapToLong(String::length).sum());
            actual.put(
                    info.name(),
                    info.firstSeq() + ".." + info.lastSeq() + (info.closed() ? " closed " : " ") + payloads);
            List<String> reversed = new ArrayList<>(payloads);
            Collections.reverse(reversed);
            int limit = 1 + random.nextInt(10);
            assertThat(stream.read(ReadOptions.newest(limit)).stream().map(Event::data))
                    .isEqualTo(reversed.subList(0, Math.min(limit, reversed.size())));
            long since = random.nextLong(info.lastSeq() + 2);
            assertThat(stream.read(ReadOptions.after(since).limit(limit)).stream()
                            .map(Event::data))
                    .isEqualTo(events.stream()
                            .filter(e -> e.seq() > since)
                            .limit(limit)
                            .map(Event::data)
                            .toList());
            if (!events.isEmpty()) {
                Event middle = events.get(random.nextInt(events.size()));
                assertThat(stream.read(ReadOptions.all().between(middle.time(), middle.time())).stream()
                                .map(Event::data))
                        .isEqualTo(events.stream()
                                .filter(e -> e.time().equals(middle.time()))
                                .map(Event::data)
                                .toList());
            }
        }
        assertThat(model.difference(actual)).isNull();
        assertThat(book.info().events()).isEqualTo(count);
        assertThat(book.info().streams()).isEqualTo(actual.size());
        List<Long> positions =
                book.read("", ReadOptions.all()).stream().map(Event::pos).toList();
        assertThat(positions).hasSize((int) count).isSorted().doesNotHaveDuplicates();
        List<Long> below =
                book.read("b", ReadOptions.all()).stream().map(Event::pos).toList();
        assertThat(positions).containsAll(below);
    }
}
