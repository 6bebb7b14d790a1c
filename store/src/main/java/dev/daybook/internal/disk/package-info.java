/** The seam between Daybook and a file system, so that a test can lie to it. */
@NullMarked
package dev.daybook.internal.disk;

import org.jspecify.annotations.NullMarked;
