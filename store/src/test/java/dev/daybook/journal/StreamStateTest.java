package dev.daybook.journal;

import static org.assertj.core.api.Assertions.assertThat;

import dev.daybook.driver.SegmentId;
import dev.daybook.stream.AppendOptions;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The field {@code state}, from the lines of the format pages to the heads. */
class StreamStateTest {
    private static StreamState parse(String json) {
        byte[] bytes = ("--" + json + "--").getBytes(StandardCharsets.UTF_8);
        return StreamState.parse(bytes, 2, bytes.length - 2, 7, 9);
    }

    private static String json(StreamState state) {
        return new String(state.json(), StandardCharsets.UTF_8);
    }

    @Test
    void whatIsLeftOutIsEmptyAndIsLeftOutAgain() {
        assertThat(parse("[\"deleted\"]")).isEqualTo(new StreamState("deleted", 0, "", 0, "", 0, 7, 9));
        assertThat(parse("[\"failed\",1,\"import\"]"))
                .isEqualTo(new StreamState("failed", 1, "import", 0, "", 0, 7, 9));
        assertThat(parse("[\"started\",1,\"a,\\\"]\",3,\"host-b/17\",30000]"))
                .isEqualTo(new StreamState("started", 1, "a,\"]", 3, "host-b/17", 30_000, 7, 9));
        for (String json : List.of(
                "[\"deleted\"]",
                "[\"failed\",1,\"import\"]",
                "[\"crashed\",2,\"w\",3]",
                "[\"started\",2,\"w\",0,\"o\"]",
                "[\"started\",1,\"a,\\\"]\",3,\"\u00e9\",2147483647]")) {
            assertThat(json(parse(json))).isEqualTo(json);
        }
    }

    /** A newer Daybook may write words, values and types that this one does not know. */
    @Test
    void unknownWordIsKeptAndUnknownValuesDoNoHarm() {
        assertThat(parse("[\"paused\",2,\"w\",3,\"o\",0,{\"a\":[1,\"]\"]},8]"))
                .isEqualTo(new StreamState("paused", 2, "w", 3, "o", 0, 7, 9));
        for (String json : List.of(
                "[]",
                "[null]",
                "[7,\"x\"]",
                "[\"paused\",\"x\",{\"y\":1},-1,[2],1.5]",
                "[\"paused\",99999999999999999999999,\"w\",2147483648]",
                "[\"paused\",0,\"\",0,\"\",5]")) {
            StreamState state = parse(json);
            assertThat(state.running()).as(json).isFalse();
            assertThat(parse(json(state))).as(json).isEqualTo(state);
        }
    }

    @Test
    void runningIsWhatHasSomethingLeftToDo() {
        for (String running : List.of(
                "[\"queued\",1,\"w\"]",
                "[\"started\",1,\"w\"]",
                "[\"started\",3,\"w\",3,\"o\"]",
                "[\"crashed\",2,\"w\",3]",
                "[\"interrupted\",1,\"w\",2]")) {
            assertThat(parse(running).running()).as(running).isTrue();
        }
        for (String over : List.of(
                "[\"crashed\",3,\"w\",3]",
                "[\"crashed\",1,\"w\"]",
                "[\"interrupted\",2,\"w\",2]",
                "[\"completed\",1,\"w\",3]",
                "[\"failed\",1,\"w\",3]",
                "[\"cancelled\",1,\"w\",3]",
                "[\"killed\",1,\"w\",3]",
                "[\"dropped\",1,\"w\",3]",
                "[\"deleted\"]")) {
            assertThat(parse(over).running()).as(over).isFalse();
        }
    }

    @Test
    void encoderWritesTheLinesOfThePages() throws IOException {
        byte[] storeId = FormatPageTest.storeId();
        GroupBuffer buffer = new GroupBuffer(storeId);
        int states = 0;
        for (String text : FormatPageTest.typedLines()) {
            byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
            Line line = new Line().parse(bytes, 0, bytes.length);
            if (line.shape != Line.Shape.EVENT) {
                continue;
            }
            StreamState state = null;
            if (line.stateTo != line.stateFrom) {
                state = StreamState.parse(bytes, line.stateFrom, line.stateTo, line.seq, line.pos);
                states++;
            }
            AppendOptions tuple = line.producerTo == line.producerFrom
                    ? null
                    : AppendOptions.from(
                            line.string(line.producerFrom, line.producerTo), line.producerEpoch, line.producerSeq);
            buffer.begin(line.timeMicros(), line.synced);
            buffer.event(
                    line.pos, line.name(), line.seq, fragment(line), state, tuple, line.batchIndex, line.batchSize);
            assertThat(JournalFiles.text(Arrays.copyOf(buffer.lines().array(), buffer.length())))
                    .isEqualTo(text + "\n");
        }
        assertThat(states).isGreaterThan(15);
    }

    private static Fragment fragment(Line line) {
        int to = Math.max(
                Math.max(line.typeTo, line.sourceTo),
                Math.max(line.subjectTo, line.occurredAt == 0 ? 0 : line.occurredAt + 28));
        byte[] attributes = Arrays.copyOfRange(line.bytes, line.typeFrom - 7, to);
        byte[] payload = Arrays.copyOfRange(line.bytes, line.payloadFrom, line.payloadTo);
        byte[] prefix = ",\"data\":".getBytes(StandardCharsets.US_ASCII);
        return new Fragment(attributes, prefix, payload, new byte[0], line.form(), null, payload.length);
    }

    /** The lines of the page, folded one by one, in pieces that are joined, and through a checkpoint. */
    @Test
    void headKnowsTheNewestStateAndTheNewestStart() throws IOException {
        byte[] storeId = FormatPageTest.storeId();
        List<String> lines = FormatPageTest.sample("runs.md", "run").lines().toList();
        Head whole = new Head(Name.of("runs/01JD3M"));
        for (int split = 0; split <= lines.size(); split++) {
            SegmentTable before = new SegmentTable(101);
            SegmentTable after = new SegmentTable(101 + split);
            for (int i = 0; i < lines.size(); i++) {
                byte[] bytes = lines.get(i).getBytes(StandardCharsets.UTF_8);
                Line line = new Line().parse(bytes, 0, bytes.length);
                (i < split ? before : after).scanned(line, 200 * i);
                if (split == 0 && line.isStream(whole.name)) {
                    whole.fold(line);
                }
            }
            SidecarIndex stored = SidecarIndex.read(
                    SidecarIndex.checkpoint(before, storeId, new SegmentId(101, 0), 9, 0, false),
                    storeId,
                    new SegmentId(101, 0));
            assertThat(stored).isNotNull();
            Head first = head(stored.table(100), whole.name);
            Head joined = split == 0
                    ? head(after, whole.name)
                    : split == lines.size() ? first : first.then(head(after, whole.name));
            assertThat(encoded(joined)).as("split at " + split).isEqualTo(encoded(whole));
        }
        assertThat(whole.state).isEqualTo(new StreamState("completed", 2, "summarise", 3, "", 0, 13, 116));
        assertThat(whole.startedSeq).isEqualTo(10);
        assertThat(whole.producers).containsExactly(new Head.Producer("owner", 3, 2, 13, 1, 116));
    }

    private static Head head(SegmentTable table, Name name) {
        SegmentTable.StreamRun run = table.runs.get(name);
        return run == null ? new Head(name) : run.head;
    }

    private static byte[] encoded(Head head) {
        Head.Bytes out = new Head.Bytes();
        head.write(out);
        return Arrays.copyOf(out.array, out.length);
    }
}
