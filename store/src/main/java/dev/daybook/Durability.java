package dev.daybook;

/** What an acknowledgement means. */
public enum Durability {
    /** On stable storage: it survives {@code kill -9}, a crash of the operating system and a power cut (I1). */
    SYNC,
    /**
     * Handed to the operating system: it survives {@code kill -9}. A crash of the operating system or a power cut can take back
     * the last {@link DaybookOptions#syncInterval()}.
     */
    OS
}
