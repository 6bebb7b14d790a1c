package dev.daybook.view.sqlite;

import dev.daybook.view.ViewReader;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The prepared statements of one connection. For one thread at a time. */
final class Statements implements AutoCloseable {
    private static final int KEPT = 128;
    private static final Set<String> READS = Set.of("SELECT", "WITH", "VALUES");
    private static final Set<String> WRITES = Set.of("INSERT", "REPLACE", "UPDATE", "DELETE", "WITH");

    private final Connection connection;

    /** The first failure that was not a statement's own fault. A fold may swallow it; the transaction is void all the same. */
    private @Nullable SqliteTrouble trouble;

    private record Prepared(PreparedStatement statement, int parameters, String firstWord) {}

    private final Map<String, Prepared> prepared = new LinkedHashMap<>(16, 0.75f, true);

    Statements(Connection connection) {
        this.connection = connection;
    }

    /** For the engine: any statement. */
    void run(String sql) {
        try (Statement statement = connection.createStatement()) {
            statement.execute(sql);
        } catch (SQLException e) {
            throw failed(e);
        }
    }

    /** For the engine: the numbers of the one row that a statement returns. */
    long[] numbers(String sql) {
        try (Statement statement = connection.createStatement();
                ResultSet found = statement.executeQuery(sql)) {
            long[] numbers = new long[found.getMetaData().getColumnCount()];
            found.next();
            for (int i = 0; i < numbers.length; i++) {
                numbers[i] = found.getLong(i + 1);
            }
            return numbers;
        } catch (SQLException e) {
            throw failed(e);
        }
    }

    /** Throws the failure that somebody caught. */
    void check() {
        if (trouble != null) {
            throw trouble;
        }
    }

    List<ViewReader.Row> query(String sql, @Nullable Object... arguments) {
        try {
            PreparedStatement statement = bind(sql, READS, "a query", arguments);
            try (ResultSet found = statement.executeQuery()) {
                int columns = found.getMetaData().getColumnCount();
                List<ViewReader.Row> rows = new ArrayList<>();
                while (found.next()) {
                    @Nullable Object[] values = new @Nullable Object[columns];
                    for (int i = 0; i < columns; i++) {
                        values[i] = found.getObject(i + 1);
                    }
                    rows.add(new Values(values));
                }
                return rows;
            }
        } catch (SQLException e) {
            if (SqliteTrouble.writes(e)) {
                throw new IllegalArgumentException(e.getMessage(), e);
            }
            throw failed(e);
        }
    }

    int update(String sql, @Nullable Object... arguments) {
        try {
            return bind(sql, WRITES, "an update", arguments).executeUpdate();
        } catch (SQLException e) {
            throw failed(e);
        }
    }

    private RuntimeException failed(SQLException e) {
        RuntimeException failure = SqliteTrouble.of(e);
        if (trouble == null && failure instanceof SqliteTrouble first) {
            trouble = first;
        }
        return failure;
    }

    private PreparedStatement bind(String sql, Set<String> allowed, String what, @Nullable Object... arguments)
            throws SQLException {
        Prepared known = prepared.get(sql);
        String word = known == null ? firstWord(sql) : known.firstWord;
        // Data only: whoever could change the transaction or the settings could break what the engine promises.
        if (!allowed.contains(word)) {
            throw new IllegalArgumentException(what + " does not begin with " + word + ": " + sql);
        }
        if (known == null) {
            known = prepare(sql, word);
        }
        PreparedStatement statement = known.statement;
        int wanted = known.parameters;
        if (arguments.length != wanted) {
            throw new IllegalArgumentException(wanted + " arguments are needed, not " + arguments.length + ": " + sql);
        }
        for (int i = 0; i < wanted; i++) {
            Object value = arguments[i];
            if (value == null) {
                statement.setNull(i + 1, java.sql.Types.NULL);
            } else if (value instanceof String text) {
                statement.setString(i + 1, text);
            } else if (value instanceof Long || value instanceof Integer) {
                statement.setLong(i + 1, ((Number) value).longValue());
            } else if (value instanceof Double real) {
                statement.setDouble(i + 1, real);
            } else if (value instanceof byte[] bytes) {
                statement.setBytes(i + 1, bytes);
            } else {
                throw new IllegalArgumentException("argument " + (i + 1) + " is a "
                        + value.getClass().getName() + "; text, Long, Integer, Double, byte[] and null are taken");
            }
        }
        return statement;
    }

    private Prepared prepare(String sql, String firstWord) throws SQLException {
        PreparedStatement statement = connection.prepareStatement(sql);
        Prepared made = new Prepared(statement, statement.getParameterMetaData().getParameterCount(), firstWord);
        prepared.put(sql, made);
        if (prepared.size() > KEPT) {
            Prepared unused = prepared.remove(prepared.keySet().iterator().next());
            if (unused != null) {
                unused.statement.close();
            }
        }
        return made;
    }

    static String firstWord(String sql) {
        int i = 0;
        while (i < sql.length()) {
            if (Character.isWhitespace(sql.charAt(i))) {
                i++;
            } else if (sql.startsWith("--", i)) {
                int end = sql.indexOf('\n', i);
                i = end < 0 ? sql.length() : end;
            } else if (sql.startsWith("/*", i)) {
                int end = sql.indexOf("*/", i + 2);
                i = end < 0 ? sql.length() : end + 2;
            } else {
                break;
            }
        }
        int from = i;
        while (i < sql.length() && Character.isLetter(sql.charAt(i))) {
            i++;
        }
        return sql.substring(from, i).toUpperCase(Locale.ROOT);
    }

    @Override
    public void close() {
        try {
            connection.close(); // and its statements
        } catch (SQLException e) {
            // Nothing was to be written any more; what was not is followed again.
        }
    }

    /** A row, as SQLite's types: Integer or Long, Double, String, byte[], null. */
    private static final class Values implements ViewReader.Row {
        private final @Nullable Object[] values;

        Values(@Nullable Object[] values) {
            this.values = values;
        }

        @Override
        public @Nullable String text(int column) {
            Object value = values[column];
            if (value instanceof byte[]) {
                throw new IllegalStateException("column " + column + " is bytes, not text");
            }
            return value == null ? null : value.toString();
        }

        @Override
        public long number(int column) {
            return numeric(column).longValue();
        }

        @Override
        public double real(int column) {
            return numeric(column).doubleValue();
        }

        private Number numeric(int column) {
            Object value = values[column];
            if (value == null) {
                return 0L; // as SQLite does
            }
            if (value instanceof Number number) {
                return number;
            }
            throw new IllegalStateException("column " + column + " is no number");
        }

        @Override
        public byte @Nullable [] bytes(int column) {
            Object value = values[column];
            if (value instanceof String text) {
                return text.getBytes(java.nio.charset.StandardCharsets.UTF_8);
            }
            if (value instanceof Number) {
                throw new IllegalStateException("column " + column + " is a number, not bytes");
            }
            return (byte[]) value;
        }

        @Override
        public boolean isNull(int column) {
            return values[column] == null;
        }
    }
}
