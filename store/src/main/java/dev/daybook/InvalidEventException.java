package dev.daybook;

/** An event, a name or a limit breaks a rule of the format. Nothing was written. */
public final class InvalidEventException extends DaybookException {
    private static final long serialVersionUID = 1;
    private final String field;
    private final int byteOffset;
    private final String reason;

    /** @param byteOffset where in the field the rule is broken, from 0; -1 when it is about the whole */
    public InvalidEventException(String field, int byteOffset, String reason) {
        super(
                "invalid",
                field + (byteOffset < 0 ? "" : " at byte " + byteOffset) + ": " + reason + "; nothing was written",
                null);
        this.field = field;
        this.byteOffset = byteOffset;
        this.reason = reason;
    }

    /** Which part: {@code data}, {@code type}, {@code stream}, ... */
    public String field() {
        return field;
    }

    public int byteOffset() {
        return byteOffset;
    }

    public String reason() {
        return reason;
    }
}
