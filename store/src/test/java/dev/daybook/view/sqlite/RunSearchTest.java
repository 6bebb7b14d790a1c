package dev.daybook.view.sqlite;

import static org.assertj.core.api.Assertions.assertThat;

import dev.daybook.Daybook;
import dev.daybook.run.NewRun;
import dev.daybook.run.RunFilter;
import dev.daybook.run.RunInfo;
import dev.daybook.run.RunPage;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** Few events that have the words, or many: the list is the same. */
class RunSearchTest {
    private static final String[] WORDS = {"apple", "pear", "plum", "apple pear"};

    private static List<String> pages(Daybook book, RunFilter filter, int eventsMax) {
        List<String> ids = new ArrayList<>();
        Optional<String> next = Optional.empty();
        do {
            RunFilter asked = filter.after(next.orElse(null));
            RunPage<RunInfo> page = new RunSearch(book.views(), asked, asked.text(), eventsMax).list();
            assertThat(page.items()).hasSizeLessThanOrEqualTo(filter.limit());
            page.items().forEach(info -> ids.add(info.id()));
            next = page.next();
        } while (next.isPresent());
        return ids;
    }

    @Test
    void goingThroughTheRunsFindsWhatTheIndexNames() {
        SplittableRandom random = new SplittableRandom(3);
        try (Daybook book = Daybook.memory()) {
            for (int i = 0; i < 300; i++) {
                NewRun run = NewRun.of("w" + random.nextInt(3)).id("r" + random.nextLong());
                book.runs()
                        .record(run.input("\"" + WORDS[random.nextInt(4)] + "\""))
                        .message("user", "plum");
            }
            for (int round = 0; round < 100; round++) {
                RunFilter filter =
                        RunFilter.all().text(WORDS[random.nextInt(4)]).limit(1 + random.nextInt(40));
                filter = random.nextBoolean() ? filter : filter.workflow("w1");
                List<String> few = pages(book, filter, Integer.MAX_VALUE - 1);
                assertThat(few).doesNotHaveDuplicates().isNotEmpty();
                assertThat(pages(book, filter, 0)).as(filter.toString()).isEqualTo(few);
            }
        }
    }
}
