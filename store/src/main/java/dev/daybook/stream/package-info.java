/** Streams: named sequences of events in the journal; appending, reading and following them. */
@NullMarked
package dev.daybook.stream;

import org.jspecify.annotations.NullMarked;
