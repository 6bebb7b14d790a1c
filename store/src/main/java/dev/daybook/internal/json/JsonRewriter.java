package dev.daybook.internal.json;

import org.jspecify.annotations.Nullable;

/**
 * Copies a JSON value that is known to be valid, with some values replaced and some fields removed; the copy is valid, too. What is not touched stays byte for byte,
 * white space included. The reader says where we are:
 *
 * <pre>{@code
 * JsonRewriter rewriter = new JsonRewriter(bytes);
 * for (Token token = rewriter.reader().next(); token != Token.END; token = rewriter.reader().next()) {
 *     if (token == Token.KEY && rewriter.reader().is("password")) {
 *         rewriter.removeField();
 *     }
 * }
 * }</pre>
 */
public final class JsonRewriter {
    private final byte[] bytes;
    private final JsonReader reader;

    /** The changed copy so far; null as long as nothing was changed. */
    private @Nullable JsonSink out;

    /** Everything before this offset is in {@link #out} or left out. */
    private int done;

    public JsonRewriter(byte[] bytes) {
        this.bytes = bytes;
        reader = new JsonReader(bytes, 0, bytes.length);
    }

    public JsonReader reader() {
        return reader;
    }

    /** At a string, number or other single value: a string stands in its place. */
    public void replace(String text) {
        copyTo(reader.start()).string(text);
        done = reader.end();
    }

    /** At a key: it and its value are left out, with one of the commas beside it. The reader is behind it then. */
    public void removeField() {
        int before = reader.start() - 1;
        while (JsonReader.isSpace(bytes[before])) {
            before--;
        }
        reader.skip();
        int behind = JsonReader.skipSpace(bytes, reader.end(), bytes.length);
        // A comma that is already done went with the field before, and so did all the fields before that one.
        if (bytes[before] == ',' && done <= before) {
            copyTo(before);
            done = behind;
        } else {
            copyTo(before + 1);
            done = bytes[behind] == ',' ? behind + 1 : behind;
        }
    }

    /** At the beginning of an array: all its elements are left out. The reader is behind it then. */
    public void removeElements() {
        int first = reader.start() + 1;
        reader.skip();
        int last = reader.end() - 1;
        if (JsonReader.skipSpace(bytes, first, last) < last) {
            copyTo(first);
            done = last;
        }
    }

    public boolean changed() {
        return out != null;
    }

    /** The copy. Ends it: the reader must be behind the value. */
    public byte[] result() {
        return out == null ? bytes.clone() : copyTo(bytes.length).toByteArray();
    }

    private JsonSink copyTo(int offset) {
        if (out == null) {
            out = new JsonSink(bytes.length);
        }
        if (done < offset) {
            out.put(bytes, done, offset);
            done = offset;
        }
        return out;
    }
}
