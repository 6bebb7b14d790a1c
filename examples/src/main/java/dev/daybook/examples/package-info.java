/** Small programs that the build compiles and runs; the documentation shows them. */
@NullMarked
package dev.daybook.examples;

import org.jspecify.annotations.NullMarked;
