package dev.daybook.testkit;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.daybook.Durability;
import dev.daybook.Freshness;
import dev.daybook.Progress;
import dev.daybook.run.Admission;
import dev.daybook.run.AttemptRecord;
import dev.daybook.run.NewRun;
import dev.daybook.run.Resume;
import dev.daybook.run.RunFilter;
import dev.daybook.run.RunInfo;
import dev.daybook.run.RunPage;
import dev.daybook.run.RunStatistics;
import dev.daybook.run.RunStatistics.Figures;
import dev.daybook.run.RunStatus;
import dev.daybook.run.Runs;
import dev.daybook.run.StatisticsOptions;
import dev.daybook.run.Timeline;
import dev.daybook.stream.AppendOptions;
import dev.daybook.stream.NewEvent;
import dev.daybook.stream.ReadOptions;
import java.math.BigDecimal;
import java.math.RoundingMode;
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
import org.junit.jupiter.api.Test;

/** The history of runs and figures over it, against plain Java over the timeline of each of them. */
interface RunHistoryContract extends StoreUnderTest {

    private Runs runs() {
        return book().runs();
    }

    /** What one attempt is to be found with. */
    record Known(AttemptRecord attempt, RunInfo run, int order) {}

    /** Of all runs in the store, the newest first. No view is asked. */
    private List<Known> known() {
        Map<String, Integer> ends = new TreeMap<>();
        int[] order = {0};
        book().read("runs", ReadOptions.all()).forEach(event -> {
            if (RunStatus.of(event.type()).ended()) {
                ends.put(event.stream() + " " + ends.size(), order[0]++);
            }
        });
        List<Known> all = new ArrayList<>();
        Map<String, List<Integer>> ofRun = new TreeMap<>();
        ends.forEach((key, number) -> ofRun.computeIfAbsent(
                        key.substring("runs/".length(), key.lastIndexOf(' ')), k -> new ArrayList<>())
                .add(number));
        ofRun.forEach((id, numbers) -> {
            List<Integer> sorted = numbers.stream().sorted().toList();
            RunInfo info = runs().require(id);
            List<Timeline.Attempt> ended = runs().run(id).timeline().attempts().stream()
                    .filter(attempt -> attempt.status().ended())
                    .toList();
            assertThat(ended).hasSameSizeAs(sorted);
            for (int i = 0; i < sorted.size(); i++) {
                all.add(new Known(record(info, ended.get(i)), info, sorted.get(i)));
            }
        });
        all.sort(Comparator.<Known, Instant>comparing(known -> known.attempt.ended())
                .thenComparing(Known::order)
                .reversed());
        return all;
    }

    private static AttemptRecord record(RunInfo run, Timeline.Attempt attempt) {
        Instant ended = attempt.ended().orElseThrow();
        return new AttemptRecord(
                run.id(),
                run.workflow(),
                attempt.number(),
                attempt.status(),
                attempt.started(),
                ended,
                attempt.started().map(from -> ended.isBefore(from) ? Duration.ZERO : Duration.between(from, ended)),
                attempt.exitCode(),
                attempt.error().map(error -> error.substring(0, Math.min(error.length(), 1_000))));
    }

    private static List<AttemptRecord> filtered(List<Known> all, RunFilter filter) {
        return all.stream()
                .filter(known ->
                        known.run.tags().entrySet().containsAll(filter.tags().entrySet()))
                .filter(known -> filter.parent() == null || known.run.parent().equals(Optional.of(filter.parent())))
                .map(Known::attempt)
                .filter(a -> filter.workflow() == null || a.workflow().equals(filter.workflow()))
                .filter(a -> filter.statuses().isEmpty() || filter.statuses().contains(a.status()))
                .filter(a -> filter.since() == null || !a.ended().isBefore(filter.since()))
                .filter(a -> filter.until() == null || !a.ended().isAfter(filter.until()))
                .filter(a -> filter.shortest() == null
                        || a.duration().isPresent() && a.duration().get().compareTo(filter.shortest()) >= 0)
                .filter(a -> filter.longest() == null
                        || a.duration().isPresent() && a.duration().get().compareTo(filter.longest()) <= 0)
                .toList();
    }

