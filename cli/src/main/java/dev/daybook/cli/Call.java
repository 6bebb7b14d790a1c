package dev.daybook.cli;

import dev.daybook.Daybook;
import dev.daybook.DaybookOptions;
import dev.daybook.InvalidEventException;
import dev.daybook.OpenReport;
import dev.daybook.StoreFailedException;
import dev.daybook.StoreLockedException;
import dev.daybook.StoreNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What a running command has at hand: its arguments, the three standard streams, and the store. */
final class Call {
    private static final Duration LOCK_TIMEOUT = Duration.ofSeconds(10);
    private static final String DEFAULT_STORE = "daybook-data";

    private final Arguments arguments;
    private final InputStream in;
    private final Output out;
    private final Messages messages;
    private final Map<String, String> environment;

    Call(Arguments arguments, InputStream in, Output out, Messages messages, Map<String, String> environment) {
        this.arguments = arguments;
        this.in = in;
        this.out = out;
        this.messages = messages;
        this.environment = environment;
    }

    Arguments arguments() {
        return arguments;
    }

    InputStream in() {
        return in;
    }

    Output out() {
        return out;
    }

    Messages messages() {
        return messages;
    }

    Map<String, String> environment() {
        return environment;
    }

    boolean json() {
        return arguments.flag("--json");
    }

    /** Prints one result: as JSON if that was asked for, else the text. */
    void print(Json json, String text) {
        out.line(json() ? json.toString() : text);
    }

    /**
     * A value that this option gives, or standard input where {@code -} stands, as the option or as this parameter. Null when it is not given.
     *
     * @param what the value in a message: "a value", "a text"
     */
    @Nullable
    String given(int parameter, String option, String what) throws IOException {
        String dash = arguments.parameter(parameter);
        String value = arguments.option(option);
        if (dash != null && !dash.equals("-")) {
            throw Failure.usage(
                    "what stands there can only be -, not \"" + dash + "\"; give " + what + " with " + option);
        }
        if (dash != null && value != null) {
            throw Failure.usage("give " + option + " or -, not both");
        }
        if (dash == null && !"-".equals(value)) {
            return value;
        }
        int most = DaybookOptions.defaults().payloadBytesMax();
        byte[] bytes = in.readNBytes(most + 2); // one for a line end, which does not count
        if (bytes.length > most + 1 || bytes.length == most + 1 && bytes[most] != '\n') {
            throw new InvalidEventException("standard input", -1, "larger than " + Table.bytes(most));
        }
        return StreamAppend.utf8(bytes);
    }

    /** Where the store is, or would be. */
    Path store() {
        String directory = arguments.option("--store");
        if (directory != null && directory.isEmpty()) {
            throw Failure.usage("--store must not be empty"); // most likely a shell variable that is not set
        }
        if (directory == null) {
            directory = environment.get("DAYBOOK_STORE");
        }
        if (directory == null || directory.isEmpty()) {
            directory = DEFAULT_STORE;
        }
        return Path.of(directory);
    }

    /** The store's directory; not found if there is none, so that nothing but appending and restoring ever makes one. */
    Path existingStore() {
        Path store = store();
        if (!holdsStore(store)) {
            throw new StoreNotFoundException(store.toString(), null);
        }
        return store;
    }

    /** A directory for a new store; a conflict if there is one. */
    static Path freeForStore(Path directory) {
        if (holdsStore(directory)) {
            throw new Failure(
                    Exit.CONFLICT, "exists", "there is a store at " + directory + " already; nothing was changed");
        }
        return directory;
    }

    /** Without store.json but with a journal it is a damaged store, and for the store itself to report. */
    private static boolean holdsStore(Path directory) {
        return Files.exists(directory.resolve("store.json")) || Files.isDirectory(directory.resolve("journal"));
    }

    Daybook openForReading() {
        return Daybook.open(existingStore(), DaybookOptions.defaults().withReadOnly(true));
    }

    /** Opens for asking views: as the owner, so that the store's own views follow, unless a process writes or this one may not. */
    Daybook openForAsking() {
        Path store = existingStore();
        try {
            return Daybook.open(store, DaybookOptions.defaults().withLockTimeout(Duration.ZERO));
        } catch (StoreLockedException | StoreFailedException e) {
            return openForReading();
        }
    }

    /** Opens for writing what must be there. */
    Daybook openExistingForWriting() {
        existingStore();
        return openForWriting();
    }

    /** Opens for writing and makes the store if need be. Waits for another writer to finish. */
    Daybook openForWriting() {
        DaybookOptions options = DaybookOptions.defaults()
                .withLockTimeout(LOCK_TIMEOUT)
                .withAcceptClock(arguments.flag("--accept-clock"));
        Daybook book = Daybook.open(store(), options);
        OpenReport report = book.openReport();
        if (report.cut().isPresent()) {
            OpenReport.Cut cut = report.cut().get();
            messages.say("daybook: the last writer did not finish: " + cut.bytes() + " bytes behind position "
                    + (cut.firstPosition() - 1) + " were never acknowledged (" + cut.reason() + "); they are kept in "
                    + cut.keptIn());
        }
        return book;
    }
}
