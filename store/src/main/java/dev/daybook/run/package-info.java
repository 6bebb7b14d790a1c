/** Runs: executions of a workflow, with messages, recorded steps, leases, admission and history. */
@NullMarked
package dev.daybook.run;

import org.jspecify.annotations.NullMarked;
