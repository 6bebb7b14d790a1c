package dev.daybook.internal.run;

import dev.daybook.InvalidEventException;
import dev.daybook.document.Document;
import dev.daybook.journal.Op;
import dev.daybook.run.Resume;
import dev.daybook.run.RunStatus;
import dev.daybook.stream.Event;
import dev.daybook.stream.NewEvent;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * How an ended run goes on: what does not count any more, with which input, and which state document.
 *
 * @param event the first line of the attempt
 * @param state the write of the state document as it was before what is set aside, if it is another one now
 */
record NextAttempt(NewEvent event, Optional<Op> state) {

    static NextAttempt of(ObservedRun run, Resume how, RunStatus wanted) {
        RunFold fold = run.fold();
        long setAside = setAside(run.id, fold, how);
        String overrides = how.overrides().orElse(null);
        String input = overrides == null ? null : merged(fold.input().orElse("{}"), overrides);
        return new NextAttempt(RunLines.goOn(wanted, how, setAside, input), stateBefore(run, setAside));
    }

    /** Number of the first record that does not count any more; 0 when all do. */
    private static long setAside(String id, RunFold fold, Resume how) {
        if (how.from() == Resume.From.CURRENT) {
            return 0;
        }
        if (how.from() == Resume.From.PREVIOUS) {
            return fold.newestRecord(null);
        }
        String step = how.step().orElse("");
        long record = fold.newestRecord(step);
        if (record == 0) {
            throw new InvalidEventException(
                    "step", -1, "run " + id + " has no record of a step \"" + step + "\" that counts");
        }
        return record;
    }

    private static Optional<Op> stateBefore(ObservedRun run, long seq) {
        Event record = seq == 0 ? null : run.journal.event(run.name, seq);
        if (record == null) {
            return Optional.empty();
        }
        String key = RunNames.stateKey(run.id);
        Optional<Document> now = run.runs.documents.get(key);
        Optional<Document> before = run.runs.documents.atPosition(key, record.pos());
        boolean same = now.map(Document::version).equals(before.map(Document::version));
        return same
                ? Optional.empty()
                : Optional.of(run.stateOp(before.map(Document::data).orElse(null)));
    }

    /** The input with fields replaced, added, and (null) removed. */
    private static String merged(String input, String overrides) {
        byte[] checked = Payload.checked("overrides", overrides);
        Payload.requireObject("overrides", checked);
        byte[] old = input.getBytes(StandardCharsets.UTF_8);
        try {
            Payload.requireObject("input", old);
        } catch (InvalidEventException e) {
            throw new InvalidEventException("overrides", -1, "the run's input is no JSON object to merge them into");
        }
        Map<String, String> fields = new LinkedHashMap<>(Fields.of(old).all());
        Fields.of(checked).all().forEach((key, value) -> {
            if (value.equals("null")) {
                fields.remove(key);
            } else {
                fields.put(key, value);
            }
        });
        Payload payload = new Payload();
        fields.forEach(payload::json);
        return new String(payload.toJson(), StandardCharsets.UTF_8);
    }
}
