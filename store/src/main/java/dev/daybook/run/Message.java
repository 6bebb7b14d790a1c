package dev.daybook.run;

import java.time.Instant;
import java.util.Optional;

/**
 * A message of a run's thread.
 *
 * @param round its number in the thread, from 1; 0 for those of role {@code __start__}. It never changes
 * @param seq its number in the run's stream
 * @param role who speaks
 * @param content any JSON value, as text
 * @param meta a JSON object
 * @param time when it was said: {@code occurred} where given
 * @param setAside whether a later attempt went back to a point before it, so that it is not in the chain any more
 */
public record Message(
        long round, long seq, String role, String content, Optional<String> meta, Instant time, boolean setAside) {}
