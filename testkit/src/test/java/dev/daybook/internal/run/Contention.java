package dev.daybook.internal.run;

import dev.daybook.Daybook;
import dev.daybook.DaybookOptions;
import dev.daybook.LeaseLostException;
import dev.daybook.Progress;
import dev.daybook.RunStateException;
import dev.daybook.VerifyReport.Problem;
import dev.daybook.driver.memory.MemoryDriver;
import dev.daybook.internal.run.Leases.Lease;
import dev.daybook.run.Admission;
import dev.daybook.run.NewMessage;
import dev.daybook.run.NewRun;
import dev.daybook.run.Resume;
import dev.daybook.run.Run;
import dev.daybook.run.RunStatus;
import dev.daybook.run.Runs;
import dev.daybook.stream.Event;
import dev.daybook.testkit.ManualClock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Eight claimants of one store, who take runs, write to them and end them, and pause now and then past their leases; a sweep that is slow to do what it judged; a process that is stopped, or killed and
 * started again. One thread takes their turns as the seed says, on a clock that only it moves, so a seed is replayed exactly. Behind it the journal must say that every line was written by the owner
 * of its time, that nobody lost a lease while it was heard of, and that every run ended.
 */
final class Contention {
    private static final int CLAIMANTS = 8;
    private static final int RUNS = 16;
    private static final int TURNS = 1_200;
    private static final Duration LEASE = Duration.ofSeconds(4);
    private static final Duration PERIOD = Duration.ofSeconds(1); // of the sweep, for this lease
    private static final Pattern TUPLE = Pattern.compile("\"producer\":\\[\"owner\",(\\d+),(\\d+)]");

    private final SplittableRandom random;
    private final ManualClock clock = ManualClock.evening();
    private final MemoryDriver driver = new MemoryDriver();
    private final List<Claimant> claimants = new ArrayList<>();

    /** What the sweep judged and did not do yet. */
    private final List<Lease> judged = new ArrayList<>();

    /** All that it ever judged, as run and generation. */
    private final Set<String> ranOut = new HashSet<>();

    private final List<String> acknowledged = new ArrayList<>();
    private final List<String> refused = new ArrayList<>();
    private Daybook book;
    private int submitted;
    private int written;
    int stalls;
    int fenced;
    int deaths;

    /** Whoever has a run, or none. */
    private final class Claimant {
        final String name;

        @Nullable
        Run run;

        long heardNanos;
        int pausedTurns;

        Claimant(int number) {
            name = "c" + number;
        }

        void turn() {
            Run mine = run;
            if (mine == null) {
                run = book.runs().claim("w", name, LEASE).orElse(null);
                heardNanos = clock.monotonicNanos();
                return;
            }
            int what = random.nextInt(20);
            try {
                if (what < 3) {
                    pausedTurns = 1 + random.nextInt(150);
                    return;
                } else if (what < 10) {
                    message(mine);
                } else if (what < 13) {
                    step(mine);
                } else if (what < 16) {
                    mine.heartbeat();
                } else if (what < 17) {
                    mine.checkpoint("\"" + name + "\"");
                } else if (what < 19) {
                    mine.complete("\"" + name + "\"");
                    run = null;
                } else {
                    mine.fail("x");
                    run = null;
                }
                heardNanos = clock.monotonicNanos();
            } catch (LeaseLostException | RunStateException e) {
                fenced++;
                run = null;
                boolean silent = clock.monotonicNanos() - heardNanos >= LEASE.toNanos();
                require(
                        silent || ranOut.contains(mine.id() + " " + mine.generation()),
                        name + " lost run " + mine.id() + " of generation " + mine.generation()
                                + " although it was heard of: " + e.getMessage());
            }
        }

        private String value(Run mine) {
            return name + " " + mine.generation() + " " + ++written;
        }

        private void message(Run mine) {
            String value = value(mine);
            try {
                mine.message(NewMessage.text("user", value));
                acknowledged.add(value);
            } catch (LeaseLostException | RunStateException e) {
                refused.add(value);
                throw e;
            }
        }

        private void step(Run mine) {
            String value = value(mine);
            try {
                mine.step(value, () -> value);
                acknowledged.add(value);
            } catch (LeaseLostException | RunStateException e) {
                refused.add(value);
                throw e;
            }
        }
    }

    Contention(long seed) {
        random = new SplittableRandom(seed);
        book = open();
        for (int i = 0; i < CLAIMANTS; i++) {
            claimants.add(new Claimant(i));
        }
    }

    private Daybook open() {
        return Daybook.open(
                driver, DaybookOptions.defaults().withSegmentBytesMax(16 << 10).withClock(clock));
    }

    /** Works until every run has ended. @throws AssertionError when a promise was broken */
    void run() {
        try {
            for (int life = 0; life < 3; life++) {
                live(TURNS / 3);
                book.close();
                claimants.forEach(claimant -> claimant.run = null); // their process is gone
                judged.clear();
                book = open();
                deaths++;
            }
            end();
            judgeLines();
        } finally {
            book.close();
        }
    }

    /** What {@code verify} finds, whatever became of the rest. */
    List<Problem> problems() {
        return Daybook.verify(driver, Progress.NONE).problems();
    }

