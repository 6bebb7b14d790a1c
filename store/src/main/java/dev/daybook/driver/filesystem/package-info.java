/** A journal in the files of one directory. */
@NullMarked
package dev.daybook.driver.filesystem;

import org.jspecify.annotations.NullMarked;