    private List<AttemptRecord> pages(RunFilter filter) {
        List<AttemptRecord> all = new ArrayList<>();
        Optional<String> next = Optional.empty();
        do {
            RunPage<AttemptRecord> page = runs().history(filter.after(next.orElse(null)));
            assertThat(page.items()).hasSizeLessThanOrEqualTo(filter.limit());
            all.addAll(page.items());
            next = page.next();
        } while (next.isPresent());
        return all;
    }

    private static void check(String as, Figures figures, List<AttemptRecord> of, boolean percentiles) {
        assertThat(figures.total()).as(as).isEqualTo(of.size());
        assertThat(figures.byStatus())
                .as(as)
                .isEqualTo(of.stream().collect(Collectors.groupingBy(AttemptRecord::status, Collectors.counting())));
        of.stream()
                .collect(Collectors.groupingBy(AttemptRecord::status))
                .forEach((status, those) -> assertThat(
                                Optional.ofNullable(figures.meanByStatus().get(status)))
                        .as(as)
                        .isEqualTo(mean(those)));
        long completed = figures.byStatus().getOrDefault(RunStatus.COMPLETED, 0L);
        long judged = completed + figures.byStatus().getOrDefault(RunStatus.FAILED, 0L);
        assertThat(figures.successRate())
                .as(as)
                .isEqualTo(judged == 0 ? Optional.empty() : Optional.of(completed / (double) judged));
        assertThat(figures.mean()).as(as).isEqualTo(mean(of));
        List<Duration> sorted = of.stream()
                .flatMap(attempt -> attempt.duration().stream())
                .sorted()
                .toList();
        assertThat(figures.p50()).as(as).isEqualTo(percentiles ? rank(sorted, 50) : Optional.empty());
        assertThat(figures.p95()).as(as).isEqualTo(percentiles ? rank(sorted, 95) : Optional.empty());
        assertThat(figures.p99()).as(as).isEqualTo(percentiles ? rank(sorted, 99) : Optional.empty());
    }

    private static Optional<Duration> rank(List<Duration> sorted, int percent) {
        return sorted.isEmpty() ? Optional.empty() : Optional.of(sorted.get((sorted.size() * percent + 99) / 100 - 1));
    }

    private static Optional<Duration> mean(List<AttemptRecord> attempts) {
        List<Duration> all = attempts.stream()
                .flatMap(attempt -> attempt.duration().stream())
                .toList();
        BigDecimal micros =
                all.stream().map(d -> BigDecimal.valueOf(d.toNanos() / 1_000)).reduce(BigDecimal.ZERO, BigDecimal::add);
        return all.isEmpty()
                ? Optional.empty()
                : Optional.of(Duration.ofNanos(1_000
                        * micros.divide(BigDecimal.valueOf(all.size()), 0, RoundingMode.HALF_UP)
                                .longValueExact()));
    }

    @Test
    default void everyPairOfConditionsOnHistoryFindsWhatAPlainFilterFinds() {
        SplittableRandom random = new SplittableRandom(68);
        Instant began = clock().now();
        RunQueryContract.someRuns(this, random, 150);
        List<Known> all = known();
        assertThat(all).hasSizeGreaterThan(60);
        int checked = 0;
        for (int i = 0; i < 12; i++) {
            for (int j = 0; j < 12; j++) {
                RunFilter first = condition(i, random, RunFilter.all(), all.get(random.nextInt(all.size())), began);
                RunFilter filter = condition(j, random, first, all.get(random.nextInt(all.size())), began)
                        .limit(1 + random.nextInt(60));
                List<AttemptRecord> expected = filtered(all, filter);
                String as = filter.toString();
                assertThat(pages(filter)).as(as).isEqualTo(expected);
                boolean percentiles = random.nextBoolean();
                StatisticsOptions options = StatisticsOptions.total()
                        .withPercentiles(percentiles)
                        .withWorkflows(true)
                        .withBucket(random.nextBoolean() ? Duration.ofMinutes(1) : Duration.ofDays(1));
                check(as, runs().statistics(filter, options), expected, options);
                checked += expected.isEmpty() ? 0 : 1;
            }
        }
        assertThat(checked).isGreaterThan(60);
        check("all", runs().statistics(RunFilter.all()).all(), filtered(all, RunFilter.all()), true);
        assertThat(runs().statistics(RunFilter.all()).series()).isEmpty();
    }

