package dev.daybook.view;

import org.jspecify.annotations.Nullable;

/** The tables of a view, for its fold. For the fold's thread, during the call. */
public interface ViewWriter extends ViewReader {

    /** Runs an {@code INSERT}, {@code UPDATE}, {@code DELETE} or upsert; returns how many rows changed. Arguments are as in {@link ViewReader#query}. Statements are kept prepared: use few, with parameters. */
    int update(String sql, @Nullable Object... arguments);
}
