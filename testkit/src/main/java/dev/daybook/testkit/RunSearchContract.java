package dev.daybook.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.daybook.run.AttemptRecord;
import dev.daybook.run.NewMessage;
import dev.daybook.run.NewRun;
import dev.daybook.run.RunFilter;
import dev.daybook.run.RunInfo;
import dev.daybook.run.RunPage;
import dev.daybook.run.RunRef;
import dev.daybook.run.RunStatus;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** Lists of runs by the words in their events, against plain Java. */
interface RunSearchContract extends StoreUnderTest {

    private List<String> pages(RunFilter filter) {
        List<String> ids = new ArrayList<>();
        Optional<String> next = Optional.empty();
        do {
            RunPage<RunInfo> page = book().runs().list(filter.after(next.orElse(null)));
            assertThat(page.items()).hasSizeLessThanOrEqualTo(filter.limit());
            page.items().forEach(info -> ids.add(info.id()));
            next = page.next();
        } while (next.isPresent());
        return ids;
    }

    /** Runs, and what can be searched of each event of theirs. */
    private Map<String, List<String>> someRuns(SplittableRandom random) {
        Map<String, List<String>> texts = new LinkedHashMap<>();
        for (int i = 0; i < 60; i++) {
            clock().advance(Duration.ofMillis(1 + random.nextInt(400)));
            String id = "r" + i;
            String input = PlainSearch.payload(random, i);
            NewRun run = NewRun.of("w" + random.nextInt(3)).id(id).input(input).tag("t", "v" + random.nextInt(2));
            RunRef recorded = book().runs().record(run);
            List<String> events = new ArrayList<>(List.of(input));
            for (int n = random.nextInt(4); n > 0; n--) {
                String content = PlainSearch.payload(random, n);
                recorded.message(NewMessage.json("user", content));
                events.add(content);
            }
            switch (random.nextInt(3)) {
                case 0 -> {
                    String output = PlainSearch.payload(random, i);
                    recorded.complete(output);
                    events.add(output);
                }
                case 1 -> {
                    recorded.fail("apple and 42");
                    events.add("\"apple and 42\"");
                }
                default -> {}
            }
            texts.put(id, events);
        }
        return texts;
    }

    @Test
    default void runsWithAllWordsInOneEventAreListed() {
        SplittableRandom random = new SplittableRandom(57);
        Map<String, List<String>> texts = someRuns(random);
        Comparator<RunInfo> newest = Comparator.comparing(RunInfo::created).reversed();
        List<RunInfo> all = texts.keySet().stream()
                .map(id -> book().runs().require(id))
                .sorted(newest)
                .toList();
        int found = 0;
        for (int round = 0; round < 200; round++) {
            if (round == 100) {
                reopen();
            }
            String words = PlainSearch.words(random);
            RunFilter filter = RunFilter.all().text(words).limit(1 + random.nextInt(20));
            filter = random.nextInt(3) > 0 ? filter : filter.workflow("w" + random.nextInt(3));
            filter = random.nextInt(3) > 0 ? filter : filter.status(RunStatus.FAILED, RunStatus.STARTED);
            filter = random.nextInt(3) > 0 ? filter : filter.tag("t", "v0");
            filter = random.nextInt(3) > 0
                    ? filter
                    : filter.since(all.get(random.nextInt(60)).created());
            RunFilter asked = filter;
            List<String> expected = all.stream()
                    .filter(run -> asked.workflow() == null || run.workflow().equals(asked.workflow()))
                    .filter(run ->
                            asked.statuses().isEmpty() || asked.statuses().contains(run.status()))
                    .filter(run ->
                            run.tags().entrySet().containsAll(asked.tags().entrySet()))
                    .filter(run -> asked.since() == null || !run.created().isBefore(asked.since()))
                    .filter(run -> texts.getOrDefault(run.id(), List.of()).stream()
                            .anyMatch(text -> PlainSearch.fits(words, text)))
                    .map(RunInfo::id)
                    .toList();
            assertThat(pages(filter)).as(filter.toString()).isEqualTo(expected);
            assertHistoryIsOf(filter.since(null).limit(1_000), all);
            found += expected.size();
        }
        assertThat(found).isGreaterThan(1_000);
    }

    /** Each run has at most one attempt here. */
    private void assertHistoryIsOf(RunFilter filter, List<RunInfo> all) {
        List<String> listed = pages(filter);
        List<String> expected = all.stream()
                .filter(run -> run.ended().isPresent())
                .filter(run -> listed.contains(run.id()))
                .map(RunInfo::id)
                .sorted()
                .toList();
        assertThat(book().runs().history(filter).items().stream()
                        .map(AttemptRecord::run)
                        .sorted())
                .as(filter.toString())
                .isEqualTo(expected);
        assertThat(book().runs().statistics(filter).all().total()).isEqualTo(expected.size());
    }

    @Test
    default void runsOfAStoreWithoutSearchCannotBeSearched() {
        book().runs().record(NewRun.of("w").id("r").input("\"apple\""));
        assertThat(pages(RunFilter.all().text("apple"))).containsExactly("r");
        assertThatThrownBy(() -> RunFilter.all().text("\"*\"")).isInstanceOf(IllegalArgumentException.class);
        reopen(options -> options.withSearch(false));
        assertThatThrownBy(() -> book().runs().list(RunFilter.all().text("apple")))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("withSearch");
        assertThat(pages(RunFilter.all())).containsExactly("r");
    }
}
