/** The views as SQLite files: begin with {@code LiveView}, then {@code ViewFeed}. Not for users; {@code dev.daybook.view} is. */
@NullMarked
package dev.daybook.view.sqlite;

import org.jspecify.annotations.NullMarked;
