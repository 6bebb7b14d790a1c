package dev.daybook.journal;

import static org.assertj.core.api.Assertions.assertThat;

import dev.daybook.Daybook;
import dev.daybook.DaybookOptions;
import dev.daybook.driver.Storage;
import dev.daybook.driver.memory.MemoryDriver;
import dev.daybook.journal.HeadTable.Totals;
import dev.daybook.stream.Kind;
import dev.daybook.stream.NewEvent;
import dev.daybook.stream.StreamConfig;
import dev.daybook.stream.StreamInfo;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class HeadsTest {
    private static final DaybookOptions SMALL = DaybookOptions.defaults().withSegmentBytesMax(8 << 10);

    /** Names in order, as a caller pages through them. */
    private static List<String> page(Daybook book, String prefix, int limit) {
        List<String> all = new ArrayList<>();
        String after = "";
        while (true) {
            List<StreamInfo> part = book.streams(prefix, after, limit);
            part.forEach(info -> all.add(info.name()));
            if (part.size() < limit) {
                return all;
            }
            after = part.get(part.size() - 1).name();
        }
    }

    @Test
    void namesComeInByteOrderAndPrefixesAreWholeSegments() {
        try (Daybook book = Daybook.memory()) {
            for (String name : List.of("a/x", "a", "a-b", "a/y/z", "ab", "\ud83d\ude00", "\uff5e", "b")) {
                book.stream(name).append(NewEvent.json("t", "1"));
            }
            // U+FF5E has smaller UTF-8 than U+1F600, although its UTF-16 is greater.
            assertThat(page(book, "", 3))
                    .containsExactly("a", "a-b", "a/x", "a/y/z", "ab", "b", "\uff5e", "\ud83d\ude00");
            assertThat(page(book, "a", 2)).containsExactly("a", "a/x", "a/y/z");
            assertThat(page(book, "a/y", 1)).containsExactly("a/y/z");
        }
    }

    @Test
    void runningRunsAgreeWithAMapOverCellsTablesMergesAndReopenings() throws IOException {
        long seed = Long.getLong("seed", 1);
        Random random = new Random(seed);
        TreeMap<Name, Head> model = new TreeMap<>();
        try (Storage storage = new MemoryDriver().openForWriting(Duration.ZERO)) {
            Heads heads = new Heads(storage, JournalFiles.STORE_ID);
            long pos = 0;
            for (int round = 0; round < 200; round++) {
                Map<Name, Head> changed = new HashMap<>();
                for (int i = random.nextInt(12); i >= 0; i--) {
                    Name name = Name.of("runs/" + random.nextInt(90));
                    Head head = changed(model.get(name), name, ++pos, random);
                    StreamCell cell = heads.cell(name);
                    cell.working = head;
                    cell.published = head;
                    model.put(name, head);
                    changed.put(name, head);
                }
                assertKnown(heads, model, seed);
                heads.store(changed.values(), pos, Totals.NONE);
                if (random.nextBoolean()) {
                    heads.drop(changed.keySet(), 0);
                }
                assertKnown(heads, model, seed);
                if (random.nextInt(5) == 0) {
                    heads = new Heads(storage, JournalFiles.STORE_ID);
                    assertThat(heads.load(Long.MAX_VALUE)).isEqualTo(pos);
                    assertKnown(heads, model, seed);
                }
            }
            assertThat(storage.derived("heads")).anyMatch(file -> file.endsWith(".base"));
        }
    }

    /** The stream after one more line: created, deleted, with another state, or with an event that has none. */
    private static Head changed(@Nullable Head known, Name name, long pos, Random random) {
        Head head = known == null ? new Head(name) : known.copy();
        int what = random.nextInt(8);
        if (known == null || known.deleted) {
            head.create(pos, Kind.RUN, StreamConfig.JSON, JournalFiles.MICROS);
        } else if (what == 0) {
            head.delete(pos);
        } else {
            head.event(pos, head.lastSeq + 1, 9, JournalFiles.MICROS, false, 1);
            if (what > 1) {
                List<String> words = List.of("queued", "started", "crashed", "interrupted", "completed", "failed");
                String word = words.get(random.nextInt(words.size()));
                int attempt = 1 + random.nextInt(3);
                head.state(new StreamState(word, attempt, "w", random.nextInt(4), "", 0, head.lastSeq, head.lastPos));
            }
        }
        return head;
    }

    private static void assertKnown(Heads heads, Map<Name, Head> model, long seed) {
        List<Name> running = new ArrayList<>();
        heads.running((name, state) -> running.add(Name.known(name)));
        List<Name> expected =
                model.values().stream().filter(Head::running).map(h -> h.name).toList();
        assertThat(running).as("seed " + seed).containsExactlyInAnyOrderElementsOf(expected);
        for (Head head : model.values()) {
            Head found = heads.find(head.name);
            if (head.deleted) {
                assertThat(found).as("seed " + seed).isNull();
            } else {
                assertThat(found.state).as("seed " + seed).isEqualTo(head.state);
                assertThat(found.startedSeq).as("seed " + seed).isEqualTo(head.startedSeq);
            }
        }
    }

    @Test
    void listsAgreeWithAMapOverTablesAndCellsAndReopenings() {
        long seed = Long.getLong("seed", 1);
        Random random = new Random(seed);
        MemoryDriver driver = new MemoryDriver();
        TreeMap<String, Long> model = new TreeMap<>();
        for (int round = 0; round < 6; round++) {
            try (Daybook book = Daybook.open(driver, SMALL)) {
                for (int i = 0; i < 300; i++) {
                    String name = "s/" + random.nextInt(150);
                    if (random.nextInt(10) == 0) {
                        assertThat(book.stream(name).delete())
                                .as("seed " + seed)
                                .isEqualTo(model.remove(name) != null);
                    } else {
                        long seq = book.stream(name)
                                .append(NewEvent.json("t", "\"" + i + "\""))
                                .seq();
                        assertThat(seq).as("seed " + seed).isEqualTo(model.merge(name, 1L, Long::sum));
                    }
                }
                assertThat(page(book, "s", 7)).as("seed " + seed).containsExactlyElementsOf(model.keySet());
                assertThat(book.info().streams()).isEqualTo(model.size());
                assertThat(book.info().events())
                        .isEqualTo(model.values().stream().mapToLong(n -> n).sum());
            }
            assertThat(Daybook.verify(driver, dev.daybook.Progress.NONE).problems())
                    .as("seed " + seed)
                    .isEmpty();
        }
    }
}
