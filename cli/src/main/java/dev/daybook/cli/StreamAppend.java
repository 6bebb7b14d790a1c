package dev.daybook.cli;

import dev.daybook.Daybook;
import dev.daybook.DaybookOptions;
import dev.daybook.InvalidEventException;
import dev.daybook.stream.AppendOptions;
import dev.daybook.stream.Appended;
import dev.daybook.stream.NewEvent;
import dev.daybook.stream.Stream;
import dev.daybook.stream.StreamInfo;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import org.jspecify.annotations.Nullable;

/** {@code stream append}: one event, or one for each line of standard input. */
final class StreamAppend implements Command {
    static final String DEFAULT_TYPE = "event";
    private static final int IN_FLIGHT_MAX = 1_000;
    private static final int READ_BYTES = 1 << 16;

    @Override
    public Syntax syntax() {
        return Syntax.of("Append one event, or with - one for each line of standard input.")
                .detail("Prints an acknowledgement for each event, in order, as soon as it is on stable storage.")
                .detail("With -, every line is one JSON value and is appended as soon as it is there; a line of nothing"
                        + " but white space is skipped. The first bad line ends it: the lines before it are stored, the"
                        + " lines after it are not.")
                .required("NAME", "The stream; made if it is new.")
                .optional("-", "Read JSON Lines from standard input.")
                .option("--type", "T", "The events' type; default: " + DEFAULT_TYPE + ".")
                .option("--data", "JSON", "The payload of one event.")
                .flag("--text", "Payloads are text, not JSON. With -, every line is one, also an empty one.")
                .option("--expect-seq", "N", "Only if the stream's last sequence number is N (0: it has no events).")
                .option("--id", "ID", "The event's id; the same id again is the same event sent again.")
                .option(
                        "--producer",
                        "ID:EPOCH:SEQ",
                        "Who sends it, for exactly-once appends. With -, SEQ is the first line's and grows by one.")
                .example(
                        "daybook stream append chats/42 --type message --data '{\"role\":\"user\",\"content\":\"hi\"}'")
                .example("my-agent | daybook stream append runs/7 - --json")
                .example("daybook stream append plan --data '{\"step\":3}' --expect-seq 2");
    }

    @Override
    public int run(Call call) throws Exception {
        Arguments arguments = call.arguments();
        boolean text = arguments.flag("--text");
        String data = arguments.option("--data");
        String dash = arguments.parameter(1);
        if (dash != null && !dash.equals("-")) {
            throw Failure.usage("what follows NAME can only be -, not \"" + dash + "\"; give a payload with --data");
        }
        boolean input = dash != null;
        if (!input && !text && "-".equals(data)) {
            input = true;
            data = null;
        }
        if (input && data != null) {
            throw Failure.usage("give --data or -, not both");
        }
        String id = arguments.option("--id");
        if (input && id != null) {
            throw Failure.usage("--id names one event; with - use --producer");
        }
        String type = arguments.option("--type", DEFAULT_TYPE);
        Conditions conditions = Conditions.of(arguments);
        if (input) {
            NewEvent.json(type, "0"); // a bad type is found before a store is made
            try (Daybook book = call.openForWriting()) {
                appendLines(call, book.stream(arguments.required(0)), type, text, conditions);
            }
            return Exit.OK;
        }
        if (data == null) {
            throw Failure.usage("give the payload with --data JSON, or - to read lines from standard input");
        }
        NewEvent event = text ? NewEvent.text(type, data) : NewEvent.json(type, data);
        if (id != null) {
            event = event.id(id);
        }
        try (Daybook book = call.openForWriting()) {
            acknowledge(call, book.stream(arguments.required(0)).append(event, conditions.at(0)));
        }
        return Exit.OK;
    }

    /** What must hold for the nth event of this call. */
    private record Conditions(long expectedSeq, @Nullable String producer, long epoch, long producerSeq) {

        static Conditions of(Arguments arguments) {
            long expected = arguments.number("--expect-seq", 0, AppendOptions.ANY_SEQ);
            String producer = arguments.option("--producer");
            if (producer == null) {
                return new Conditions(expected, null, 0, 0);
            }
            try {
                int last = producer.lastIndexOf(':');
                int middle = producer.lastIndexOf(':', last - 1);
                long epoch = Long.parseLong(producer.substring(middle + 1, last));
                long seq = Long.parseLong(producer.substring(last + 1));
                return new Conditions(expected, producer.substring(0, middle), epoch, seq);
            } catch (IndexOutOfBoundsException | NumberFormatException e) {
                throw Failure.usage("--producer must be ID:EPOCH:SEQ such as worker-1:0:17, not \"" + producer + "\"");
            }
        }

