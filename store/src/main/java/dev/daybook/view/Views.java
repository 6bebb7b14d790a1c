package dev.daybook.view;

import dev.daybook.Freshness;
import dev.daybook.Progress;
import java.util.List;
import java.util.function.Function;

/** The views of a store: the program's own. Thread-safe. */
public interface Views {

    /**
     * Adds a view of the program's own; it follows from now on, made anew where it is missing or of another version. To be done at each opening.
     *
     * @throws IllegalArgumentException when its name or its statements are not allowed
     * @throws IllegalStateException when a view of this name is there
     */
    void register(View view);

    /**
     * Asks a view. The function reads one state of the tables; it must not keep the reader.
     *
     * @throws dev.daybook.ViewBehindException when the view does not get as far as asked in time, or stopped; it says where it is and why
     * @throws IllegalArgumentException when there is no such view
     */
    <T> T query(String view, Freshness freshness, Function<ViewReader, T> question);

    /** Where the views are. */
    List<ViewStatus> status();

    /**
     * Makes a view anew beside the living one, which answers meanwhile, and puts it in its place. Returns when that is done. Progress is told in
     * positions.
     *
     * @throws dev.daybook.ViewBehindException when its fold throws; where it got further before, it is left as it was
     * @throws dev.daybook.RefusedException when the store was opened for reading
     * @throws dev.daybook.StoreFailedException when the disk does not let it
     * @throws IllegalArgumentException when there is no such view
     */
    void rebuild(String view, Progress progress);
}
