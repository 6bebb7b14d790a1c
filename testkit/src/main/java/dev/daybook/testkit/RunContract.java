package dev.daybook.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.daybook.InvalidEventException;
import dev.daybook.LeaseLostException;
import dev.daybook.RefusedException;
import dev.daybook.RunNotFoundException;
import dev.daybook.RunStateException;
import dev.daybook.run.Message;
import dev.daybook.run.NewMessage;
import dev.daybook.run.NewRun;
import dev.daybook.run.Resume;
import dev.daybook.run.Run;
import dev.daybook.run.RunEvents;
import dev.daybook.run.RunInfo;
import dev.daybook.run.RunRef;
import dev.daybook.run.RunStatus;
import dev.daybook.run.RunThread;
import dev.daybook.run.Runs;
import dev.daybook.run.Timeline;
import dev.daybook.stream.AppendOptions;
import dev.daybook.stream.Batch;
import dev.daybook.stream.Event;
import dev.daybook.stream.NewEvent;
import dev.daybook.stream.Subscription;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Runs from their start to their end, and what is known of them. Steps are in {@link StepContract}, slots in {@link AdmissionContract}. */
interface RunContract extends StoreUnderTest {

    private Runs runs() {
        return book().runs();
    }

    @Test
    default void runIsStartedAndCompleted() {
        Instant began = clock().now();
        Run run = runs().start(NewRun.of("summarise")
                .input("{\"n\": 1}")
                .tag("team", "research")
                .parent("p"));
        assertThat(run.id()).matches("[0-9A-HJKMNP-TV-Z]{26}");
        assertThat(run.attempt()).isEqualTo(1);
        assertThat(run.generation()).isEqualTo(1);
        assertThat(run.input()).contains("{\"n\": 1}");
        assertThat(run.output()).isEmpty();
        RunInfo started = run.info();
        assertThat(started.status()).isEqualTo(RunStatus.STARTED);
        assertThat(started.statusText()).isEqualTo("started");
        assertThat(started.workflow()).isEqualTo("summarise");
        assertThat(started.created()).isEqualTo(began);
        assertThat(started.started()).contains(began);
        assertThat(started.ended()).isEmpty();
        assertThat(started.owner()).isPresent();
        assertThat(started.parent()).contains("p");
        assertThat(started.tags()).isEqualTo(Map.of("team", "research"));

        clock().advance(Duration.ofSeconds(90));
        run.complete("{\"ok\":true}");
        RunInfo ended = runs().require(run.id());
        assertThat(ended.status()).isEqualTo(RunStatus.COMPLETED);
        assertThat(ended.duration()).contains(Duration.ofSeconds(90));
        assertThat(ended.owner()).isEmpty();
        assertThat(runs().run(run.id()).output()).contains("{\"ok\":true}");
        assertThat(runs().find("never")).isEmpty();
    }

    @Test
    default void failureIsKeptWithItsExitCode() {
        RunRef run = runs().record(NewRun.of("import").id("by-hand"));
        assertThat(run.info().owner()).isEmpty();
        run.fail("no such file", 2);
        assertThat(run.info().error()).contains("no such file");
        assertThat(run.info().exitCode()).contains(2);
        assertThat(run.info().status()).isEqualTo(RunStatus.FAILED);
        assertThat(run.output()).isEmpty();
    }

    @Test
    default void executeEndsTheRunAsItsBodyEnds() {
        RunInfo completed = runs().execute(NewRun.of("w").id("good"), run -> "[" + run.attempt() + "]");
        assertThat(completed.status()).isEqualTo(RunStatus.COMPLETED);
        assertThat(runs().run("good").output()).contains("[1]");
        assertThatThrownBy(() -> runs().execute(NewRun.of("w").id("bad"), run -> {
                    throw new java.io.IOException("broken \ud800 pipe");
                }))
                .isInstanceOf(java.io.IOException.class);
        assertThat(runs().require("bad").error()).contains("java.io.IOException: broken ? pipe");
        assertThat(runs().execute(NewRun.of("w").id("own"), run -> {
                            run.fail("by itself");
                            return null;
                        })
                        .status())
                .isEqualTo(RunStatus.FAILED);
        assertThatThrownBy(() -> runs().execute(NewRun.of("w").id("no-json"), run -> "{"))
                .isInstanceOf(InvalidEventException.class);
        assertThat(runs().require("no-json").status()).isEqualTo(RunStatus.FAILED);
    }

