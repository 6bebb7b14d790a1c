package dev.daybook.journal;

import static org.assertj.core.api.Assertions.assertThat;

import dev.daybook.DaybookException;
import dev.daybook.LeaseLostException;
import dev.daybook.Progress;
import dev.daybook.RefusedException;
import dev.daybook.RunNotFoundException;
import dev.daybook.RunStateException;
import dev.daybook.driver.filesystem.FilesystemDriver;
import dev.daybook.run.Admission;
import dev.daybook.run.RunStatus;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Every status to every status, by everybody who could try, against the table of {@code docs/format/runs.md}. */
class TransitionTest {
    private static final Path PAGE = Path.of("..", "docs", "format", "runs.md");
    private static final Set<RunStatus> KNOWN = EnumSet.complementOf(EnumSet.of(RunStatus.UNKNOWN));
    private static final Set<RunStatus> FIRST = EnumSet.of(RunStatus.QUEUED, RunStatus.STARTED, RunStatus.DROPPED);

    /** What the page says of each pair; the row without a status is that of new runs. */
    private static Map<@Nullable RunStatus, Map<RunStatus, String>> table() throws IOException {
        List<String> page = Files.readAllLines(PAGE);
        int at = page.indexOf(page.stream()
                .filter(line -> line.startsWith("| from \\ to |"))
                .findFirst()
                .orElseThrow());
        List<RunStatus> columns = new ArrayList<>();
        for (String name : cells(page.get(at))) {
            if (!name.startsWith("from")) {
                columns.add(RunStatus.of(name));
            }
        }
        Map<@Nullable RunStatus, Map<RunStatus, String>> table = new HashMap<>();
        for (String line : page.subList(at + 2, at + 12)) {
            List<String> cells = cells(line);
            Map<RunStatus, String> row = new EnumMap<>(RunStatus.class);
            for (int i = 0; i < columns.size(); i++) {
                row.put(columns.get(i), cells.get(i + 1));
            }
            table.put(cells.get(0).equals("(new)") ? null : RunStatus.of(cells.get(0)), row);
        }
        assertThat(columns).containsExactlyInAnyOrderElementsOf(KNOWN);
        assertThat(table).hasSize(10);
        return table;
    }

    private static List<String> cells(String line) {
        List<String> cells = new ArrayList<>();
        String[] parts = line.split("\\|", -1);
        for (int i = 1; i < parts.length - 1; i++) {
            cells.add(parts[i].strip());
        }
        return cells;
    }

    /** Makes a run that has this status. */
    private static void make(RunsByHand runs, String run, RunStatus status, boolean owned) {
        switch (status) {
            case QUEUED -> runs.submit(run);
            case STARTED -> {
                if (owned) {
                    runs.start(run);
                } else {
                    runs.record(run);
                }
            }
            case DROPPED -> runs.append(RunsByHand.begin(run, status, null, Admission.UNLIMITED, 0));
            case CRASHED, KILLED -> {
                make(runs, run, RunStatus.STARTED, owned);
                runs.append(RunsByHand.end(run, status, Rule.Writer.store(Rule.Writer.ANY)));
            }
            default -> {
                make(runs, run, RunStatus.STARTED, owned);
                Rule.Writer writer = owned ? Rule.Writer.owner(1) : Rule.Writer.ANYBODY;
                runs.append(RunsByHand.end(run, status, writer));
            }
        }
    }

    /** Who may write that at all, as the page says it, and as long as the transition is allowed. */
    private static boolean mayWrite(Rule.Role role, RunStatus to) {
        return switch (role) {
            case OWNER ->
                EnumSet.of(RunStatus.COMPLETED, RunStatus.FAILED, RunStatus.INTERRUPTED, RunStatus.CANCELLED)
                        .contains(to);
            case STORE ->
                EnumSet.of(RunStatus.CRASHED, RunStatus.KILLED, RunStatus.INTERRUPTED, RunStatus.CANCELLED)
                        .contains(to);
            case ANYBODY -> to != RunStatus.KILLED;
        };
    }

