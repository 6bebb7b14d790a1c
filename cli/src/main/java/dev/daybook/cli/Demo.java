package dev.daybook.cli;

import dev.daybook.Daybook;
import dev.daybook.DaybookOptions;
import dev.daybook.OpenReport;
import dev.daybook.Progress;
import dev.daybook.VerifyReport;
import dev.daybook.stream.Event;
import dev.daybook.stream.Gap;
import dev.daybook.stream.Item;
import dev.daybook.stream.ReadOptions;
import dev.daybook.stream.Subscription;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** {@code demo}: an agent in a process of its own records a run; it is killed; another one resumes it; nothing is lost. */
final class Demo implements Command {
    /** The agent is killed when it has reported so many events. */
    private static final int KILL_AFTER = 19;

    private static final Duration POLL = Duration.ofMillis(50);
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final int LINE_CHARS_MAX = 100;

    @Override
    public Syntax syntax() {
        return Syntax.of("Watch an agent record its run, be killed, and resume where it was. About 15 seconds.")
                .detail("Uses a new store in a temporary directory, or --store DIR if there is none yet. The store is"
                        + " kept. Exit status 1 if anything was lost.")
                .example("daybook demo")
                .example("daybook demo --store ./my-first-store");
    }

    @Override
    public int run(Call call) throws IOException, InterruptedException {
        String wanted = call.arguments().option("--store"); // not DAYBOOK_STORE: a demo has no place in a real store
        Path store = wanted == null ? Files.createTempDirectory("daybook-demo-") : Path.of(wanted);
        if (wanted != null && Files.exists(store) && !isEmpty(store)) {
            throw new Failure(Exit.CONFLICT, "exists", store + " is not empty; the demo wants a directory of its own");
        }
        return new Show(call, store, "runs/" + runId()).play();
    }

    private static boolean isEmpty(Path directory) throws IOException {
        try (DirectoryStream<Path> files = Files.newDirectoryStream(directory)) {
            return !files.iterator().hasNext();
        }
    }

    private static String runId() {
        return Long.toString(System.currentTimeMillis(), Character.MAX_RADIX);
    }

    /** One performance. */
    private static final class Show {
        private final Call call;
        private final Path store;
        private final String run;
        private final boolean colour;
        private final long deadlineNanos = System.nanoTime() + PATIENCE.toNanos();
        private final List<Long> delaysMillis = new ArrayList<>();
        private long shownSeq;

        Show(Call call, Path store, String run) {
            this.call = call;
            this.store = store;
            this.run = run;
            this.colour = Terminal.wantsColour(call.environment());
        }

        int play() throws IOException, InterruptedException {
            title("1. An agent works; this process watches");
            say("Another process records its run as the stream " + run + " in " + store + ".");
            say("Each line below was on stable storage before it was shown here.");
            say("");
            List<Long> acknowledged;
            try (Agent agent = new Agent(store, run)) {
                follow(agent, KILL_AFTER);
                agent.kill();
                acknowledged = agent.acknowledged();
            }
            say("");
            say(paint("31", "kill -9") + ": the agent is gone, after it had been told that " + acknowledged.size()
                    + " events are safe.");

            title("2. What is left of it");
            List<Long> missing = inspect(acknowledged);

            title("3. A new agent resumes");
            say("It asks the stream for its last event and goes on from there.");
            say("");
            try (Agent agent = new Agent(store, run)) {
                follow(agent, Integer.MAX_VALUE);
            }

            title("4. The whole run, checked");
            missing.addAll(compare());
            VerifyReport report = Daybook.verify(store, Progress.NONE);
            say(mark(missing.isEmpty()) + " all " + DemoRun.EVENTS
                    + " events are there, once each, in order, byte for byte");
            say(mark(report.clean()) + " verify: " + Counts.of(report.lines(), "line") + " checked, "
                    + Counts.of(report.problems().size(), "problem"));
            for (VerifyReport.Problem problem : report.problems()) {
                say("  " + problem.file() + ": " + problem.what());
            }
            say(mark(true) + " this process saw an event " + median(delaysMillis) + " ms after its commit (median)");
            showFiles();
            showCommands();
            boolean good = missing.isEmpty() && report.clean();
            if (call.json()) {
                call.out()
                        .line(Json.object()
                                .field("run", run)
                                .field("store", store.toString())
                                .field("acknowledgedBeforeKill", acknowledged.size())
                                .field("events", DemoRun.EVENTS)
                                .field("missing", missing.size())
                                .field("verified", report.clean())
                                .toString());
            }
            return good ? Exit.OK : Exit.CONDITION_NOT_MET;
        }

