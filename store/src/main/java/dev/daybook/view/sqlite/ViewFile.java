package dev.daybook.view.sqlite;

import dev.daybook.internal.disk.NioDisk;
import dev.daybook.journal.Journal;
import dev.daybook.journal.Lines;
import dev.daybook.view.View;
import dev.daybook.view.ViewReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.locks.LockSupport;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.sqlite.JDBC;
import org.sqlite.SQLiteConfig;
import org.sqlite.SQLiteOpenMode;

/**
 * One build of a view, as a file: how it is called, how it is opened, and whether what is in it can be used. The layout is that of
 * {@code docs/format/views.md}. A file that SQLite has open is never opened by anything else in this process, since closing that would drop
 * SQLite's locks.
 */
final class ViewFile {
    private static final String TEMPORARY = ".tmp";
    private static final Pattern NAME = Pattern.compile("([A-Za-z0-9-]+)\\.([1-9][0-9]{0,8})\\.db");
    private static final NioDisk DISK = new NioDisk();

    /** What a file must say of itself. */
    record Identity(String view, int version, String layout, String store) {
        static Identity of(View view, Journal journal) {
            return new Identity(
                    view.name(), view.version(), layout(view), HexFormat.of().formatHex(journal.storeId()));
        }

        private static String layout(View view) {
            try {
                MessageDigest digest = MessageDigest.getInstance("SHA-256");
                for (String statement : statements(view)) {
                    digest.update((statement + "\n").getBytes(StandardCharsets.UTF_8));
                }
                return HexFormat.of().formatHex(digest.digest());
            } catch (NoSuchAlgorithmException e) {
                throw new IllegalStateException(e); // every JDK has it
            }
        }
    }

    /** What the table {@code meta} says. */
    record Meta(
            Identity identity,
            long position,
            String line,
            @Nullable String stopped,
            boolean replaced) {

        /** Whether what is in the tables is this view of this journal, which still has the line that they reached. */
        boolean isUsable(View view, Journal journal) {
            if (replaced || !identity.equals(Identity.of(view, journal))) {
                return false;
            }
            if (position <= 0) {
                return position == 0 && line.isEmpty();
            }
            // The owner sees lines in its own process a moment before others do.
            for (int i = 0; i < 50 && journal.options().readOnly() && position > journal.pos(); i++) {
                LockSupport.parkNanos(2_000_000);
            }
            return position <= journal.pos() && line.equals(Lines.checksum(journal, position));
        }
    }

    final Path path;
    final int build;

    private ViewFile(Path path, int build) {
        this.path = path;
        this.build = build;
    }

    static List<String> statements(View view) {
        List<String> all = new ArrayList<>(view.tables());
        all.addAll(view.indexes());
        return all;
    }

    /** The builds of a view, newest first. */
    static List<ViewFile> builds(Path folder, String stem) throws IOException {
        List<ViewFile> found = new ArrayList<>();
        for (String name : DISK.list(folder)) {
            Matcher matcher = NAME.matcher(name);
            if (matcher.matches() && stem.equals(matcher.group(1))) {
                found.add(new ViewFile(folder.resolve(name), Integer.parseInt(matcher.group(2))));
            }
        }
        found.sort(Comparator.comparingInt((ViewFile file) -> file.build).reversed());
        return found;
    }

    /** The beginnings of the names of all views' files. */
    static Set<String> stems(Path folder) {
        Set<String> found = new TreeSet<>();
        try {
            for (String name : DISK.list(folder)) {
                Matcher matcher = NAME.matcher(name);
                if (matcher.matches()) {
                    found.add(matcher.group(1));
                }
            }
        } catch (IOException e) {
            // A folder that cannot be read has none that can be used.
        }
        return found;
    }

    /** What the newest build says of itself; null when there is none that can be read. */
    static @Nullable Meta newestMeta(Path folder, String stem) {
        try {
            List<ViewFile> all = builds(folder, stem);
            if (all.isEmpty()) {
                return null;
            }
            try (Statements tables = all.get(0).read()) {
                return meta(tables);
            }
        } catch (IOException | SqliteTrouble e) {
            return null;
        }
    }

    /** Makes the next build under a temporary name, empty and for its owner only, before SQLite sees it. */
    static ViewFile create(Path folder, String stem) throws IOException {
        DISK.createDirectories(folder); // somebody may have deleted it
        List<ViewFile> there = builds(folder, stem);
        for (int build = there.isEmpty() ? 1 : there.get(0).build + 1; ; build++) {
            Path path = folder.resolve(stem + "." + build + ".db" + TEMPORARY);
            try {
                DISK.create(path).close();
                return new ViewFile(path, build);
            } catch (FileAlreadyExistsException e) {
                // another rebuild of this view is under way
            }
        }
    }

    /** Gives a finished build its name. Durable on return. SQLite must not have it open. */
    ViewFile finished() throws IOException {
        String name = String.valueOf(path.getFileName());
        Path last = path.resolveSibling(name.substring(0, name.length() - TEMPORARY.length()));
        try (var file = DISK.open(path, true)) {
            file.sync();
        }
        DISK.rename(path, last);
        DISK.syncDirectory(Objects.requireNonNull(last.getParent()));
        return new ViewFile(last, build);
    }

