package dev.daybook.journal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.daybook.ConflictException;
import dev.daybook.InvalidEventException;
import dev.daybook.LeaseLostException;
import dev.daybook.RefusedException;
import dev.daybook.RunNotFoundException;
import dev.daybook.RunStateException;
import dev.daybook.document.Condition;
import dev.daybook.journal.Rule.Allowed;
import dev.daybook.journal.Rule.Writer;
import dev.daybook.run.Admission;
import dev.daybook.run.RunStatus;
import dev.daybook.stream.AppendOptions;
import dev.daybook.stream.Appended;
import dev.daybook.stream.Event;
import dev.daybook.stream.Kind;
import dev.daybook.stream.NewEvent;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Leases, notes and versions, as the commit thread decides them. Which status follows which is in {@link TransitionTest}. */
class RulesTest {
    private final RunsByHand runs = new RunsByHand();

    @AfterEach
    void close() {
        runs.close();
    }

    private static Op step(String run, long generation) {
        return RunsByHand.note(run, "step-completed", Allowed.WHILE_STARTED, Writer.owner(generation));
    }

    private static Op message(String run) {
        return RunsByHand.note(run, "message", Allowed.UNLESS_FINAL, Writer.ANYBODY);
    }

    private static Op document(String key, String json, Condition condition) {
        return Op.append(
                        Name.of("documents/" + key),
                        Kind.DOCUMENT,
                        List.of(NewEvent.json("put", json).encode()),
                        AppendOptions.none())
                .with(new Rule.Write(condition, false));
    }

    private static Op deletion(String key, Condition condition) {
        return Op.append(
                        Name.of("documents/" + key),
                        Kind.DOCUMENT,
                        List.of(NewEvent.json("delete", "null").encode()),
                        AppendOptions.none())
                .with(new Rule.Write(condition, true));
    }

    @Test
    void lineSaysWhatThePageShows() {
        runs.start("r");
        assertThat(runs.newestLine("r"))
                .isEqualTo(",\"stream\":\"runs/r\",\"seq\":1,\"type\":\"started\",\"state\":[\"started\",1,\"w\",3,"
                        + "\"worker-7\"],\"producer\":[\"owner\",1,0],\"batch\":[2,2],\"data\":{}}");
        runs.append(step("r", 1));
        assertThat(runs.newestLine("r"))
                .isEqualTo(",\"stream\":\"runs/r\",\"seq\":2,\"type\":\"step-completed\",\"producer\":[\"owner\",1,1],"
                        + "\"data\":{}}");
        runs.append(message("r"));
        assertThat(runs.newestLine("r"))
                .isEqualTo(",\"stream\":\"runs/r\",\"seq\":3,\"type\":\"message\",\"data\":{}}");
        runs.append(RunsByHand.end("r", RunStatus.CRASHED, Writer.store(1)));
        assertThat(runs.newestLine("r"))
                .isEqualTo(",\"stream\":\"runs/r\",\"seq\":4,\"type\":\"crashed\",\"state\":[\"crashed\",1,\"w\",3],"
                        + "\"producer\":[\"owner\",2,0],\"data\":{}}");
        runs.goOn("r", RunStatus.QUEUED, null);
        runs.goOn("r", RunStatus.STARTED, new Rule.Owner("host-b/17", 1, 30_000));
        assertThat(runs.newestLine("r"))
                .isEqualTo(",\"stream\":\"runs/r\",\"seq\":6,\"type\":\"started\",\"state\":[\"started\",2,\"w\",1,"
                        + "\"host-b/17\",30000],\"producer\":[\"owner\",3,0],\"data\":{}}");
        assertThat(runs.known("r").startedSeq()).isEqualTo(6);
    }

