package dev.daybook.testkit;

import dev.daybook.ConflictException;
import dev.daybook.CorruptJournalException;
import dev.daybook.Daybook;
import dev.daybook.InvalidEventException;
import dev.daybook.RefusedException;
import dev.daybook.StreamNotFoundException;
import dev.daybook.stream.Appended;
import dev.daybook.stream.Event;
import dev.daybook.stream.ReadOptions;
import dev.daybook.stream.StreamInfo;
import dev.daybook.testkit.Coverage.Happening;
import dev.daybook.testkit.CrashModel.Effect;
import dev.daybook.testkit.CrashModel.Outcome;
import dev.daybook.testkit.Violation.Kind;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;

/**
 * What was asked of the store of a crash run, what it answered, and therefore what it may hold.
 *
 * <p>Everything is issued by one thread, so it is committed in the order of the calls, and a crash can only decide how many of the
 * operations without an answer are there. So the store must equal the model after the last acknowledged operation, or after one
 * of those that followed it; nothing in between and nothing else.
 */
final class CrashLedger {

    /** What was issued since the last point at which everything was known to be durable. */
    record Issued(
            int number,
            Effect effect,
            CompletableFuture<Object> answer,
            Outcome expected,
            String what,
            Map<String, Long> lastSeqs) {}

    private final RandomWork work;
    private final boolean syncs; // whether what is acknowledged is durable
    private final SplittableRandom random;
    private final Coverage coverage;
    private final CrashReport report;

    private CrashModel base = new CrashModel(); // durable, as compared with the store when it was opened
    private CrashModel now = new CrashModel(); // base and everything issued since
    private final List<Issued> issued = new ArrayList<>();
    private int settled; // issued[0, settled) have been looked at
    private final Set<Integer> acknowledged = new HashSet<>(); // operations
    private final Map<String, Long> positions = new HashMap<>(); // of payloads, as acknowledged or seen
    private final Map<String, Integer> seenByReader = new HashMap<>(); // payload to the operation it belongs to
    private long highest; // highest position acknowledged or seen

    CrashLedger(RandomWork work, boolean syncs, SplittableRandom random, Coverage coverage, CrashReport report) {
        this.work = work;
        this.syncs = syncs;
        this.random = random;
        this.coverage = coverage;
        this.report = report;
    }

    /** The store when everything that was issued is there. */
    CrashModel now() {
        return now;
    }

    /** Enters an operation, which must now be called. */
    Issued issue(RandomWork.Step step) {
        Outcome expected = step.effect().apply(now);
        Map<String, Long> lastSeqs = new HashMap<>();
        now.streams.forEach((name, line) -> lastSeqs.put(name, line.last()));
        Issued next =
                new Issued(step.number(), step.effect(), new CompletableFuture<>(), expected, step.what(), lastSeqs);
        issued.add(next);
        report.note(step.number() + " " + step.what() + " -> " + expected);
        return next;
    }

    /** The first operation whose answer was not looked at, or null. */
    Issued unsettled() {
        return settled < issued.size() ? issued.get(settled) : null;
    }

    /** Forgets the operation that is not settled, the last one: it was refused without a trace. */
    void forget() {
        report.check(issued.size() == settled + 1, Kind.WRONG, "with faults, operations come one by one");
        issued.remove(settled);
        now = base.copy();
        issued.forEach(i -> i.effect.apply(now));
    }

