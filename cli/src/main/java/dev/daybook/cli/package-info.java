/**
 * The {@code daybook} command. One class per command; {@link dev.daybook.cli.Commands} lists them, {@link dev.daybook.cli.Main}
 * runs one and turns what it throws into an exit status.
 *
 * <p>A command line is parsed twice at most: {@link dev.daybook.cli.QuickParser} takes what is plainly right, without loading picocli, which
 * costs more than everything else a reading command does; {@link dev.daybook.cli.FullParser} takes the rest with picocli: help, mistakes,
 * abbreviations, completion. Both read the same {@link dev.daybook.cli.Syntax}. For the same reason, code on the way of a reading command
 * has no lambdas and joins strings with a builder: the first of each costs ten milliseconds.
 */
@NullMarked
package dev.daybook.cli;

import org.jspecify.annotations.NullMarked;
