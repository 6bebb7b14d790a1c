package dev.daybook.journal;

import static org.assertj.core.api.Assertions.assertThat;

import dev.daybook.Daybook;
import dev.daybook.DaybookOptions;
import dev.daybook.driver.memory.MemoryDriver;
import dev.daybook.stream.NewEvent;
import dev.daybook.stream.StreamInfo;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.TreeMap;
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