    private static void check(
            String as, RunStatistics statistics, List<AttemptRecord> expected, StatisticsOptions options) {
        check(as, statistics.all(), expected, options.percentiles());
        Map<String, List<AttemptRecord>> byWorkflow = expected.stream()
                .collect(Collectors.groupingBy(AttemptRecord::workflow, TreeMap::new, Collectors.toList()));
        assertThat(statistics.byWorkflow().keySet()).as(as).containsExactlyElementsOf(byWorkflow.keySet());
        byWorkflow.forEach((name, those) -> check(
                as + " of " + name, requireNonNull(statistics.byWorkflow().get(name)), those, options.percentiles()));
        long seconds = options.bucket().toSeconds();
        Map<Long, List<AttemptRecord>> byTime = expected.stream()
                .collect(Collectors.groupingBy(
                        a -> Math.floorDiv(a.ended().getEpochSecond(), seconds) * seconds,
                        TreeMap::new,
                        Collectors.toList()));
        assertThat(statistics.series().stream().map(bucket -> bucket.from().getEpochSecond()))
                .as(as)
                .containsExactlyElementsOf(byTime.keySet());
        for (RunStatistics.Bucket bucket : statistics.series()) {
            assertThat(bucket.to()).isEqualTo(bucket.from().plus(options.bucket()));
            List<AttemptRecord> those = requireNonNull(byTime.get(bucket.from().getEpochSecond()));
            check(as + " from " + bucket.from(), bucket.figures(), those, options.percentiles());
        }
    }

    /** With one more condition, which the example fits more often than not. */
    private static RunFilter condition(
            int which, SplittableRandom random, RunFilter filter, Known example, Instant began) {
        AttemptRecord attempt = example.attempt;
        return switch (which) {
            case 0 -> filter.workflow(attempt.workflow());
            case 1 -> filter.status(attempt.status());
            case 2 -> filter.status(RunStatus.FAILED, attempt.status(), RunStatus.QUEUED, RunStatus.UNKNOWN);
            case 3 -> filter.tag("env", "prod");
            case 4 -> filter.tag("env", "test").tag("team", "t%1");
            case 5 -> filter.since(attempt.ended());
            case 6 -> filter.until(attempt.ended());
            case 7 -> filter.since(began.plusSeconds(3)).until(began.plusSeconds(5 + random.nextInt(20)));
            case 8 -> filter.lasting(attempt.duration().orElse(Duration.ZERO), null);
            case 9 -> filter.lasting(null, attempt.duration().orElse(Duration.ofSeconds(3)));
            case 10 -> filter.lasting(Duration.ofMillis(1), Duration.ofSeconds(20));
            default -> filter.parent(example.run.parent().orElse("first"));
        };
    }

    @Test
    default void runThatWentOnIsRecordedTwice() {
        runs().record(NewRun.of("w").id("r"));
        clock().advance(Duration.ofSeconds(2));
        runs().run("r").fail("first", 3);
        clock().advance(Duration.ofSeconds(5));
        runs().reopen("r", Resume.current());
        clock().advance(Duration.ofSeconds(1));
        runs().run("r").complete();
        List<AttemptRecord> attempts = runs().history(RunFilter.all()).items();
        assertThat(attempts).extracting(AttemptRecord::attempt).containsExactly(2, 1);
        assertThat(attempts).extracting(AttemptRecord::status).containsExactly(RunStatus.COMPLETED, RunStatus.FAILED);
        assertThat(attempts)
                .extracting(attempt -> attempt.duration().orElseThrow())
                .containsExactly(Duration.ofSeconds(1), Duration.ofSeconds(2));
        assertThat(attempts.get(1).exitCode()).contains(3);
        assertThat(attempts.get(1).error()).contains("first");
        Figures figures = runs().statistics(RunFilter.all()).all();
        assertThat(figures.total()).isEqualTo(2);
        assertThat(figures.successRate()).contains(0.5);
        assertThat(figures.mean()).contains(Duration.ofMillis(1_500));
        assertThat(figures.p50()).contains(Duration.ofSeconds(1));
        assertThat(figures.p99()).contains(Duration.ofSeconds(2));
    }

