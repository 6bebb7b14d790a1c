/**
 * Daybook beside its peers, in the same run, on the same file system. {@link dev.daybook.benchmarks.Benchmarks} is the
 * program; each of the classes {@code AppendBenchmarks} to {@code SyncCountBenchmark} holds a few rows of its table.
 * What touches a peer is in {@code RawLoop}, {@code Sqlite}, {@code Rocks} and {@code Chronicle}; what touches the
 * store is in {@code Book}, and nowhere else.
 */
@NullMarked
package dev.daybook.benchmarks;

import org.jspecify.annotations.NullMarked;
