package dev.daybook.internal.run;

import dev.daybook.run.Message;
import dev.daybook.run.RunThread;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;

/** A thread that is folded from its run's stream each time it is asked. */
final class FoldedThread implements RunThread {
    private static final int LIMIT_MAX = 10_000;

    private final ObservedRun run;

    FoldedThread(ObservedRun run) {
        this.run = run;
    }

    @Override
    public List<Message> chain() {
        return run.fold().messages().stream().filter(m -> !m.setAside()).toList();
    }

    @Override
    public long count() {
        return run.fold().messages().stream().filter(m -> m.round() > 0).count();
    }

    @Override
    public List<Message> rounds(long before, int limit) {
        return rounds(message -> true, before, limit);
    }

    @Override
    public List<Message> rounds(String role, long before, int limit) {
        return rounds(message -> message.role().equals(role), before, limit);
    }

    private List<Message> rounds(Predicate<Message> wanted, long before, int limit) {
        if (before < 1) {
            throw new IllegalArgumentException("a round is 1 or more, not " + before);
        }
        if (limit < 1 || limit > LIMIT_MAX) {
            throw new IllegalArgumentException("a limit is 1 to " + LIMIT_MAX + ", not " + limit);
        }
        List<Message> all = run.fold().messages();
        List<Message> page = new ArrayList<>();
        for (int i = all.size() - 1; i >= 0 && page.size() < limit; i--) {
            Message message = all.get(i);
            if (message.round() > 0 && message.round() < before && wanted.test(message)) {
                page.add(message);
            }
        }
        return page;
    }
}
