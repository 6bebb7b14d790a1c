package dev.daybook.testkit;

import dev.daybook.Daybook;
import dev.daybook.DaybookOptions;
import dev.daybook.driver.Driver;
import java.util.Objects;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Timeout;

/**
 * What a store does on every driver, seen through the public API. Extend it and say how a driver is made; opening the same driver
 * again must find what was stored. Its tests stand in the interfaces, one for each part of what a store does.
 */
@Timeout(60)
public abstract class StoreContract
        implements PayloadContract,
                AppendContract,
                IdempotenceContract,
                ReadContract,
                StreamLifeContract,
                SubscriptionContract,
                OpenAndCloseContract,
                DocumentContract,
                CapContract,
                LogContract,
                LogQueryContract,
                RunContract,
                RunQueryContract,
                RunHistoryContract,
                RunSearchContract,
                StepContract,
                AdmissionContract,
                LeaseContract,
                WorkerContract {

    /** Moved by the tests; days may pass. */
    protected final ManualClock clock = ManualClock.evening();

    private @Nullable Driver driver;
    private @Nullable Daybook open;

    /** A driver for a place where nothing is yet. */
    protected abstract Driver newDriver() throws Exception;

    /** Options of the stores that the tests open; small segments, so that they roll. */
    protected DaybookOptions options() {
        return DaybookOptions.defaults().withSegmentBytesMax(8 << 10).withClock(clock);
    }

    @BeforeEach
    final void open() throws Exception {
        driver = newDriver();
        open = openBeside(UnaryOperator.identity());
    }

    @AfterEach
    final void close() {
        Daybook book = open;
        if (book != null) {
            book.close();
        }
    }

    @Override
    public final Daybook book() {
        return Objects.requireNonNull(open);
    }

    @Override
    public final Driver driver() {
        return Objects.requireNonNull(driver);
    }

    @Override
    public final ManualClock clock() {
        return clock;
    }

    @Override
    public final Daybook reopen(UnaryOperator<DaybookOptions> change) {
        book().close();
        Daybook book = openBeside(change);
        open = book;
        return book;
    }

    @Override
    public final Daybook openBeside(UnaryOperator<DaybookOptions> change) {
        return Daybook.open(driver(), change.apply(options()));
    }
}
