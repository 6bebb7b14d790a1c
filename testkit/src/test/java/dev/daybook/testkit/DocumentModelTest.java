package dev.daybook.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.daybook.ConflictException;
import dev.daybook.Daybook;
import dev.daybook.DaybookOptions;
import dev.daybook.Progress;
import dev.daybook.document.Condition;
import dev.daybook.document.Document;
import dev.daybook.document.DocumentChange;
import dev.daybook.document.DocumentEntry;
import dev.daybook.document.Documents;
import dev.daybook.driver.filesystem.FilesystemDriver;
import dev.daybook.internal.disk.Disk;
import dev.daybook.stream.Batch;
import dev.daybook.stream.NewEvent;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;

/** Random operations on documents against a map of lists, with crashes and reopenings. {@code -Dseed=N} replays one seed. */
class DocumentModelTest {
    private static final Path DIRECTORY = Path.of("/sim/data");
    private static final List<String> KEYS = List.of("a", "a/1", "a/2", "ab", "b", "b/x/y");
    private static final int CAP = 2;

    /** Each key's versions: the value, or null where it was deleted. */
    private static final class Model extends TreeMap<String, List<String>> {
        private static final long serialVersionUID = 1;

        private final TreeMap<String, Integer> written = new TreeMap<>(); // when each key was written last
        private int clock;

        Model copy() {
            Model copy = new Model();
            forEach((key, versions) -> copy.put(key, new ArrayList<>(versions)));
            copy.written.putAll(written);
            copy.clock = clock;
            return copy;
        }

        int version(String key) {
            return getOrDefault(key, List.of()).size();
        }

        String value(String key) {
            return version(key) == 0 ? null : get(key).get(version(key) - 1);
        }

        void write(String key, String value) {
            if (value != null || value(key) != null) {
                computeIfAbsent(key, k -> new ArrayList<>()).add(value);
                written.put(key, ++clock);
            }
        }

        boolean allows(String key, Condition condition) {
            if (condition instanceof Condition.Version wanted) {
                return wanted.version() == version(key);
            }
            return condition instanceof Condition.None || condition instanceof Condition.Absent == (value(key) == null);
        }

        /** Deletes what is least recently written below a prefix, until so many are left. */
        void cap(String prefix, int keysMax) {
            while (true) {
                List<String> there = keySet().stream()
                        .filter(key -> value(key) != null)
                        .filter(key -> key.equals(prefix) || key.startsWith(prefix + "/"))
                        .sorted((a, b) -> written.get(a) - written.get(b))
                        .toList();
                if (there.size() <= keysMax) {
                    return;
                }
                write(there.get(0), null);
            }
        }
    }

    /** One write: what it does to the store, and to the model where it is allowed. */
    private interface Write {
        void to(Daybook book);
    }

    @Test
    void documentsEqualAMapOfLists() throws Exception {
        Long single = Long.getLong("seed");
        int crashes = 0;
        for (long seed = single == null ? 1 : single; seed <= (single == null ? 400 : single); seed++) {
            try {
                crashes += new Run(seed, process -> process).run();
            } catch (Exception | AssertionError e) {
                throw new AssertionError("seed " + seed + " (-Dseed=" + seed + " replays it): " + e.getMessage(), e);
            }
        }
        assertThat(crashes).isGreaterThan(single == null ? 300 : -1);
    }

    /** The test must be able to fail: on a disk that forgets to sync it does. */
    @Test
    void lostValuesAreNoticed() {
        int found = 0;
        for (long seed = 1; seed <= 400 && found == 0; seed++) {
            try {
                new Run(seed, process -> new BuggyDisk(process, BuggyDisk.Bug.NO_SYNC)).run();
            } catch (Exception | AssertionError e) {
                found++;
            }
        }
        assertThat(found).isPositive();
    }

    private static final class Run {
        private final SplittableRandom random;
        private final SimulatedDisk disk;
        private final UnaryOperator<Disk> wrapper;
        private final DaybookOptions options;
        private final ManualClock clock = ManualClock.evening();
        private Model model = new Model();
        private int values;

        Run(long seed, UnaryOperator<Disk> wrapper) {
            this.wrapper = wrapper;
            random = new SplittableRandom(seed);
            disk = new SimulatedDisk(seed);
            options = DaybookOptions.defaults()
                    .withSegmentBytesMax((4 << 10) << random.nextInt(3))
                    .withClock(clock);
        }

