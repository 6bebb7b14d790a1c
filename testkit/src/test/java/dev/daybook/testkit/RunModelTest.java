package dev.daybook.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.daybook.Daybook;
import dev.daybook.DaybookException;
import dev.daybook.Freshness;
import dev.daybook.RefusedException;
import dev.daybook.RunStateException;
import dev.daybook.StoreFailedException;
import dev.daybook.document.Document;
import dev.daybook.internal.disk.Disk;
import dev.daybook.run.Codec;
import dev.daybook.run.Message;
import dev.daybook.run.NewMessage;
import dev.daybook.run.NewRun;
import dev.daybook.run.Resume;
import dev.daybook.run.Run;
import dev.daybook.run.RunFilter;
import dev.daybook.run.RunInfo;
import dev.daybook.run.RunRef;
import dev.daybook.run.Runs;
import dev.daybook.run.StepOptions;
import dev.daybook.run.Timeline.StepRecord;
import dev.daybook.run.Timeline.StepStatus;
import dev.daybook.testkit.RunModel.OneRun;
import java.time.Duration;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;

/** Random operations on runs against plain collections, with crashes and reopenings on the simulated disk. {@code -Dseed=N} replays one seed. */
class RunModelTest {
    private static final List<String> IDS = List.of("a", "b", "c");
    private static final List<String> STEPS = List.of("fetch", "draft", "check", "send");
    private static final int SEEDS = 200;

    @Test
    void runsEqualPlainCollections() {
        MortalStore.mustBeAsItsModel(SEEDS, SEEDS / 2, RunStore::new);
    }

    @Test
    void lostRunsAreNoticed() {
        MortalStore.mustFailWithoutSync(SEEDS, RunStore::new);
    }

    private static final class RunStore extends MortalStore {
        private final Map<String, Run> owned = new HashMap<>(); // what this process holds
        private RunModel model = new RunModel();
        private RunModel before = model;
        private int values;
        private int openings;

        RunStore(long seed, UnaryOperator<Disk> wrapper) {
            super(seed, wrapper, 8 << 10);
        }

        @Override
        int mutationsMax() {
            return 80;
        }

        @Override
        void opened(Daybook book) {
            model = model.reopened();
            before = model;
            owned.clear();
            assertThat(described(book)).isEqualTo(model.described());
            if (++openings % 4 == 0) {
                assertViewAgrees(book.runs());
            }
        }

        /** What lists and history say is what each run says of itself. */
        private static void assertViewAgrees(Runs runs) {
            Map<String, RunInfo> all = new TreeMap<>();
            long ended = 0;
            for (String id : runs.ids("", 100)) {
                all.put(id, runs.require(id));
                ended += runs.run(id).timeline().attempts().stream()
                        .filter(attempt -> attempt.status().ended())
                        .count();
            }
            RunFilter filter = RunFilter.all().limit(10_000);
            assertThat(runs.list(filter).items()).containsExactlyInAnyOrderElementsOf(all.values());
            assertThat(runs.history(filter).items()).hasSize((int) ended);
            assertThat(runs.statistics(filter).all().total()).isEqualTo(ended);
            assertThat(runs.counts(Optional.empty(), Freshness.own()))
                    .isEqualTo(all.values().stream()
                            .collect(Collectors.groupingBy(RunInfo::status, Collectors.counting())));
        }

        @Override
        void work(Daybook book) {
            for (int i = 0; i < 30; i++) {
                before = model.copy();
                change(book.runs(), IDS.get(random.nextInt(IDS.size())));
                before = model;
                if (random.nextInt(8) == 0) {
                    assertThat(described(book)).isEqualTo(model.described());
                }
            }
        }

        @Override
        void settle(Daybook book) {
            RunModel without = before.reopened();
            RunModel with = model.reopened();
            Map<String, String> stored = described(book);
            assertThat(stored).isIn(without.described(), with.described());
            model = stored.equals(with.described()) ? with : without;
        }

        private String value() {
            return "\"" + ++values + "x".repeat(random.nextInt(random.nextInt(6) == 0 ? 1_000 : 20)) + "\"";
        }

        /** One random operation, on the model first: when the process dies in it, the model is what it would have done. */
        private void change(Runs runs, String id) {
            OneRun run = model.runs.get(id);
            if (run == null) {
                begin(runs, id);
            } else if (run.resumable() && random.nextBoolean()) {
                goOn(runs, id, run);
            } else if (run.ended()) {
                refused(runs, id, run);
            } else if (run.status.equals("queued")) {
                run.end("cancelled");
                runs.run(id).cancel("", Duration.ZERO);
            } else if (run.owned && random.nextInt(3) > 0) {
                step(owned.get(id), run);
            } else {
                go(runs, id, run);
            }
        }

        private void begin(Runs runs, String id) {
            NewRun fresh = NewRun.of("w").id(id).input("{\"n\":1}");
            OneRun run = new OneRun();
            model.runs.put(id, run);
            switch (random.nextInt(4)) {
                case 0 -> {
                    run.status = "queued";
                    runs.submit(fresh);
                }
                case 1 -> {
                    run.status = "started";
                    runs.record(fresh);
                }
                default -> {
                    run.status = "started";
                    run.owned = true;
                    owned.put(id, random.nextBoolean() ? runs.start(fresh) : runs.startOrResume(fresh));
                }
            }
        }

