package dev.daybook.view.sqlite;

import dev.daybook.journal.Lines;
import dev.daybook.stream.Event;
import dev.daybook.view.View;
import dev.daybook.view.ViewWriter;
import java.util.List;

/** A view of the store's own: sees events of streams of certain kinds only, whatever the others are called, and what their lines say besides. */
interface KindView extends View {
    /** Which streams. */
    List<Lines.Scope> scopes();

    /** Whether it lets other views go first: they answer what is asked often. */
    default boolean givesWay() {
        return false;
    }

    /** An event, which the line is of. */
    void event(Event event, Lines line, ViewWriter tables);

    /** All events of a transaction, and ends of streams, were given to it. */
    default void finish(ViewWriter tables) {}

    @Override
    default void event(Event event, ViewWriter tables) {
        throw new IllegalStateException("the line is needed, too");
    }
}