    @Test
    default void longErrorIsCutAndSaysSo() {
        assertThatThrownBy(() -> runs().execute(NewRun.of("w").id("r"), run -> {
                    throw new IllegalStateException("\u20ac".repeat(20_000));
                }))
                .isInstanceOf(IllegalStateException.class);
        String error = runs().require("r").error().orElseThrow();
        assertThat(error.length()).isLessThan(16 << 10);
        assertThat(error).contains("cut, it has 60");
    }

    @Test
    default void threadHasRoundsAndAChain() {
        RunRef run = runs().record(NewRun.of("chat").id("r"));
        run.message(RunThread.START_ROLE, "You are helpful.");
        for (int i = 1; i <= 5; i++) {
            run.message(i % 2 == 1 ? "user" : "assistant", "m" + i);
        }
        run.message(
                NewMessage.json("tool", "{\"a\":[1]}").meta("{\"status\":200}").occurred(Instant.EPOCH));
        RunThread thread = run.thread();
        assertThat(thread.count()).isEqualTo(6);
        assertThat(thread.chain()).extracting(Message::round).containsExactly(0L, 1L, 2L, 3L, 4L, 5L, 6L);
        List<Message> newest = thread.rounds(Long.MAX_VALUE, 2);
        assertThat(newest).extracting(Message::round).containsExactly(6L, 5L);
        assertThat(newest.get(0).content()).isEqualTo("{\"a\":[1]}");
        assertThat(newest.get(0).meta()).contains("{\"status\":200}");
        assertThat(newest.get(0).time()).isEqualTo(Instant.EPOCH);
        assertThat(thread.rounds(5, 10))
                .extracting(Message::content)
                .containsExactly("\"m4\"", "\"m3\"", "\"m2\"", "\"m1\"");
        assertThat(thread.rounds("user", 5, 10)).extracting(Message::round).containsExactly(3L, 1L);
        assertThat(thread.rounds(1, 10)).isEmpty();
        assertThatThrownBy(() -> thread.rounds(0, 1)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> thread.rounds(1, 0)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> thread.rounds(1, 10_001)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    default void messageSentAgainIsStoredOnce() {
        RunRef run = runs().record(NewRun.of("chat").id("r"));
        NewMessage message = NewMessage.text("user", "hi").id("m-1");
        long seq = run.message(message).seq();
        assertThat(run.message(message).duplicate()).isTrue();
        assertThat(run.message(message).seq()).isEqualTo(seq);
        assertThat(run.thread().count()).isEqualTo(1);
    }

    @Test
    default void reopeningCrashesOwnedRunsAndLeavesOthers() {
        runs().start(NewRun.of("w").id("owned"));
        runs().record(NewRun.of("w").id("by-hand"));
        runs().submit(NewRun.of("w").id("waits"));
        reopen();
        assertThat(runs().require("owned").status()).isEqualTo(RunStatus.CRASHED);
        assertThat(runs().run("owned").timeline().attempts().get(0).reason()).contains("process-gone");
        assertThat(runs().require("by-hand").status()).isEqualTo(RunStatus.STARTED);
        assertThat(runs().require("waits").status()).isEqualTo(RunStatus.QUEUED);
        assertThat(runs().active(Optional.empty())).extracting(RunInfo::id).containsExactly("by-hand", "waits");
        Run again = runs().startOrResume(NewRun.of("w").id("owned"));
        assertThat(again.attempt()).isEqualTo(2);
        assertThat(again.generation()).isEqualTo(3);
        again.complete();
        assertThat(runs().run("owned").timeline().attempts())
                .extracting(Timeline.Attempt::status)
                .containsExactly(RunStatus.CRASHED, RunStatus.COMPLETED);
    }

    @Test
    default void readingStoreLeavesRunsAlone() {
        runs().start(NewRun.of("w").id("r")).message("user", "hi");
        try (var reader = openBeside(options -> options.withReadOnly(true))) {
            assertThat(reader.runs().require("r").status()).isEqualTo(RunStatus.STARTED);
            assertThat(reader.runs().active(Optional.of("w"))).hasSize(1);
            assertThat(reader.runs().run("r").thread().count()).isEqualTo(1);
            assertThatThrownBy(() -> reader.runs().run("r").complete()).isInstanceOf(RefusedException.class);
        }
    }

    @Test
    default void startOrResumeIsOnePerson() {
        Run first = runs().startOrResume(NewRun.of("w").id("r"));
        Run second = runs().startOrResume(NewRun.of("w").id("r"));
        assertThat(second.generation()).isZero();
        assertThatThrownBy(() -> second.message("user", "x")).isInstanceOf(LeaseLostException.class);
        assertThatThrownBy(() -> second.step("s", () -> "x")).isInstanceOf(LeaseLostException.class);
        assertThatThrownBy(second::complete).isInstanceOf(LeaseLostException.class);
        first.complete("7");
        Run ended = runs().startOrResume(NewRun.of("w").id("r"));
        assertThat(ended.info().status()).isEqualTo(RunStatus.COMPLETED);
        assertThat(ended.output()).contains("7");
        assertThatThrownBy(() -> ended.step("s", () -> "x")).isInstanceOf(RunStateException.class);
        assertThat(runs().startOrResume(NewRun.of("w")).attempt()).isEqualTo(1);
    }

    @Test
    default void whoLostTheLeaseWritesNothing() {
        Run run = runs().start(NewRun.of("w").id("r"));
        runs().run("r").kill("budget");
        assertThat(run.cancelRequested()).isTrue();
        long last = book().info().lastPosition();
        assertThatThrownBy(() -> run.message("user", "x")).isInstanceOf(LeaseLostException.class);
        assertThatThrownBy(() -> run.checkpoint("{}")).isInstanceOf(LeaseLostException.class);
        assertThatThrownBy(() -> run.step("s", () -> "x")).isInstanceOf(LeaseLostException.class);
        assertThatThrownBy(() -> run.complete("1")).isInstanceOf(LeaseLostException.class);
        assertThatThrownBy(() -> run.cancelled("")).isInstanceOf(LeaseLostException.class);
        assertThat(book().info().lastPosition()).isEqualTo(last);
        assertThat(run.info().status()).isEqualTo(RunStatus.KILLED);
        assertThatThrownBy(() -> runs().resume("r", Resume.current()))
                .isInstanceOfSatisfying(
                        RunStateException.class, e -> assertThat(e.actual()).isEqualTo("killed"));
    }

    @Test
    default void onlyTheOwnerWritesWhatIsTheOwners() {
        Run run = runs().start(NewRun.of("w").id("r"));
        RunRef other = runs().run("r");
        assertThatThrownBy(other::complete).isInstanceOf(LeaseLostException.class);
        assertThatThrownBy(() -> other.fail("x")).isInstanceOf(LeaseLostException.class);
        other.message("user", "from outside");
        run.message("assistant", "from inside");
        assertThat(run.thread().count()).isEqualTo(2);
        run.interrupted("drain");
        assertThat(other.info().status()).isEqualTo(RunStatus.INTERRUPTED);
    }

    @Test
    default void cancelEndsWhatNobodyOwnsAtOnce() {
        runs().record(NewRun.of("w").id("by-hand")).cancel("enough", Duration.ZERO);
        runs().submit(NewRun.of("w").id("waits"));
        runs().run("waits").cancel("", Duration.ZERO);
        assertThat(runs().require("by-hand").status()).isEqualTo(RunStatus.CANCELLED);
        assertThat(runs().require("waits").status()).isEqualTo(RunStatus.CANCELLED);
        assertThat(runs().run("by-hand").timeline().attempts().get(0).reason()).contains("enough");
        assertThatThrownBy(() -> runs().run("waits").cancel("", Duration.ZERO)).isInstanceOf(RunStateException.class);
    }

    @Test
    default void cancelReachesTheCodeThatRuns() throws Exception {
        java.util.concurrent.CountDownLatch inside = new java.util.concurrent.CountDownLatch(1);
        Thread canceller = new Thread(() -> {
            try {
                inside.await();
                runs().run("r").cancel("asked", Duration.ofSeconds(30));
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        });
        canceller.start();
        assertThatThrownBy(() -> runs().execute(NewRun.of("w").id("r"), run -> {
                    run.step("long", () -> {
                        inside.countDown();
                        Thread.sleep(60_000);
                    });
                    return null;
                }))
                .isInstanceOf(InterruptedException.class);
        canceller.join();
        assertThat(runs().require("r").status()).isEqualTo(RunStatus.CANCELLED);
        assertThat(runs().run("r").timeline().steps().get(0).status()).isEqualTo(Timeline.StepStatus.FAILED);
    }

    @Test
    default void cancelReachesABodyBetweenItsSteps() throws Exception {
        java.util.concurrent.CountDownLatch inside = new java.util.concurrent.CountDownLatch(1);
        Thread canceller = new Thread(() -> {
            try {
                inside.await();
                runs().run("r").cancel("asked", Duration.ofSeconds(30));
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        });
        canceller.start();
        assertThatThrownBy(() -> runs().execute(NewRun.of("w").id("r"), run -> {
                    inside.countDown();
                    Thread.sleep(60_000);
                    return null;
                }))
                .isInstanceOf(InterruptedException.class);
        canceller.join();
        assertThat(runs().require("r").status()).isEqualTo(RunStatus.CANCELLED);
        assertThat(Thread.interrupted()).isFalse();
    }

    @Test
    default void runBegunByAnInterruptedThreadIsItsOwn() {
        Thread.currentThread().interrupt();
        Run run = runs().start(NewRun.of("w").id("r"));
        assertThat(Thread.interrupted()).isTrue();
        run.complete();
        assertThat(run.info().status()).isEqualTo(RunStatus.COMPLETED);
    }

    @Test
    default void endOfAnAttemptIsToldAlsoWhenTheRunGoesOnAtOnce() throws Exception {
        for (int i = 0; i < 20; i++) {
            String id = "r" + i;
            Run run = runs().start(NewRun.of("w").id(id));
            Thread other = new Thread(() -> {
                run.interrupted("");
                runs().requeue(id, Resume.current());
                runs().run(id).kill("");
            });
            other.start();
            assertThat(runs().run(id).awaitEnd(Duration.ofSeconds(30)).orElseThrow())
                    .isIn(RunStatus.INTERRUPTED, RunStatus.KILLED); // as it began with the first attempt, or the second
            other.join();
        }
    }

    @Test
    default void cancelTakesTheLeaseAwayAfterTheGrace() {
        Run run = runs().start(NewRun.of("w").id("r"));
        runs().run("r").cancel("now", Duration.ZERO);
        assertThat(run.cancelRequested()).isTrue();
        assertThat(run.info().status()).isEqualTo(RunStatus.CANCELLED);
        assertThatThrownBy(run::complete).isInstanceOf(LeaseLostException.class);
    }

    @Test
    default void endIsAwaited() throws Exception {
        RunRef run = runs().record(NewRun.of("w").id("r"));
        assertThat(run.awaitEnd(Duration.ofMillis(1))).isEmpty();
        Thread other = new Thread(() -> run.complete());
        other.start();
        assertThat(run.awaitEnd(Duration.ofSeconds(30))).contains(RunStatus.COMPLETED);
        other.join();
    }

    @Test
    default void subscriptionTellsTheEnd() throws Exception {
        Run run = runs().start(NewRun.of("w").id("r"));
        run.message("user", "hi");
        run.complete();
        try (Subscription live = run.subscribe(0)) {
            List<RunStatus> seen = new java.util.ArrayList<>();
            for (Event event : live) {
                RunEvents.status(event).ifPresent(seen::add);
                if (RunEvents.status(event).filter(RunStatus::ended).isPresent()) {
                    break;
                }
            }
            assertThat(seen).containsExactly(RunStatus.STARTED, RunStatus.COMPLETED);
        }
    }

    @Test
    default void idsBeginAsTheyWereTyped() {
        for (String id : List.of("a", "ab-1", "ab-2", "abc", "b")) {
            runs().record(NewRun.of("w").id(id));
        }
        assertThat(runs().ids("ab", 10)).containsExactly("ab-1", "ab-2", "abc");
        assertThat(runs().ids("ab-1", 10)).containsExactly("ab-1");
        assertThat(runs().ids("", 2)).containsExactly("a", "ab-1");
        assertThat(runs().ids("x", 2)).isEmpty();
        assertThatThrownBy(() -> runs().ids("a", 0)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    default void unknownRunIsToldByEveryMethod() {
        RunRef none = runs().run("none");
        List<org.assertj.core.api.ThrowableAssert.ThrowingCallable> calls = List.of(
                none::info,
                none::input,
                none::output,
                none::timeline,
                none::state,
                () -> none.thread().count(),
                () -> none.subscribe(0),
                () -> none.message("user", "x"),
                none::complete,
                () -> none.fail("x"),
                () -> none.cancel("", Duration.ZERO),
                () -> none.kill(""),
                () -> none.awaitEnd(Duration.ZERO),
                () -> runs().require("none"),
                () -> runs().resume("none", Resume.current()),
                () -> runs().reopen("none", Resume.current()),
                () -> runs().requeue("none", Resume.current()));
        for (var call : calls) {
            assertThatThrownBy(call).isInstanceOf(RunNotFoundException.class);
        }
        assertThat(book().info().lastPosition()).isZero();
    }

    @Test
    default void secondRunOfAnIdIsRefused() {
        runs().start(NewRun.of("w").id("r"));
        assertThatThrownBy(() -> runs().start(NewRun.of("w").id("r")))
                .isInstanceOfSatisfying(RefusedException.class, e -> {
                    assertThat(e.reason()).isEqualTo(RefusedException.Reason.EXISTS);
                    assertThat(e.getMessage()).contains("started");
                });
    }

    @Test
    default void endedRunTakesNothing() {
        RunRef run = runs().record(NewRun.of("w").id("r"));
        run.complete();
        assertThatThrownBy(run::complete).isInstanceOf(RunStateException.class);
        assertThatThrownBy(() -> run.fail("x")).isInstanceOf(RunStateException.class);
        assertThatThrownBy(() -> run.kill("x")).isInstanceOf(RunStateException.class);
        assertThatThrownBy(() -> run.message("user", "x")).isInstanceOf(RunStateException.class);
        assertThatThrownBy(() -> runs().reopen("r", Resume.current())).isInstanceOf(RunStateException.class);
    }

    @Test
    default void otherPathsCannotWriteToARun() {
        runs().record(NewRun.of("w").id("r")).message("user", "x");
        long last = book().info().lastPosition();
        NewEvent forged = NewEvent.json("completed", "{}");
        assertThatThrownBy(() -> book().stream("runs/r").append(forged)).isInstanceOf(RefusedException.class);
        assertThatThrownBy(() -> book().append(Batch.of().event("runs/r", forged)))
                .isInstanceOf(RefusedException.class);
        assertThatThrownBy(() -> book().stream("runs/r").delete()).isInstanceOf(RefusedException.class);
        assertThatThrownBy(() -> book().documents().put("runs/r/state", "1")).isInstanceOf(RefusedException.class);
        assertThat(book().info().lastPosition()).isEqualTo(last);
        book().stream("runs/plain").append(List.of(forged), AppendOptions.none());
        assertThat(runs().find("plain")).isEmpty();
        assertThatThrownBy(() -> runs().start(NewRun.of("w").id("plain")))
                .isInstanceOfSatisfying(
                        RefusedException.class,
                        e -> assertThat(e.reason()).isEqualTo(RefusedException.Reason.WRONG_KIND));
    }

    @Test
    default void badInputIsRefusedAndNothingIsWritten() {
        NewRun good = NewRun.of("w");
        NewRun crowded = good;
        for (int i = 0; i < 65; i++) {
            crowded = crowded.tag("k" + i, "v");
        }
        for (NewRun bad : List.of(
                good.id("a/b"),
                good.id(""),
                good.id(".."),
                good.id("x".repeat(129)),
                good.id("a\u0000b"),
                good.id("\ud800"),
                NewRun.of(""),
                NewRun.of("w".repeat(257)),
                good.input("{"),
                good.input("1,\"parent\":\"x\""),
                good.tag("", "v"),
                good.tag("k".repeat(129), "v"),
                good.tag("k", "v".repeat(1_025)),
                good.tag("k", "\udc00"),
                good.parent("\ud800"),
                crowded)) {
            assertThatThrownBy(() -> runs().start(bad)).isInstanceOf(InvalidEventException.class);
            assertThatThrownBy(() -> runs().submit(bad)).isInstanceOf(InvalidEventException.class);
        }
        assertThat(book().info().lastPosition()).isZero();
        RunRef run = runs().record(good.id("r"));
        long last = book().info().lastPosition();
        for (NewMessage bad : List.of(
                NewMessage.json("", "1"),
                NewMessage.json("r".repeat(65), "1"),
                NewMessage.json("user", "1,\"role\":\"system\""),
                NewMessage.json("user", "1").meta("[]"),
                NewMessage.json("user", "1").meta("{"),
                NewMessage.json("user", "1").id(""))) {
            assertThatThrownBy(() -> run.message(bad)).isInstanceOf(InvalidEventException.class);
        }
        assertThatThrownBy(() -> run.complete("{\"a\":1,\"a\":2}")).isInstanceOf(InvalidEventException.class);
        assertThatThrownBy(() -> run.message("user", "\ud800")).isInstanceOf(InvalidEventException.class);
        assertThatThrownBy(() -> run.fail("\ud800")).isInstanceOf(InvalidEventException.class);
        assertThatThrownBy(() -> runs().run("../x")).isInstanceOf(InvalidEventException.class);
        assertThatThrownBy(() -> runs().find("x".repeat(100_000))).isInstanceOf(InvalidEventException.class);
        assertThat(book().info().lastPosition()).isEqualTo(last);
    }

    @Test
    default void anyTextSurvives() {
        String text = IntStream.rangeClosed(0, 0x2fff)
                .filter(c -> !Character.isSurrogate((char) c))
                .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
                .toString();
        RunRef run = runs().record(NewRun.of("w")
                .id("r")
                .occurred(Instant.parse("0001-01-01T00:00:00Z"))
                .tag("k", "\"\u0000"));
        run.message("user", text);
        run.fail(text.substring(0, 200));
        assertThat(run.info().error()).contains(text.substring(0, 200));
        assertThat(run.info().tags()).isEqualTo(Map.of("k", "\"\u0000"));
        assertThat(run.info().created()).isEqualTo(Instant.parse("0001-01-01T00:00:00Z"));
        assertThat(dev.daybook.run.Codec.TEXT.decode(run.thread().chain().get(0).content()))
                .isEqualTo(text);
    }
}
