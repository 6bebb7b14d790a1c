package dev.daybook.document;

import java.time.Instant;

/** What happened to a document. */
public sealed interface DocumentChange {
    String key();

    long version();

    long pos();

    /** It got a value. */
    record Put(Document document) implements DocumentChange {
        @Override
        public String key() {
            return document.key();
        }

        @Override
        public long version() {
            return document.version();
        }

        @Override
        public long pos() {
            return document.pos();
        }

        /** When the store committed it. */
        public Instant time() {
            return document.time();
        }
    }

    /** It lost its value. */
    record Delete(String key, long version, long pos, Instant time) implements DocumentChange {}

    /**
     * Changes that cannot be read any more.
     *
     * @param version the last one that was missed; {@link Long#MAX_VALUE} when the document is gone with its history, as that of a run that was cleaned up
     */
    record Missed(String key, long version, long pos) implements DocumentChange {}
}
