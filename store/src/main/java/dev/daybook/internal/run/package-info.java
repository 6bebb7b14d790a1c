/** How runs are made of streams: begin with {@code JournalRuns}. */
@NullMarked
package dev.daybook.internal.run;

import org.jspecify.annotations.NullMarked;
