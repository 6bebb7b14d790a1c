package dev.daybook.view.sqlite;

import dev.daybook.Freshness;
import dev.daybook.Progress;
import dev.daybook.StoreClosedException;
import dev.daybook.journal.Journal;
import dev.daybook.view.View;
import dev.daybook.view.ViewReader;
import dev.daybook.view.ViewStatus;
import dev.daybook.view.Views;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * For the store: the views of an open journal, as SQLite files. SQLite is loaded when the first one is asked or registered. Thread-safe.
 */
public final class SqliteViews implements Views, AutoCloseable {
    static final String FOLDER = "views";

    /** Begins the files of a program's own views. */
    private static final String USER = "user-";

    private static final List<View> BUILT_IN = List.of(new LogsView(), new RunsView(), new TextView());

    /** So late, a view needs the time of those that give way. */
    private static final long BEHIND_NANOS = 100_000_000;

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
    private final Map<String, View> known; // by the beginnings of their files' names; guarded by this
    private final Map<String, Answering> started = new HashMap<>(); // likewise
    private @Nullable TemporaryFolder temporary; // guarded by this
    private boolean closed; // guarded by this

    public SqliteViews(Journal journal) {
        this.journal = journal;
        this.known = byStem(List.of());
        if (!journal.options().search()) {
            known.remove(TextView.NAME);
        }
    }

    /** All views there can be, by the beginnings of their files' names. */
    static Map<String, View> byStem(List<View> own) {
        Map<String, View> all = new TreeMap<>();
        BUILT_IN.forEach(view -> all.put(view.name(), view));
        own.forEach(view -> all.put(USER + view.name(), view));
        return all;
    }

    static String name(String stem) {
        return stem.startsWith(USER) ? stem.substring(USER.length()) : stem;
    }

    @Override
    public void register(View view) {
        check(view);
        String stem = USER + view.name();
        synchronized (this) {
            requireOpen();
            if (stem(view.name()).isPresent()) {
                throw new IllegalStateException("there is a view " + view.name() + " already");
            }
            known.put(stem, view);
            start(stem, view);
        }
    }

    private synchronized Answering start(String stem, View view) {
        Answering running = started.get(stem);
        if (running == null) {
            Optional<Path> folder = journal.storage().folder(FOLDER);
            running = journal.options().readOnly()
                    ? new SharedView(journal, view, stem, folder, this::temporary)
                    : new LiveView(
                                    journal,
                                    view,
                                    stem,
                                    folder.orElseGet(this::temporary),
                                    null,
                                    () -> anyIsBehind(view))
                            .start();
            started.put(stem, running);
        }
        return running;
    }

    /** Whether a view that gives way to nobody is late. */
    private synchronized boolean anyIsBehind(View butThis) {
        for (Map.Entry<String, Answering> running : started.entrySet()) {
            View other = known.get(running.getKey());
            if (other != butThis && running.getValue() instanceof LiveView live && live.isBehind(BEHIND_NANOS)) {
                return true;
            }
        }
        return false;
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

    private synchronized Path temporary() {
        TemporaryFolder folder = temporary;
        if (folder == null) {
            requireOpen();
            folder = new TemporaryFolder();
            temporary = folder;
        }
        return folder.path;
    }

    private void requireOpen() {
        journal.requireOpen();
        if (closed) {
            throw new StoreClosedException("the store was closed by this program", null);
        }
    }

    private synchronized Answering require(String name) {
        requireOpen();
        String stem = stem(name)
                .orElseThrow(() -> new IllegalArgumentException("there is no view \"" + name + "\"; there are "
                        + known.values().stream().map(View::name).toList()));
        return start(stem, Objects.requireNonNull(known.get(stem)));
    }

    private Optional<String> stem(String name) {
        return known.keySet().stream().filter(stem -> name(stem).equals(name)).findAny();
    }

    @Override
    public <T> T query(String view, Freshness freshness, Function<ViewReader, T> question) {
        return require(view).query(freshness, question);
    }

    @Override
    public synchronized List<ViewStatus> status() {
        requireOpen();
        Set<String> all = new TreeSet<>(known.keySet());
        Optional<Path> folder = journal.storage().folder(FOLDER);
        folder.ifPresent(path -> all.addAll(ViewFile.stems(path)));
        return all.stream().map(stem -> status(stem, folder)).toList();
    }

    private ViewStatus status(String stem, Optional<Path> folder) {
        Answering running = started.get(stem);
        if (running != null) {
            return running.status();
        }
        View view = known.get(stem);
        ViewFile.Meta meta = folder.map(path -> ViewFile.newestMeta(path, stem)).orElse(null);
        return new ViewStatus(
                name(stem),
                view != null ? view.version() : meta != null ? meta.identity().version() : 0,
                view != null ? ViewStatus.State.IDLE : ViewStatus.State.UNREGISTERED,
                meta != null ? meta.position() : 0,
                journal.pos(),
                Optional.empty(),
                Optional.ofNullable(meta).map(ViewFile.Meta::stopped));
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
        TemporaryFolder unused;
        synchronized (this) {
            closed = true;
            all = new ArrayList<>(started.values());
            started.clear();
        }
        all.forEach(Answering::close);
        synchronized (this) {
            unused = temporary;
            temporary = null;
        }
        if (unused != null) {
            unused.close();
        }
    }
}
