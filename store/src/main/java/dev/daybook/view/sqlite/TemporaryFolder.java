package dev.daybook.view.sqlite;

import dev.daybook.StoreFailedException;
import dev.daybook.internal.disk.NioDisk;
import java.io.IOException;
import java.nio.file.Path;
import java.util.UUID;

/** A folder for files that nobody needs when it is closed. Only its owner can look into it. */
final class TemporaryFolder implements AutoCloseable {
    private static final NioDisk DISK = new NioDisk();

    final Path path;

    TemporaryFolder() {
        path = Path.of(System.getProperty("java.io.tmpdir", "."))
                .toAbsolutePath()
                .resolve("daybook-views-" + UUID.randomUUID());
        try {
            DISK.createDirectories(path);
        } catch (IOException e) {
            throw new StoreFailedException(
                    "no folder for views can be made: " + e, StoreFailedException.Reason.WRITE_FAILED, e);
        }
    }

    @Override
    public void close() {
        try {
            for (String name : DISK.list(path)) {
                DISK.delete(path.resolve(name));
            }
            DISK.delete(path);
        } catch (IOException e) {
            // It is in the system's folder for what nobody needs.
        }
    }
}
