package dev.daybook.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.daybook.InvalidEventException;
import dev.daybook.document.Document;
import dev.daybook.run.Codec;
import dev.daybook.run.Message;
import dev.daybook.run.NewMessage;
import dev.daybook.run.NewRun;
import dev.daybook.run.Resume;
import dev.daybook.run.Run;
import dev.daybook.run.RunInfo;
import dev.daybook.run.RunRef;
import dev.daybook.run.RunStatus;
import dev.daybook.run.Runs;
import dev.daybook.run.StepOptions;
import dev.daybook.run.Timeline.StepRecord;
import dev.daybook.run.Timeline.StepStatus;
import dev.daybook.stream.Event;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** Recorded steps, state documents, and going on. */
interface StepContract extends StoreUnderTest {

    private Runs runs() {
        return book().runs();
    }

    private List<String> types(String id) {
        return book().stream("runs/" + id).read().stream().map(Event::type).toList();
    }

    /** Without the beginnings of steps: of a quick step it is left out, unless the machine takes its time. */
    private List<String> typesButBeginnings(String id) {
        return types(id).stream().filter(type -> !type.equals("step-started")).toList();
    }

    private List<StepRecord> steps(String id) {
        return runs().run(id).timeline().steps();
    }

    @Test
    default void recordedStepIsNotRunAgain() {
        Run run = runs().start(NewRun.of("w").id("r"));
        assertThat(run.step("fetch", () -> "page \u0000 1")).isEqualTo("page \u0000 1");
        run.step("nothing", () -> {});
        assertThat(typesButBeginnings("r")).containsExactly("started", "step-completed", "step-completed");
        reopen();
        Run again = runs().startOrResume(NewRun.of("w").id("r"));
        AtomicInteger ran = new AtomicInteger();
        assertThat(again.step("fetch", () -> "page " + ran.incrementAndGet())).isEqualTo("page \u0000 1");
        again.step("nothing", () -> {
            ran.incrementAndGet();
        });
        assertThat(ran).hasValue(0);
        assertThat(again.step("more", () -> "x" + ran.incrementAndGet())).isEqualTo("x1");
        assertThat(typesButBeginnings("r"))
                .containsExactly("started", "step-completed", "step-completed", "crashed", "started", "step-completed");
    }

