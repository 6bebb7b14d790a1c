/** A journal in memory, for tests and for programs that do not want a directory. Nothing survives the process. */
@NullMarked
package dev.daybook.driver.memory;

import org.jspecify.annotations.NullMarked;
