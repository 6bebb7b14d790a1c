package dev.daybook.cli;

/** Words for a shell. */
final class Shell {
    private static final String PLAIN = "/._-:=@%+,";

    private Shell() {}

    /** The text as one word of a POSIX shell: as it is where that is safe, else in single quotes. */
    static String quote(String text) {
        boolean plain = !text.isEmpty();
        for (int i = 0; plain && i < text.length(); i++) {
            char c = text.charAt(i);
            plain = (c < 0x80 && Character.isLetterOrDigit(c)) || PLAIN.indexOf(c) >= 0;
        }
        return plain ? text : "'" + text.replace("'", "'\\''") + "'";
    }
}