    @Test
    void stepsOfSeveralThreadsCountWithoutAHole() throws Exception {
        runs.start("r");
        List<Thread> threads = new ArrayList<>();
        for (int t = 0; t < 8; t++) {
            Thread thread = new Thread(() -> {
                for (int i = 0; i < 50; i++) {
                    runs.append(step("r", 1));
                }
            });
            threads.add(thread);
            thread.start();
        }
        for (Thread thread : threads) {
            thread.join();
        }
        assertThatThrownBy(() -> runs.append(step("r", 7))).isInstanceOf(LeaseLostException.class);
        runs.end("r", RunStatus.COMPLETED);
        List<String> tuples = new ArrayList<>();
        for (Event event : new JournalStream(runs.journal, Running.name("r"), Kind.RUN).read()) {
            tuples.add(event.line().replaceAll("^.*\"producer\":|,\"batch\".*$|,\"data\".*$", ""));
        }
        assertThat(tuples).hasSize(402);
        for (int n = 0; n < tuples.size(); n++) {
            assertThat(tuples.get(n)).isEqualTo("[\"owner\",1," + n + "]");
        }
    }

    @Test
    void ownerWhoWasFencedOffWritesNothing() {
        runs.start("r");
        runs.append(RunsByHand.end("r", RunStatus.CRASHED, Writer.store(1)));
        runs.goOn("r", RunStatus.STARTED, RunsByHand.OWNER);
        assertThat(runs.known("r").generation()).isEqualTo(3);
        long pos = runs.lastPos();
        for (Op op : List.of(
                step("r", 1),
                RunsByHand.note("r", "message", Allowed.WHILE_STARTED, Writer.owner(1)),
                RunsByHand.end("r", RunStatus.COMPLETED, Writer.owner(1)),
                RunsByHand.end("r", RunStatus.CRASHED, Writer.store(1)))) {
            assertThatThrownBy(() -> runs.append(op)).isInstanceOfSatisfying(LeaseLostException.class, e -> {
                assertThat(e.run()).isEqualTo("r");
                assertThat(e.generation()).isEqualTo(1);
                assertThat(e.actualGeneration()).isEqualTo(3);
            });
        }
        // The state document in the same batch does not change either.
        assertThatThrownBy(() -> runs.append(step("r", 1), document("runs/r/state", "1", Condition.none())))
                .isInstanceOf(LeaseLostException.class);
        assertThat(runs.lastPos()).isEqualTo(pos);
        runs.append(step("r", 3), document("runs/r/state", "1", Condition.none()));
        assertThat(runs.lastPos()).isEqualTo(pos + 3);
    }

    @Test
    void ownerOfAnEndedRunIsToldSo() {
        runs.start("r");
        runs.end("r", RunStatus.COMPLETED);
        assertThatThrownBy(() -> runs.append(step("r", 1))).isInstanceOfSatisfying(RunStateException.class, e -> {
            assertThat(e.actual()).isEqualTo("completed");
            assertThat(e.wanted()).isEqualTo("step-completed");
        });
        runs.start("killed");
        runs.append(RunsByHand.end("killed", RunStatus.KILLED, Writer.store(Writer.ANY)));
        assertThatThrownBy(() -> runs.append(step("killed", 1)))
                .isInstanceOf(LeaseLostException.class)
                .hasMessageContaining("killed");
    }

    @Test
    void ownerOfTheAttemptBeforeCannotCancelTheQueuedOne() {
        runs.start("r");
        runs.end("r", RunStatus.FAILED);
        runs.goOn("r", RunStatus.QUEUED, null);
        assertThatThrownBy(() -> runs.end("r", RunStatus.CANCELLED)).isInstanceOf(RunStateException.class);
        assertThat(runs.status("r")).isEqualTo("queued");
    }

    @Test
    void ofTwoClaimsOneWins() throws Exception {
        for (int i = 0; i < 50; i++) {
            String run = "r" + i;
            runs.submit(run);
            Op claim = RunsByHand.begin(run, RunStatus.STARTED, RunsByHand.OWNER, Admission.UNLIMITED, 1);
            List<CompletableFuture<List<Appended>>> claims =
                    List.of(runs.async(claim), runs.async(claim), runs.async(claim));
            int won = 0;
            for (CompletableFuture<List<Appended>> future : claims) {
                try {
                    future.get();
                    won++;
                } catch (ExecutionException e) {
                    assertThat(e).hasCauseInstanceOf(RunStateException.class);
                }
            }
            assertThat(won).isEqualTo(1);
            assertThat(runs.known(run).generation()).isEqualTo(1);
        }
    }

