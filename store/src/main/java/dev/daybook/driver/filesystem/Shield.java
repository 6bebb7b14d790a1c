package dev.daybook.driver.filesystem;

import java.io.IOException;
import java.nio.channels.ClosedByInterruptException;

/**
 * Runs file operations of a caller's thread as if it were not interrupted: an interrupt would close the channel that is being used. The
 * operation must use channels of its own and be one that can be done again.
 */
final class Shield {
    private Shield() {}

    @FunctionalInterface
    interface Operation<T> {
        T run() throws IOException;
    }

    static <T> T run(Operation<T> operation) throws IOException {
        boolean interrupted = Thread.interrupted();
        try {
            while (true) {
                try {
                    return operation.run();
                } catch (ClosedByInterruptException e) {
                    interrupted |= Thread.interrupted();
                }
            }
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }
}
