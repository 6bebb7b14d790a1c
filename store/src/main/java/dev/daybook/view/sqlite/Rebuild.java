package dev.daybook.view.sqlite;

import dev.daybook.journal.Journal;
import dev.daybook.view.View;
import java.io.IOException;
import java.nio.file.Path;
import java.util.function.BooleanSupplier;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;

/** Makes a view anew, in a file of its own that nobody else sees before it is finished. */
final class Rebuild {
    private static final int LINES = 50_000;

    private Rebuild() {}

    /**
     * Folds the journal up to about now.
     *
     * @param reached told how far it is
     * @param enough whether to give up
     * @return the finished file, or null when it gave up
     */
    static @Nullable ViewFile run(
            Journal journal, View view, Path folder, String stem, LongConsumer reached, BooleanSupplier enough)
            throws IOException {
        ViewFile draft = ViewFile.create(folder, stem);
        boolean finished = false;
        try {
            try (Statements tables = draft.rebuild()) {
                ViewFile.Identity identity = ViewFile.Identity.of(view, journal);
                ViewFile.make(tables, view, identity);
                ViewFeed feed = new ViewFeed(journal, view, tables, new ViewFile.Meta(identity, 0, "", null, false));
                while (feed.batch(LINES, Long.MAX_VALUE) >= LINES) {
                    reached.accept(feed.position());
                    if (enough.getAsBoolean()) {
                        return null;
                    }
                }
                feed.index();
                feed.store();
                reached.accept(feed.position());
            }
            ViewFile whole = draft.finished();
            finished = true;
            return whole;
        } finally {
            if (!finished) {
                draft.delete();
            }
        }
    }
}
