/** Logs: structured rows, appended and queried. */
@NullMarked
package dev.daybook.log;

import org.jspecify.annotations.NullMarked;
