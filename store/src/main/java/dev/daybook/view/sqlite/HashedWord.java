package dev.daybook.view.sqlite;

import java.util.HexFormat;

/**
 * A name as one word of a full-text index, whatever signs are in it: a letter for what it names, and 16 hex digits. Two names can have the same word, so what is found is
 * compared with the real name.
 */
final class HashedWord {
    static final char RUN = 'r';
    static final char SOURCE = 's';
    static final char TYPE = 't';
    static final char REF = 'f';

    /** Of a row without a ref. */
    static final String NO_REF = "n";

    private HashedWord() {}

    /** 64-bit FNV-1a over the characters, then mixed, so that similar names differ everywhere. */
    static String of(char what, String name) {
        long hash = 0xcbf29ce484222325L;
        for (int i = 0; i < name.length(); i++) {
            hash = (hash ^ name.charAt(i)) * 0x100000001b3L;
        }
        hash = (hash ^ (hash >>> 33)) * 0xff51afd7ed558ccdL;
        return what + HexFormat.of().toHexDigits(hash ^ (hash >>> 33));
    }
}
