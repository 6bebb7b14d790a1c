package dev.daybook.cli;

/** A command and what it was given. */
record Parsed(Command command, Arguments arguments) {}
