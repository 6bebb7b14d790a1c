/** The only places that tell the time. */
@NullMarked
package dev.daybook.internal.time;

import org.jspecify.annotations.NullMarked;
