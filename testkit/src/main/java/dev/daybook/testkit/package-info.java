/** For those who test with Daybook: a disk that lies, a clock that stands still, and the contracts of drivers and stores as tests. */
@NullMarked
package dev.daybook.testkit;

import org.jspecify.annotations.NullMarked;
