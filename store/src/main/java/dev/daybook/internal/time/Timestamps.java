package dev.daybook.internal.time;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.time.format.DateTimeParseException;

/**
 * Times as the journal writes them: {@code 2026-11-20T22:53:01.123456Z}, always 27 bytes, years 0001 to 9999.
 */
public final class Timestamps {
    public static final int LENGTH = 27;
    public static final long MICROS_PER_DAY = 86_400_000_000L;

    /** 0001-01-01 and the last microsecond of 9999, the years that have four digits. */
    public static final long MICROS_MIN = LocalDate.of(1, 1, 1).toEpochDay() * MICROS_PER_DAY;

    public static final long MICROS_MAX = LocalDate.of(10000, 1, 1).toEpochDay() * MICROS_PER_DAY - 1;

    private Timestamps() {}

    public static long micros(Instant time) {
        return Math.addExact(Math.multiplyExact(time.getEpochSecond(), 1_000_000L), time.getNano() / 1_000);
    }

    public static Instant instant(long micros) {
        return Instant.ofEpochSecond(Math.floorDiv(micros, 1_000_000L), Math.floorMod(micros, 1_000_000L) * 1_000);
    }

    public static long day(long micros) {
        return Math.floorDiv(micros, MICROS_PER_DAY);
    }

    /** Writes the 27 bytes of a time between {@link #MICROS_MIN} and {@link #MICROS_MAX}. */
    public static void write(long micros, byte[] into, int at) {
        long day = day(micros);
        LocalDate date = LocalDate.ofEpochDay(day);
        long rest = micros - day * MICROS_PER_DAY;
        digits(date.getYear(), 4, into, at);
        into[at + 4] = '-';
        digits(date.getMonthValue(), 2, into, at + 5);
        into[at + 7] = '-';
        digits(date.getDayOfMonth(), 2, into, at + 8);
        into[at + 10] = 'T';
        digits(rest / 3_600_000_000L, 2, into, at + 11);
        into[at + 13] = ':';
        digits(rest / 60_000_000L % 60, 2, into, at + 14);
        into[at + 16] = ':';
        digits(rest / 1_000_000L % 60, 2, into, at + 17);
        into[at + 19] = '.';
        digits(rest % 1_000_000L, 6, into, at + 20);
        into[at + 26] = 'Z';
    }

    public static String format(long micros) {
        byte[] bytes = new byte[LENGTH];
        write(micros, bytes, 0);
        return new String(bytes, StandardCharsets.US_ASCII);
    }

    /** Reads what {@link #write} wrote. Throws {@link DateTimeParseException} for anything else. */
    public static long parse(String text) {
        if (text.length() != LENGTH || text.charAt(26) != 'Z') {
            throw new DateTimeParseException("a time has the form 2026-11-20T22:53:01.123456Z", text, 0);
        }
        return micros(Instant.parse(text));
    }

    public static String formatDay(long day) {
        return LocalDate.ofEpochDay(day).atStartOfDay().toInstant(ZoneOffset.UTC).toString().substring(0, 10);
    }

    private static void digits(long value, int count, byte[] into, int at) {
        long rest = value;
        for (int i = count - 1; i >= 0; i--) {
            into[at + i] = (byte) ('0' + rest % 10);
            rest /= 10;
        }
    }
}
