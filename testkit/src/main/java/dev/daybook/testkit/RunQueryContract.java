package dev.daybook.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.daybook.Freshness;
import dev.daybook.run.Admission;
import dev.daybook.run.NewRun;
import dev.daybook.run.Resume;
import dev.daybook.run.RunFilter;
import dev.daybook.run.RunInfo;
import dev.daybook.run.RunPage;
import dev.daybook.run.RunRef;
import dev.daybook.run.RunStatus;
import dev.daybook.run.Runs;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** What is asked about many runs, against plain Java over what is known of each of them. */
interface RunQueryContract extends StoreUnderTest {
    /** Names that mean something to somebody. */
    List<String> WORKFLOWS = List.of("import", "Import", "100%", "a'b", "x\u0000y", "imp_rt");

    private Runs runs() {
        return book().runs();
    }

    /** Runs of all statuses, some with several attempts, some said to have begun long ago, and of each what no view was asked for. */
    static Map<String, RunInfo> someRuns(StoreUnderTest store, SplittableRandom random, int count) {
        Runs runs = store.book().runs();
        runs.admission("full", Admission.drop(1));
        store.book().runs().record(NewRun.of("full").id("first"));
        List<String> ids = new ArrayList<>(List.of("first"));
        for (int i = 0; i < count; i++) {
            store.clock().advance(Duration.ofMillis(random.nextInt(400)));
            String id = "r" + random.nextInt(1_000_000);
            if (ids.contains(id)) {
                continue;
            }
            ids.add(id);
            begin(store, random, id, ids.get(random.nextInt(ids.size())));
            for (int more = random.nextInt(3); more > 0; more--) {
                goOn(store, random, ids.get(random.nextInt(ids.size())));
            }
        }
        Map<String, RunInfo> known = new TreeMap<>();
        ids.forEach(id -> known.put(id, store.book().runs().require(id)));
        return known;
    }

    private static void begin(StoreUnderTest store, SplittableRandom random, String id, String parent) {
        boolean full = random.nextInt(12) == 0;
        NewRun run = NewRun.of(full ? "full" : WORKFLOWS.get(random.nextInt(WORKFLOWS.size())))
                .id(id)
                .tag("env", random.nextInt(4) > 0 ? "prod" : "test");
        run = random.nextInt(3) > 0 ? run : run.tag("team", "t%" + random.nextInt(5));
        run = random.nextInt(10) > 0 ? run : run.tag("a'b\u0000", "");
        run = random.nextInt(4) > 0 ? run : run.parent(parent);
        run = random.nextInt(4) > 0
                ? run
                : run.occurred(store.clock().now().minusMillis(random.nextInt(60_000) / 100 * 100L));
        if (random.nextInt(5) == 0) {
            store.book().runs().submit(run);
        } else if (random.nextInt(4) == 0 && !full) {
            store.book().runs().start(run);
        } else {
            store.book().runs().record(run);
        }
    }

    private static void goOn(StoreUnderTest store, SplittableRandom random, String id) {
        RunInfo info = store.book().runs().require(id);
        RunRef run = store.book().runs().run(id);
        boolean owned = info.owner().isPresent();
        int choice = random.nextInt(8);
        if (info.status() == RunStatus.QUEUED) {
            run.cancel("", Duration.ZERO);
        } else if (info.status() == RunStatus.STARTED && (owned || choice == 0)) {
            run.kill("");
        } else if (info.status() == RunStatus.STARTED && choice < 4) {
            run.complete();
        } else if (info.status() == RunStatus.STARTED) {
            run.fail("e".repeat(1 + random.nextInt(1_500)), choice);
        } else if (info.status().resumable() && !info.workflow().equals("full")) {
            store.book().runs().reopen(id, Resume.current());
        }
    }

    static List<RunInfo> filtered(Map<String, RunInfo> all, Map<String, Integer> order, RunFilter filter) {
        Comparator<RunInfo> oldest =
                Comparator.comparing(RunInfo::created).thenComparing(info -> order.getOrDefault(info.id(), 0));
        return all.values().stream()
                .filter(run -> filter.workflow() == null || run.workflow().equals(filter.workflow()))
                .filter(run -> filter.statuses().isEmpty() || filter.statuses().contains(run.status()))
                .filter(run -> run.tags().entrySet().containsAll(filter.tags().entrySet()))
                .filter(run -> filter.since() == null || !run.created().isBefore(filter.since()))
                .filter(run -> filter.until() == null || !run.created().isAfter(filter.until()))
                .filter(run -> filter.shortest() == null
                        || run.duration().isPresent() && run.duration().get().compareTo(filter.shortest()) >= 0)
                .filter(run -> filter.longest() == null
                        || run.duration().isPresent() && run.duration().get().compareTo(filter.longest()) <= 0)
                .filter(run -> filter.parent() == null || run.parent().equals(Optional.of(filter.parent())))
                .sorted(oldest.reversed())
                .toList();
    }

