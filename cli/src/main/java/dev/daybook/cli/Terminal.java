package dev.daybook.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

/** Whether a person looks at a stream. Java itself only knows it of standard input and output together. */
final class Terminal {
    static final int OUT = 1;
    static final int ERR = 2;

    private Terminal() {}

    static boolean isTerminal(int descriptor) {
        try {
            String target = Files.readSymbolicLink(Path.of("/proc/self/fd/" + descriptor))
                    .toString();
            return target.startsWith("/dev/pts/") || target.startsWith("/dev/tty") || target.equals("/dev/console");
        } catch (IOException | UnsupportedOperationException e) {
            return askTheShell(descriptor); // not Linux
        }
    }

    private static boolean askTheShell(int descriptor) {
        try {
            return new ProcessBuilder("sh", "-c", "test -t " + descriptor)
                            .inheritIO()
                            .start()
                            .waitFor()
                    == 0;
        } catch (IOException e) {
            return false;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    /** Colour is for a terminal that did not ask for none (no-color.org). */
    static boolean wantsColour(Map<String, String> environment) {
        String none = environment.get("NO_COLOR");
        return (none == null || none.isEmpty()) && !"dumb".equals(environment.get("TERM")) && isTerminal(OUT);
    }
}
