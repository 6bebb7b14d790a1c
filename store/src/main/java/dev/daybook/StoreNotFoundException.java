package dev.daybook;

import org.jspecify.annotations.Nullable;

/** There is no store at this place. Opening for writing would make one; opening for reading does not. */
public final class StoreNotFoundException extends DaybookException {
    private static final long serialVersionUID = 1;
    private final String location;

    public StoreNotFoundException(String location, @Nullable Throwable cause) {
        super("not-found", "there is no store at " + location, cause);
        this.location = location;
    }

    public String location() {
        return location;
    }
}
