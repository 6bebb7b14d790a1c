package dev.daybook.testkit;

import dev.daybook.ConflictException;
import dev.daybook.CorruptJournalException;
import dev.daybook.Daybook;
import dev.daybook.DaybookOptions;
import dev.daybook.Durability;
import dev.daybook.OpenReport;
import dev.daybook.Progress;
import dev.daybook.RefusedException;
import dev.daybook.StoreFailedException;
import dev.daybook.StoreNotFoundException;
import dev.daybook.StreamNotFoundException;
import dev.daybook.VerifyReport;
import dev.daybook.driver.filesystem.FilesystemDriver;
import dev.daybook.internal.disk.Disk;
import dev.daybook.stream.Appended;
import dev.daybook.stream.Event;
import dev.daybook.stream.NewEvent;
import dev.daybook.stream.ReadOptions;
import dev.daybook.stream.StreamInfo;
import dev.daybook.testkit.Coverage.Happening;
import dev.daybook.testkit.CrashModel.Effect;
import dev.daybook.testkit.CrashModel.Outcome;
import dev.daybook.testkit.Violation.Kind;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;

/**
 * One seed of the crash test: boots, works, crashes, and compares, several times over, on one simulated disk.
 *
 * <p>Everything is issued by one thread, so it is committed in the order of the calls, and a crash can only decide how many of the
 * operations without an answer are there. So the store must equal the model after the last acknowledged operation, or after one
 * of those that followed it; nothing in between and nothing else.
 */
final class CrashRun {
    private static final Path DIRECTORY = Path.of("/sim/data");

    /** Long, since only a store that waits for ever is wrong, and a busy machine is not. */
    private static final int PATIENCE_SECONDS = 90;

    /** What was issued since the last point at which everything was known to be durable. */
    private record Issued(
            int number,
            Effect effect,
            CompletableFuture<?> answer,
            Outcome expected,
            String what,
            Map<String, Long> lastSeqs) {}

    private final long seed;
    private final SplittableRandom random;
    private final SimulatedDisk disk;
    private final Function<Disk, Disk> wrapper;
    private SimulatedProcess writer;
    private final ManualClock clock = ManualClock.evening();
    private final DaybookOptions options;
    private final RandomWork work;

    private CrashModel base = new CrashModel(); // durable, as compared with the store when it was opened
    private CrashModel now = new CrashModel(); // base and everything issued since
    private final List<Issued> issued = new ArrayList<>();
    private final Map<String, Long> positions = new HashMap<>(); // of payloads, as acknowledged or seen
    private final Map<String, Integer> seenByReader = new HashMap<>(); // payload to the operation it belongs to
    private long highest; // highest position acknowledged or seen
    private boolean failed; // the store has reported a final failure
    private boolean faulty; // this boot has faults
    private boolean powerWent; // since the last comparison
    private boolean damages = true;
    private final StringBuilder history = new StringBuilder();

    private final Set<Integer> acknowledged = new HashSet<>(); // operations
    private final List<Daybook> opened = new ArrayList<>(); // to be closed when something is wrong
    private final Coverage coverage;

    CrashRun(long seed, Function<Disk, Disk> wrapper) {
        this(seed, wrapper, new Coverage());
    }

    CrashRun(long seed, Function<Disk, Disk> wrapper, Coverage coverage) {
        this.seed = seed;
        this.coverage = coverage;
        this.random = new SplittableRandom(seed * 0x9e3779b97f4a7c15L + 1);
        this.disk = new SimulatedDisk(seed);
        this.wrapper = wrapper;
        this.writer = disk.process();
        this.options = DaybookOptions.defaults()
                .withSegmentBytesMax((4 << 10) << random.nextInt(3))
                .withDurability(random.nextInt(8) == 0 ? Durability.OS : Durability.SYNC)
                .withSyncInterval(Duration.ofMillis(1))
                .withAppendTimeout(Duration.ofSeconds(PATIENCE_SECONDS))
                .withClock(clock);
        this.work = new RandomWork(random.split());
        if (Boolean.getBoolean("trace")) {
            disk.beforeOperation(operation -> note(Thread.currentThread().getName() + ": " + operation));
        }
    }

    /** Leaves the store undamaged. */
    void withoutDamage() {
        damages = false;
    }

