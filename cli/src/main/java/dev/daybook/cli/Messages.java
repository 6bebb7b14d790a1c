package dev.daybook.cli;

import dev.daybook.Progress;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Map;

/** Standard error: messages, warnings, progress on a terminal, and the one error that ends a command. */
final class Messages {
    private static final long PROGRESS_NANOS = 200_000_000;

    private final OutputStream to;
    private final boolean json;
    private final boolean debug;

    Messages(OutputStream to, boolean json, Map<String, String> environment) {
        this.to = to;
        this.json = json;
        String wish = environment.get("DAYBOOK_DEBUG");
        this.debug = wish != null && !wish.isEmpty();
    }

    boolean json() {
        return json;
    }

    void say(String message) {
        write(message + "\n");
    }

    /** Reports it and returns the exit status that stands for it. */
    int error(Throwable failure) {
        ErrorReport report = ErrorReport.of(failure);
        String hint = report.hint().isEmpty() ? "" : "\n" + report.hint();
        say(json ? report.json() : "daybook: " + report.message() + hint);
        if (debug) {
            java.io.StringWriter trace = new java.io.StringWriter();
            failure.printStackTrace(new java.io.PrintWriter(trace, true));
            write(trace.toString());
        }
        return report.status();
    }

    /** Draws how far something is, a few times a second, on a terminal only. */
    Progress progress(String what) {
        if (json || !Terminal.isTerminal(Terminal.ERR)) {
            return Progress.NONE;
        }
        return new Progress() {
            private long drawnNanos;

            @Override
            public void at(long done, long total) {
                long now = System.nanoTime();
                boolean last = total > 0 && done >= total;
                if (drawnNanos != 0 && !last && now - drawnNanos < PROGRESS_NANOS) {
                    return;
                }
                drawnNanos = now;
                String far = total > 0 ? 100 * Math.min(done, total) / total + " %" : Long.toString(done);
                write("\r" + what + " " + far + (last ? "\r\033[K" : ""));
            }
        };
    }

    private synchronized void write(String text) {
        try {
            to.write(text.getBytes(StandardCharsets.UTF_8));
            to.flush();
        } catch (IOException e) {
            // Nobody listens; the exit status still says it.
        }
    }
}