        int run() throws Exception {
            disk.process().createDirectories(DIRECTORY.getParent());
            int crashes = 0;
            for (int boot = 0; boot < 5; boot++) {
                SimulatedProcess process = disk.process();
                Daybook book = Daybook.open(new FilesystemDriver(DIRECTORY, wrapper.apply(process)), options);
                compare(book);
                disk.dieAtMutation(random.nextInt(3) == 0 ? Long.MAX_VALUE / 2 : 1 + random.nextInt(60));
                Model before = model;
                Model after = model;
                try {
                    for (int i = 0; i < 25; i++) {
                        before = model;
                        after = model.copy();
                        Write write = next(after);
                        if (write == null) {
                            continue;
                        }
                        write.to(book);
                        model = after;
                        before = model;
                        if (random.nextInt(8) == 0) {
                            compare(book);
                        }
                        if (random.nextInt(8) == 0) {
                            clock.advance(java.time.Duration.ofMinutes(random.nextInt(200)));
                        }
                    }
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
                model = settled(before, after);
            }
            assertThat(Daybook.verify(new FilesystemDriver(DIRECTORY, disk.process()), Progress.NONE)
                            .problems())
                    .isEmpty();
            return crashes;
        }

        /** What is there after the last write, whose outcome nobody was told: all of it or nothing. */
        private Model settled(Model before, Model after) {
            Daybook book = Daybook.open(new FilesystemDriver(DIRECTORY, disk.process()), options);
            Map<String, List<String>> stored = new TreeMap<>();
            for (String key : KEYS) {
                List<String> versions = versions(book.documents(), key);
                if (!versions.isEmpty()) {
                    stored.put(key, versions);
                }
            }
            assertThat(stored).isIn(before, after);
            Model model = stored.equals(after) ? after : before;
            book.close();
            disk.kill();
            return model;
        }

        private String key() {
            return KEYS.get(random.nextInt(KEYS.size()));
        }

        private Condition condition(Model now, String key) {
            return switch (random.nextInt(6)) {
                case 0 -> Condition.ifAbsent();
                case 1 -> Condition.ifPresent();
                case 2, 3 -> Condition.ifVersion(Math.max(0, now.version(key) - random.nextInt(2)));
                default -> Condition.none();
            };
        }

        private String value() {
            return "\"" + ++values + "x".repeat(random.nextInt(random.nextInt(6) == 0 ? 2_000 : 40)) + "\"";
        }

        /** The next write, already done to the model; null when it was only tried and refused, as it had to be. */
        private Write next(Model to) {
            String key = key();
            String value = value();
            Condition condition = condition(to, key);
            boolean allowed = to.allows(key, condition);
            switch (random.nextInt(6)) {
                case 0 -> {
                    boolean there = to.value(key) != null;
                    if (allowed) {
                        to.write(key, null);
                    }
                    return checked(
                            allowed,
                            book -> assertThat(book.documents().delete(key, condition))
                                    .isEqualTo(there));
                }
                case 1 -> {
                    if (allowed) {
                        to.write(key, value);
                        to.cap("a", key.startsWith("a") && !key.equals("ab") ? CAP : 99);
                    }
                    boolean capped = key.startsWith("a") && !key.equals("ab");
                    return checked(
                            allowed,
                            book -> book.documents().put(key, value, condition, capped ? "a" : key, capped ? CAP : 99));
                }
                case 2, 3 -> {
                    String other = key();
                    boolean deletes = random.nextBoolean();
                    Condition otherCondition = condition(to, other);
                    boolean both = allowed && to.allows(other, otherCondition);
                    if (other.equals(key)) {
                        return null;
                    }
                    if (both) {
                        to.write(key, value);
                        to.write(other, deletes ? null : value);
                    }
                    Batch batch = Batch.of().event("s", NewEvent.json("t", "1")).document(key, value, condition);
                    if (deletes) {
                        batch.deleteDocument(other, otherCondition);
                    } else {
                        batch.document(other, value, otherCondition);
                    }
                    return checked(both, book -> book.append(batch));
                }
                default -> {
                    if (allowed) {
                        to.write(key, value);
                    }
                    int version = to.version(key);
                    return checked(
                            allowed,
                            book -> assertThat(book.documents().put(key, value, condition))
                                    .isEqualTo(version));
                }
            }
        }

        private static Write checked(boolean allowed, Write write) {
            return book -> {
                boolean refused = false;
                try {
                    write.to(book);
                } catch (ConflictException e) {
                    refused = true;
                }
                assertThat(refused).as("refused").isEqualTo(!allowed);
            };
        }

        private static List<String> versions(Documents documents, String key) {
            List<String> versions = new ArrayList<>();
            for (DocumentChange change : documents.history(key, Long.MAX_VALUE, 1_000)) {
                versions.add(
                        change instanceof DocumentChange.Put put
                                ? put.document().data()
                                : null);
            }
            Collections.reverse(versions);
            return versions;
        }

        private void compare(Daybook book) {
            Documents documents = book.documents();
            List<String> there = new ArrayList<>();
            for (String key : KEYS) {
                assertThat(versions(documents, key)).as(key).isEqualTo(model.getOrDefault(key, List.of()));
                assertThat(documents.get(key).map(Document::data).orElse(null))
                        .as(key)
                        .isEqualTo(model.value(key));
                if (model.value(key) != null) {
                    there.add(key);
                    assertThat(documents.get(key).orElseThrow().version()).isEqualTo(model.version(key));
                }
                int version = 1 + random.nextInt(model.version(key) + 1);
                Optional<Document> at = documents.at(key, version);
                assertThat(at.map(Document::data).orElse(null))
                        .isEqualTo(
                                version > model.version(key)
                                        ? null
                                        : model.get(key).get(version - 1));
                at.ifPresent(document ->
                        assertThat(documents.atPosition(key, document.pos())).isEqualTo(at));
            }
            assertThat(documents.list("", "", 100))
                    .extracting(DocumentEntry::key)
                    .isEqualTo(there);
        }
    }
}
