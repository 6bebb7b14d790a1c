package dev.daybook;

/** The journal is damaged (I6). Nothing was changed. {@code daybook salvage} copies what is good to another store. */
public final class CorruptJournalException extends DaybookException {
    private static final long serialVersionUID = 1;
    private final String file;
    private final long byteOffset;
    private final long firstPosition;
    private final long lastPosition;
    private final String reason;

    /**
     * @param firstPosition first position that is affected, or 0 when that is not known
     * @param lastPosition last position that is affected, or 0 when that is not known
     */
    public CorruptJournalException(String file, long byteOffset, long firstPosition, long lastPosition, String reason) {
        super(
                "corrupt",
                file + " is damaged at byte " + byteOffset + positions(firstPosition, lastPosition) + ": " + reason
                        + ". Nothing was changed. Run `daybook verify` to see all of it and `daybook salvage --to DIR`"
                        + " to copy every good event to a new store.",
                null);
        this.file = file;
        this.byteOffset = byteOffset;
        this.firstPosition = firstPosition;
        this.lastPosition = lastPosition;
        this.reason = reason;
    }

    private static String positions(long first, long last) {
        if (first == 0) {
            return "";
        }
        return first == last ? " (position " + first + ")" : " (positions " + first + " to " + last + ")";
    }

    public String file() {
        return file;
    }

    public long byteOffset() {
        return byteOffset;
    }

    public long firstPosition() {
        return firstPosition;
    }

    public long lastPosition() {
        return lastPosition;
    }

    public String reason() {
        return reason;
    }
}
