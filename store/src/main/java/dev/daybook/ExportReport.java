package dev.daybook;

/**
 * What was exported or restored.
 *
 * @param lines lines written or read
 * @param events events among them
 * @param bytes bytes written or read
 * @param lastPosition position of the last line
 */
public record ExportReport(long lines, long events, long bytes, long lastPosition) {}
