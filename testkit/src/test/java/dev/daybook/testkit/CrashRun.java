package dev.daybook.testkit;

import dev.daybook.CorruptJournalException;
import dev.daybook.Daybook;
import dev.daybook.DaybookOptions;
import dev.daybook.Durability;
import dev.daybook.OpenReport;
import dev.daybook.Progress;
import dev.daybook.StoreFailedException;
import dev.daybook.StoreNotFoundException;
import dev.daybook.VerifyReport;
import dev.daybook.driver.filesystem.FilesystemDriver;
import dev.daybook.internal.disk.Disk;
import dev.daybook.stream.Event;
import dev.daybook.stream.NewEvent;
import dev.daybook.stream.ReadOptions;
import dev.daybook.testkit.Coverage.Happening;
import dev.daybook.testkit.CrashLedger.Issued;
import dev.daybook.testkit.CrashModel.Outcome;
import dev.daybook.testkit.Violation.Kind;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;

/**
 * One seed of the crash test: boots, works, crashes, and compares, several times over, on one simulated disk. What the store may hold
 * after that is the {@link CrashLedger}'s affair.
 */
final class CrashRun {
    private static final Path DIRECTORY = Path.of("/sim/data");

    /** Long, since only a store that waits for ever is wrong, and a busy machine is not. */
    private static final int PATIENCE_SECONDS = 90;

    private final SplittableRandom random;
    private final SimulatedDisk disk;
    private final Function<Disk, Disk> wrapper;
    private SimulatedProcess writer;
    private final ManualClock clock = ManualClock.evening();
    private final DaybookOptions options;
    private final RandomWork work;
    private final CrashReport report;
    private final CrashLedger ledger;

    private boolean failed; // the store has reported a final failure
    private boolean faulty; // this boot has faults
    private boolean powerWent; // since the last comparison
    private boolean damages = true;
    private final List<Daybook> opened = new ArrayList<>(); // to be closed when something is wrong
    private final Coverage coverage;

    CrashRun(long seed, Function<Disk, Disk> wrapper) {
        this(seed, wrapper, new Coverage());
    }

    CrashRun(long seed, Function<Disk, Disk> wrapper, Coverage coverage) {
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
        this.report = new CrashReport(seed, disk);
        this.ledger = new CrashLedger(work, options.durability() == Durability.SYNC, random, coverage, report);
        if (Boolean.getBoolean("trace")) {
            disk.beforeOperation(operation -> report.note(Thread.currentThread().getName() + ": " + operation));
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
            throw report.violation(Kind.WRONG, "a simulated crash came out of a store that nobody crashed", e);
        } catch (CorruptJournalException e) {
            throw report.violation(Violation.refused(e), "nobody damaged the store: " + e, e);
        } catch (Exception e) {
            throw report.violation(Kind.WRONG, "unexpected " + e, e);
        } finally {
            if (!isDown()) {
                disk.kill();
            }
            opened.forEach(CrashRun::closeDead);
        }
    }

    private boolean isDown() {
        return writer.isDead();
    }

