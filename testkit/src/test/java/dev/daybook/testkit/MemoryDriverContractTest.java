package dev.daybook.testkit;

import dev.daybook.driver.Driver;
import dev.daybook.driver.memory.MemoryDriver;

class MemoryDriverContractTest extends DriverContract {
    @Override
    protected Driver newDriver() {
        return new MemoryDriver();
    }
}
