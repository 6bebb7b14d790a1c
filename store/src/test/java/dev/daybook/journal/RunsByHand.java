package dev.daybook.journal;

import dev.daybook.DaybookOptions;
import dev.daybook.driver.Driver;
import dev.daybook.driver.memory.MemoryDriver;
import dev.daybook.run.Admission;
import dev.daybook.run.RunStatus;
import dev.daybook.stream.AppendOptions;
import dev.daybook.stream.Appended;
import dev.daybook.stream.Event;
import dev.daybook.stream.Kind;
import dev.daybook.stream.NewEvent;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** A journal, and the appends that the run API would make, for tests of what the commit thread decides. */
final class RunsByHand implements AutoCloseable {
    static final Rule.Owner OWNER = new Rule.Owner("worker-7", 3, 0);

    final Driver driver;
    Journal journal;

    RunsByHand() {
        this(new MemoryDriver());
    }

    RunsByHand(Driver driver) {
        this.driver = driver;
        this.journal = open();
    }

    private Journal open() {
        return Journal.open(driver, DaybookOptions.defaults().withSegmentBytesMax(16 << 10));
    }

    void reopen() {
        journal.close();
        journal = open();
    }

    @Override
    public void close() {
        journal.close();
    }

    // ---- what is appended

    static Op op(String run, String type, String json, Rule rule) {
        return Op.append(
                        Running.name(run),
                        Kind.RUN,
                        List.of(NewEvent.json(type, json).encode()),
                        AppendOptions.none())
                .with(rule);
    }

    static Op begin(String run, RunStatus wanted, Rule.@Nullable Owner owner, Admission admission, long after) {
        return op(run, wanted.text(), "{}", new Rule.Begin(wanted, "w", owner, admission, after));
    }

    static Op end(String run, RunStatus to, Rule.Writer writer) {
        return op(run, to.text(), "{}", new Rule.End(to, writer));
    }

    static Op note(String run, String type, Rule.Allowed allowed, Rule.Writer writer) {
        return op(run, type, "{}", new Rule.Note(type, allowed, writer));
    }

    Appended append(Op... ops) {
        return journal.append(List.of(ops)).get(0);
    }

    CompletableFuture<List<Appended>> async(Op... ops) {
        return journal.appendAsync(List.of(ops));
    }

    Appended start(String run) {
        return append(begin(run, RunStatus.STARTED, OWNER, Admission.UNLIMITED, 0));
    }

    Appended record(String run) {
        return append(begin(run, RunStatus.STARTED, null, Admission.UNLIMITED, 0));
    }

    Appended submit(String run) {
        return append(begin(run, RunStatus.QUEUED, null, Admission.UNLIMITED, 0));
    }

    /** A claim, or the next attempt. */
    Appended goOn(String run, RunStatus wanted, Rule.@Nullable Owner owner) {
        return append(begin(run, wanted, owner, Admission.UNLIMITED, state(run).seq()));
    }

    Appended end(String run, RunStatus to) {
        return append(end(run, to, Rule.Writer.owner(known(run).generation())));
    }

    // ---- what is known

    KnownStream known(String run) {
        return Objects.requireNonNull(journal.known(Running.name(run)));
    }

    StreamState state(String run) {
        return Objects.requireNonNull(known(run).state());
    }

    String status(String run) {
        return state(run).word();
    }

    long lastPos() {
        return journal.lastVisible().pos();
    }

    Lane lane() {
        return journal.running().lane("w");
    }

    /** What stands behind the time in the newest line of a run. */
    String newestLine(String run) {
        Event event = Objects.requireNonNull(
                journal.event(Running.name(run), known(run).lastSeq()));
        return event.line().replaceAll("^.*Z\"|,\"crc\":\"[0-9a-f]{8}\"(?=}$)", "");
    }
}
