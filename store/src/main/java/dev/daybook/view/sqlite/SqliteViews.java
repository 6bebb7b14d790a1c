package dev.daybook.view.sqlite;

import dev.daybook.Freshness;
import dev.daybook.Progress;
import dev.daybook.StoreFailedException;
import dev.daybook.internal.disk.NioDisk;
import dev.daybook.journal.Journal;
import dev.daybook.view.View;
import dev.daybook.view.ViewReader;
import dev.daybook.view.ViewStatus;
import dev.daybook.view.Views;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.UUID;
import java.util.function.Function;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** For the store: the views of an open journal, as SQLite files. Costs nothing before one is registered. Thread-safe. */
public final class SqliteViews implements Views, AutoCloseable {
    private static final String FOLDER = "views";
    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9-]{1,64}");
    private static final Pattern TABLE =
            Pattern.compile("CREATE\\s+(VIRTUAL\\s+)?TABLE\\b.*", Pattern.CASE_INSENSITIVE | Pattern.DOTALL);
    private static final Pattern INDEX =
            Pattern.compile("CREATE\\s+(UNIQUE\\s+)?INDEX\\b.*", Pattern.CASE_INSENSITIVE | Pattern.DOTALL);

    /** One registered view. */
    interface Answering extends AutoCloseable {
        <T> T query(Freshness freshness, Function<ViewReader, T> question);

        ViewStatus status();

        void rebuild(Progress progress);

        @Override
        void close();
    }

    private final Journal journal;
    private final Map<String, Answering> views = new TreeMap<>(); // guarded by this
    private @Nullable Path temporary; // guarded by this
    private boolean closed; // guarded by this

    public SqliteViews(Journal journal) {
        this.journal = journal;
    }

    @Override
    public void register(View view) {
        check(view);
        String stem = "user-" + view.name();
        synchronized (this) {
            requireOpen();
            if (views.containsKey(view.name())) {
                throw new IllegalStateException("a view " + view.name() + " is registered already");
            }
            Optional<Path> folder;
            try {
                folder = journal.storage().folder(FOLDER);
            } catch (IOException e) {
                throw new StoreFailedException(
                        "no folder for views can be made: " + e, StoreFailedException.Reason.WRITE_FAILED, e);
            }
            views.put(
                    view.name(),
                    journal.options().readOnly()
                            ? new SharedView(journal, view, stem, folder, this::temporary)
                            : new LiveView(journal, view, stem, folder.orElseGet(this::temporary), null).start());
        }
    }

    private static void check(View view) {
        if (!NAME.matcher(view.name()).matches()) {
            throw new IllegalArgumentException(
                    "a view's name has 1 to 64 letters, digits and hyphens, not \"" + view.name() + "\"");
        }
        try (Statements scratch = ViewFile.scratch()) {
            make(scratch, view.tables(), TABLE, "CREATE TABLE");
            make(scratch, view.indexes(), INDEX, "CREATE INDEX");
            for (ViewReader.Row row : scratch.query("SELECT name FROM sqlite_schema WHERE sql IS NOT NULL")) {
                String name = String.valueOf(row.text(0)).toLowerCase(Locale.ROOT);
                if (name.startsWith("meta")) {
                    throw new IllegalArgumentException("view " + view.name() + ": the name " + name + " is taken");
                }
            }
        }
    }

    private static void make(Statements scratch, List<String> statements, Pattern allowed, String what) {
        for (String statement : statements) {
            if (!allowed.matcher(statement.strip()).matches()) {
                throw new IllegalArgumentException("not a " + what + " statement: " + statement);
            }
            scratch.run(statement);
        }
    }

    /** A folder for files that end with this object, of its owner only. */
    private synchronized Path temporary() {
        Path folder = temporary;
        if (folder == null) {
            requireOpen();
            folder = Path.of(System.getProperty("java.io.tmpdir", "."))
                    .toAbsolutePath()
                    .resolve("daybook-views-" + UUID.randomUUID());
            try {
                new NioDisk().createDirectories(folder);
            } catch (IOException e) {
                throw new StoreFailedException(
                        "no folder for views can be made: " + e, StoreFailedException.Reason.WRITE_FAILED, e);
            }
            temporary = folder;
        }
        return folder;
    }

    private void requireOpen() {
        journal.requireOpen();
        if (closed) {
            throw new dev.daybook.StoreClosedException("the store was closed by this program", null);
        }
    }

    private synchronized Answering require(String view) {
        requireOpen();
        Answering found = views.get(view);
        if (found == null) {
            throw new IllegalArgumentException("there is no view \"" + view + "\"; there are " + views.keySet());
        }
        return found;
    }

    @Override
    public <T> T query(String view, Freshness freshness, Function<ViewReader, T> question) {
        return require(view).query(freshness, question);
    }

    @Override
    public List<ViewStatus> status() {
        List<Answering> all;
        synchronized (this) {
            requireOpen();
            all = new ArrayList<>(views.values());
        }
        return all.stream().map(Answering::status).toList();
    }

    @Override
    public void rebuild(String view, Progress progress) {
        require(view).rebuild(progress);
    }

    /** The position that a view must have passed. */
    static long wanted(Freshness freshness, Journal journal) {
        journal.requireOpen();
        return freshness.position() == Freshness.OWN ? journal.pos() : freshness.position();
    }

    /** When a question has waited long enough. */
    static long until(Freshness freshness) {
        Duration longest = Duration.ofDays(365);
        return System.nanoTime()
                + (freshness.timeout().compareTo(longest) > 0 ? longest : freshness.timeout()).toNanos();
    }

    /** What is left to wait for. */
    static Freshness rest(Freshness freshness, long wanted, long until) {
        return new Freshness(wanted, Duration.ofNanos(Math.max(0, until - System.nanoTime())));
    }

    @Override
    public void close() {
        List<Answering> all;
        Path folder;
        synchronized (this) {
            closed = true;
            all = new ArrayList<>(views.values());
            views.clear();
        }
        all.forEach(Answering::close);
        synchronized (this) {
            folder = temporary;
            temporary = null;
        }
        if (folder != null) {
            remove(folder);
        }
    }

    private static void remove(Path folder) {
        NioDisk disk = new NioDisk();
        try {
            for (String name : disk.list(folder)) {
                disk.delete(folder.resolve(name));
            }
            disk.delete(folder);
        } catch (IOException e) {
            // It is in the system's folder for what nobody needs.
        }
    }
}