    @Test
    void everyStatusToEveryStatusByEachRole() throws IOException {
        Map<@Nullable RunStatus, Map<RunStatus, String>> table = table();
        int tried = 0;
        int allowed = 0;
        try (RunsByHand runs = new RunsByHand()) {
            for (RunStatus from : KNOWN) {
                for (boolean owned : new boolean[] {false, true}) {
                    for (RunStatus to : KNOWN) {
                        String cell = table.get(from).get(to);
                        assertThat(from.next().contains(to))
                                .as(from + " to " + to)
                                .isEqualTo(!cell.isEmpty());
                        for (Rule.Role role : Rule.Role.values()) {
                            String run = from + "-" + owned + "-" + to + "-" + role;
                            make(runs, run, from, owned);
                            allowed += attempt(runs, run, from, owned, to, role, cell) ? 1 : 0;
                            tried++;
                        }
                    }
                }
            }
            Map<String, String> before = statuses(runs);
            assertThat(before).hasSize(tried);
            runs.reopen();
            assertThat(statuses(runs)).isEqualTo(before);
            runs.close();
            assertThat(Verification.of(runs.driver, Progress.NONE).problems()).isEmpty();
        }
        assertThat(tried).isEqualTo(9 * 2 * 9 * 3);
        assertThat(allowed).isGreaterThan(50);
    }

    private static Map<String, String> statuses(RunsByHand runs) {
        Map<String, String> statuses = new HashMap<>();
        for (KnownStream run : runs.journal.known("runs", "", 10_000)) {
            statuses.put(run.name().toString(), run.state() + " " + run.generation());
        }
        return statuses;
    }

    /** Tries it, and looks whether what happens is what the page says. Returns whether it was allowed. */
    private static boolean attempt(
            RunsByHand runs, String run, RunStatus from, boolean owned, RunStatus to, Rule.Role role, String cell) {
        boolean begins = FIRST.contains(to) && !(to == RunStatus.DROPPED && from == RunStatus.QUEUED);
        if (begins && role == Rule.Role.STORE) {
            return false; // whoever begins an attempt is an owner or nobody
        }
        StreamState was = runs.state(run);
        long generation = runs.known(run).generation();
        long pos = runs.lastPos();
        Rule.Owner claimant = role == Rule.Role.OWNER ? RunsByHand.OWNER : null;
        Rule.Writer writer = role == Rule.Role.ANYBODY ? Rule.Writer.ANYBODY : new Rule.Writer(role, generation);
        RuntimeException refusal = null;
        try {
            runs.append(
                    begins
                            ? RunsByHand.begin(run, to, claimant, Admission.UNLIMITED, was.seq())
                            : RunsByHand.end(run, to, writer));
        } catch (DaybookException | IllegalArgumentException e) {
            refusal = e;
        }
        String what = run + ": " + refusal;
        boolean foreign = from == RunStatus.STARTED && owned && role == Rule.Role.ANYBODY && !begins;
        if (!begins && !mayWrite(role, to)) {
            assertThat(refusal).as(what).isInstanceOf(IllegalArgumentException.class);
        } else if (cell.isEmpty() || !begins && role == Rule.Role.OWNER && from != RunStatus.STARTED) {
            assertThat(refusal).as(what).isInstanceOfSatisfying(RunStateException.class, e -> {
                assertThat(e.actual()).isEqualTo(from.text());
                assertThat(e.wanted()).isEqualTo(to.text());
                assertThat(e.run()).isEqualTo(run);
            });
        } else if (foreign) {
            assertThat(refusal)
                    .as(what)
                    .isInstanceOfSatisfying(
                            LeaseLostException.class,
                            e -> assertThat(e.actualGeneration()).isEqualTo(1));
        } else {
            assertThat(refusal).as(what).isNull();
        }
        if (refusal != null) {
            assertThat(runs.state(run)).as(what).isEqualTo(was);
            assertThat(runs.lastPos()).as(what).isEqualTo(pos);
            return false;
        }
        StreamState is = runs.state(run);
        assertThat(is.word()).as(what).isEqualTo(to.text());
        assertThat(is.attempt()).as(what).isEqualTo(was.attempt() + (cell.equals("next") ? 1 : 0));
        assertThat(is.workflow()).as(what).isEqualTo("w");
        assertThat(is.pos()).as(what).isEqualTo(runs.known(run).lastPos());
        boolean claims = begins && to == RunStatus.STARTED && claimant != null;
        boolean fences = !begins && role == Rule.Role.STORE && owned && from == RunStatus.STARTED;
        assertThat(runs.known(run).generation()).as(what).isEqualTo(generation + (claims || fences ? 1 : 0));
        assertThat(is.owner()).as(what).isEqualTo(claims ? "worker-7" : "");
        assertThat(runs.newestLine(run)).as(what).contains("\"type\":\"" + to.text() + "\",\"state\":[\"" + to.text());
        return true;
    }

