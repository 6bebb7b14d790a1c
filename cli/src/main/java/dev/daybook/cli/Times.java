package dev.daybook.cli;

import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;

/** Times as people type them, and as the journal writes them. */
final class Times {
    private static final int MICROS_DIGITS = 6;

    private Times() {}

    /**
     * An instant ({@code 2026-11-20T22:53:01Z}), a date, or a duration back from now ({@code 15m}, {@code 7d}, {@code 1h30m}). A date is its first
     * moment, or its last one where the end of a range is meant, in UTC.
     */
    static Instant parse(String option, String text, Instant now, boolean end) {
        try {
            if (text.length() == 10 && text.charAt(4) == '-') {
                LocalDate date = LocalDate.parse(text);
                return end
                        ? date.plusDays(1)
                                .atStartOfDay(ZoneOffset.UTC)
                                .toInstant()
                                .minusNanos(1)
                        : date.atStartOfDay(ZoneOffset.UTC).toInstant();
            }
            if (text.startsWith("P")) {
                return now.minus(Duration.parse(text));
            }
            return text.indexOf('T') > 0 ? OffsetDateTime.parse(text).toInstant() : now.minus(duration(text));
        } catch (DateTimeException | ArithmeticException | NumberFormatException e) {
            throw Failure.usage(option + " must be a time such as 2026-11-20T22:53:01Z, a date such as 2026-11-20,"
                    + " or a duration back from now such as 15m, 12h or 7d, not \"" + text + "\"");
        }
    }

    /** A length of time ({@code 250ms}, {@code 1h30m}). */
    static Duration duration(String option, String text) {
        try {
            return text.startsWith("P") ? Duration.parse(text) : duration(text);
        } catch (DateTimeException | ArithmeticException | NumberFormatException e) {
            throw Failure.usage(option + " must be a duration such as 250ms, 30s, 1h30m or 7d, not \"" + text + "\"");
        }
    }

    private static Duration duration(String text) {
        Duration sum = Duration.ZERO;
        int at = 0;
        while (at < text.length() || at == 0) {
            int digits = at;
            while (at < text.length() && Character.isDigit(text.charAt(at))) {
                at++;
            }
            long count = Long.parseLong(text.substring(digits, at));
            int unit = at;
            while (at < text.length() && Character.isLetter(text.charAt(at))) {
                at++;
            }
            sum = sum.plus(
                    switch (text.substring(unit, at)) {
                        case "ms" -> Duration.ofMillis(count);
                        case "s" -> Duration.ofSeconds(count);
                        case "m" -> Duration.ofMinutes(count);
                        case "h" -> Duration.ofHours(count);
                        case "d" -> Duration.ofDays(count);
                        case "w" -> Duration.ofDays(Math.multiplyExact(count, 7));
                        default -> throw new NumberFormatException("no unit");
                    });
        }
        return sum;
    }

    /** With six digits, as every time in Daybook. Written by hand: a formatter takes longer to load than a stream to read. */
    static String format(Instant time) {
        LocalDate date = LocalDate.ofEpochDay(Math.floorDiv(time.getEpochSecond(), 86_400L));
        int second = (int) Math.floorMod(time.getEpochSecond(), 86_400L);
        StringBuilder text = new StringBuilder(27);
        digits(text, date.getYear(), 4);
        text.append('-');
        digits(text, date.getMonthValue(), 2);
        text.append('-');
        digits(text, date.getDayOfMonth(), 2);
        text.append('T');
        digits(text, second / 3_600, 2);
        text.append(':');
        digits(text, second / 60 % 60, 2);
        text.append(':');
        digits(text, second % 60, 2);
        text.append('.');
        digits(text, time.getNano() / 1_000, MICROS_DIGITS);
        return text.append('Z').toString();
    }

    private static void digits(StringBuilder text, int value, int count) {
        String digits = Integer.toString(value);
        for (int i = digits.length(); i < count; i++) {
            text.append('0');
        }
        text.append(digits);
    }
}
