package dev.daybook.view;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** Reads the tables of a view as they were at one position. */
public interface ViewReader {

    /** The checkpoint: everything up to it is in the tables. */
    long position();

    /**
     * Runs a {@code SELECT}.
     *
     * @param arguments text, {@link Long}, {@link Integer}, {@link Double}, {@code byte[]} or null, one for each {@code ?}
     * @throws IllegalArgumentException when SQLite does not take it, with its message; or it would write
     */
    List<Row> query(String sql, @Nullable Object... arguments);

    /** A row; columns are numbered from 0. */
    interface Row {
        @Nullable
        String text(int column);

        long number(int column);

        double real(int column);

        byte @Nullable [] bytes(int column);

        boolean isNull(int column);
    }
}