    private static void require(boolean met, String otherwise) {
        if (!met) {
            throw new AssertionError(otherwise);
        }
    }

    // ---- turns

    private void live(int turns) {
        Sweep sweep = ((JournalRuns) book.runs()).sweep;
        if (random.nextBoolean()) {
            book.runs().admission("w", Admission.queue(5, RUNS));
        }
        synchronized (sweep) { // its own thread waits for this one
            for (int turn = 0; turn < turns; turn++) {
                claimants.forEach(claimant -> claimant.pausedTurns--);
                switch (random.nextInt(10)) {
                    case 0 -> submit();
                    case 1 -> goOn();
                    case 2, 3 -> look(sweep);
                    case 4 -> act(sweep);
                    default -> {
                        Claimant one = claimants.get(random.nextInt(CLAIMANTS));
                        if (one.pausedTurns <= 0) {
                            one.turn();
                        }
                    }
                }
            }
        }
    }

    private void submit() {
        if (submitted < RUNS) {
            book.runs().submit(NewRun.of("w").id("r" + submitted++));
        }
    }

    /** A run that crashed or failed goes on, as a worker would have it. */
    private void goOn() {
        String id = "r" + random.nextInt(RUNS);
        Optional<RunStatus> status = book.runs().find(id).map(info -> info.status());
        if (status.filter(RunStatus::resumable).isPresent()) {
            book.runs().requeue(id, Resume.current());
        }
    }

    private void look(Sweep sweep) {
        boolean stall = random.nextInt(40) == 0;
        clock.advance(
                stall
                        ? Duration.ofMinutes(10)
                        : PERIOD.multipliedBy(random.nextInt(101)).dividedBy(100));
        List<Lease> expired = new ArrayList<>(sweep.expired());
        expired.sort(Comparator.comparing(lease -> lease.run + " " + lease.generation)); // as in every replay
        stalls += stall ? 1 : 0;
        require(!stall || expired.isEmpty(), "a stall ended leases at once: " + expired.size());
        expired.forEach(lease -> ranOut.add(lease.run + " " + lease.generation));
        judged.addAll(expired);
    }

    private void act(Sweep sweep) {
        if (!judged.isEmpty()) {
            sweep.expire(judged.remove(random.nextInt(judged.size())));
        }
    }

    /** Nobody pauses any more; a run that does not end now never does. */
    private void end() {
        Runs runs = book.runs();
        Sweep sweep = ((JournalRuns) runs).sweep;
        synchronized (sweep) {
            while (submitted < RUNS) {
                submit();
            }
            for (int round = 0; round < 100; round++) {
                clock.advance(PERIOD);
                sweep.expired().forEach(sweep::expire);
                for (int i = 0; i < RUNS; i++) {
                    if (runs.require("r" + i).status().resumable()) {
                        runs.requeue("r" + i, Resume.current());
                    }
                }
                runs.claim("w", "last", LEASE).ifPresent(Run::complete);
            }
        }
        require(runs.active(Optional.empty()).isEmpty(), "these never end: " + runs.active(Optional.empty()));
    }

    // ---- what the journal says

    private void judgeLines() {
        Set<String> stored = new HashSet<>();
        for (int i = 0; i < RUNS; i++) {
            require(book.runs().require("r" + i).status() == RunStatus.COMPLETED, "r" + i + " did not complete");
            String owner = "";
            long generation = 0;
            long appends = 0;
            for (Event event : events("r" + i)) {
                Matcher tuple = TUPLE.matcher(event.line());
                if (tuple.find()) {
                    long now = Long.parseLong(tuple.group(1));
                    long n = Long.parseLong(tuple.group(2));
                    require(now >= generation, "a generation went down: " + event.line());
                    require(n == (now > generation ? 0 : appends), "an append is missing: " + event.line());
                    generation = now;
                    appends = n + 1;
                }
                if (event.type().equals("started")) {
                    owner = owner(event);
                }
                String value = value(event);
                if (value != null) {
                    require(value.startsWith(owner + " " + generation + " "), "not the owner's: " + event.line());
                    require(stored.add(value), "written twice: " + event.line());
                }
            }
        }
        require(stored.containsAll(acknowledged), "an acknowledged append is lost");
        refused.forEach(value -> require(!stored.contains(value), "it was refused and is there: " + value));
    }

    private Iterable<Event> events(String id) {
        return book.read("runs/" + id, dev.daybook.stream.ReadOptions.all());
    }

    private static String owner(Event started) {
        Matcher owner = Pattern.compile("\"state\":\\[\"started\",\\d+,\"w\",\\d+,\"([^\"]*)\"")
                .matcher(started.line());
        require(owner.find(), "it has no owner: " + started.line());
        return owner.group(1);
    }

    /** Who wrote it, of which generation as it believed, and a number. */
    private static @Nullable String value(Event event) {
        Matcher said = Pattern.compile("\"(?:content|step)\":\"([^\"]*)\"").matcher(event.data());
        boolean says = event.type().equals("message") || event.type().equals("step-completed");
        return says && said.find() ? said.group(1) : null;
    }
}
