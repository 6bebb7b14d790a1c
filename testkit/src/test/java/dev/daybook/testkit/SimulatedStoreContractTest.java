package dev.daybook.testkit;

import dev.daybook.driver.Driver;
import dev.daybook.driver.filesystem.FilesystemDriver;
import java.nio.file.Path;

class SimulatedStoreContractTest extends StoreContract {
    private final SimulatedDisk disk = new SimulatedDisk(1);
    private int places;

    @Override
    protected Driver newDriver() throws Exception {
        disk.createDirectories(Path.of("/sim"));
        return new FilesystemDriver(Path.of("/sim/store" + ++places), disk);
    }
}
