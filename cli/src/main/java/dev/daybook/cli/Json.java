package dev.daybook.cli;

import java.time.Instant;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** One JSON object, written field by field. */
final class Json {
    private static final String HEX = "0123456789abcdef";
    private final StringBuilder text = new StringBuilder(128).append('{');

    static Json object() {
        return new Json();
    }

    Json field(String name, @Nullable String value) {
        name(name);
        if (value == null) {
            text.append("null");
        } else {
            quote(value);
        }
        return this;
    }

    Json field(String name, long value) {
        name(name);
        text.append(value);
        return this;
    }

    Json field(String name, boolean value) {
        name(name);
        text.append(value);
        return this;
    }

    Json field(String name, Optional<Instant> time) {
        return field(name, time.isPresent() ? Times.format(time.get()) : null);
    }

    /** A value that is JSON already. */
    Json raw(String name, String json) {
        name(name);
        text.append(json);
        return this;
    }

    Json field(String name, Json value) {
        name(name);
        text.append(value.text).append('}');
        return this;
    }

    /** All fields of another object. */
    Json fields(Json others) {
        if (others.text.length() > 1) {
            text.append(text.length() > 1 ? "," : "").append(others.text, 1, others.text.length());
        }
        return this;
    }

    /** Rounded to one decimal. */
    Json decimal(String name, double value) {
        name(name);
        long tenths = Math.round(value * 10);
        text.append(tenths / 10).append('.').append(tenths % 10);
        return this;
    }

    private void name(String name) {
        if (text.length() > 1) {
            text.append(',');
        }
        quote(name);
        text.append(':');
    }

    private void quote(String value) {
        text.append('"');
        for (int i = 0; i < value.length(); i++) {
            char c = value.charAt(i);
            switch (c) {
                case '"', '\\' -> text.append('\\').append(c);
                case '\n' -> text.append("\\n");
                case '\r' -> text.append("\\r");
                case '\t' -> text.append("\\t");
                default -> {
                    if (c < 0x20 || c == 0x7f || c == 0x2028 || c == 0x2029) {
                        text.append("\\u")
                                .append(HEX.charAt(c >> 12))
                                .append(HEX.charAt(c >> 8 & 15))
                                .append(HEX.charAt(c >> 4 & 15))
                                .append(HEX.charAt(c & 15));
                    } else {
                        text.append(c);
                    }
                }
            }
        }
        text.append('"');
    }

    @Override
    public String toString() {
        return text + "}";
    }
}