    @Test
    void newRunBeginsAsThePageSays() throws IOException {
        Map<RunStatus, String> row = table().get(null);
        try (RunsByHand runs = new RunsByHand()) {
            for (RunStatus to : KNOWN) {
                String run = "new-" + to;
                RuntimeException refusal = null;
                try {
                    runs.append(
                            FIRST.contains(to)
                                    ? RunsByHand.begin(run, to, null, Admission.UNLIMITED, 0)
                                    : RunsByHand.end(
                                            run,
                                            to,
                                            new Rule.Writer(
                                                    to == RunStatus.KILLED ? Rule.Role.STORE : Rule.Role.ANYBODY,
                                                    Rule.Writer.ANY)));
                } catch (DaybookException e) {
                    refusal = e;
                }
                if (row.get(to).isEmpty()) {
                    assertThat(refusal).isInstanceOf(RunNotFoundException.class);
                    assertThat(runs.journal.known(Running.name(run))).isNull();
                } else {
                    assertThat(refusal).isNull();
                    assertThat(runs.status(run)).isEqualTo(to.text());
                }
            }
        }
    }

    @Test
    void statusOfANewerDaybookIsReadAndEveryChangeRefusedWithItsWord(@TempDir Path directory) throws IOException {
        String line = JournalFiles.line(
                JournalFiles.STORE_ID,
                "{\"pos\":2,\"synced\":0,\"time\":\"2026-11-20T22:53:01.123456Z\",\"stream\":\"runs/r\",\"seq\":1,"
                        + "\"type\":\"paused\",\"state\":[\"paused\",1,\"w\",3],\"data\":{}");
        new JournalFiles(directory)
                .put(1, JournalFiles.header(1, 1), JournalFiles.creation(1, 0, "runs/r", "run"), line);
        try (RunsByHand runs = new RunsByHand(new FilesystemDriver(directory))) {
            assertThat(runs.status("r")).isEqualTo("paused");
            assertThat(runs.lane().isEmpty()).isTrue();
            List<Op> all = new ArrayList<>();
            for (RunStatus to : KNOWN) {
                if (to == RunStatus.QUEUED || to == RunStatus.STARTED) {
                    all.add(RunsByHand.begin("r", to, null, Admission.UNLIMITED, 1));
                } else if (to == RunStatus.KILLED) {
                    all.add(RunsByHand.end("r", to, Rule.Writer.store(Rule.Writer.ANY)));
                } else {
                    all.add(RunsByHand.end("r", to, Rule.Writer.ANYBODY));
                }
            }
            for (Rule.Allowed allowed : Rule.Allowed.values()) {
                all.add(RunsByHand.note("r", "message", allowed, Rule.Writer.ANYBODY));
            }
            all.add(Op.delete(Running.name("r"), dev.daybook.stream.Kind.RUN).with(new Rule.Forget(1)));
            for (Op op : all) {
                RuntimeException refusal = null;
                try {
                    runs.append(op);
                } catch (RuntimeException e) {
                    refusal = e;
                }
                assertThat(refusal)
                        .as(op.rule() + "")
                        .isInstanceOfSatisfying(
                                RunStateException.class,
                                e -> assertThat(e.actual()).isEqualTo("paused"));
            }
            assertThat(runs.known("r").lastSeq()).isEqualTo(1);
        }
    }

    @Test
    void idOfARunIsGivenOutOnce() {
        try (RunsByHand runs = new RunsByHand()) {
            for (RunStatus status : KNOWN) {
                make(runs, "r" + status, status, false);
                RuntimeException refusal = null;
                try {
                    runs.submit("r" + status);
                } catch (RuntimeException e) {
                    refusal = e;
                }
                assertThat(refusal).isInstanceOfSatisfying(RefusedException.class, e -> {
                    assertThat(e.reason()).isEqualTo(RefusedException.Reason.EXISTS);
                    assertThat(e.getMessage()).contains(status.text());
                });
            }
        }
    }
}