    /** Who saw the run crashed must not begin another attempt of one that failed meanwhile. */
    @Test
    void runThatWentOnMeanwhileIsLeftAlone() {
        runs.start("r");
        runs.append(RunsByHand.end("r", RunStatus.CRASHED, Writer.store(1)));
        long seen = runs.state("r").seq();
        runs.goOn("r", RunStatus.STARTED, RunsByHand.OWNER);
        runs.end("r", RunStatus.FAILED);
        assertThatThrownBy(() -> runs.append(RunsByHand.begin("r", RunStatus.QUEUED, null, Admission.UNLIMITED, seen)))
                .isInstanceOfSatisfying(
                        RunStateException.class, e -> assertThat(e.actual()).isEqualTo("failed"));
    }

    @Test
    void messagesOfAnybodyAreTakenUntilTheRunIsFinal() {
        runs.submit("r");
        runs.append(message("r"));
        runs.goOn("r", RunStatus.STARTED, RunsByHand.OWNER);
        runs.append(message("r"));
        runs.end("r", RunStatus.FAILED);
        runs.append(message("r"));
        runs.goOn("r", RunStatus.STARTED, RunsByHand.OWNER);
        runs.end("r", RunStatus.COMPLETED);
        assertThatThrownBy(() -> runs.append(message("r"))).isInstanceOfSatisfying(RunStateException.class, e -> {
            assertThat(e.actual()).isEqualTo("completed");
            assertThat(e.wanted()).isEqualTo("message");
        });
        assertThatThrownBy(() -> runs.append(message("nobody"))).isInstanceOf(RunNotFoundException.class);
    }

    @Test
    void messageSentAgainIsFoundAlsoWhenTheRunIsOver() {
        runs.start("r");
        Op once = Op.append(
                        Running.name("r"),
                        Kind.RUN,
                        List.of(NewEvent.json("message", "{}").id("m1").encode()),
                        AppendOptions.none())
                .with(new Rule.Note("message", Allowed.UNLESS_FINAL, Writer.ANYBODY));
        Appended first = runs.append(once);
        runs.end("r", RunStatus.COMPLETED);
        Appended again = runs.append(once);
        assertThat(again.duplicate()).isTrue();
        assertThat(again.seq()).isEqualTo(first.seq());
    }

    @Test
    void cancellingIsAskedOfAnOwner() {
        Op wish = RunsByHand.note("r", "cancel-requested", Allowed.WHILE_OWNED, Writer.ANYBODY);
        assertThatThrownBy(() -> runs.append(wish)).isInstanceOf(RunNotFoundException.class);
        runs.record("r");
        assertThatThrownBy(() -> runs.append(wish)).isInstanceOf(RunStateException.class);
        runs.append(RunsByHand.end("r", RunStatus.CANCELLED, Writer.ANYBODY));
        runs.goOn("r", RunStatus.STARTED, RunsByHand.OWNER);
        runs.append(wish);
        assertThatThrownBy(() -> runs.append(RunsByHand.end("r", RunStatus.CANCELLED, Writer.ANYBODY)))
                .isInstanceOf(LeaseLostException.class);
    }

    @Test
    void runWithoutAnOwnerIsWrittenByAnybody() {
        runs.record("r");
        runs.append(RunsByHand.note("r", "step-completed", Allowed.WHILE_STARTED, Writer.ANYBODY));
        assertThat(runs.known("r").generation()).isZero();
        assertThatThrownBy(() -> runs.append(step("r", 0))).isInstanceOf(RunStateException.class);
        runs.append(RunsByHand.end("r", RunStatus.FAILED, Writer.ANYBODY));
        runs.start("owned");
        assertThatThrownBy(() ->
                        runs.append(RunsByHand.note("owned", "step-completed", Allowed.WHILE_STARTED, Writer.ANYBODY)))
                .isInstanceOf(LeaseLostException.class);
    }