    @Test
    default void nameIsAskedForOnceInAnAttempt() {
        Run run = runs().start(NewRun.of("w").id("r"));
        run.step("s", () -> "1");
        assertThatThrownBy(() -> run.step("s", () -> "2")).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> run.step("t", () -> run.step("t", () -> "inner")))
                .isInstanceOf(IllegalStateException.class);
        assertThat(run.step("t", () -> "after it failed")).isEqualTo("after it failed");
    }

    @Test
    default void failedTryIsRecordedAndCanBeMadeAgain() {
        Run run = runs().start(NewRun.of("w").id("r"));
        assertThatThrownBy(() -> run.step("s", () -> {
                    throw new java.io.IOException("no route");
                }))
                .isInstanceOf(java.io.IOException.class);
        assertThat(run.step("s", () -> "now")).isEqualTo("now");
        assertThat(steps("r")).extracting(StepRecord::status).containsExactly(StepStatus.FAILED, StepStatus.COMPLETED);
        assertThat(steps("r")).extracting(StepRecord::attempt).containsExactly(1, 2);
        assertThat(steps("r").get(0).error()).contains("java.io.IOException: no route");
        assertThat(steps("r").get(0).duration()).isPresent();
    }

    @Test
    default void stepIsTriedAsOftenAsItsOptionsSay() {
        Run run = runs().start(NewRun.of("w").id("r"));
        AtomicInteger tries = new AtomicInteger();
        StepOptions options = StepOptions.defaults().withAttempts(3).withBackoff(Duration.ofMillis(1));
        int result = run.step("s", NUMBER, options, step -> {
            if (tries.incrementAndGet() < 3) {
                throw new IllegalStateException("not yet");
            }
            return step.attempt();
        });
        assertThat(result).isEqualTo(3);
        assertThatThrownBy(() -> run.step("t", NUMBER, options, step -> {
                    tries.incrementAndGet();
                    throw new IllegalStateException("never");
                }))
                .hasMessage("never");
        assertThat(tries).hasValue(6);
        reopen();
        assertThat(runs().startOrResume(NewRun.of("w").id("r")).step("s", NUMBER, options, step -> 0))
                .isEqualTo(3);
    }

    @Test
    default void pauseBetweenTriesEndsWhenTheRunIsNoLongerWanted() throws Exception {
        List<Consumer<RunRef>> ends =
                List.of(run -> run.kill("budget"), run -> run.cancel("asked", Duration.ofSeconds(30)));
        for (Consumer<RunRef> end : ends) {
            String id = "r" + ends.indexOf(end);
            CountDownLatch failed = new CountDownLatch(1);
            Thread other = new Thread(() -> {
                try {
                    failed.await();
                    end.accept(runs().run(id));
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                }
            });
            other.start();
            AtomicInteger tries = new AtomicInteger();
            StepOptions options = StepOptions.defaults().withAttempts(3).withBackoff(Duration.ofHours(1));
            assertThatThrownBy(() -> runs().execute(NewRun.of("w").id(id), run -> {
                        run.step("s", NUMBER, options, step -> {
                            tries.incrementAndGet();
                            failed.countDown();
                            throw new IllegalStateException("not yet");
                        });
                        return null;
                    }))
                    .hasMessage("not yet");
            Thread.interrupted(); // that is how the pause ended
            other.join();
            assertThat(tries).hasValue(1);
        }
        assertThat(runs().require("r0").status()).isEqualTo(RunStatus.KILLED);
        assertThat(runs().require("r1").status()).isEqualTo(RunStatus.CANCELLED);
    }

    @Test
    default void stepAndRunOfAnInterruptedThreadAreRecorded() {
        RunInfo ended = runs().execute(NewRun.of("w").id("r"), run -> {
            run.step("s", () -> Thread.currentThread().interrupt());
            return "1";
        });
        assertThat(Thread.interrupted()).isTrue();
        assertThat(ended.status()).isEqualTo(RunStatus.COMPLETED);
        assertThat(steps("r")).extracting(StepRecord::status).containsExactly(StepStatus.COMPLETED);
    }

    Codec<Integer> NUMBER = new Codec<>() {
        @Override
        public String encode(Integer value) {
            return Integer.toString(value);
        }

        @Override
        public Integer decode(String json) {
            return Integer.valueOf(json);
        }
    };

    @Test
    default void resultsMessagesAndStateAreOneStep() {
        Run run = runs().start(NewRun.of("w").id("r"));
        run.step("s", Codec.JSON, StepOptions.defaults(), step -> {
            step.message(NewMessage.text("tool", "81 kB").meta("{\"status\":200}"));
            step.state("{\"fetched\":0}");
            step.state("{\"fetched\":1}");
            return "{\"a\":\n1}";
        });
        assertThat(typesButBeginnings("r")).containsExactly("started", "step-completed", "message");
        assertThat(run.state().map(Document::data)).contains("{\"fetched\":1}");
        assertThat(book().documents().get("runs/r/state")).isEqualTo(run.state());
        assertThatThrownBy(() -> run.step("bad", Codec.JSON, StepOptions.defaults(), step -> {
                    step.message(NewMessage.text("tool", "lost"));
                    step.state("{\"fetched\":2}");
                    return "{";
                }))
                .isInstanceOf(InvalidEventException.class);
        assertThatThrownBy(() -> run.step("bad-state", Codec.JSON, StepOptions.defaults(), step -> {
                    step.state("{");
                    return "1";
                }))
                .isInstanceOf(InvalidEventException.class);
        assertThat(typesButBeginnings("r"))
                .containsExactly("started", "step-completed", "message", "step-failed", "step-failed");
        assertThat(run.state().orElseThrow().version()).isEqualTo(1);
        run.checkpoint("{\"fetched\":3}");
        assertThatThrownBy(() -> run.checkpoint("no")).isInstanceOf(InvalidEventException.class);
        assertThat(run.state().map(Document::data)).contains("{\"fetched\":3}");
        assertThat(types("r")).endsWith("step-failed", "checkpoint");
        List<String> lines = book().stream("runs/r").read().stream()
                .map(Event::line)
                .filter(line -> line.contains("\"batch\""))
                .toList();
        assertThat(lines.get(1)).contains("\"batch\":[1,4]"); // the record, its message, and the document's first value
        assertThat(lines.get(2)).containsPattern("\"producer\":\\[\"owner\",1,[12]],\"batch\":\\[2,4]");
    }

    @Test
    default void resultThatIsTooLargeFailsTheStep() {
        reopen(options -> options.withPayloadBytesMax(1_000));
        Run run = runs().start(NewRun.of("w").id("r"));
        assertThatThrownBy(() -> run.step("s", () -> "x".repeat(1_000))).isInstanceOf(InvalidEventException.class);
        assertThat(typesButBeginnings("r")).containsExactly("started", "step-failed");
        assertThat(run.step("s", () -> "short")).isEqualTo("short");
    }

    @Test
    default void resultThatIsNotKeptIsMadeAgain() {
        Run run = runs().start(NewRun.of("w").id("r"));
        StepOptions secret = StepOptions.defaults().withKeepResult(false);
        assertThat(run.step("token", Codec.TEXT, secret, step -> "s3cret")).isEqualTo("s3cret");
        assertThat(book().stream("runs/r").read().toList().toString())
                .doesNotContain("s3cret")
                .contains("\"kept\":false");
        reopen();
        assertThat(runs().startOrResume(NewRun.of("w").id("r"))
                        .step("token", Codec.TEXT, secret, step -> "n" + step.attempt()))
                .isEqualTo("n2");
    }

    @Test
    default void startOfAStepIsRecordedWithTheNextAppend() {
        Run run = runs().start(NewRun.of("w").id("r"));
        run.step("long", () -> {
            book().stream("other").append(StoreUnderTest.event("x"));
            assertThat(types("r")).containsExactly("started", "step-started");
            assertThat(steps("r").get(0).status()).isEqualTo(StepStatus.RUNNING);
        });
        assertThat(types("r")).containsExactly("started", "step-started", "step-completed");
        assertThat(steps("r")).hasSize(1);
    }

    @Test
    default void startOfALongStepIsRecordedAlone() {
        Run run = runs().start(NewRun.of("w").id("r"));
        run.step("long", () -> {
            while (!types("r").contains("step-started")) {
                Thread.onSpinWait();
            }
        });
        assertThat(types("r")).containsExactly("started", "step-started", "step-completed");
    }

    @Test
    default void durableStartIsThereBeforeTheBody() {
        Run run = runs().start(NewRun.of("w").id("r"));
        run.step("s", Codec.TEXT, StepOptions.defaults().withDurableStart(true), step -> {
            assertThat(types("r")).containsExactly("started", "step-started");
            return "x";
        });
        assertThat(types("r")).containsExactly("started", "step-started", "step-completed");
    }

    @Test
    default void stepThatWasCutOffIsReportedAndRunAgain() {
        Run run = runs().start(NewRun.of("w").id("r"));
        assertThatThrownBy(
                        () -> run.step("s", Codec.TEXT, StepOptions.defaults().withDurableStart(true), step -> {
                            reopen();
                            return "lost";
                        }))
                .isInstanceOf(dev.daybook.StoreClosedException.class);
        assertThat(steps("r")).extracting(StepRecord::status).containsExactly(StepStatus.LOST);
        assertThat(runs().startOrResume(NewRun.of("w").id("r")).step("s", () -> "again"))
                .isEqualTo("again");
        assertThat(steps("r")).extracting(StepRecord::status).containsExactly(StepStatus.LOST, StepStatus.COMPLETED);
        assertThat(steps("r")).extracting(StepRecord::runAttempt).containsExactly(1, 2);
    }

    private Run threeSteps() {
        Run run = runs().start(NewRun.of("w").id("r").input("{\"url\":\"u\",\"depth\":1}"));
        run.message("user", "go");
        for (String name : List.of("a", "b", "c")) {
            run.step(name, Codec.TEXT, StepOptions.defaults(), step -> {
                step.message(NewMessage.text("tool", name));
                step.state("\"after " + name + "\"");
                return name + "1";
            });
        }
        run.message("assistant", "done");
        run.fail("x");
        return run;
    }

    private List<String> again(Run run) {
        List<String> results = new ArrayList<>();
        for (String name : List.of("a", "b", "c")) {
            results.add(run.step(name, () -> name + run.attempt()));
        }
        return results;
    }

    @Test
    default void goingOnFromWhereItWas() {
        threeSteps();
        Run run = runs().resume("r", Resume.current());
        assertThat(run.state().map(Document::data)).contains("\"after c\"");
        assertThat(again(run)).containsExactly("a1", "b1", "c1");
        assertThat(run.input()).contains("{\"url\":\"u\",\"depth\":1}");
        assertThat(run.thread().chain()).hasSize(5);
    }

    @Test
    default void goingOnFromThePreviousStep() {
        threeSteps();
        Run run = runs().resume("r", Resume.previous());
        assertThat(run.state().map(Document::data)).contains("\"after b\"");
        assertThat(again(run)).containsExactly("a1", "b1", "c2");
        assertThat(run.thread().chain()).extracting(Message::content).containsExactly("\"go\"", "\"a\"", "\"b\"");
        assertThat(run.thread().count()).isEqualTo(5);
        assertThat(run.thread().rounds(Long.MAX_VALUE, 2))
                .extracting(Message::setAside)
                .containsExactly(true, true);
    }

    @Test
    default void goingOnFromANamedStepSetsWhatCameAfterAside() {
        threeSteps();
        Run run = runs().resume("r", Resume.step("a").overrides("{\"depth\":null,\"url\":\"v\",\"more\":{\"x\":[]}}"));
        assertThat(run.state()).isEmpty();
        assertThat(run.input()).contains("{\"url\":\"v\",\"more\":{\"x\":[]}}");
        assertThat(again(run)).containsExactly("a2", "b2", "c2");
        assertThat(run.thread().chain()).extracting(Message::content).containsExactly("\"go\"");
        assertThat(steps("r"))
                .extracting(StepRecord::status)
                .containsExactly(
                        StepStatus.SET_ASIDE,
                        StepStatus.SET_ASIDE,
                        StepStatus.SET_ASIDE,
                        StepStatus.COMPLETED,
                        StepStatus.COMPLETED,
                        StepStatus.COMPLETED);
        run.interrupted("");
        Run third = runs().resume("r", Resume.step("c"));
        assertThat(again(third)).containsExactly("a2", "b2", "c3");
        assertThat(third.input()).contains("{\"url\":\"v\",\"more\":{\"x\":[]}}");
        assertThat(runs().run("r").timeline().attempts())
                .extracting(attempt -> attempt.from().orElse("-"))
                .containsExactly("-", "step", "step");
    }

    @Test
    default void badResumesChangeNothing() {
        threeSteps();
        long last = book().info().lastPosition();
        assertThatThrownBy(() -> runs().resume("r", Resume.step("z"))).isInstanceOf(InvalidEventException.class);
        assertThatThrownBy(() -> runs().resume("r", Resume.current().overrides("[]")))
                .isInstanceOf(InvalidEventException.class);
        assertThatThrownBy(() -> runs().resume("r", Resume.current().overrides("{")))
                .isInstanceOf(InvalidEventException.class);
        runs().record(NewRun.of("w").id("text").input("\"text\"")).fail("x");
        assertThatThrownBy(() -> runs().reopen("text", Resume.current().overrides("{}")))
                .isInstanceOf(InvalidEventException.class);
        assertThat(runs().require("r").status()).isEqualTo(RunStatus.FAILED);
        assertThat(book().info().lastPosition()).isEqualTo(last + 3); // of the other run
        runs().record(NewRun.of("w").id("empty")).fail("x");
        assertThat(runs().reopen("empty", Resume.previous().overrides("{\"a\":1}"))
                        .input())
                .contains("{\"a\":1}");
    }

    @Test
    default void stepsOfSixteenThreadsAreRecordedOnceEach() throws Exception {
        Run run = runs().start(NewRun.of("w").id("r"));
        Map<String, AtomicInteger> ran = new ConcurrentHashMap<>();
        List<Throwable> failures = java.util.Collections.synchronizedList(new ArrayList<>());
        Thread[] threads = new Thread[16];
        for (int t = 0; t < threads.length; t++) {
            int first = t;
            threads[t] = new Thread(() -> {
                try {
                    for (int i = 0; i < 25; i++) {
                        String name = "s" + (first + i) % 40; // several threads ask for each
                        try {
                            String result = run.step(name, () -> {
                                ran.computeIfAbsent(name, n -> new AtomicInteger())
                                        .incrementAndGet();
                                return name;
                            });
                            assertThat(result).isEqualTo(name);
                        } catch (IllegalStateException e) {
                            // another thread asked for it
                        }
                    }
                } catch (RuntimeException | AssertionError e) {
                    failures.add(e);
                }
            });
            threads[t].start();
        }
        for (Thread thread : threads) {
            thread.join();
        }
        run.complete();
        assertThat(failures).isEmpty();
        assertThat(ran)
                .hasSize(40)
                .allSatisfy((name, count) -> assertThat(count).hasValue(1));
        assertThat(steps("r")).hasSize(40).allMatch(step -> step.status() == StepStatus.COMPLETED);
        List<Integer> appends = book().stream("runs/r").read().stream()
                .map(StepContract::ownersAppend)
                .toList();
        assertThat(appends).isSorted().doesNotHaveDuplicates().hasSize(appends.get(appends.size() - 1) + 1);
    }

    private static int ownersAppend(Event event) {
        Matcher tuple = Pattern.compile("\"producer\":\\[\"owner\",1,(\\d+)]").matcher(event.line());
        return tuple.find() ? Integer.parseInt(tuple.group(1)) : -1;
    }

    @Test
    default void nestedRunsGoOnWithTheirParents() {
        Run parent = runs().start(NewRun.of("outer").id("p"));
        parent.child("done", NewRun.of("inner")).complete("1");
        parent.child("cut", NewRun.of("inner")).step("s", () -> "kept");
        reopen();
        Run again = runs().startOrResume(NewRun.of("outer").id("p"));
        assertThat(again.child("done", NewRun.of("inner")).output()).contains("1");
        Run cut = again.child("cut", NewRun.of("inner"));
        assertThat(cut.id()).isEqualTo("p.cut");
        assertThat(cut.info().parent()).contains("p");
        assertThat(cut.attempt()).isEqualTo(2);
        assertThat(cut.step("s", () -> "new")).isEqualTo("kept");
    }

    @Test
    default void badStepNamesAreRefused() {
        Run run = runs().start(NewRun.of("w").id("r"));
        for (String bad : List.of("", "x".repeat(513), "\ud800")) {
            assertThatThrownBy(() -> run.step(bad, () -> "x")).isInstanceOf(InvalidEventException.class);
        }
        assertThatThrownBy(() -> run.step("s", () -> "\ud800")).isInstanceOf(InvalidEventException.class);
        assertThat(run.step("s", () -> "x")).isEqualTo("x");
        String name = "../\"\u0000" + "x".repeat(500);
        assertThat(run.step(name, () -> "x")).isEqualTo("x");
        Map<String, Integer> names = new TreeMap<>();
        steps("r").forEach(step -> names.merge(step.name(), 1, Integer::sum));
        assertThat(names).containsExactly(Map.entry(name, 1), Map.entry("s", 2));
        assertThatThrownBy(() -> StepOptions.defaults().withAttempts(0)).isInstanceOf(IllegalArgumentException.class);
    }
}
