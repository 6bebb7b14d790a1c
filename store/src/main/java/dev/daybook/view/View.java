package dev.daybook.view;

import dev.daybook.stream.Event;
import java.util.List;

/**
 * Tables that follow the journal. The store calls the fold with everything in the order of positions, in transactions that hold the checkpoint, too; when the tables are missing or of another version, from the
 * beginning. It must depend on nothing but what it is given and what its tables hold: then tables that are made again are the same.
 */
public interface View {

    /** 1 to 64 letters, digits and hyphens. */
    String name();

    /** Another number means other tables: they are made anew. */
    int version();

    /** {@code CREATE TABLE} statements. Names that begin with {@code meta} or {@code sqlite} are taken. */
    List<String> tables();

    /** {@code CREATE INDEX} statements; a rebuild runs them last. */
    default List<String> indexes() {
        return List.of();
    }

    /** Streams below this prefix only; empty for all. */
    default String prefix() {
        return "";
    }

    /**
     * An event. What it throws stops the view before the append that this event is part of, with this cause; the store and the other views go on.
     * Called on a thread of the store's, during a rebuild on two at a time, for different tables: so it keeps nothing in fields.
     */
    void event(Event event, ViewWriter tables);

    /**
     * A stream was deleted or expired: what its events made has to go, for a rebuild never sees these events (and calls this, too, with nothing
     * there). The name can come again, as another stream. Events that were truncated stay what they are: events.
     */
    default void deleted(String stream, ViewWriter tables) {}
}
