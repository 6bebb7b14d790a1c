/** The log over the journal. */
@NullMarked
package dev.daybook.internal.log;

import org.jspecify.annotations.NullMarked;