    private Disk newWriter() {
        writer = disk.process();
        return writer;
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
                report.note("opened: " + opening.openReport());
                noted(opening.openReport());
                compare(opening);
                book = opening;
            } catch (RuntimeException | SimulatedCrash e) {
                if (!isDown()) {
                    throw report.violation(
                            Violation.refused(e), "opening failed though nothing crashed: " + CrashReport.text(e), e);
                }
                coverage.count(Happening.CRASH_WHILE_OPENING);
                report.note("crashed while opening: " + CrashReport.text(e));
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
                throw report.violation(Kind.WRONG, "failed though nothing crashed: " + CrashReport.text(e), e);
            }
            report.note("stopped: " + CrashReport.text(e));
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
                report.note("closed");
                coverage.count(Happening.CLEAN_CLOSE);
            } catch (RuntimeException | SimulatedCrash e) {
                report.check(
                        isDown() || faulty,
                        Kind.WRONG,
                        "closing failed though nothing crashed: " + CrashReport.text(e));
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
        ledger.answers();
        quietly(dead);
        end();
        return crashes + 1;
    }

    /** The disk is well again, and the store must not believe it. */
    private void failureIsFinal(Daybook book) {
        try {
            book.stream("a").append(NewEvent.json("t", "\"after the failure\""));
            report.check(false, Kind.FAILURE_FORGOTTEN, "the store took an append after a final failure");
        } catch (StoreFailedException e) {
            report.check(
                    !e.retryable(), Kind.FAILURE_FORGOTTEN, "a final failure became retryable: " + CrashReport.text(e));
        } catch (SimulatedCrash e) {
            report.check(isDown(), Kind.WRONG, "a simulated crash though nothing crashed");
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
            report.note("the power went");
            coverage.count(Happening.POWER_CUT);
        } else {
            report.note("killed");
            coverage.count(Happening.KILL);
        }
        powerWent |= power;
    }

    private void quietly(Daybook book) {
        if (book != null) {
            long start = System.nanoTime();
            closeDead(book);
            report.check(
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
        report.note("fault " + effect + " from " + first);
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
            RandomWork.Step step = work.next(book, ledger.now());
            if (step.alone()) {
                settle();
            }
            CompletableFuture<Object> answer = ledger.issue(step).answer();
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

    /** Waits for all answers, and holds them against the model. */
    private void settle() {
        for (Issued next = ledger.unsettled(); next != null; next = ledger.unsettled()) {
            Throwable problem = null;
            Object value = null;
            try {
                value = next.answer().get(PATIENCE_SECONDS, TimeUnit.SECONDS);
            } catch (TimeoutException e) {
                throw report.violation(
                        Kind.STUCK,
                        "no answer for " + PATIENCE_SECONDS + " s: " + next.what() + "\n" + CrashReport.threads(),
                        e);
            } catch (java.util.concurrent.ExecutionException e) {
                problem = e.getCause();
            } catch (InterruptedException e) {
                throw new AssertionError(e);
            }
            if (problem != null && isDown()) {
                throw new SimulatedCrash(CrashReport.text(problem));
            }
            if (problem instanceof StoreFailedException failure) {
                coverage.count(failure.retryable() ? Happening.NO_SPACE : Happening.FINAL_FAILURE);
                report.check(
                        faulty, Kind.WRONG, "the store failed though the disk did not: " + CrashReport.text(problem));
                if (failure.retryable()) {
                    ledger.forget();
                    report.note("no space: " + CrashReport.text(problem));
                    continue;
                }
                report.note("failed: " + CrashReport.text(problem));
                failed = true;
                return;
            }
            Outcome outcome = ledger.settle(next, value, problem);
            coverage.count(happening(next.what(), outcome));
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

    private void compare(Daybook book) {
        ledger.compare(book, powerWent);
        powerWent = false;
    }

    private void noted(OpenReport opened) {
        if (opened.cut().isPresent()) {
            coverage.count(Happening.TAIL_CUT);
        }
        if (opened.doubtfulLines() > 0) {
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
            throw report.violation(
                    Violation.refused(e),
                    "a reader is refused, and nobody damaged the store: " + CrashReport.text(e),
                    e);
        }
    }

    /** The reader process looks. */
    private void look(Daybook reader) {
        coverage.count(Happening.READER_LOOKED);
        try {
            ledger.seen(reader);
        } catch (CorruptJournalException e) {
            throw report.violation(
                    Kind.PHANTOM, "a reader was told of lines that are not there: " + CrashReport.text(e), e);
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
        if (!Damage.flip(disk, newest, random, report)) {
            return;
        }
        byte[] damaged = disk.bytes(newest);
        try (Daybook book = Daybook.open(new FilesystemDriver(DIRECTORY, wrapper.apply(newWriter())), options)) {
            throw report.violation(
                    Kind.DAMAGE_PASSED,
                    "a flipped bit in an acknowledged line was passed over: " + book.openReport(),
                    null);
        } catch (CorruptJournalException e) {
            coverage.count(Happening.FLIPPED_BIT_REFUSED);
            report.check(
                    e.file().contains(newest.getFileName().toString()),
                    Kind.WRONG,
                    "the damage is in " + newest + ", not where it is reported: " + e);
            report.check(
                    Arrays.equals(damaged, disk.bytes(newest)), Kind.DAMAGE_PASSED, "a damaged segment was changed");
        }
        disk.kill();
    }

    // ---- a slower look

    /** Runs the product's own check on what the disk holds. */
    void verify() {
        disk.dieAtMutation(Long.MAX_VALUE / 2);
        VerifyReport found = Daybook.verify(new FilesystemDriver(DIRECTORY, disk.process()), Progress.NONE);
        for (VerifyReport.Problem problem : found.problems()) {
            report.check(problem.heals(), Kind.WRONG, "verify: " + problem);
        }
    }
}
