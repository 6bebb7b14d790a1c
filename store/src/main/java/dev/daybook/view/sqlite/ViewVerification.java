package dev.daybook.view.sqlite;

import dev.daybook.DaybookOptions;
import dev.daybook.Progress;
import dev.daybook.StoreFailedException;
import dev.daybook.VerifyReport;
import dev.daybook.VerifyReport.Problem;
import dev.daybook.driver.Driver;
import dev.daybook.driver.Storage;
import dev.daybook.journal.Journal;
import dev.daybook.view.View;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/**
 * For the store: proves that living views are what a rebuild makes of the journal (I5). A copy of each, brought up to date, and a rebuild are made in
 * a temporary folder and compared; so it works beside a writer, and changes nothing.
 */
public final class ViewVerification {
    private static final int LINES = 50_000;

    private final Driver driver;
    private final Path folder;
    private final Path temporary;
    private final Progress progress;
    private final List<VerifyReport.ViewCheck> checks = new ArrayList<>();
    private final List<Problem> problems = new ArrayList<>();

    private ViewVerification(Driver driver, Path folder, Path temporary, Progress progress) {
        this.driver = driver;
        this.folder = folder;
        this.temporary = temporary;
        this.progress = progress;
    }

    /**
     * Adds what is found to the report on the journal, which nothing can be compared with when it is damaged.
     *
     * @param views the program's own; those that are not among them cannot be compared
     */
    public static VerifyReport of(Driver driver, List<View> views, VerifyReport report, Progress progress) {
        try {
            Optional<Path> folder = folder(driver);
            if (folder.isEmpty() || !report.problems().stream().allMatch(Problem::heals)) {
                return report;
            }
            try (TemporaryFolder temporary = new TemporaryFolder()) {
                ViewVerification verification = new ViewVerification(driver, folder.get(), temporary.path, progress);
                verification.run(SqliteViews.byStem(views));
                return verification.added(report);
            }
        } catch (IOException | SqliteTrouble e) {
            throw new StoreFailedException(
                    "views cannot be compared: " + e, StoreFailedException.Reason.READ_FAILED, e);
        }
    }

    private VerifyReport added(VerifyReport report) {
        problems.addAll(0, report.problems());
        return new VerifyReport(
                report.segments(),
                report.lines(),
                report.events(),
                report.streams(),
                report.bytes(),
                List.copyOf(checks),
                List.copyOf(problems));
    }

    private static Optional<Path> folder(Driver driver) throws IOException {
        try (Storage storage = driver.openForReading()) {
            return storage.folder(SqliteViews.FOLDER)
                    .filter(path -> !ViewFile.stems(path).isEmpty());
        }
    }

    private void run(Map<String, View> views) throws IOException {
        for (String stem : ViewFile.stems(folder)) {
            View view = views.get(stem);
            if (view == null) {
                checks.add(new VerifyReport.ViewCheck(SqliteViews.name(stem), false, 0, 0, 0));
            } else {
                check(stem, view, ViewFile.builds(folder, stem).get(0));
            }
        }
    }

    private void check(String stem, View view, ViewFile living) throws IOException {
        ViewFile copy;
        try {
            copy = living.copy(temporary, stem);
        } catch (SqliteTrouble e) {
            if (!e.damaged()) {
                throw e;
            }
            unusable(living, view, String.valueOf(e.getMessage()));
            return;
        }
        // Opened behind the copy, so that it knows every line that is in it.
        try (Journal journal = Journal.open(driver, DaybookOptions.defaults().withReadOnly(true))) {
            long reached = bringUpToDate(copy, view, journal);
            if (reached < 0) {
                unusable(living, view, "it is of another version, or the journal has not the lines that it has seen");
                return;
            }
            long end = Math.max(1, journal.pos());
            ViewFile rebuilt = Objects.requireNonNull(
                    Rebuild.run(journal, view, temporary, stem, at -> progress.at(at, end), () -> false));
            compare(living, view, copy, rebuilt, reached);
            rebuilt.delete();
        }
        copy.delete();
    }

    /** Folds what is there now and no more. Returns how far that goes, or -1 when the file is no good. */
    private static long bringUpToDate(ViewFile copy, View view, Journal journal) {
        try (Statements tables = copy.follow()) {
            ViewFile.Meta meta = ViewFile.meta(tables);
            if (meta == null || !meta.isUsable(view, journal)) {
                return -1;
            }
            journal.stay(); // so that both end alike, also where a stream is deleted meanwhile
            ViewFeed feed = new ViewFeed(journal, view, tables, meta);
            while (feed.batch(LINES, Long.MAX_VALUE) > 0) {}
            feed.store();
            return feed.position();
        }
    }

    private void compare(ViewFile living, View view, ViewFile copy, ViewFile rebuilt, long reached) {
        Comparison found = Comparison.of(copy, rebuilt);
        checks.add(new VerifyReport.ViewCheck(view.name(), true, reached, found.rows, found.differing));
        if (found.differing > 0) {
            problem(
                    living,
                    "view " + view.name() + " is not what the journal says: of " + found.rows + " rows "
                            + found.differing + " differ from those of a rebuild, the first in table " + found.table,
                    "the journal is not concerned; rebuild the view: `daybook views rebuild " + view.name()
                            + "`, or Views.rebuild for a view of a program's own",
                    false);
        }
    }

    private void unusable(ViewFile living, View view, String why) {
        checks.add(new VerifyReport.ViewCheck(view.name(), false, 0, 0, 0));
        problem(
                living,
                "view " + view.name() + " cannot be used: " + why,
                "nothing to do: it is made anew when it is asked for",
                true);
    }

    private void problem(ViewFile living, String what, String advice, boolean heals) {
        problems.add(new Problem(living.path.toString(), -1, 0, 0, what, advice, heals));
    }
}
