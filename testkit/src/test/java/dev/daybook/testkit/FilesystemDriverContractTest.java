package dev.daybook.testkit;

import dev.daybook.driver.Driver;
import dev.daybook.driver.filesystem.FilesystemDriver;
import dev.daybook.internal.disk.NioDisk;
import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;

class FilesystemDriverContractTest extends DriverContract {
    @TempDir
    Path directory;

    private int places;

    @Override
    protected Driver newDriver() {
        return new FilesystemDriver(directory.resolve("store" + ++places), new NioDisk());
    }
}
