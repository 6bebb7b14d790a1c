package dev.daybook.cli;

import java.io.InputStream;
import java.io.OutputStream;
import java.util.Map;

/**
 * Runs the short commands once, in one process, so that the launcher learns which classes they load. The only argument is the directory for
 * a store. Whether they succeed does not matter.
 */
final class Rehearsal {
    private Rehearsal() {}

    public static void main(String[] args) {
        Map<String, String> environment = Map.of("DAYBOOK_STORE", args[0]);
        String[][] commands = {
            {"stream", "append", "first", "--data", "{}"},
            {"stream", "info", "first"},
            {"stream", "read", "first", "--limit", "20"},
            {"stream", "list"},
        };
        for (String[] command : commands) {
            Main.run(
                    command,
                    InputStream.nullInputStream(),
                    OutputStream.nullOutputStream(),
                    OutputStream.nullOutputStream(),
                    environment);
        }
    }
}
