package dev.daybook.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.daybook.ConflictException;
import dev.daybook.Daybook;
import dev.daybook.document.Condition;
import dev.daybook.document.Document;
import dev.daybook.document.DocumentChange;
import dev.daybook.document.DocumentEntry;
import dev.daybook.document.Documents;
import dev.daybook.internal.disk.Disk;
import dev.daybook.stream.Batch;
import dev.daybook.stream.NewEvent;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;

/** Random operations on documents against a map of lists, with crashes and reopenings. {@code -Dseed=N} replays one seed. */
class DocumentModelTest {
    private static final List<String> KEYS = List.of("a", "a/1", "a/2", "ab", "b", "b/x/y");
    private static final int CAP = 2;
    private static final int SEEDS = 400;

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
    void documentsEqualAMapOfLists() {
        MortalStore.mustBeAsItsModel(SEEDS, 300, DocumentStore::new);
    }

    @Test
    void lostValuesAreNoticed() {
        MortalStore.mustFailWithoutSync(SEEDS, DocumentStore::new);
    }

    private static final class DocumentStore extends MortalStore {
        private Model model = new Model();
        private Model before = model;
        private Model after = model;
        private int values;

        DocumentStore(long seed, UnaryOperator<Disk> wrapper) {
            super(seed, wrapper, 4 << 10);
        }

        @Override
        int mutationsMax() {
            return 60;
        }

        @Override
        void opened(Daybook book) {
            compare(book);
            before = model;
            after = model;
        }

        @Override
        void work(Daybook book) {
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
        }

        @Override
        void settle(Daybook book) {
            Map<String, List<String>> stored = new TreeMap<>();
            for (String key : KEYS) {
                List<String> versions = versions(book.documents(), key);
                if (!versions.isEmpty()) {
                    stored.put(key, versions);
                }
            }
            assertThat(stored).isIn(before, after);
            model = stored.equals(after) ? after : before;
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
