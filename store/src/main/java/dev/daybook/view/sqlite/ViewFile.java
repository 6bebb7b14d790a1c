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
            boolean replaced) {}

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
        Pattern pattern = Pattern.compile(Pattern.quote(stem) + "\\.([1-9][0-9]{0,8})\\.db");
        List<ViewFile> found = new ArrayList<>();
        for (String name : DISK.list(folder)) {
            Matcher matcher = pattern.matcher(name);
            if (matcher.matches()) {
                found.add(new ViewFile(folder.resolve(name), Integer.parseInt(matcher.group(1))));
            }
        }
        found.sort(Comparator.comparingInt((ViewFile file) -> file.build).reversed());
        return found;
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

    /** Writes what is committed in it, as one state, to another file, which is empty. */
    void copyTo(ViewFile copy) {
        try (Statements tables = open()) {
            tables.run("VACUUM INTO '" + copy.path.toString().replace("'", "''") + "'");
        }
    }

    /** A database that is in nobody's way, to try statements on. */
    static Statements scratch() {
        return connect("jdbc:sqlite::memory:");
    }

    private Statements open(String... settings) {
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

    /** Whether the tables follow this journal: it still has the line that they reached. */
    static boolean follows(Meta meta, Journal journal) {
        if (meta.position == 0) {
            return meta.line.isEmpty();
        }
        return meta.position > 0
                && meta.position <= journal.pos()
                && meta.line.equals(Lines.checksum(journal, meta.position));
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
