package dev.daybook.journal;

import org.jspecify.annotations.Nullable;

/** Names that were checked and encoded lately, so that a batch over many streams need not do it for every event. Thread-safe. */
final class Names {
    private static final int KEPT = 4_096;

    /** A name stands at its hash, or another one does. Names are immutable, so racing threads do no harm. */
    private final @Nullable Name[] known = new Name[KEPT];

    Name of(String text) {
        int hash = text.hashCode();
        int slot = (hash ^ hash >>> 12) & (KEPT - 1);
        Name name = known[slot];
        if (name == null || !name.toString().equals(text)) {
            name = Name.of(text);
            known[slot] = name;
        }
        return name;
    }
}
