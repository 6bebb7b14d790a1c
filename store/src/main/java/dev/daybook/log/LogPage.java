package dev.daybook.log;

import java.util.List;
import java.util.Optional;

/**
 * What a query of the log found.
 *
 * @param rows in the order asked for
 * @param next cursor of the next page, for {@link LogQuery#after}; empty at the end
 * @param position how far the view was that answered
 */
public record LogPage(List<LogRow> rows, Optional<String> next, long position) {}
