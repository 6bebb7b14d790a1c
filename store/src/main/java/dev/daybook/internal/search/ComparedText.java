package dev.daybook.internal.search;

import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/** A text that is compared with stored ones as bytes. */
public final class ComparedText {
    private ComparedText() {}

    /**
     * Half of a surrogate pair has no bytes that it could be compared as, and no stored text has one.
     *
     * @param condition what is looked for, for the message
     * @param text may be null: no condition
     * @throws IllegalArgumentException naming the condition
     */
    public static void require(String condition, @Nullable String text) {
        if (text != null && !StandardCharsets.UTF_8.newEncoder().canEncode(text)) {
            throw new IllegalArgumentException("the " + condition + " that is looked for has a lone surrogate");
        }
    }
}
