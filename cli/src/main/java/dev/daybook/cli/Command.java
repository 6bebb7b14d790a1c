package dev.daybook.cli;

/** One command. Made when it is wanted; does nothing before {@link #run}. */
interface Command {

    /** What it takes. */
    Syntax syntax();

    /** Does it and returns an {@link Exit} status, or throws what {@link ErrorReport} knows. */
    int run(Call call) throws Exception;
}