    @Test
    void workflowNeverChanges() {
        runs.record("r");
        runs.append(RunsByHand.end("r", RunStatus.FAILED, Writer.ANYBODY));
        Op other = RunsByHand.op(
                "r", "started", "{}", new Rule.Begin(RunStatus.STARTED, "other", null, Admission.UNLIMITED, 2));
        assertThatThrownBy(() -> runs.append(other))
                .isInstanceOf(RefusedException.class)
                .hasMessageContaining("workflow w");
        assertThatThrownBy(() -> new Rule.Begin(RunStatus.STARTED, "", null, Admission.UNLIMITED, 0))
                .isInstanceOf(InvalidEventException.class);
        assertThatThrownBy(() -> new Rule.Owner("x".repeat(257), 0, 0)).isInstanceOf(InvalidEventException.class);
    }

    /** The longest words, all of them escaped, still fit into what is reckoned for the append. */
    @Test
    void longestWordsFit() {
        String word = "\u0001".repeat(256);
        Op op = RunsByHand.op(
                "r",
                "started",
                "{}",
                new Rule.Begin(
                        RunStatus.STARTED,
                        word,
                        new Rule.Owner(word, Integer.MAX_VALUE, Integer.MAX_VALUE),
                        Admission.UNLIMITED,
                        0));
        runs.append(op);
        int length = runs.newestLine("r").length();
        assertThat(length).isGreaterThan(3_072);
        assertThat(op.bytesMax()).isGreaterThan(length + 200);
        assertThat(runs.state("r").owner()).isEqualTo(word);
    }

    @Test
    void endedRunIsForgottenAsItWasSeen() {
        runs.start("r");
        Name name = Running.name("r");
        assertThatThrownBy(() -> runs.append(Op.delete(name, Kind.RUN).with(new Rule.Forget(1))))
                .isInstanceOf(RunStateException.class);
        runs.append(RunsByHand.end("r", RunStatus.CRASHED, Writer.store(1)));
        assertThat(runs.lane().stoppedRuns()).containsExactly("r");
        assertThatThrownBy(() -> runs.append(Op.delete(name, Kind.RUN).with(new Rule.Forget(1))))
                .isInstanceOf(RunStateException.class);
        runs.append(Op.delete(name, Kind.RUN).with(new Rule.Forget(2)));
        assertThat(runs.journal.known(name)).isNull();
        assertThat(runs.journal.running().lanes()).isEmpty();
        runs.submit("r");
        assertThat(runs.state("r").attempt()).isEqualTo(1);
        assertThat(runs.known("r").generation()).isZero();
    }

    @Test
    void otherKindsCannotWriteToRunsAndDocuments() {
        runs.start("r");
        runs.append(document("d", "1", Condition.none()));
        long pos = runs.lastPos();
        for (String name : List.of("runs/r", "documents/d")) {
            for (Kind kind : Kind.values()) {
                if (kind.text().equals(name.substring(0, name.indexOf('/') - 1))) {
                    continue;
                }
                for (Op op : List.of(
                        Op.append(
                                Name.of(name),
                                kind,
                                List.of(NewEvent.json("t", "1").encode()),
                                AppendOptions.none()),
                        Op.delete(Name.of(name), kind),
                        Op.create(Name.of(name), kind, dev.daybook.stream.StreamConfig.JSON),
                        Op.append(
                                Name.of(name),
                                kind,
                                List.of(),
                                AppendOptions.none().close()))) {
                    assertThatThrownBy(() -> runs.append(op))
                            .isInstanceOfSatisfying(
                                    RefusedException.class,
                                    e -> assertThat(e.reason()).isEqualTo(RefusedException.Reason.WRONG_KIND));
                }
            }
        }
        assertThat(runs.lastPos()).isEqualTo(pos);
    }

