package dev.daybook.cli;

import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;

/** Standard output: lines of UTF-8, buffered until {@link #flush()}. For one thread at a time. */
final class Output {
    private static final int BUFFER_BYTES = 1 << 16;

    private final OutputStream to;
    private final byte[] buffer = new byte[BUFFER_BYTES];
    private int length;

    Output(OutputStream to) {
        this.to = to;
    }

    void line(String text) {
        line(text.getBytes(StandardCharsets.UTF_8));
    }

    void line(byte[] text) {
        if (length + text.length + 1 > BUFFER_BYTES) {
            drain();
        }
        if (text.length >= BUFFER_BYTES) {
            write(text, text.length);
        } else {
            System.arraycopy(text, 0, buffer, length, text.length);
            length += text.length;
        }
        buffer[length++] = '\n';
    }

    void text(String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        drain();
        write(bytes, bytes.length);
    }

    /** For what wants a stream of its own; its failures come as {@link OutputGoneException}, too. */
    OutputStream stream() {
        drain();
        return new OutputStream() {
            @Override
            public void write(int b) {
                Output.this.write(new byte[] {(byte) b}, 1);
            }

            @Override
            public void write(byte[] bytes, int from, int count) {
                try {
                    to.write(bytes, from, count);
                } catch (IOException e) {
                    throw failed(e);
                }
            }

            @Override
            public void flush() {
                Output.this.flush();
            }
        };
    }

    void flush() {
        drain();
        try {
            to.flush();
        } catch (IOException e) {
            throw failed(e);
        }
    }

    private void drain() {
        if (length > 0) {
            int count = length;
            length = 0; // also when it fails: a second try must not write half of it again
            write(buffer, count);
        }
    }

    private void write(byte[] bytes, int count) {
        try {
            to.write(bytes, 0, count);
        } catch (IOException e) {
            throw failed(e);
        }
    }

    /** Java has no type for a broken pipe. Anything else, such as a full disk under a redirection, is a failure like any other. */
    private static RuntimeException failed(IOException e) {
        String message = String.valueOf(e.getMessage());
        return message.contains("Broken pipe") || message.contains("pipe is being closed")
                ? new OutputGoneException()
                : new UncheckedIOException("standard output cannot be written", e);
    }
}
