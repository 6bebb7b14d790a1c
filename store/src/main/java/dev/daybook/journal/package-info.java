/** The journal: one commit thread, segments of checksummed lines, heads, indexes and recovery. The format is in {@code docs/format/journal.md}. */
@NullMarked
package dev.daybook.journal;

import org.jspecify.annotations.NullMarked;
