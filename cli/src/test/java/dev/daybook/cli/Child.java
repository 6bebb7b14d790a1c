package dev.daybook.cli;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** A daybook in a process of its own. */
final class Child implements AutoCloseable {
    /** Only so that a broken test ends; nothing waits that long when all is well. */
    private static final long PATIENCE_SECONDS = 60;

    private static final String END = "\0end";

    final Process process;
    private final BlockingQueue<String> out = new LinkedBlockingQueue<>();
    private final StringBuilder err = new StringBuilder(); // guarded by itself
    private final Thread errReader;

    Child(Process process) {
        this.process = process;
        Thread outReader = new Thread(() -> {
            try (BufferedReader lines =
                    new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
                for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                    out.add(line);
                }
            } catch (IOException e) {
                // The process was killed.
            }
            out.add(END);
        });
        errReader = new Thread(() -> {
            try {
                String all = new String(process.getErrorStream().readAllBytes(), StandardCharsets.UTF_8);
                synchronized (err) {
                    err.append(all);
                }
            } catch (IOException e) {
                // The process was killed.
            }
        });
        for (Thread thread : List.of(outReader, errReader)) {
            thread.setDaemon(true);
            thread.start();
        }
    }

    void type(String input) throws IOException {
        OutputStream stdin = process.getOutputStream();
        stdin.write(input.getBytes(StandardCharsets.UTF_8));
        stdin.flush();
    }

    void endInput() throws IOException {
        process.getOutputStream().close();
    }

    /** The next line of standard output. */
    String line() throws InterruptedException {
        String line = out.poll(PATIENCE_SECONDS, TimeUnit.SECONDS);
        if (line == null || line.equals(END)) {
            throw new AssertionError("no line came; standard error: " + (line == null ? "still open" : err()));
        }
        return line;
    }

    /** The same, or null when none came in this time. */
    String lineWithin(long millis) throws InterruptedException {
        return out.poll(millis, TimeUnit.MILLISECONDS);
    }

    List<String> lines(int count) throws InterruptedException {
        List<String> lines = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            lines.add(line());
        }
        return lines;
    }

    /** What is left of standard output, to its end. */
    List<String> rest() throws InterruptedException {
        List<String> lines = new ArrayList<>();
        while (true) {
            String line = out.poll(PATIENCE_SECONDS, TimeUnit.SECONDS);
            if (line == null) {
                throw new AssertionError("standard output did not end");
            }
            if (line.equals(END)) {
                return lines;
            }
            lines.add(line);
        }
    }

    int status() throws InterruptedException {
        if (!process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
            throw new AssertionError("the process did not end");
        }
        return process.exitValue();
    }

    String err() throws InterruptedException {
        errReader.join(TimeUnit.SECONDS.toMillis(PATIENCE_SECONDS));
        synchronized (err) {
            return err.toString();
        }
    }

    /** SIGTERM. Not through {@link Process}, which would throw away what the child says before it ends. */
    void terminate() {
        process.toHandle().destroy();
    }

    /** SIGKILL, in the same way. */
    void kill() throws InterruptedException {
        process.toHandle().destroyForcibly();
        process.waitFor();
    }

    @Override
    public void close() {
        process.destroyForcibly();
    }
}
