package dev.daybook.journal;

import dev.daybook.InvalidEventException;
import dev.daybook.document.Condition;
import dev.daybook.internal.json.JsonSink;
import dev.daybook.run.Admission;
import dev.daybook.run.RunStatus;
import dev.daybook.stream.AppendOptions;
import org.jspecify.annotations.Nullable;

/**
 * What the append to a run or a document asks of the commit thread, besides what every append may ask; {@link Rules} decides it. Plain streams have
 * none. Immutable.
 */
public sealed interface Rule {
    /** The longest workflow, and the longest owner, in bytes of UTF-8. */
    int WORD_BYTES_MAX = 256;

    /**
     * A new run, or the next attempt of one, or a claim of a queued one. Its first event has the type of the status that is wanted; where the admission has no slot it
     * gets another one.
     *
     * @param wanted queued, started or dropped
     * @param workflow the run's workflow
     * @param owner who is to hold the lease; null for a queued run, and for one that is recorded from outside
     * @param admission how many runs of the workflow may be started
     * @param after number of the event with the status that this goes on from, so that a run that went on meanwhile is left alone; 0 for a new run
     */
    record Begin(
            RunStatus wanted, String workflow, @Nullable Owner owner, Admission admission, long after) implements Rule {
        public Begin {
            require(wanted == RunStatus.QUEUED || wanted == RunStatus.STARTED || wanted == RunStatus.DROPPED, wanted);
            requireWord("workflow", workflow);
        }
    }

    /** The end of an attempt, by its last event. */
    record End(RunStatus to, Writer writer) implements Rule {
        public End {
            require(writer.role().ends(to), to);
        }
    }

    /**
     * Something that leaves the status as it is.
     *
     * @param what the type of its first event, for the refusal
     */
    record Note(String what, Allowed allowed, Writer writer) implements Rule {}

    /**
     * Deletes an ended run.
     *
     * @param after number of the event that ended it
     */
    record Forget(long after) implements Rule {}

    /** A put or a delete of a document, by its only event. A delete where there is no value writes nothing. */
    record Write(Condition condition, boolean deletes) implements Rule {}

    /** What a line of another store says, whose events are copied here. */
    record Copy(@Nullable StreamState state, @Nullable AppendOptions tuple) implements Rule {}

    /**
     * Who is to hold a lease.
     *
     * @param attempts how many attempts a worker may make by itself
     * @param leaseMillis 0 when the owner lives in this process and ends with it
     */
    record Owner(String name, int attempts, int leaseMillis) {
        public Owner {
            requireWord("owner", name);
            if (attempts < 0 || leaseMillis < 0) {
                throw new IllegalArgumentException("attempts and leaseMillis must be 0 or more");
            }
        }
    }

    /**
     * Who writes to a run.
     *
     * @param generation the one that the writer has, or has seen; {@link #ANY} for the store when it does not matter
     */
    record Writer(Role role, long generation) {
        public static final long ANY = -1;

        /** Whoever has no lease. */
        public static final Writer ANYBODY = new Writer(Role.ANYBODY, ANY);

        public static Writer owner(long generation) {
            return new Writer(Role.OWNER, generation);
        }

        /** The store, in the stead of the owner of this generation, or of any. */
        public static Writer store(long generation) {
            return new Writer(Role.STORE, generation);
        }
    }

    /** In which role somebody writes. */
    enum Role {
        OWNER,
        STORE,
        ANYBODY;

        /** How it may end an attempt. */
        boolean ends(RunStatus to) {
            return switch (to) {
                case COMPLETED, FAILED -> this != STORE;
                case INTERRUPTED, CANCELLED -> true;
                case CRASHED -> this != OWNER;
                case KILLED -> this == STORE;
                case DROPPED -> this == ANYBODY;
                case QUEUED, STARTED, UNKNOWN -> false;
            };
        }
    }

    /** Where a run must be for a note of somebody who does not own it. An owner's notes need a started run. */
    enum Allowed {
        /** Not completed, dropped or killed. */
        UNLESS_FINAL,
        /** Started, with an owner. */
        WHILE_OWNED,
        /** Started, without an owner. */
        WHILE_STARTED
    }

    private static void require(boolean possible, RunStatus status) {
        if (!possible) {
            throw new IllegalArgumentException("not by this way: " + status.text());
        }
    }

    private static void requireWord(String field, String word) {
        if (word.isEmpty() || JsonSink.utf8(word, field).length > WORD_BYTES_MAX) {
            throw new InvalidEventException(field, -1, "must have 1 to " + WORD_BYTES_MAX + " bytes");
        }
    }
}
