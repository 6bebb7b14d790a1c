package dev.daybook;

import dev.daybook.view.ViewStatus;

/** A view did not get as far as a query asked, in the time it had. The query can be asked again, or with less freshness. */
public final class ViewBehindException extends DaybookException {
    private static final long serialVersionUID = 1;

    private final transient ViewStatus status;
    private final long wanted;

    public ViewBehindException(ViewStatus status, long wanted, String why) {
        super(
                "view-behind",
                "view " + status.name() + " is at position " + status.position() + ", " + wanted + " was asked for: "
                        + why,
                null);
        this.status = status;
        this.wanted = wanted;
    }

    /** Where it is and what it does. */
    public ViewStatus status() {
        return status;
    }

    /** The position that was asked for. */
    public long wanted() {
        return wanted;
    }
}
