/** Documents over the journal. */
@NullMarked
package dev.daybook.internal.document;

import org.jspecify.annotations.NullMarked;