    /** All pages, as they are read one after another. */
    private List<RunInfo> pages(RunFilter filter) {
        List<RunInfo> all = new ArrayList<>();
        Optional<String> next = Optional.empty();
        do {
            RunPage<RunInfo> page = runs().list(filter.after(next.orElse(null)));
            assertThat(page.items()).hasSizeLessThanOrEqualTo(filter.limit());
            assertThat(page.next().isPresent() && page.items().isEmpty()).isFalse();
            all.addAll(page.items());
            next = page.next();
        } while (next.isPresent());
        return all;
    }

    /** As the list has it. */
    private static RunInfo listed(RunInfo run) {
        return new RunInfo(
                run.id(),
                run.workflow(),
                run.status(),
                run.statusText(),
                run.attempt(),
                run.created(),
                run.started(),
                run.ended(),
                run.owner(),
                run.generation(),
                run.exitCode(),
                run.error().map(error -> error.substring(0, Math.min(error.length(), 1_000))),
                run.parent(),
                run.tags());
    }

    /** The order in which the store got them. */
    private Map<String, Integer> order() {
        Map<String, Integer> order = new TreeMap<>();
        book().read("runs", dev.daybook.stream.ReadOptions.all()).forEach(event -> {
            order.putIfAbsent(event.stream().substring("runs/".length()), order.size());
        });
        return order;
    }

    @Test
    default void everyPairOfConditionsFindsWhatAPlainFilterFinds() {
        SplittableRandom random = new SplittableRandom(66);
        Instant began = clock().now();
        Map<String, RunInfo> all = someRuns(this, random, 150);
        Map<String, Integer> order = order();
        all.replaceAll((id, run) -> listed(run));
        List<RunInfo> some = List.copyOf(all.values());
        List<RunFilter> single = new ArrayList<>();
        for (int i = 0; i < 24; i++) {
            single.add(condition(i, random, RunFilter.all(), some.get(random.nextInt(some.size())), began));
        }
        for (int i = 0; i < 24; i++) {
            for (int j = 0; j < 24; j++) {
                RunFilter filter = condition(j, random, single.get(i), some.get(random.nextInt(some.size())), began)
                        .limit(1 + random.nextInt(80));
                assertThat(pages(filter)).as(filter.toString()).isEqualTo(filtered(all, order, filter));
            }
        }
        assertThat(runs().counts(Optional.empty(), Freshness.own()))
                .isEqualTo(some.stream().collect(Collectors.groupingBy(RunInfo::status, Collectors.counting())));
        assertThat(runs().counts(Optional.of("a'b"), Freshness.own()))
                .isEqualTo(some.stream()
                        .filter(run -> run.workflow().equals("a'b"))
                        .collect(Collectors.groupingBy(RunInfo::status, Collectors.counting())));
        assertThat(runs().counts(Optional.of("%"), Freshness.own())).isEmpty();
    }

    /** With one more condition, which the example fits more often than not. */
    private static RunFilter condition(
            int which, SplittableRandom random, RunFilter filter, RunInfo example, Instant began) {
        return switch (which % 12) {
            case 0, 1 -> filter.workflow(example.workflow());
            case 2 -> filter.status(example.status());
            case 3 -> filter.status(RunStatus.FAILED, example.status(), RunStatus.CRASHED, RunStatus.UNKNOWN);
            case 4 -> filter.tag("env", "prod");
            case 5 -> {
                RunFilter tagged = filter;
                for (Map.Entry<String, String> tag : example.tags().entrySet()) {
                    tagged = tagged.tag(tag.getKey(), tag.getValue());
                }
                yield tagged;
            }
            case 6 -> filter.since(example.created());
            case 7 -> filter.until(example.created());
            case 8 -> filter.since(began.minusSeconds(30)).until(began.plusSeconds(random.nextInt(30)));
            case 9 -> filter.lasting(example.duration().orElse(Duration.ZERO), null);
            case 10 -> filter.lasting(null, example.duration().orElse(Duration.ofSeconds(3)));
            default -> filter.parent(example.parent().orElse("first"));
        };
    }

    @Test
    default void aPageIsNotDisturbedByRunsThatAreAdded() {
        Instant now = clock().now();
        for (int i = 1; i <= 6; i++) {
            runs().record(NewRun.of("w").id("r" + i).occurred(now.plusSeconds(i)));
        }
        RunFilter newest = RunFilter.all().limit(2);
        RunPage<RunInfo> first = runs().list(newest);
        assertThat(first.items()).extracting(RunInfo::id).containsExactly("r6", "r5");
        runs().record(NewRun.of("w").id("new").occurred(now.plusSeconds(9)));
        runs().record(NewRun.of("w").id("late").occurred(now.plusSeconds(4)));
        runs().run("r3").complete();
        RunPage<RunInfo> second = runs().list(newest.after(first.next().orElseThrow()));
        assertThat(second.items()).extracting(RunInfo::id).containsExactly("late", "r4");
        assertThat(second.position()).isEqualTo(book().info().lastPosition());
        RunPage<RunInfo> third = runs().list(newest.limit(9).after(second.next().orElseThrow()));
        assertThat(third.items()).extracting(RunInfo::id).containsExactly("r3", "r2", "r1");
        assertThat(third.next()).isEmpty();
    }