        AppendOptions at(long index) {
            AppendOptions options = AppendOptions.none();
            if (producer != null) {
                options = options.producer(producer, epoch, producerSeq + index);
                // A line sent again does not move the stream on, so only the producer's count can chain the lines.
                return expectedSeq < 0 || index > 0 ? options : options.expectedSeq(expectedSeq);
            }
            return expectedSeq < 0 ? options : options.expectedSeq(expectedSeq + index);
        }

        /**
         * Every line is made to depend on the one before it, so that none is stored after one that failed, although a thousand are under way.
         */
        Conditions chained(Stream stream) {
            if (producer != null || expectedSeq >= 0) {
                return this;
            }
            Optional<StreamInfo> info = stream.info();
            return new Conditions(info.isPresent() ? info.get().lastSeq() : 0, null, 0, 0);
        }
    }

    private static void appendLines(Call call, Stream stream, String type, boolean text, Conditions conditions)
            throws InterruptedException {
        BlockingQueue<Pending> pending = new ArrayBlockingQueue<>(IN_FLIGHT_MAX);
        Conditions chained = conditions.chained(stream);
        // The reader may hang in a read for ever; this thread must not, so that a failed append ends the command at
        // once.
        Thread reader = new Thread(() -> readLines(call, stream, type, text, chained, pending), "stdin");
        reader.setDaemon(true);
        reader.start();
        try {
            acknowledgeAll(call, pending);
        } finally {
            reader.interrupt();
        }
    }

    /** A line under way. Without a future it is the end: of the input, or because of what is wrong with this line. */
    private record Pending(
            long line,
            @Nullable CompletableFuture<Appended> future,
            @Nullable Throwable wrong) {}

    private static void readLines(
            Call call,
            Stream stream,
            String type,
            boolean text,
            Conditions conditions,
            BlockingQueue<Pending> pending) {
        LineReader lines =
                new LineReader(call.in(), READ_BYTES, DaybookOptions.defaults().payloadBytesMax());
        Throwable wrong = null;
        try {
            long count = 0;
            for (byte[] line = lines.next(); line != null; line = lines.next()) {
                if (!text && isBlank(line)) {
                    continue;
                }
                NewEvent event = text ? NewEvent.text(type, utf8(line)) : NewEvent.json(type, line);
                AppendOptions options = conditions.at(count++);
                pending.put(new Pending(lines.number(), stream.appendAsync(List.of(event), options), null));
            }
        } catch (Throwable e) {
            wrong = e; // reported by the other thread, after the lines before it
        }
        try {
            pending.put(new Pending(lines.number(), null, wrong));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt(); // nobody waits for it any more
        }
    }

    private static void acknowledgeAll(Call call, BlockingQueue<Pending> pending) throws InterruptedException {
        Output out = call.out();
        boolean read = true;
        while (true) {
            Pending next = pending.poll();
            if (next == null) {
                read = read && flushed(out);
                next = pending.take();
            }
            CompletableFuture<Appended> future = next.future();
            if (future == null) {
                if (next.wrong() != null) {
                    throw new LineFailure(next.line(), next.wrong());
                }
                return;
            }
            if (!future.isDone()) {
                read = read && flushed(out); // never holds back an acknowledgement to wait for another
            }
            Appended appended;
            try {
                appended = future.get();
            } catch (ExecutionException e) {
                throw new LineFailure(next.line(), e.getCause() == null ? e : e.getCause());
            }
            try {
                if (read) {
                    acknowledge(call, appended);
                }
            } catch (OutputGoneException e) {
                read = false;
            }
        }
    }

    /** False when nobody reads acknowledgements any more; the lines are stored all the same. */
    private static boolean flushed(Output out) {
        try {
            out.flush();
            return true;
        } catch (OutputGoneException e) {
            return false;
        }
    }

    static void acknowledge(Call call, Appended appended) {
        if (call.json()) {
            call.out()
                    .line(Json.object()
                            .field("stream", appended.stream())
                            .field("pos", appended.pos())
                            .field("seq", appended.seq())
                            .toString());
        } else {
            call.out().line(appended.stream() + " " + appended.seq() + " (position " + appended.pos() + ")");
        }
    }

    static boolean isBlank(byte[] line) {
        for (byte b : line) {
            if (b != ' ' && b != '\t' && b != '\r') {
                return false;
            }
        }
        return true;
    }

    static String utf8(byte[] line) {
        ByteBuffer bytes = ByteBuffer.wrap(line);
        try {
            return StandardCharsets.UTF_8.newDecoder().decode(bytes).toString();
        } catch (CharacterCodingException e) {
            throw new InvalidEventException("text", bytes.position(), "not UTF-8");
        }
    }
}
