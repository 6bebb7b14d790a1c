package dev.daybook.stream;

import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * How a stream is made. Immutable; what breaks a rule is an {@link dev.daybook.InvalidEventException}. Streams made by their first append get the content type of that event's form and no expiry.
 *
 * @param contentType 1 to 256 printable ASCII characters; {@code application/json} for JSON events only; {@code text/...} for text and bytes; any other for bytes
 * @param ttl sliding time to live, in whole seconds, or null; kept and reported by this version, acted upon by a later one
 * @param expires when it ends, or null; kept and reported by this version, acted upon by a later one
 */
public record StreamConfig(
        String contentType,
        @Nullable Duration ttl,
        @Nullable Instant expires) {
    public static final StreamConfig JSON = new StreamConfig("application/json", null, null);
    public static final StreamConfig TEXT = new StreamConfig("text/plain; charset=utf-8", null, null);
    public static final StreamConfig BINARY = new StreamConfig("application/octet-stream", null, null);

    public StreamConfig {
        if (contentType.isEmpty() || contentType.length() > 256 || !printable(contentType)) {
            throw new dev.daybook.InvalidEventException(
                    "contentType", -1, "must be 1 to 256 printable ASCII characters");
        }
        if (ttl != null && expires != null) {
            throw new dev.daybook.InvalidEventException("ttl", -1, "give a time to live or an end, not both");
        }
        if (ttl != null && (ttl.isNegative() || !ttl.equals(Duration.ofSeconds(ttl.toSeconds())))) {
            throw new dev.daybook.InvalidEventException("ttl", -1, "must be whole seconds, 0 or more");
        }
    }

    private static boolean printable(String text) {
        for (int i = 0; i < text.length(); i++) {
            if (text.charAt(i) < 0x20 || text.charAt(i) >= 0x7f) {
                return false;
            }
        }
        return true;
    }

    /** Media type in lower case, without parameters. */
    public String mediaType() {
        int semicolon = contentType.indexOf(';');
        return (semicolon < 0 ? contentType : contentType.substring(0, semicolon))
                .strip()
                .toLowerCase(java.util.Locale.ROOT);
    }

    /** Whether an event of this form may stand in a stream of this content type. */
    public boolean accepts(PayloadForm form) {
        return switch (form) {
            case JSON -> mediaType().equals("application/json");
            case TEXT -> mediaType().startsWith("text/");
            case BINARY -> !mediaType().equals("application/json");
        };
    }
}
