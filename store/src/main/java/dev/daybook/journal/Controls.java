package dev.daybook.journal;

import dev.daybook.UnsupportedFormatException;
import java.util.Set;

/** The control records that this version understands. Another one may change what the events mean, so it refuses the store. */
final class Controls {
    static final String CREATE = "create";
    static final String CLOSE = "close";
    static final String TRUNCATE = "truncate";
    static final String DELETE = "delete";
    static final String MARK = "mark";

    private static final Set<String> KNOWN =
            Set.of(CREATE, CLOSE, TRUNCATE, DELETE, "expire", "erase", "lease", "archived", MARK);

    private Controls() {}

    /** Whether the line takes events away. */
    static boolean removes(Line line) {
        return line.shape == Line.Shape.CONTROL
                && (line.control.equals(TRUNCATE) || line.control.equals(DELETE) || line.control.equals("expire"));
    }

    static void require(Line line, String file) {
        if (line.shape != Line.Shape.CONTROL) {
            return;
        }
        if (!KNOWN.contains(line.control)) {
            throw new UnsupportedFormatException(
                    file + ", position " + line.pos + ": the control record \"" + line.control
                            + "\" is not known to format " + Framing.FORMAT
                            + " of this Daybook; a newer one wrote it: use that one",
                    null);
        }
        if (line.control.equals(CREATE) && line.controlField("fork") != null) {
            throw new UnsupportedFormatException(
                    file + ", position " + line.pos + ": a fork, which this Daybook (format " + Framing.FORMAT
                            + ") cannot read; a newer one wrote it: use that one",
                    null);
        }
    }
}
