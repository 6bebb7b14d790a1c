package dev.daybook.testkit;

import java.util.logging.Level;
import java.util.logging.Logger;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/** Keeps stores that are made to fail by the thousand from telling so, and threads of dead processes from telling that they died. */
final class WithoutLog implements BeforeAllCallback, AfterAllCallback {
    private static final Logger LOGGER =
            Logger.getLogger("dev.daybook"); // held: a logger that nobody holds forgets its level

    private Thread.UncaughtExceptionHandler before;

    @Override
    public void beforeAll(ExtensionContext context) {
        LOGGER.setLevel(Level.OFF);
        before = Thread.getDefaultUncaughtExceptionHandler();
        Thread.setDefaultUncaughtExceptionHandler((thread, problem) -> {
            if (!(problem instanceof SimulatedCrash)) {
                System.err.println("uncaught in " + thread + ":");
                problem.printStackTrace();
            }
        });
    }

    @Override
    public void afterAll(ExtensionContext context) {
        LOGGER.setLevel(null);
        Thread.setDefaultUncaughtExceptionHandler(before);
    }
}
