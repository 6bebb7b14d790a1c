package dev.daybook.internal.json;

/** Says what was refused and where, so that the sender can point at the byte. Unchecked: bad input is the caller's. */
public final class InvalidJsonException extends IllegalArgumentException {
    private static final long serialVersionUID = 1;

    /** Offset of a text that has no bytes yet: the reason then names the char of the Java string. */
    static final int NOT_A_BYTE = -1;

    private final int byteOffset;
    private final String reason;

    InvalidJsonException(int byteOffset, String reason) {
        super(byteOffset == NOT_A_BYTE ? reason : reason + " at byte " + byteOffset);
        this.byteOffset = byteOffset;
        this.reason = reason;
    }

    /** Offset of the first refused byte, counted from the start of the checked range; -1 if a Java string was refused. */
    public int byteOffset() {
        return byteOffset;
    }

    /** What is wrong, in plain English and without the offset. */
    public String reason() {
        return reason;
    }
}
