/** Views: tables that follow the journal, answer questions, and can be deleted at any time. The only place that sees SQL. */
@NullMarked
package dev.daybook.view;

import org.jspecify.annotations.NullMarked;