        /** Shows events as they arrive, until the agent has reported so many or the run is closed. */
        private void follow(Agent agent, int reports) throws InterruptedException {
            agent.awaitReport(deadlineNanos); // then there is a store
            try (Daybook book = Daybook.open(store, DaybookOptions.defaults().withReadOnly(true));
                    Subscription events = book.stream(run).subscribe(shownSeq)) {
                while (agent.reported() < reports && !events.ended()) {
                    Item item = events.poll(POLL);
                    if (item instanceof Event event) {
                        show(event);
                    } else if (item instanceof Gap) {
                        throw new Failure(Exit.CONDITION_NOT_MET, "lost", "events of the run are gone: " + item);
                    } else if (agent.ended() && agent.status() != 0) {
                        throw new Failure(
                                Exit.CONDITION_NOT_MET, "agent-failed", "the agent failed: " + agent.otherOutput());
                    } else if (System.nanoTime() - deadlineNanos > 0) {
                        throw new Failure(Exit.TIMED_OUT, "timeout", "the demo took too long");
                    }
                }
            }
        }

        private void show(Event event) {
            shownSeq = event.seq();
            delaysMillis.add(Duration.between(event.time(), Instant.now()).toMillis());
            String data = event.data();
            String start = String.format("%4d  %-12s ", event.seq(), event.type());
            int room = LINE_CHARS_MAX - start.length();
            String shown = data.length() > room ? data.substring(0, room - 3) + "..." : data;
            say(paint("36", start) + shown);
        }

        /** Opens the store as the next writer does, and looks for everything that the dead one had been promised. */
        private List<Long> inspect(List<Long> acknowledged) {
            List<Long> missing = new ArrayList<>();
            try (Daybook book =
                    Daybook.open(store, DaybookOptions.defaults().withLockTimeout(Duration.ofSeconds(10)))) {
                OpenReport report = book.openReport();
                say("Opening the store again found:");
                say("  closed cleanly            " + (report.cleanlyClosed() ? "yes" : "no"));
                say("  lines made durable again  " + report.doubtfulLines());
                say("  unfinished bytes cut off  "
                        + (report.cut().isPresent()
                                ? report.cut().get().bytes() + ", kept in "
                                        + report.cut().get().keptIn()
                                : "none"));
                Map<Long, Event> stored = stored(book);
                for (long seq : acknowledged) {
                    if (!isRight(stored.get(seq), seq)) {
                        missing.add(seq);
                    }
                }
                say("");
                say(mark(missing.isEmpty()) + " " + (acknowledged.size() - missing.size()) + " of the "
                        + acknowledged.size()
                        + " events that the agent had been promised are there"
                        + (missing.isEmpty() ? "" : "; missing or changed: " + missing));
                int more = stored.size() - acknowledged.size();
                if (more > 0) {
                    say("  (and " + more + " more, stored in the moment it died)");
                }
            }
            return missing;
        }

        private List<Long> compare() {
            List<Long> missing = new ArrayList<>();
            try (Daybook book = Daybook.open(store, DaybookOptions.defaults().withReadOnly(true))) {
                Map<Long, Event> stored = stored(book);
                for (long seq = 1; seq <= DemoRun.EVENTS; seq++) {
                    if (!isRight(stored.get(seq), seq)) {
                        missing.add(seq);
                    }
                }
                if (stored.size() > DemoRun.EVENTS) {
                    missing.add(DemoRun.EVENTS + 1L); // one too many is as wrong as one too few
                }
            }
            return missing;
        }

        private Map<Long, Event> stored(Daybook book) {
            Map<Long, Event> stored = new HashMap<>();
            for (Event event : book.stream(run).read(ReadOptions.all())) {
                stored.put(event.seq(), event);
            }
            return stored;
        }

        private static boolean isRight(@org.jspecify.annotations.Nullable Event event, long seq) {
            return event != null
                    && event.type().equals(DemoRun.type(seq))
                    && event.data().equals(DemoRun.data(seq));
        }