    @Test
    default void ownRunsAreListedAtOnceAndAfterOpeningAgain() {
        for (int i = 1; i <= 30; i++) {
            String id = "r" + i;
            runs().start(NewRun.of("w").id(id));
            assertThat(runs().list(RunFilter.all().limit(1)).items())
                    .extracting(RunInfo::id)
                    .containsExactly(id);
        }
        assertThat(runs().list(RunFilter.all().status(RunStatus.CRASHED)).items())
                .isEmpty();
        reopen();
        assertThat(pages(RunFilter.all().status(RunStatus.CRASHED).limit(7))).hasSize(30);
        assertThat(runs().counts(Optional.of("w"), Freshness.own())).isEqualTo(Map.of(RunStatus.CRASHED, 30L));
    }

    @Test
    default void anEmptyStoreHasNoRuns() {
        RunPage<RunInfo> page = runs().list(RunFilter.all().status(RunStatus.FAILED));
        assertThat(page.items()).isEmpty();
        assertThat(page.next()).isEmpty();
        assertThat(runs().counts(Optional.empty(), Freshness.own())).isEmpty();
    }

    @Test
    default void farTimesAndHugeDurationsAreAnswered() {
        Instant first = Instant.parse("0001-01-01T00:00:00Z");
        Instant last = Instant.parse("9999-12-31T23:59:59.999999Z");
        runs().record(NewRun.of("w").id("old").occurred(first)).complete();
        runs().record(NewRun.of("w").id("far").occurred(last)).complete(); // ends before it begins
        RunFilter all = RunFilter.all();
        for (RunFilter both : List.of(
                all.since(first).until(last),
                all.since(Instant.MIN).until(Instant.MAX),
                all.lasting(Duration.ZERO, Duration.ofSeconds(Long.MAX_VALUE)),
                all.lasting(Duration.ofSeconds(Long.MIN_VALUE), null))) {
            assertThat(runs().list(both).items()).extracting(RunInfo::id).containsExactly("far", "old");
        }
        for (RunFilter none : List.of(
                all.since(Instant.MAX),
                all.until(Instant.MIN),
                all.since(last.plusNanos(1)),
                all.until(first.minusNanos(1)),
                all.since(last).until(first),
                all.lasting(Duration.ofSeconds(Long.MAX_VALUE), null),
                all.lasting(null, Duration.ofNanos(-1)))) {
            assertThat(runs().list(none).items()).as(none.toString()).isEmpty();
        }
        assertThat(runs().list(all.lasting(null, Duration.ZERO)).items())
                .extracting(RunInfo::id)
                .containsExactly("far");
    }

    @Test
    default void signsMeanNothing() {
        runs().record(NewRun.of("w").id("r").tag("k", "v"));
        for (String text : List.of("%", "_", "'", "' OR 1 --", "*", "\u0000", "w\u0000", "", "../w", "W", "?")) {
            RunFilter all = RunFilter.all();
            for (RunFilter filter : List.of(
                    all.workflow(text),
                    all.parent(text),
                    all.tag(text, "v"),
                    all.tag("k", text),
                    all.tag("k", "v").workflow(text))) {
                assertThat(runs().list(filter).items()).as(filter.toString()).isEmpty();
            }
        }
        assertThatThrownBy(() -> runs().counts(Optional.of("\ud800"), Freshness.own()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("lone surrogate");
        for (Stream<RunFilter> refused : List.of(
                Stream.of("\ud800").map(RunFilter.all()::workflow),
                Stream.of("\udfff\ud800").map(RunFilter.all()::parent),
                Stream.of("x\ud800").map(text -> RunFilter.all().tag(text, "")),
                Stream.of("\udc00x").map(text -> RunFilter.all().tag("k", text)))) {
            assertThatThrownBy(() -> refused.toList())
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("lone surrogate");
        }
    }

    @Test
    default void cursorsAndLimitsOfRunsThatAreNoneAreRefused() {
        for (@Nullable
        String cursor : new String[] {
            "", ".", "r", "r.", "r1", "r1.", "r.1", "rx.y", "1.1", "h1.1", "r1.2.3", "r99999999999999999999.1"
        }) {
            assertThatThrownBy(() -> runs().list(RunFilter.all().after(cursor)))
                    .as(cursor)
                    .isInstanceOf(IllegalArgumentException.class);
        }
        for (int limit : new int[] {Integer.MIN_VALUE, -1, 0, 10_001}) {
            assertThatThrownBy(() -> RunFilter.all().limit(limit)).isInstanceOf(IllegalArgumentException.class);
        }
    }
}
