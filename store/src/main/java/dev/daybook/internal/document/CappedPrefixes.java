package dev.daybook.internal.document;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;
import java.util.function.ToLongFunction;

/**
 * The prefixes that capped puts were made to lately, each with its keys in order. Capped puts of one prefix take turns, so that two of them never both think that there is room for one more. Thread-safe.
 */
final class CappedPrefixes {
    /** More than these are forgotten, least recently used first, and made anew from the heads when they are needed. */
    private static final int KEPT = 256;

    /** A prefix that somebody uses is not forgotten. */
    private static final class Prefix {
        final LeastRecent order = new LeastRecent();
        final ReentrantLock turn = new ReentrantLock();
        int users; // guarded by prefixes
    }

    private final Map<String, Prefix> prefixes = new LinkedHashMap<>(16, 0.75f, true); // guarded by itself

    private volatile boolean any;

    /** How many writes of each key are under way: such a key counts as its head says, although nobody was told of it yet. */
    private final Map<String, Integer> underWay = new ConcurrentHashMap<>();

    static boolean within(String prefix, String key) {
        return prefix.isEmpty()
                || key.startsWith(prefix) && (key.length() == prefix.length() || key.charAt(prefix.length()) == '/');
    }

    <T> T exclusively(String name, Function<LeastRecent, T> body) {
        Prefix prefix;
        synchronized (prefixes) {
            prefix = prefixes.computeIfAbsent(name, n -> new Prefix());
            prefix.users++;
            any = true;
        }
        prefix.turn.lock();
        try {
            return body.apply(prefix.order);
        } finally {
            prefix.turn.unlock();
            synchronized (prefixes) {
                prefix.users--;
                forget();
            }
        }
    }

    private void forget() {
        Iterator<Prefix> oldest = prefixes.values().iterator();
        while (prefixes.size() > KEPT && oldest.hasNext()) {
            if (oldest.next().users == 0) {
                oldest.remove();
            }
        }
    }

    /** A write of this key begins. */
    void begin(String key) {
        underWay.merge(key, 1, Integer::sum);
    }

    /** It is over. Of one whose outcome is unknown this is not said: it may come to be at any time. */
    void end(String key) {
        underWay.computeIfPresent(key, (k, writes) -> writes == 1 ? null : writes - 1);
    }

    /** Has the keys of this prefix whose writes are under way looked up. */
    void lookUp(String prefix, LeastRecent order, ToLongFunction<String> places) {
        for (String key : underWay.keySet()) {
            if (within(prefix, key)) {
                order.refresh(key, places);
            }
        }
    }

    /** Has a key that was written looked up wherever it counts. */
    void written(String key, ToLongFunction<String> places) {
        if (!any) {
            return;
        }
        List<LeastRecent> orders = new ArrayList<>();
        synchronized (prefixes) {
            prefixes.forEach((name, prefix) -> {
                if (within(name, key)) {
                    orders.add(prefix.order);
                }
            });
        }
        for (LeastRecent order : orders) {
            order.refresh(key, places);
        }
    }
}