        private void showFiles() throws IOException {
            say("");
            say("On disk it is plain text:");
            Path journal = store.resolve("journal");
            List<Path> files = new ArrayList<>();
            try (DirectoryStream<Path> all = Files.newDirectoryStream(journal, "*.jsonl")) {
                for (Path file : all) {
                    files.add(file);
                }
            }
            Collections.sort(files);
            for (Path file : files) {
                say("  " + file);
            }
            try (Daybook book = Daybook.open(store, DaybookOptions.defaults().withReadOnly(true))) {
                for (Event event : book.stream(run).read(ReadOptions.all().limit(1))) {
                    say("");
                    say("  " + paint("2", event.line()));
                }
            }
        }

        private void showCommands() {
            String at = " --store " + Shell.quote(store.toString());
            say("");
            say("The store is yours. Try:");
            say("  ./daybook stream read " + run + at);
            say("  ./daybook stream read " + run + " --reverse --limit 3 --json" + at);
            say("  ./daybook stats --streams" + at);
        }

        private void title(String text) {
            say("");
            say(paint("1", text));
        }

        private String mark(boolean good) {
            return good ? paint("32", "ok ") : paint("31", "BAD");
        }

        private String paint(String code, String text) {
            return colour ? "\033[" + code + "m" + text + "\033[0m" : text;
        }

        private void say(String line) {
            if (!call.json()) {
                call.out().line(line);
                call.out().flush();
            }
        }

        private static long median(List<Long> values) {
            List<Long> sorted = new ArrayList<>(values);
            Collections.sort(sorted);
            return sorted.isEmpty() ? 0 : sorted.get(sorted.size() / 2);
        }
    }

    /** The agent's process, seen from outside. */
    private static final class Agent implements AutoCloseable {
        private final Process process;
        private final Thread reader;
        private final List<Long> acknowledged = new ArrayList<>(); // guarded by this
        private final StringBuilder other = new StringBuilder(); // guarded by this

        Agent(Path store, String run) throws IOException {
            process = new ProcessBuilder(
                            Path.of(System.getProperty("java.home"), "bin", "java")
                                    .toString(),
                            "-cp",
                            System.getProperty("java.class.path"),
                            Main.class.getName(),
                            DemoAgent.NAME,
                            run,
                            "--store",
                            store.toAbsolutePath().toString())
                    .redirectErrorStream(true)
                    .start();
            reader = new Thread(this::read, "demo-agent-output");
            reader.setDaemon(true);
            reader.start();
        }

        private void read() {
            try (BufferedReader lines =
                    new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
                for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                    report(line);
                }
            } catch (IOException e) {
                report(String.valueOf(e.getMessage()));
            }
        }

        private synchronized void report(String line) {
            try {
                acknowledged.add(Long.parseLong(line));
            } catch (NumberFormatException e) {
                other.append(line).append('\n');
            }
            notifyAll();
        }

        synchronized int reported() {
            return acknowledged.size();
        }

        synchronized String otherOutput() {
            return other.toString().strip();
        }

        boolean ended() {
            return !process.isAlive();
        }

        int status() {
            return process.exitValue();
        }

        synchronized void awaitReport(long deadlineNanos) throws InterruptedException {
            while (acknowledged.isEmpty()) {
                if (!process.isAlive() && !reader.isAlive()) {
                    throw new Failure(
                            Exit.CONDITION_NOT_MET,
                            "agent-failed",
                            "the agent failed: " + other.toString().strip());
                }
                if (System.nanoTime() - deadlineNanos > 0) {
                    throw new Failure(Exit.TIMED_OUT, "timeout", "the agent did not start in time");
                }
                wait(POLL.toMillis());
            }
        }

        /** SIGKILL: it gets no chance to write, sync or close anything. */
        void kill() throws InterruptedException {
            process.toHandle().destroyForcibly(); // Process.destroyForcibly() would throw away what it has printed last
            process.waitFor();
            reader.join();
        }

        /** Everything it had printed; complete after {@link #kill}. */
        synchronized List<Long> acknowledged() {
            return new ArrayList<>(acknowledged);
        }

        @Override
        public void close() throws InterruptedException {
            if (process.isAlive() && !process.waitFor(2, java.util.concurrent.TimeUnit.SECONDS)) {
                process.destroyForcibly().waitFor();
            }
        }
    }
}