    /** Deletes the file and what SQLite keeps beside it. */
    void delete() throws IOException {
        for (String suffix : List.of("", "-wal", "-shm", "-journal")) {
            DISK.delete(beside(suffix));
        }
    }

    private Path beside(String suffix) {
        return path.resolveSibling(path.getFileName() + suffix);
    }

    /** What tells this file from another of the same name; null when there is none. */
    @Nullable
    Object key() throws IOException {
        BasicFileAttributes attributes = DISK.attributes(path);
        return attributes == null ? null : Objects.requireNonNullElse(attributes.fileKey(), path);
    }

    /** Bytes of the log that were not written back to the file yet. */
    long logBytes() throws IOException {
        BasicFileAttributes attributes = DISK.attributes(beside("-wal"));
        return attributes == null ? 0 : attributes.size();
    }

    /** Opens it, which must exist, for the one who writes it. */
    Statements follow() {
        return open(
                "journal_mode=WAL",
                "synchronous=NORMAL",
                "wal_autocheckpoint=0",
                "cache_size=-65536",
                "temp_store=MEMORY",
                "foreign_keys=OFF",
                "trusted_schema=OFF");
    }

    /** Opens it for a rebuild: what a crash leaves of it is thrown away. */
    Statements rebuild() {
        return open(
                "journal_mode=MEMORY",
                "synchronous=OFF",
                "cache_size=-65536",
                "temp_store=MEMORY",
                "foreign_keys=OFF",
                "trusted_schema=OFF");
    }

    Statements read() {
        return open("query_only=ON", "temp_store=MEMORY", "trusted_schema=OFF");
    }

    /** Writes what is committed in it, as one state, to a build of its own. */
    ViewFile copy(Path folder, String stem) throws IOException {
        ViewFile draft = create(folder, stem);
        boolean whole = false;
        try {
            try (Statements tables = open()) {
                tables.run("VACUUM INTO '" + draft.path.toString().replace("'", "''") + "'");
            }
            whole = true;
            return draft.finished();
        } finally {
            if (!whole) {
                draft.delete();
            }
        }
    }

    /** A database that is in nobody's way, to try statements on. */
    static Statements scratch() {
        return connect("jdbc:sqlite::memory:");
    }

    private Statements open(String... settings) {
        // What SQLite cannot open may be whole: a process can be out of descriptors.
        if (!DISK.exists(path) || DISK.isDirectory(path)) {
            throw SqliteTrouble.gone(path);
        }
        // As a URI, in which every character of the path stands for itself.
        Statements tables = connect("jdbc:sqlite:" + path.toUri());
        try {
            for (String setting : settings) {
                tables.run("PRAGMA " + setting);
            }
            return tables;
        } catch (RuntimeException e) {
            tables.close();
            throw e;
        }
    }

    private static Statements connect(String url) {
        SQLiteConfig config = new SQLiteConfig();
        config.resetOpenMode(SQLiteOpenMode.CREATE);
        config.setOpenMode(SQLiteOpenMode.OPEN_URI);
        config.setBusyTimeout(5_000);
        config.setGetGeneratedKeys(false); // the driver would ask for the row's number after every insert
        try {
            return new Statements(JDBC.createConnection(url, config.toProperties()));
        } catch (SQLException e) {
            throw SqliteTrouble.of(e);
        }
    }

    /** What a file says of itself, or null when it does not. */
    static @Nullable Meta meta(Statements tables) {
        List<ViewReader.Row> rows;
        try {
            rows = tables.query("SELECT key, value FROM meta");
        } catch (IllegalArgumentException e) {
            return null; // no such table
        }
        Map<String, String> values = new HashMap<>();
        for (ViewReader.Row row : rows) {
            values.put(String.valueOf(row.text(0)), String.valueOf(row.text(1)));
        }
        try {
            return new Meta(
                    new Identity(
                            values.getOrDefault("view", ""),
                            Integer.parseInt(values.getOrDefault("version", "")),
                            values.getOrDefault("layout", ""),
                            values.getOrDefault("store", "")),
                    Long.parseLong(values.getOrDefault("position", "")),
                    values.getOrDefault("line", ""),
                    values.get("stopped"),
                    values.containsKey("replaced"));
        } catch (NumberFormatException e) {
            return null;
        }
    }

    /** Makes the tables of a view, which are empty. */
    static void make(Statements tables, View view, Identity identity) {
        tables.run("BEGIN IMMEDIATE");
        tables.run("CREATE TABLE meta (key TEXT PRIMARY KEY, value) WITHOUT ROWID");
        put(tables, "view", identity.view);
        put(tables, "version", identity.version);
        put(tables, "layout", identity.layout);
        put(tables, "store", identity.store);
        checkpoint(tables, 0, "");
        for (String table : view.tables()) {
            tables.run(table);
        }
        tables.run("COMMIT");
    }

    static void put(Statements tables, String key, @Nullable Object value) {
        tables.update("INSERT OR REPLACE INTO meta (key, value) VALUES (?, ?)", key, value);
    }

    static void checkpoint(Statements tables, long position, String line) {
        put(tables, "position", position);
        put(tables, "line", line);
    }
}