    /** @return how often it crashed */
    int run() {
        int crashes = 0;
        try {
            disk.process().createDirectories(DIRECTORY.getParent());
            int boots = 2 + random.nextInt(2);
            for (int boot = 0; boot < boots; boot++) {
                crashes += boot(boot == boots - 1);
            }
            if (damages && random.nextInt(6) == 0) {
                damage();
            }
            return crashes;
        } catch (SimulatedCrash e) {
            throw violation(Kind.WRONG, "a simulated crash came out of a store that nobody crashed", e);
        } catch (CorruptJournalException e) {
            throw violation(Violation.refused(e), "nobody damaged the store: " + e, e);
        } catch (Exception e) {
            throw violation(Kind.WRONG, "unexpected " + e, e);
        } finally {
            if (!isDown()) {
                disk.kill();
            }
            opened.forEach(CrashRun::closeDead);
        }
    }

    private Violation violation(Kind kind, String what, Throwable cause) {
        return new Violation(kind, failure(kind + ": " + what), cause);
    }

    private String failure(String what) {
        return "seed " + seed + " (-Dseed=" + seed + " replays it): " + what + "\n" + history + journal();
    }

    /** The journal as it is now, without filler. */
    private String journal() {
        StringBuilder text = new StringBuilder();
        for (Path file : disk.files()) {
            text.append("  ").append(file).append('\n');
            if (file.toString().endsWith(".jsonl")) {
                new String(disk.bytes(file), StandardCharsets.ISO_8859_1)
                        .lines()
                        .map(l -> l.replaceAll("x{4,}", "x")
                                .replaceAll(" {4,}", "  ")
                                .replace("\0", "0"))
                        .forEach(l -> text.append("    ").append(l).append('\n'));
            }
        }
        return text.toString();
    }

    private synchronized void note(String what) {
        history.append("  ").append(what).append('\n');
    }

    private boolean isDown() {
        return writer.isDead();
    }

    private Disk newWriter() {
        writer = disk.process();
        return writer;
    }

    private void check(boolean condition, Kind kind, String what) {
        if (!condition) {
            throw violation(kind, what, null);
        }
    }

    // ---- one life of the process

    private int boot(boolean last) throws Exception {
        int crashes = 0;
        Daybook book = null;
        for (int attempt = 0; book == null; attempt++) {
            lookBeforeAnybodyWrites();
            if (hasCheckpoint()) {
                coverage.count(Happening.OPEN_WITH_CHECKPOINT);
            }
            if (attempt < 5 && random.nextInt(4) == 0) {
                disk.dieAtMutation(1 + random.nextInt(attempt == 0 ? 60 : 25));
            } else {
                disk.dieAtMutation(Long.MAX_VALUE / 2);
            }
            Daybook opening = null;
            try {
                opening = Daybook.open(new FilesystemDriver(DIRECTORY, wrapper.apply(newWriter())), options);
                opened.add(opening);
                note("opened: " + opening.openReport());
                noted(opening.openReport());
                compare(opening);
                book = opening;
            } catch (RuntimeException | SimulatedCrash e) {
                if (!isDown()) {
                    throw violation(Violation.refused(e), "opening failed though nothing crashed: " + text(e), e);
                }
                coverage.count(Happening.CRASH_WHILE_OPENING);
                note("crashed while opening: " + text(e));
                quietly(opening);
                end();
                crashes++;
            }
        }
        long segmentsAtFirst = disk.files().stream()
                .filter(p -> p.toString().endsWith(".jsonl"))
                .count();
        // What was compared may have been served: from now on it must stay.
        disk.dieAtMutation(random.nextInt(3) == 0 ? Long.MAX_VALUE / 2 : 1 + random.nextInt(70));
        failed = false;
        faults();
        Daybook reader = null;
        try {
            boolean reading = options.durability() == Durability.SYNC && random.nextInt(3) == 0;
            int steps = 2 + random.nextInt(8);
            for (int i = 0; i < steps && !failed; i++) {
                step(book);
                if (reading && !isDown() && random.nextInt(3) == 0) {
                    if (reader == null) {
                        reader = Daybook.open(
                                new FilesystemDriver(DIRECTORY, disk.process()), options.withReadOnly(true));
                        opened.add(reader);
                    }
                    look(reader);
                }
            }
            settle();
        } catch (RuntimeException | SimulatedCrash e) {
            if (!isDown() && !faulty) {
                throw violation(Kind.WRONG, "failed though nothing crashed: " + text(e), e);
            }
            note("stopped: " + text(e));
        } finally {
            if (reader != null) {
                quietly(reader);
            }
        }
        disk.freeBytes(Long.MAX_VALUE);
        if (failed && !isDown()) {
            disk.heal();
            failureIsFinal(book);
        }
        if (!isDown() && !failed && (last || random.nextInt(3) == 0)) {
            try {
                if (!faulty && options.durability() == Durability.SYNC && random.nextBoolean()) {
                    compare(book); // without reopening
                }
                book.close();
                note("closed");
                coverage.count(Happening.CLEAN_CLOSE);
            } catch (RuntimeException | SimulatedCrash e) {
                check(isDown() || faulty, Kind.WRONG, "closing failed though nothing crashed: " + text(e));
            }
        }
        if (!isDown() && failed && random.nextBoolean()) {
            quietly(book);
        }
        if (disk.files().stream().filter(p -> p.toString().endsWith(".jsonl")).count() > segmentsAtFirst) {
            coverage.count(Happening.ROLL);
        }
        boolean down = isDown();
        Daybook dead = book;
        if (!down) {
            disk.kill();
        }
        answers();
        quietly(dead);
        end();
        return crashes + 1;
    }