        private void goOn(Runs runs, String id, OneRun run) {
            boolean owns = random.nextInt(4) > 0;
            String step = STEPS.get(random.nextInt(STEPS.size()));
            Resume how = Resume.current();
            int setAside = -1;
            switch (random.nextInt(3)) {
                case 0 -> {
                    how = Resume.previous();
                    setAside = run.newestRecord(null);
                }
                case 1 -> {
                    if (run.newestRecord(step) >= 0) {
                        how = Resume.step(step);
                        setAside = run.newestRecord(step);
                    }
                }
                default -> {}
            }
            run.goOn(setAside, owns);
            if (owns) {
                owned.put(id, runs.resume(id, how));
                assertThat(owned.get(id).attempt()).isEqualTo(run.attempt);
            } else {
                runs.reopen(id, how);
            }
        }

        private void refused(Runs runs, String id, OneRun run) {
            refuses(RefusedException.class, () -> runs.start(NewRun.of("w").id(id)));
            refuses(RunStateException.class, () -> runs.run(id).complete());
            if (run.resumable()) {
                message(runs.run(id), run);
            } else {
                refuses(RunStateException.class, () -> runs.resume(id, Resume.current()));
            }
        }

        /** A write that is refused comes to the disk nowhere, so it says the same of a process that dies; only a store that failed before says so. */
        private void refuses(Class<? extends Throwable> refusal, ThrowingCallable call) {
            Throwable why = catchThrowable(call);
            if (!isDead() || !(why instanceof StoreFailedException)) {
                assertThat(why).isInstanceOf(refusal);
            }
        }

        private void message(RunRef to, OneRun run) {
            String value = value();
            run.add("message", "", value);
            to.message(NewMessage.json("user", value));
        }

        /** What somebody does to a started run from outside, or its owner besides steps. */
        private void go(Runs runs, String id, OneRun run) {
            RunRef ref = run.owned ? owned.get(id) : runs.run(id);
            switch (random.nextInt(7)) {
                case 0 -> {
                    run.end("completed");
                    ref.complete("{}");
                }
                case 1 -> {
                    run.end("failed");
                    ref.fail("x");
                }
                case 2 -> {
                    run.end("cancelled");
                    if (run.owned || ref instanceof Run) {
                        ((Run) ref).cancelled("");
                    } else {
                        ref.cancel("", Duration.ZERO);
                    }
                }
                case 3 -> {
                    if (random.nextInt(3) == 0) {
                        run.end("killed");
                        runs.run(id).kill("x");
                    } else {
                        message(runs.run(id), run);
                    }
                }
                case 4 -> {
                    if (ref instanceof Run mine) {
                        run.state = value();
                        mine.checkpoint(run.state);
                    }
                }
                default -> message(ref, run);
            }
        }

        private void step(Run mine, OneRun run) {
            String name = STEPS.get(random.nextInt(STEPS.size()));
            if (run.asked.contains(name)) {
                assertThatThrownBy(() -> mine.step(name, () -> "x")).isInstanceOf(IllegalStateException.class);
                return;
            }
            String known = run.results().get(name);
            if (known != null) {
                run.asked.add(name);
                assertThat(mine.step(name, Codec.JSON, StepOptions.defaults(), step -> "0"))
                        .isEqualTo(known);
                return;
            }
            if (random.nextInt(5) == 0) {
                run.failedSteps++;
                assertThatThrownBy(() -> mine.step(name, () -> {
                            throw new IllegalArgumentException("no");
                        }))
                        .isInstanceOfSatisfying(IllegalArgumentException.class, e -> {
                            for (Throwable why : e.getSuppressed()) {
                                throw (DaybookException) why; // the process died in it
                            }
                        });
                return;
            }
            String result = value();
            boolean says = random.nextBoolean();
            boolean saves = random.nextBoolean();
            run.asked.add(name);
            run.add("step", name, result);
            if (says) {
                run.add("message", "", result);
            }
            if (saves) {
                run.state = result;
            }
            StepOptions durable = StepOptions.defaults().withDurableStart(random.nextInt(4) == 0);
            mine.step(name, Codec.JSON, durable, step -> {
                if (says) {
                    step.message(NewMessage.json("tool", result));
                }
                if (saves) {
                    step.state(result);
                }
                return result;
            });
        }

        private static Map<String, String> described(Daybook book) {
            Map<String, String> all = new TreeMap<>();
            for (String id : book.runs().ids("", 100)) {
                RunRef run = book.runs().run(id);
                RunInfo info = run.info();
                Set<String> steps = new LinkedHashSet<>();
                long setAside = 0;
                long failed = 0;
                List<StepRecord> records = run.timeline().steps().stream()
                        .filter(step -> step.seq() > 0)
                        .sorted(java.util.Comparator.comparing(StepRecord::seq))
                        .toList();
                for (StepRecord step : records) {
                    if (step.status() == StepStatus.COMPLETED) {
                        steps.add(step.name());
                    }
                    setAside += step.status() == StepStatus.SET_ASIDE ? 1 : 0;
                    failed += step.status() == StepStatus.FAILED ? 1 : 0;
                }
                all.put(
                        id,
                        RunModel.describe(
                                info.statusText(),
                                info.attempt(),
                                run.thread().chain().stream()
                                        .map(Message::content)
                                        .toList(),
                                run.thread().count(),
                                steps,
                                setAside,
                                failed,
                                run.state().map(Document::data).orElse(null)));
                boolean active =
                        info.statusText().equals("started") || info.statusText().equals("queued");
                assertThat(book.runs().active(Optional.of("w")).stream()
                                .anyMatch(one -> one.id().equals(id)))
                        .isEqualTo(active);
            }
            return all;
        }
    }
}
