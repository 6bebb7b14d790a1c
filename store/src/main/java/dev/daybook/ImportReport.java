package dev.daybook;

/**
 * What was imported.
 *
 * @param lines lines read
 * @param appended events appended
 * @param duplicates events that an earlier import of the same file had appended
 */
public record ImportReport(long lines, long appended, long duplicates) {}