    /** The disk is well again, and the store must not believe it. */
    private void failureIsFinal(Daybook book) {
        try {
            book.stream("a").append(NewEvent.json("t", "\"after the failure\""));
            check(false, Kind.FAILURE_FORGOTTEN, "the store took an append after a final failure");
        } catch (StoreFailedException e) {
            check(!e.retryable(), Kind.FAILURE_FORGOTTEN, "a final failure became retryable: " + text(e));
        } catch (SimulatedCrash e) {
            check(isDown(), Kind.WRONG, "a simulated crash though nothing crashed");
        }
    }

    /** After the processes died: does the power go, too? */
    private void end() {
        disk.heal();
        faulty = false;
        if (!isDown()) {
            disk.kill();
        }
        boolean power = random.nextInt(3) != 0;
        if (power) {
            long fate = random.nextLong();
            disk.crash(fate);
            note("the power went");
            coverage.count(Happening.POWER_CUT);
        } else {
            note("killed");
            coverage.count(Happening.KILL);
        }
        powerWent |= power;
    }

    private void quietly(Daybook book) {
        if (book != null) {
            long start = System.nanoTime();
            closeDead(book);
            check(
                    System.nanoTime() - start < TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS),
                    Kind.STUCK,
                    "closing took longer than " + PATIENCE_SECONDS + " s");
        }
    }

    private static void closeDead(Daybook book) {
        try {
            book.close();
        } catch (RuntimeException | SimulatedCrash e) {
            // a dead process cannot close
        }
    }

    private static String text(Throwable e) {
        Throwable root = e;
        while (root.getCause() != null) {
            root = root.getCause();
        }
        return root == e ? e.toString() : e + " <- " + root;
    }

    private void faults() {
        faulty = false;
        switch (random.nextInt(16)) {
            case 0, 1, 2 -> fault(Fault.Effect.IO_ERROR, o -> o.kind() == Operation.Kind.SYNC, 12);
            case 3 -> fault(Fault.Effect.IO_ERROR, o -> o.kind() == Operation.Kind.WRITE, 20);
            case 4 -> fault(Fault.Effect.SHORT_WRITE, o -> o.kind() == Operation.Kind.WRITE, 20);
            case 5 -> fault(Fault.Effect.IO_ERROR, o -> o.kind() == Operation.Kind.SYNC_DIRECTORY, 3);
            case 6 -> fault(Fault.Effect.NO_SPACE, o -> o.kind() == Operation.Kind.CREATE, 6);
            case 7 -> {
                faulty = true;
                disk.freeBytes(random.nextInt(200_000));
            }
            default -> {}
        }
    }

    private void fault(Fault.Effect effect, java.util.function.Predicate<Operation> where, int bound) {
        faulty = true;
        long first = 1L + random.nextInt(bound);
        disk.fault(random.nextBoolean() ? Fault.once(effect, first, where) : Fault.from(effect, first, where));
        note("fault " + effect + " from " + first);
    }

    // ---- work

    private void step(Daybook book) {
        if (random.nextInt(16) == 0) {
            clock.advance(random.nextInt(4) == 0 ? Duration.ofHours(13) : Duration.ofSeconds(7));
            if (faulty && random.nextBoolean()) {
                disk.freeBytes(Long.MAX_VALUE);
            }
        }
        int burst = faulty ? 1 : 1 + random.nextInt(4);
        for (int i = 0; i < burst; i++) {
            RandomWork.Step step = work.next(book, now);
            if (step.alone()) {
                settle();
            }
            CompletableFuture<Object> answer = new CompletableFuture<>();
            Outcome expected = step.effect().apply(now);
            Map<String, Long> lastSeqs = new HashMap<>();
            now.streams.forEach((name, line) -> lastSeqs.put(name, line.last()));
            issued.add(new Issued(step.number(), step.effect(), answer, expected, step.what(), lastSeqs));
            note(step.number() + " " + step.what() + " -> " + expected);
            try {
                step.call().get().whenComplete((value, problem) -> {
                    if (problem == null) {
                        answer.complete(value);
                    } else {
                        answer.completeExceptionally(problem);
                    }
                });
            } catch (RuntimeException | SimulatedCrash e) {
                answer.completeExceptionally(e);
            }
            if (step.waits() || faulty) {
                settle();
                if (failed) {
                    return;
                }
            }
        }
    }

    private int settled; // issued[0, settled) have been looked at

    /** Waits for all answers, and holds them against the model. */
    private void settle() {
        while (settled < issued.size()) {
            Issued next = issued.get(settled);
            Throwable problem = null;
            Object value = null;
            try {
                value = next.answer.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
            } catch (TimeoutException e) {
                throw violation(
                        Kind.STUCK, "no answer for " + PATIENCE_SECONDS + " s: " + next.what + "\n" + threads(), e);
            } catch (java.util.concurrent.ExecutionException e) {
                problem = e.getCause();
            } catch (InterruptedException e) {
                throw new AssertionError(e);
            }
            if (problem != null && isDown()) {
                throw new SimulatedCrash(text(problem));
            }
            if (problem instanceof StoreFailedException failure) {
                coverage.count(failure.retryable() ? Happening.NO_SPACE : Happening.FINAL_FAILURE);
                check(faulty, Kind.WRONG, "the store failed though the disk did not: " + text(problem));
                if (failure.retryable()) {
                    check(issued.size() == settled + 1, Kind.WRONG, "with faults, operations come one by one");
                    issued.remove(settled);
                    now = base.copy();
                    issued.forEach(i -> i.effect.apply(now));
                    note("no space: " + text(problem));
                    continue;
                }
                note("failed: " + text(problem));
                failed = true;
                return;
            }
            Outcome outcome = outcome(problem, value, next);
            check(
                    next.expected.allows(outcome),
                    Kind.WRONG,
                    next.number + " " + next.what + ": expected " + next.expected + ", got " + outcome
                            + (problem == null ? "" : " " + text(problem)));
            settled++;
            acknowledged.add(next.number);
            coverage.count(happening(next.what, outcome));
        }
    }

    private static Happening happening(String what, Outcome outcome) {
        return switch (outcome) {
            case DUPLICATE -> Happening.DUPLICATE;
            case CONFLICT, CLOSED, NOT_FOUND -> Happening.CONFLICT;
            case APPLIED, NOTHING ->
                what.startsWith("batch over")
                        ? Happening.BATCH
                        : what.startsWith("truncate") || what.startsWith("keep")
                                ? Happening.TRUNCATION
                                : what.startsWith("replace")
                                        ? Happening.REPLACEMENT
                                        : what.startsWith("close")
                                                ? Happening.STREAM_CLOSED
                                                : what.startsWith("delete")
                                                        ? Happening.STREAM_DELETED
                                                        : Happening.APPEND;
        };
    }

    private static String threads() {
        StringBuilder text = new StringBuilder();
        Thread.getAllStackTraces().forEach((thread, trace) -> {
            text.append("    ").append(thread).append('\n');
            for (StackTraceElement frame : trace) {
                text.append("      at ").append(frame).append('\n');
            }
        });
        return text.toString();
    }

    private Outcome outcome(Throwable problem, Object value, Issued of) {
        long before = highest;
        if (problem instanceof ConflictException) {
            return Outcome.CONFLICT;
        }
        if (problem instanceof RefusedException refused && refused.reason() == RefusedException.Reason.STREAM_CLOSED) {
            return Outcome.CLOSED;
        }
        if (problem instanceof StreamNotFoundException) {
            return Outcome.NOT_FOUND;
        }
        if (problem instanceof dev.daybook.InvalidEventException) {
            return Outcome.CONFLICT; // a higher epoch that does not begin at 0
        }
        if (problem != null) {
            throw violation(
                    problem instanceof CorruptJournalException ? Kind.REFUSED : Kind.WRONG,
                    of.number + " " + of.what + " failed: " + text(problem),
                    problem);
        }
        List<?> parts =
                value instanceof List<?> several ? several : value instanceof Appended ? List.of(value) : List.of();
        for (Object part : parts) {
            if (!(part instanceof Appended appended)) {
                continue;
            }
            if (appended.duplicate()) {
                return Outcome.DUPLICATE;
            }
            check(
                    appended.pos() > before,
                    Kind.GIVEN_TWICE,
                    of.what + ": position " + appended.pos() + " was given out twice (highest " + before + ")");
            highest = Math.max(highest, appended.pos());
            long seq = of.lastSeqs.getOrDefault(appended.stream(), 0L);
            check(
                    appended.seq() >= seq,
                    Kind.GIVEN_TWICE,
                    of.what + ": sequence number " + appended.seq() + " was given out twice (it should be " + seq
                            + ")");
            check(appended.seq() == seq, Kind.WRONG, of.what + ": number " + appended.seq() + " instead of " + seq);
        }
        return Outcome.APPLIED;
    }

    /** Notes which of the last operations were acknowledged before the end. */
    private void answers() {
        for (int i = settled; i < issued.size(); i++) {
            CompletableFuture<?> answer = issued.get(i).answer;
            if (answer.isDone() && !answer.isCompletedExceptionally()) {
                settled = i + 1;
                acknowledged.add(issued.get(i).number);
            }
        }
    }

    // ---- comparing

    /** What the store holds must be the model after the last acknowledged operation, or after one of those issued behind it. */
    private void compare(Daybook book) {
        Map<String, String> actual = new TreeMap<>();
        Map<String, List<Event>> byStream = new HashMap<>();
        long before = 0;
        Map<String, Long> found = new HashMap<>();
        for (Event event : book.read("", ReadOptions.all())) {
            check(event.pos() > before, Kind.WRONG, "position " + event.pos() + " after " + before);
            before = event.pos();
            byStream.computeIfAbsent(event.stream(), s -> new ArrayList<>()).add(event);
            String payload = event.data();
            check(work.operationOf(payload) != null, Kind.WRONG, "nobody appended " + event.line());
            check(found.put(payload, event.pos()) == null, Kind.WRONG, "twice: " + event.line());
            Long known = positions.get(payload);
            check(
                    known == null || known == event.pos(),
                    Kind.GIVEN_TWICE,
                    "had position " + known + " before: " + event.line());
        }
        for (StreamInfo info : book.streams("", "", 1000)) {
            List<Event> own = byStream.getOrDefault(info.name(), List.of());
            check(own.size() == info.count(), Kind.WRONG, info.name() + " has " + own.size() + " events, not " + info);
            for (int i = 0; i < own.size(); i++) {
                check(
                        own.get(i).seq() == info.firstSeq() + i,
                        Kind.WRONG,
                        "numbers of " + info.name() + " are not dense: " + own);
            }
            List<String> payloads = own.stream().map(Event::data).toList();
            actual.put(
                    info.name(),
                    info.firstSeq() + ".." + info.lastSeq() + (info.closed() ? " closed " : " ") + payloads);
            if (random.nextInt(3) == 0) {
                List<String> direct = book.stream(info.name()).read().stream()
                        .map(Event::data)
                        .toList();
                check(direct.equals(payloads), Kind.WRONG, "reading " + info.name() + " itself gives " + direct);
            }
        }
        int atLeast = options.durability() == Durability.OS && powerWent ? 0 : settled;
        CrashModel candidate = base.copy();
        String difference = null;
        int matched = -1;
        for (int k = 0; k <= issued.size(); k++) {
            if (k > 0) {
                issued.get(k - 1).effect.apply(candidate);
            }
            if (k >= atLeast) {
                difference = candidate.difference(actual);
                if (difference == null) {
                    matched = k;
                    if (k == issued.size() || issued.get(k).expected == Outcome.APPLIED) {
                        break;
                    }
                } else if (matched >= 0) {
                    break;
                }
            }
        }
        if (matched < 0) {
            CrashModel least = base.copy();
            for (int k = 0; k < atLeast; k++) {
                issued.get(k).effect.apply(least);
            }
            throw difference(least, atLeast, actual, found);
        }
        now = base.copy();
        for (int k = 0; k < matched; k++) {
            issued.get(k).effect.apply(now);
        }
        int last = matched == 0 ? 0 : issued.get(matched - 1).number;
        int first = issued.isEmpty() ? Integer.MAX_VALUE : issued.get(0).number;
        seenByReader.forEach((payload, operation) -> check(
                operation < first || operation <= last,
                Kind.PHANTOM,
                "a reader saw " + payload + ", which a crash took back"));
        if (!issued.isEmpty() && settled < issued.size()) {
            coverage.count(matched > settled ? Happening.UNACKNOWLEDGED_KEPT : Happening.UNACKNOWLEDGED_LOST);
        }
        if (matched < settled) {
            coverage.count(Happening.BACKGROUND_SYNC_LOST_EVENTS);
        }
        base = now.copy();
        issued.clear();
        settled = 0;
        powerWent = false;
        highest = Math.max(before, options.durability() == Durability.OS ? 0 : highest);
        positions.clear();
        if (options.durability() == Durability.SYNC) {
            positions.putAll(found);
        }
    }

    /** Says what is missing, and whether it had been acknowledged or only served. */
    private Violation difference(CrashModel least, int atLeast, Map<String, String> actual, Map<String, Long> found) {
        List<String> missing = least.streams.values().stream()
                .flatMap(line -> line.events.stream())
                .filter(payload -> !found.containsKey(payload))
                .toList();
        boolean lost = missing.stream().anyMatch(payload -> acknowledged.contains(work.operationOf(payload)));
        Kind kind = missing.isEmpty() ? Kind.WRONG : lost ? Kind.LOST : Kind.PHANTOM;
        return violation(
                kind,
                (lost
                                ? "acknowledged events are gone; "
                                : missing.isEmpty() ? "" : "events that were served are gone; ")
                        + "after " + atLeast + " acknowledged and " + (issued.size() - atLeast)
                        + " unanswered operations the store is not what it may be; against the acknowledged: "
                        + least.difference(actual),
                null);
    }

    private void noted(OpenReport report) {
        if (report.cut().isPresent()) {
            coverage.count(Happening.TAIL_CUT);
        }
        if (report.doubtfulLines() > 0) {
            coverage.count(Happening.DOUBTFUL_LINES);
        }
    }

    /** Whether the newest segment has what only a sealed one or one with a checkpoint has. */
    private boolean hasCheckpoint() {
        return disk.files().stream()
                .map(Path::toString)
                .filter(file -> file.endsWith(".jsonl"))
                .reduce((a, b) -> b)
                .map(newest -> disk.files().contains(Path.of(newest.replace(".jsonl", ".idx"))))
                .orElse(false);
    }

    /** A process that only reads is welcome before the next writer has put things in order. */
    private void lookBeforeAnybodyWrites() {
        if (random.nextInt(3) != 0) {
            return;
        }
        disk.dieAtMutation(Long.MAX_VALUE / 2);
        DaybookOptions reading = options.withReadOnly(true);
        try (Daybook reader = Daybook.open(new FilesystemDriver(DIRECTORY, disk.process()), reading)) {
            if (options.durability() == Durability.SYNC) {
                look(reader);
            } else {
                reader.read("", ReadOptions.all()).forEach(Event::data);
            }
        } catch (StoreNotFoundException e) {
            // nobody has made it yet
        } catch (CorruptJournalException e) {
            throw violation(Violation.refused(e), "a reader is refused, and nobody damaged the store: " + text(e), e);
        }
    }

    /** The reader process looks. */
    private void look(Daybook reader) {
        coverage.count(Happening.READER_LOOKED);
        try {
            lookThrough(reader);
        } catch (CorruptJournalException e) {
            throw violation(Kind.PHANTOM, "a reader was told of lines that are not there: " + text(e), e);
        }
    }

    private void lookThrough(Daybook reader) {
        long before = 0;
        for (Event event : reader.read("", ReadOptions.all())) {
            check(event.pos() > before, Kind.WRONG, "a reader saw position " + event.pos() + " after " + before);
            before = event.pos();
            Integer operation = work.operationOf(event.data());
            check(operation != null, Kind.WRONG, "a reader saw what nobody appended: " + event.line());
            seenByReader.put(event.data(), operation);
            positions.put(event.data(), event.pos());
        }
    }

    // ---- damage

    /** A bit of an acknowledged line flips: opening or reading says so, and nothing is cut. */
    private void damage() {
        disk.dieAtMutation(Long.MAX_VALUE / 2);
        try (Daybook book = Daybook.open(new FilesystemDriver(DIRECTORY, wrapper.apply(newWriter())), options)) {
            compare(book);
        }
        List<Path> segments = disk.files().stream()
                .filter(p -> p.toString().endsWith(".jsonl"))
                .toList();
        if (segments.isEmpty() || options.durability() == Durability.OS) {
            return;
        }
        Path newest = segments.get(segments.size() - 1);
        byte[] bytes = disk.bytes(newest);
        String text = new String(bytes, StandardCharsets.ISO_8859_1);
        long synced = 0;
        for (int at = text.indexOf("\"synced\":"); at >= 0; at = text.indexOf("\"synced\":", at + 1)) {
            int end = text.indexOf(',', at);
            if (end > at && text.indexOf('\n', at) > 0) {
                synced = Math.max(synced, Long.parseLong(text.substring(at + 9, end)));
            }
        }
        List<int[]> lines = new ArrayList<>();
        int from = 0;
        for (int lf = text.indexOf('\n'); lf >= 0; lf = text.indexOf('\n', from)) {
            if (text.startsWith("{\"pos\":", from)) {
                long pos = Long.parseLong(text.substring(from + 7, text.indexOf(',', from)));
                if (pos <= synced) {
                    lines.add(new int[] {from, lf});
                }
            }
            from = lf + 1;
        }
        if (lines.isEmpty()) {
            return;
        }
        int[] line = lines.get(random.nextInt(lines.size()));
        int at = line[0] + random.nextInt(line[1] - line[0]);
        disk.flip(newest, at, random.nextInt(8));
        note("flipped a bit of byte " + at + " of " + newest);
        if (random.nextBoolean()) {
            // The journal must know by itself: everything else may be deleted at any time (I5).
            disk.files().stream()
                    .filter(p -> !p.startsWith(newest.getParent()) && !p.endsWith("store.json"))
                    .forEach(disk::remove);
            note("deleted what is derived");
        }
        byte[] damaged = disk.bytes(newest);
        try (Daybook book = Daybook.open(new FilesystemDriver(DIRECTORY, wrapper.apply(newWriter())), options)) {
            throw violation(
                    Kind.DAMAGE_PASSED,
                    "a flipped bit in an acknowledged line was passed over: " + book.openReport(),
                    null);
        } catch (CorruptJournalException e) {
            coverage.count(Happening.FLIPPED_BIT_REFUSED);
            check(
                    e.file().contains(newest.getFileName().toString()),
                    Kind.WRONG,
                    "the damage is in " + newest + ", not where it is reported: " + e);
            check(Arrays.equals(damaged, disk.bytes(newest)), Kind.DAMAGE_PASSED, "a damaged segment was changed");
        }
        disk.kill();
    }

    // ---- a slower look

    /** Runs the product's own check on what the disk holds. */
    void verify() {
        disk.dieAtMutation(Long.MAX_VALUE / 2);
        VerifyReport report = Daybook.verify(new FilesystemDriver(DIRECTORY, disk.process()), Progress.NONE);
        for (VerifyReport.Problem problem : report.problems()) {
            check(problem.heals(), Kind.WRONG, "verify: " + problem);
        }
    }
}
