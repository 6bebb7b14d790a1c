package dev.daybook.view;

import java.util.Optional;

/**
 * Where a view is.
 *
 * @param name the view
 * @param version its version
 * @param state what it does
 * @param position its checkpoint
 * @param journalPosition where the journal is
 * @param rebuilt while it is rebuilt beside: how far that is
 * @param stoppedBecause when it stopped: at which event, and with what
 */
public record ViewStatus(
        String name,
        int version,
        State state,
        long position,
        long journalPosition,
        Optional<Long> rebuilt,
        Optional<String> stoppedBecause) {

    /** What a view does. */
    public enum State {
        /** Nobody asked for it yet. */
        IDLE,
        /** It is a program's own, which did not register it here: nothing is known of it but its file. */
        UNREGISTERED,
        FOLLOWING,
        REBUILDING,
        /** Its fold threw. */
        STOPPED,
        /** Another process may write it, and it is read here. */
        READING
    }
}
