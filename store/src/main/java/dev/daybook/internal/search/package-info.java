/** Text that is searched: what is a payload's text, and what a user's words mean. */
@NullMarked
package dev.daybook.internal.search;

import org.jspecify.annotations.NullMarked;