    @Test
    void whatWasOnlyLookedAtIsNotKeptInMemory() {
        runs.append(document("d", "1", Condition.none()));
        int cells = runs.journal.heads().cellCount();
        for (int i = 0; i < 20; i++) {
            Op first = document("e" + i, "1", Condition.ifVersion(7));
            Op second = document("f" + i, "1", Condition.none());
            assertThatThrownBy(() -> runs.append(first, second)).isInstanceOf(ConflictException.class);
            assertThatThrownBy(() -> runs.append(second, first)).isInstanceOf(ConflictException.class);
            Op third = message("r" + i);
            assertThatThrownBy(() -> runs.append(third)).isInstanceOf(RunNotFoundException.class);
            runs.append(deletion("g" + i, Condition.none()), deletion("h" + i, Condition.none()));
        }
        assertThat(runs.journal.heads().cellCount()).isEqualTo(cells);
    }

    // ---- documents

    private void refused(Op op, String expected, String actual) {
        long pos = runs.lastPos();
        assertThatThrownBy(() -> runs.append(op)).isInstanceOfSatisfying(ConflictException.class, e -> {
            assertThat(e.subject()).isEqualTo(ConflictException.Subject.VERSION);
            assertThat(e.expected()).isEqualTo(expected);
            assertThat(e.actual()).isEqualTo(actual);
        });
        assertThat(runs.lastPos()).isEqualTo(pos);
    }

    @Test
    void documentIsWrittenWhenItsConditionHolds() {
        refused(document("d", "1", Condition.ifPresent()), "a value", "0");
        refused(document("d", "1", Condition.ifVersion(1)), "1", "0");
        assertThat(runs.append(document("d", "1", Condition.ifVersion(0))).seq())
                .isEqualTo(1);
        refused(document("d", "1", Condition.ifVersion(0)), "0", "1");
        refused(document("d", "1", Condition.ifAbsent()), "no value", "1");
        assertThat(runs.append(document("d", "2", Condition.ifVersion(1))).seq())
                .isEqualTo(2);
        assertThat(runs.append(document("d", "3", Condition.ifPresent())).seq()).isEqualTo(3);
        refused(deletion("d", Condition.ifVersion(2)), "2", "3");
        refused(deletion("d", Condition.ifAbsent()), "no value", "3");
        assertThat(runs.append(deletion("d", Condition.ifVersion(3))).count()).isEqualTo(1);
        assertThat(runs.journal.known(Name.of("documents/d")).hasValue()).isFalse();
        refused(document("d", "4", Condition.ifVersion(3)), "3", "4");
        refused(document("d", "4", Condition.ifPresent()), "a value", "4");
        assertThat(runs.append(document("d", "4", Condition.ifAbsent())).seq()).isEqualTo(5);
        assertThat(runs.journal.known(Name.of("documents/d")).hasValue()).isTrue();
    }

    @Test
    void deleteOfNothingWritesNothing() {
        long pos = runs.lastPos();
        assertThat(runs.append(deletion("d", Condition.none())).count()).isZero();
        assertThat(runs.append(deletion("d", Condition.ifVersion(0))).count()).isZero();
        assertThat(runs.lastPos()).isEqualTo(pos);
        runs.append(document("d", "1", Condition.none()));
        runs.append(deletion("d", Condition.none()));
        pos = runs.lastPos();
        assertThat(runs.append(deletion("d", Condition.ifVersion(2))).count()).isZero();
        refused(deletion("d", Condition.ifVersion(1)), "1", "2");
        refused(deletion("d", Condition.ifPresent()), "a value", "2");
        assertThat(runs.lastPos()).isEqualTo(pos);
        // In a batch, too: the rest of it is written.
        runs.append(deletion("d", Condition.none()), document("e", "1", Condition.none()));
        assertThat(runs.lastPos()).isEqualTo(pos + 2);
    }
}
