package dev.daybook.cli;

import dev.daybook.Freshness;
import dev.daybook.Progress;
import dev.daybook.ViewBehindException;
import dev.daybook.view.ViewStatus;
import java.time.Duration;
import java.util.function.Function;

/**
 * Asks a view, and waits as long as it gets on: the first question to a large store makes the view, which takes longer than a program would wait, and would be begun anew by the next
 * command if this one gave up.
 */
final class ViewWait {
    private static final Duration EACH = Duration.ofSeconds(1);
    private static final int STUCK_MAX = 5;

    private ViewWait() {}

    static <T> T ask(Call call, Function<Freshness, T> question) {
        Freshness freshness = Freshness.own().within(EACH);
        Progress progress = call.messages().progress("waiting for the view");
        long reached = -1;
        int stuck = 0;
        while (true) {
            try {
                return question.apply(freshness);
            } catch (ViewBehindException e) {
                ViewStatus view = e.status();
                stuck = view.state() == ViewStatus.State.REBUILDING || view.position() > reached ? 0 : stuck + 1;
                reached = view.position();
                if (stuck == STUCK_MAX || view.stoppedBecause().isPresent()) {
                    throw e;
                }
                progress.at(view.rebuilt().orElse(reached), view.journalPosition());
            }
        }
    }
}
