package dev.daybook.testkit;

import dev.daybook.ConflictException;
import dev.daybook.CorruptJournalException;
import dev.daybook.Daybook;
import dev.daybook.DaybookOptions;
import dev.daybook.Durability;
import dev.daybook.Progress;
import dev.daybook.RefusedException;
import dev.daybook.StoreFailedException;
import dev.daybook.StreamNotFoundException;
import dev.daybook.VerifyReport;
import dev.daybook.driver.filesystem.FilesystemDriver;
import dev.daybook.internal.disk.Disk;
import dev.daybook.stream.Appended;
import dev.daybook.stream.Event;
import dev.daybook.stream.NewEvent;
import dev.daybook.stream.ReadOptions;
import dev.daybook.stream.StreamInfo;
import dev.daybook.testkit.CrashModel.Effect;
import dev.daybook.testkit.CrashModel.Outcome;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
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

    /** What was issued since the last point at which everything was known to be durable. */
    private record Issued(int number, Effect effect, CompletableFuture<?> answer, Outcome expected, String what) {}

    private final long seed;
    private final SplittableRandom random;
    private final SimulatedDisk disk;
    private final Function<Disk, Disk> wrapper;
    private SimulatedDisk.UserProcess writer;
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

    CrashRun(long seed, Function<Disk, Disk> wrapper) {
        this.seed = seed;
        this.random = new SplittableRandom(seed * 0x9e3779b97f4a7c15L + 1);
        this.disk = new SimulatedDisk(seed);
        this.wrapper = wrapper;
        this.writer = disk.process();
        this.options = DaybookOptions.defaults()
                .withSegmentBytesMax((4 << 10) << random.nextInt(3))
                .withDurability(random.nextInt(8) == 0 ? Durability.OS : Durability.SYNC)
                .withSyncInterval(Duration.ofMillis(1))
                .withAppendTimeout(Duration.ofSeconds(20))
                .withClock(clock);
        this.work = new RandomWork(random.split());
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
        } catch (AssertionError e) {
            throw e;
        } catch (SimulatedCrash e) {
            throw new AssertionError(failure("a simulated crash came out of a store that nobody crashed"), e);
        } catch (Exception e) {
            throw new AssertionError(failure("unexpected " + e), e);
        }
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

    private void note(String what) {
        history.append("  ").append(what).append('\n');
    }

    private boolean isDown() {
        return writer.isDead();
    }

    private Disk newWriter() {
        writer = disk.process();
        return writer;
    }

    private void check(boolean condition, String what) {
        if (!condition) {
            throw new AssertionError(failure(what));
        }
    }

    // ---- one life of the process

    private int boot(boolean last) throws Exception {
        int crashes = 0;
        Daybook book = null;
        for (int attempt = 0; book == null; attempt++) {
            if (attempt < 5 && random.nextInt(4) == 0) {
                disk.dieAtMutation(1 + random.nextInt(attempt == 0 ? 60 : 25));
            } else {
                disk.dieAtMutation(Long.MAX_VALUE / 2);
            }
            Daybook opening = null;
            try {
                opening = Daybook.open(new FilesystemDriver(DIRECTORY, wrapper.apply(newWriter())), options);
                note("opened: " + opening.openReport());
                compare(opening);
                book = opening;
            } catch (RuntimeException | SimulatedCrash e) {
                check(isDown(), "opening failed though nothing crashed: " + text(e));
                note("crashed while opening: " + text(e));
                quietly(opening);
                end();
                crashes++;
            }
        }
        // What was compared may have been served: from now on it must stay.
        disk.dieAtMutation(random.nextInt(3) == 0 ? Long.MAX_VALUE / 2 : 1 + random.nextInt(70));
        failed = false;
        faults();
        Daybook reader = null;
        try {
            boolean reading = options.durability() == Durability.SYNC && random.nextInt(3) == 0;
            int steps = 2 + random.nextInt(12);
            for (int i = 0; i < steps && !failed; i++) {
                step(book);
                if (reading && !isDown() && random.nextInt(3) == 0) {
                    if (reader == null) {
                        reader = Daybook.open(
                                new FilesystemDriver(DIRECTORY, disk.process()), options.withReadOnly(true));
                    }
                    look(reader);
                }
            }
            settle();
        } catch (RuntimeException | SimulatedCrash e) {
            if (!isDown() && !faulty) {
                throw new AssertionError(failure("failed though nothing crashed: " + text(e)), e);
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
                if (!faulty && random.nextBoolean()) {
                    compare(book); // without reopening
                }
                book.close();
                note("closed");
            } catch (RuntimeException | SimulatedCrash e) {
                check(isDown() || faulty, "closing failed though nothing crashed: " + text(e));
            }
        }
        if (!isDown() && failed && random.nextBoolean()) {
            quietly(book);
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
            check(false, "the store took an append after a final failure");
        } catch (StoreFailedException e) {
            check(!e.retryable(), "a final failure became retryable: " + text(e));
        } catch (SimulatedCrash e) {
            check(isDown(), "a simulated crash though nothing crashed");
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
        } else {
            note("killed");
        }
        powerWent |= power;
    }

    private void quietly(Daybook book) {
        if (book != null) {
            long start = System.nanoTime();
            try {
                book.close();
            } catch (RuntimeException | SimulatedCrash e) {
                // a dead process cannot close
            }
            check(System.nanoTime() - start < TimeUnit.SECONDS.toNanos(15), "closing took longer than 15 s");
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
            issued.add(new Issued(step.number(), step.effect(), answer, expected, step.what()));
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
                value = next.answer.get(15, TimeUnit.SECONDS);
            } catch (TimeoutException e) {
                throw new AssertionError(failure("no answer for 15 s: " + next.what), e);
            } catch (java.util.concurrent.ExecutionException e) {
                problem = e.getCause();
            } catch (InterruptedException e) {
                throw new AssertionError(e);
            }
            if (problem != null && isDown()) {
                throw new SimulatedCrash(text(problem));
            }
            if (problem instanceof StoreFailedException failure) {
                check(faulty, "the store failed though the disk did not: " + text(problem));
                if (failure.retryable()) {
                    check(issued.size() == settled + 1, "with faults, operations come one by one");
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
                    next.number + " " + next.what + ": expected " + next.expected + ", got " + outcome
                            + (problem == null ? "" : " " + text(problem)));
            settled++;
        }
    }

    private Outcome outcome(Throwable problem, Object value, Issued of) {
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
            throw new AssertionError(failure(of.number + " " + of.what + " failed: " + text(problem)), problem);
        }
        if (value instanceof Appended appended) {
            if (appended.duplicate()) {
                return Outcome.DUPLICATE;
            }
            check(
                    appended.pos() > highest,
                    of.what + ": position " + appended.pos() + " was given out twice (highest " + highest + ")");
            highest = appended.pos();
        }
        return Outcome.APPLIED;
    }

    /** Notes which of the last operations were acknowledged before the end. */
    private void answers() {
        for (int i = settled; i < issued.size(); i++) {
            CompletableFuture<?> answer = issued.get(i).answer;
            if (answer.isDone() && !answer.isCompletedExceptionally()) {
                settled = i + 1;
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
            check(event.pos() > before, "position " + event.pos() + " after " + before);
            before = event.pos();
            byStream.computeIfAbsent(event.stream(), s -> new ArrayList<>()).add(event);
            String payload = event.data();
            check(work.operationOf(payload) != null, "nobody appended " + event.line());
            check(found.put(payload, event.pos()) == null, "twice: " + event.line());
            Long known = positions.get(payload);
            check(known == null || known == event.pos(), "had position " + known + " before: " + event.line());
        }
        for (StreamInfo info : book.streams("", "", 1000)) {
            List<Event> own = byStream.getOrDefault(info.name(), List.of());
            check(own.size() == info.count(), info.name() + " has " + own.size() + " events, not " + info);
            for (int i = 0; i < own.size(); i++) {
                check(own.get(i).seq() == info.firstSeq() + i, "numbers of " + info.name() + " are not dense: " + own);
            }
            List<String> payloads = own.stream().map(Event::data).toList();
            actual.put(
                    info.name(),
                    info.firstSeq() + ".." + info.lastSeq() + (info.closed() ? " closed " : " ") + payloads);
            if (random.nextInt(3) == 0) {
                List<String> direct = book.stream(info.name()).read().stream()
                        .map(Event::data)
                        .toList();
                check(direct.equals(payloads), "reading " + info.name() + " itself gives " + direct);
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
            throw new AssertionError(failure("after " + atLeast + " acknowledged and " + (issued.size() - atLeast)
                    + " unanswered operations the store is not what it may be; against the acknowledged: "
                    + least.difference(actual)));
        }
        now = base.copy();
        for (int k = 0; k < matched; k++) {
            issued.get(k).effect.apply(now);
        }
        int last = matched == 0 ? 0 : issued.get(matched - 1).number;
        int first = issued.isEmpty() ? Integer.MAX_VALUE : issued.get(0).number;
        seenByReader.forEach((payload, operation) ->
                check(operation < first || operation <= last, "a reader saw " + payload + ", which a crash took back"));
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

    /** The reader process looks. */
    private void look(Daybook reader) {
        long before = 0;
        for (Event event : reader.read("", ReadOptions.all())) {
            check(event.pos() > before, "a reader saw position " + event.pos() + " after " + before);
            before = event.pos();
            Integer operation = work.operationOf(event.data());
            check(operation != null, "a reader saw what nobody appended: " + event.line());
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
        byte[] damaged = disk.bytes(newest);
        try (Daybook book = Daybook.open(new FilesystemDriver(DIRECTORY, wrapper.apply(newWriter())), options)) {
            compare(book);
            throw new AssertionError(failure("a flipped bit in an acknowledged line was passed over in silence"));
        } catch (CorruptJournalException e) {
            check(
                    e.file().contains(newest.getFileName().toString()),
                    "the damage is in " + newest + ", not where it is reported: " + e);
            check(java.util.Arrays.equals(damaged, disk.bytes(newest)), "a damaged segment was changed");
        }
        disk.kill();
    }

    // ---- a slower look

    /** Runs the product's own check on what the disk holds. */
    void verify() {
        disk.dieAtMutation(Long.MAX_VALUE / 2);
        VerifyReport report = Daybook.verify(new FilesystemDriver(DIRECTORY, disk.process()), Progress.NONE);
        for (VerifyReport.Problem problem : report.problems()) {
            check(problem.heals(), "verify: " + problem);
        }
    }
}
