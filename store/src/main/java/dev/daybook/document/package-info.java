/** Documents: JSON values by key, with versions, conditions and history. */
@NullMarked
package dev.daybook.document;

import org.jspecify.annotations.NullMarked;
