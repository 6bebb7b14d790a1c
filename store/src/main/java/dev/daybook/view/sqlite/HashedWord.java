package dev.daybook.view.sqlite;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/**
 * A name as one word of a full-text index, whatever signs are in it: a letter for what it names, and 16 hex digits. Two names can have the same word, though nobody will see it; what is found is
 * compared with the real name where that is wanted.
 */
final class HashedWord {
    static final char RUN = 'r';
    static final char SOURCE = 's';
    static final char TYPE = 't';
    static final char REF = 'f';

    /** Of a row without a ref. */
    static final String NO_REF = "n";

    private static final int BYTES = 8;

    private HashedWord() {}

    static String of(char what, String name) {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(name.getBytes(StandardCharsets.UTF_8));
            return what + HexFormat.of().formatHex(digest, 0, BYTES);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e); // every JDK has it
        }
    }
}
