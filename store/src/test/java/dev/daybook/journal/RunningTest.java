package dev.daybook.journal;

import static org.assertj.core.api.Assertions.assertThat;

import dev.daybook.DaybookException;
import dev.daybook.DaybookOptions;
import dev.daybook.driver.Driver;
import dev.daybook.driver.filesystem.FilesystemDriver;
import dev.daybook.driver.memory.MemoryDriver;
import dev.daybook.run.Admission;
import dev.daybook.run.RunStatus;
import dev.daybook.stream.Event;
import dev.daybook.stream.Kind;
import dev.daybook.stream.ReadOptions;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What runs, against a plain reading of the whole journal, over reopenings. */
class RunningTest {
    private static final List<RunStatus> WANTED = List.copyOf(EnumSet.complementOf(EnumSet.of(RunStatus.UNKNOWN)));
    private static final List<String> WORKFLOWS = List.of("w", "v", "u");

    @Test
    void runningIsWhatTheJournalSays() {
        for (long seed = 1; seed <= 20; seed++) {
            run(seed, new MemoryDriver());
        }
    }

    @Test
    void runningIsWhatTheJournalSaysInFiles(@TempDir Path directory) {
        for (long seed = 101; seed <= 104; seed++) {
            run(seed, new FilesystemDriver(directory.resolve("" + seed)));
        }
    }

    private static void run(long seed, Driver driver) {
        SplittableRandom random = new SplittableRandom(seed);
        try (RunsByHand runs = new RunsByHand(driver)) {
            int reopened = 0;
            for (int i = 0; i < 400; i++) {
                change(runs, "r" + random.nextInt(30), random);
                if (random.nextInt(60) == 0) {
                    runs.reopen();
                    reopened++;
                }
                if (random.nextInt(20) == 0) {
                    assertThat(shown(runs.journal)).as("seed " + seed).isEqualTo(plain(runs));
                }
            }
            runs.reopen();
            assertThat(shown(runs.journal)).as("seed " + seed).isEqualTo(plain(runs));
            assertThat(reopened).isPositive();
            try (Journal reader = Journal.open(driver, DaybookOptions.defaults().withReadOnly(true))) {
                assertThat(shown(reader)).as("seed " + seed).isEqualTo(plain(runs));
                runs.submit("late");
                assertThat(shown(reader)).as("seed " + seed).isEqualTo(plain(runs));
            }
        }
    }

    private static void change(RunsByHand runs, String run, SplittableRandom random) {
        KnownStream known = runs.journal.known(Running.name(run));
        StreamState state = known == null ? null : known.state();
        String workflow = state == null ? WORKFLOWS.get(random.nextInt(3)) : state.workflow();
        RunStatus wanted = WANTED.get(random.nextInt(WANTED.size()));
        Rule.Owner owner = random.nextBoolean() ? new Rule.Owner("o", random.nextInt(4), 0) : null;
        Admission admission = random.nextInt(3) == 0 ? Admission.queue(2, 2) : Admission.UNLIMITED;
        Rule rule = switch (wanted) {
            case QUEUED, STARTED -> new Rule.Begin(wanted, workflow, owner, admission, state == null ? 0 : state.seq());
            case DROPPED, COMPLETED, FAILED -> new Rule.End(wanted, Rule.Writer.ANYBODY);
            default -> new Rule.End(wanted, Rule.Writer.store(Rule.Writer.ANY));
        };
        try {
            if (state != null && random.nextInt(20) == 0) {
                runs.append(Op.delete(Running.name(run), Kind.RUN).with(new Rule.Forget(state.seq())));
            } else if (wanted == RunStatus.COMPLETED || wanted == RunStatus.FAILED) {
                Rule.Writer writer =
                        known != null && state != null && !state.owner().isEmpty()
                                ? Rule.Writer.owner(known.generation())
                                : Rule.Writer.ANYBODY;
                runs.append(RunsByHand.end(run, wanted, writer));
            } else {
                runs.append(RunsByHand.op(run, wanted.text(), "{}", rule));
            }
        } catch (DaybookException e) {
            // Most do not fit to what the run is; what counts is that both sides say the same.
        }
    }

    private static Map<String, List<List<String>>> shown(Journal journal) {
        Map<String, List<List<String>>> shown = new TreeMap<>();
        for (Lane lane : journal.running().lanes()) {
            assertThat(lane.queued()).isEqualTo(lane.queuedRuns().size());
            assertThat(lane.started()).isEqualTo(lane.startedRuns().size());
            shown.put(
                    lane.workflow(),
                    List.of(
                            List.copyOf(lane.queuedRuns()),
                            List.copyOf(lane.startedRuns()),
                            List.copyOf(lane.stoppedRuns())));
        }
        return shown;
    }

    /** The same from the lines alone: each run's newest state, in the order of the lines. */
    private static Map<String, List<List<String>>> plain(RunsByHand runs) {
        Map<Long, String> newest = new TreeMap<>();
        Map<String, Long> posOf = new TreeMap<>();
        for (Event event : new Streams(runs.journal).read("runs", ReadOptions.all())) {
            if (event.line().contains("\"state\":[")) {
                Long before = posOf.put(event.stream(), event.pos());
                if (before != null) {
                    newest.remove(before);
                }
                newest.put(event.pos(), event.line().replaceAll("^.*\"state\":\\[|\\].*$", "") + "," + event.stream());
            }
        }
        Map<String, List<List<String>>> lanes = new TreeMap<>();
        for (String state : newest.values()) {
            String[] values = state.replace("\"", "").split(",", -1);
            int attempts = values.length > 4 ? Integer.parseInt(values[3]) : 0;
            int place = switch (values[0]) {
                case "queued" -> 0;
                case "started" -> 1;
                case "crashed", "interrupted" -> Integer.parseInt(values[1]) < attempts ? 2 : -1;
                default -> -1;
            };
            if (place >= 0) {
                lanes.computeIfAbsent(values[2], w -> List.of(new ArrayList<>(), new ArrayList<>(), new ArrayList<>()))
                        .get(place)
                        .add(values[values.length - 1].substring("runs/".length()));
            }
        }
        return lanes;
    }
}
