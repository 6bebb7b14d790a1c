package dev.daybook;

/** Another process writes to this store (I9). Reading is possible all the same. */
public final class StoreLockedException extends DaybookException {
    private static final long serialVersionUID = 1;
    private final String owner;

    /** @param owner pid, host and start time of the owner as it wrote them, or what is known */
    public StoreLockedException(String location, String owner, long waitedMillis) {
        super(
                "locked",
                location + " is being written by another process (" + owner + "); waited " + waitedMillis
                        + " ms. Close that one, or open this store for reading.",
                null);
        this.owner = owner;
    }

    public String owner() {
        return owner;
    }
}
