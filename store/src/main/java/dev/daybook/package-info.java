/** Daybook: the durable store for agent and workflow runs. Start at {@link dev.daybook.Daybook}. */
@NullMarked
package dev.daybook;

import org.jspecify.annotations.NullMarked;