    @Test
    default void aPageOfHistoryIsNotDisturbedByAttemptsThatEnd() {
        for (int i = 1; i <= 5; i++) {
            runs().record(NewRun.of("w").id("r" + i)).complete();
        }
        RunFilter newest = RunFilter.all().limit(2);
        RunPage<AttemptRecord> first = runs().history(newest);
        assertThat(first.items()).extracting(AttemptRecord::run).containsExactly("r5", "r4");
        runs().record(NewRun.of("w").id("r6")).complete();
        RunPage<AttemptRecord> second =
                runs().history(newest.limit(9).after(first.next().orElseThrow()));
        assertThat(second.items()).extracting(AttemptRecord::run).containsExactly("r3", "r2", "r1");
        assertThat(second.next()).isEmpty();
        assertThatThrownBy(() -> runs().list(newest.after(first.next().orElseThrow())))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    default void historyOfNothingIsEmpty() {
        assertThat(runs().history(RunFilter.all()).items()).isEmpty();
        check("nothing", runs().statistics(RunFilter.all()).all(), List.of(), true);
        assertThat(runs().statistics(RunFilter.all()).byWorkflow()).isEmpty();
        runs().record(NewRun.of("w"));
        assertThat(runs().history(RunFilter.all().lasting(Duration.ZERO, null)).items())
                .isEmpty();
        assertThat(runs().statistics(RunFilter.all().freshness(Freshness.own()))
                        .all()
                        .total())
                .isZero();
    }

    @Test
    default void bucketsAtTheEndsOfTimeAreBetweenThem() {
        runs().admission("w", Admission.drop(1));
        runs().record(NewRun.of("w").id("started"));
        Instant first = Instant.parse("0001-01-01T00:00:00Z");
        Instant last = Instant.parse("9999-12-31T23:59:59.999999Z");
        runs().record(NewRun.of("w").id("first").occurred(first)); // dropped, so it ended there
        runs().record(NewRun.of("w").id("last").occurred(last));
        StatisticsOptions options = StatisticsOptions.total().withBucket(Duration.ofDays(10_000));
        assertThat(runs().statistics(RunFilter.all(), options).series())
                .hasSize(2)
                .allSatisfy(bucket -> {
                    assertThat(bucket.from()).isBetween(first, last);
                    assertThat(bucket.to()).isBetween(first, last).isAfter(bucket.from());
                });
    }

    @Test
    default void bucketsThatCannotBeAreRefused() {
        for (Duration bucket : List.of(
                Duration.ofMillis(59_999),
                Duration.ofMinutes(-1),
                Duration.ofDays(10_001),
                Duration.ofNanos(60_000_000_001L))) {
            assertThatThrownBy(() -> StatisticsOptions.total().withBucket(bucket))
                    .isInstanceOf(IllegalArgumentException.class);
        }
    }

    @Test
    default void cleanupDeletesWhatEndedLongAgoAndNothingElse() {
        runs().record(NewRun.of("w").id("started"));
        runs().submit(NewRun.of("w").id("queued"));
        runs().record(NewRun.of("w").id("old")).complete();
        runs().start(NewRun.of("w").id("with-state")).checkpoint("{}");
        runs().run("with-state").kill("");
        runs().record(NewRun.of("w").id("gone-on")).fail("x");
        clock().advance(Duration.ofDays(10));
        runs().reopen("gone-on", Resume.current()).complete();
        runs().record(NewRun.of("w").id("new").occurred(Instant.EPOCH)).fail("x");
        book().documents().put("other", "1");
        for (Duration never : List.of(Duration.ofDays(-1), Duration.ofSeconds(Long.MIN_VALUE))) {
            assertThat(runs().cleanup(never)).isZero();
            assertThat(runs().cleanable(never)).isZero();
        }
        for (Duration tooLong : List.of(
                Duration.ofDays(106_752),
                Duration.ofDays(3_999_999),
                Duration.ofDays(4_000_001),
                Duration.ofSeconds(Long.MAX_VALUE))) {
            assertThat(runs().cleanup(tooLong)).isZero();
            assertThat(runs().cleanable(tooLong)).isZero();
        }
        assertThat(runs().cleanup(Duration.ofDays(10))).isZero();
        assertThat(runs().cleanable(Duration.ofDays(9))).isEqualTo(2);
        assertThat(runs().history(RunFilter.all()).items()).hasSize(5);
        assertThat(runs().cleanup(Duration.ofDays(9))).isEqualTo(2);
        assertThat(runs().cleanup(Duration.ofDays(9))).isZero();
        assertThat(runs().find("old")).isEmpty();
        assertThat(runs().find("with-state")).isEmpty();
        assertThat(book().documents().get("runs/with-state/state")).isEmpty();
        assertThat(book().documents().get("other")).isPresent();
        assertThat(runs().list(RunFilter.all()).items())
                .extracting(RunInfo::id)
                .containsExactlyInAnyOrder("started", "queued", "gone-on", "new");
        assertThat(runs().history(RunFilter.all()).items())
                .extracting(attempt -> attempt.run() + attempt.attempt())
                .containsExactly("new1", "gone-on2", "gone-on1");
        assertThat(runs().statistics(RunFilter.all()).all().total()).isEqualTo(3);
        runs().record(NewRun.of("w").id("old")); // another run
        clock().advance(Duration.ofDays(1));
        reopen();
        assertThat(runs().cleanup(Duration.ZERO)).isEqualTo(2);
        assertThat(runs().statistics(RunFilter.all()).all().total()).isZero();
        assertThat(runs().counts(Optional.empty(), Freshness.own()))
                .isEqualTo(Map.of(RunStatus.STARTED, 2L, RunStatus.QUEUED, 1L));
    }

    @Test
    default void cleanupReachesBackToYearOne() {
        runs().admission("w", Admission.drop(1));
        runs().record(NewRun.of("w").id("started"));
        Instant first = Instant.parse("0001-01-01T00:00:00Z");
        runs().record(NewRun.of("w").id("first").occurred(first)); // ended when it was dropped
        Duration age = Duration.between(first, clock().now());
        assertThat(runs().cleanable(age)).isZero();
        assertThat(runs().cleanable(age.minusNanos(1_000))).isEqualTo(1);
        assertThat(runs().cleanup(age.minusNanos(1_000))).isEqualTo(1);
        assertThat(runs().find("first")).isEmpty();
    }

    @Test
    default void cleanupOfManyRunsGoesOnToTheEnd() {
        reopen(options -> options.withDurability(Durability.OS)); // quicker
        runs().admission("w", Admission.drop(1));
        for (int i = 0; i < 5_101; i++) {
            runs().record(NewRun.of("w").id("r" + i)); // the first is started, the others are dropped
        }
        clock().advance(Duration.ofSeconds(1));
        assertThat(runs().cleanup(Duration.ZERO)).isEqualTo(5_100);
        assertThat(runs().list(RunFilter.all()).items()).extracting(RunInfo::id).containsExactly("r0");
    }

    @Test
    default void figuresStayRightWhenRunsOfManyBlocksAreDeleted() {
        SplittableRandom random = new SplittableRandom(69);
        List<Integer> left = new ArrayList<>();
        for (int block = 0; block < 4; block++) {
            for (int i = 0; i < 5; i++) {
                int millis = random.nextInt(1, 10_000);
                Instant began = clock().now().minusMillis(millis);
                runs().record(NewRun.of("w" + i % 2).occurred(began)).complete();
                left.add(millis);
                assertThat(runs().statistics(RunFilter.all()).all().total()).isEqualTo(left.size());
            }
            clock().advance(Duration.ofHours(1));
            fillABlock();
        }
        for (int blocks = 3; blocks >= 0; blocks--) {
            Figures figures = runs().statistics(RunFilter.all()).all();
            long sum = left.stream().mapToLong(millis -> millis).sum();
            assertThat(figures.mean()).contains(Duration.ofMillis(sum).dividedBy(left.size()));
            assertThat(runs().cleanup(Duration.ofMinutes(60L * blocks + 30))).isEqualTo(5);
            left = new ArrayList<>(left.subList(5, left.size()));
            if (blocks % 2 == 0) {
                book().views().rebuild("runs", Progress.NONE);
            }
            assertThat(runs().statistics(RunFilter.all()).all().total()).isEqualTo(left.size());
        }
    }

    /** Events of no run, as many as positions are in a block of attempts. */
    private void fillABlock() {
        List<NewEvent> events = StoreUnderTest.events(8_192);
        for (int i = 0; i < 2; i++) {
            book().stream("filler").append(events, AppendOptions.none());
        }
    }
}