    /** Holds the answer to the first unsettled operation against the model. */
    Outcome settle(Issued next, Object value, Throwable problem) {
        Outcome outcome = outcome(problem, value, next);
        report.check(
                next.expected.allows(outcome),
                Kind.WRONG,
                next.number + " " + next.what + ": expected " + next.expected + ", got " + outcome
                        + (problem == null ? "" : " " + CrashReport.text(problem)));
        settled++;
        acknowledged.add(next.number);
        return outcome;
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
        if (problem instanceof InvalidEventException) {
            return Outcome.CONFLICT; // a higher epoch that does not begin at 0
        }
        if (problem != null) {
            throw report.violation(
                    problem instanceof CorruptJournalException ? Kind.REFUSED : Kind.WRONG,
                    of.number + " " + of.what + " failed: " + CrashReport.text(problem),
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
            report.check(
                    appended.pos() > before,
                    Kind.GIVEN_TWICE,
                    of.what + ": position " + appended.pos() + " was given out twice (highest " + before + ")");
            highest = Math.max(highest, appended.pos());
            long seq = of.lastSeqs.getOrDefault(appended.stream(), 0L);
            report.check(
                    appended.seq() >= seq,
                    Kind.GIVEN_TWICE,
                    of.what + ": sequence number " + appended.seq() + " was given out twice (it should be " + seq
                            + ")");
            report.check(
                    appended.seq() == seq, Kind.WRONG, of.what + ": number " + appended.seq() + " instead of " + seq);
        }
        return Outcome.APPLIED;
    }

    /** Notes which of the last operations were acknowledged before the end. */
    void answers() {
        for (int i = settled; i < issued.size(); i++) {
            CompletableFuture<?> answer = issued.get(i).answer;
            if (answer.isDone() && !answer.isCompletedExceptionally()) {
                settled = i + 1;
                acknowledged.add(issued.get(i).number);
            }
        }
    }

    /** What the store holds must be the model after the last acknowledged operation, or after one of those issued behind it. */
    void compare(Daybook book, boolean powerWent) {
        Map<String, String> actual = new TreeMap<>();
        Map<String, List<Event>> byStream = new HashMap<>();
        long before = 0;
        Map<String, Long> found = new HashMap<>();
        for (Event event : book.read("", ReadOptions.all())) {
            report.check(event.pos() > before, Kind.WRONG, "position " + event.pos() + " after " + before);
            before = event.pos();
            byStream.computeIfAbsent(event.stream(), s -> new ArrayList<>()).add(event);
            String payload = event.data();
            report.check(work.operationOf(payload) != null, Kind.WRONG, "nobody appended " + event.line());
            report.check(found.put(payload, event.pos()) == null, Kind.WRONG, "twice: " + event.line());
            Long known = positions.get(payload);
            report.check(
                    known == null || known == event.pos(),
                    Kind.GIVEN_TWICE,
                    "had position " + known + " before: " + event.line());
        }
        for (StreamInfo info : book.streams("", "", 1000)) {
            List<Event> own = byStream.getOrDefault(info.name(), List.of());
            report.check(
                    own.size() == info.count(),
                    Kind.WRONG,
                    info.name() + " has " + own.size() + " events, not " + info);
            for (int i = 0; i < own.size(); i++) {
                report.check(
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
                report.check(direct.equals(payloads), Kind.WRONG, "reading " + info.name() + " itself gives " + direct);
            }
        }
        int atLeast = !syncs && powerWent ? 0 : settled;
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
        seenByReader.forEach((payload, operation) -> report.check(
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
        highest = Math.max(before, syncs ? highest : 0);
        positions.clear();
        if (syncs) {
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
        return report.violation(
                kind,
                (lost
                                ? "acknowledged events are gone; "
                                : missing.isEmpty() ? "" : "events that were served are gone; ")
                        + "after " + atLeast + " acknowledged and " + (issued.size() - atLeast)
                        + " unanswered operations the store is not what it may be; against the acknowledged: "
                        + least.difference(actual),
                null);
    }

    /** A process that only reads looks: what it sees must stay. */
    void seen(Daybook reader) {
        long before = 0;
        for (Event event : reader.read("", ReadOptions.all())) {
            report.check(event.pos() > before, Kind.WRONG, "a reader saw position " + event.pos() + " after " + before);
            before = event.pos();
            Integer operation = work.operationOf(event.data());
            report.check(operation != null, Kind.WRONG, "a reader saw what nobody appended: " + event.line());
            seenByReader.put(event.data(), operation);
            positions.put(event.data(), event.pos());
        }
    }
}
