package dev.daybook.internal.time;

import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDate;
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
        byte[] bytes = text.getBytes(StandardCharsets.US_ASCII);
        return bytes.length == LENGTH ? parse(bytes, 0) : bad(text);
    }

    /** Reads the 27 bytes of a time. By hand, since opening a store reads one per line. */
    public static long parse(byte[] text, int at) {
        if (text[at + 4] != '-'
                || text[at + 7] != '-'
                || text[at + 10] != 'T'
                || text[at + 13] != ':'
                || text[at + 16] != ':'
                || text[at + 19] != '.'
                || text[at + 26] != 'Z') {
            return bad(new String(text, at, LENGTH, StandardCharsets.ISO_8859_1));
        }
        int year = number(text, at, 4);
        int month = number(text, at + 5, 2);
        int dayOfMonth = number(text, at + 8, 2);
        int hour = number(text, at + 11, 2);
        int minute = number(text, at + 14, 2);
        int second = number(text, at + 17, 2);
        if (year < 1 || hour > 23 || minute > 59 || second > 59) {
            return bad(new String(text, at, LENGTH, StandardCharsets.ISO_8859_1));
        }
        long day;
        try {
            day = LocalDate.of(year, month, dayOfMonth).toEpochDay();
        } catch (DateTimeException e) {
            return bad(new String(text, at, LENGTH, StandardCharsets.ISO_8859_1));
        }
        return day * MICROS_PER_DAY + ((hour * 60L + minute) * 60 + second) * 1_000_000 + number(text, at + 20, 6);
    }

    private static int number(byte[] text, int at, int digits) {
        int value = 0;
        for (int i = at; i < at + digits; i++) {
            int digit = text[i] - '0';
            if (digit < 0 || digit > 9) {
                return (int) bad(new String(text, at, digits, StandardCharsets.ISO_8859_1));
            }
            value = value * 10 + digit;
        }
        return value;
    }

    private static long bad(String text) {
        throw new DateTimeParseException("a time has the form 2026-11-20T22:53:01.123456Z", text, 0);
    }

    public static String formatDay(long day) {
        byte[] bytes = new byte[LENGTH];
        write(day * MICROS_PER_DAY, bytes, 0);
        return new String(bytes, 0, 10, StandardCharsets.US_ASCII);
    }

    private static void digits(long value, int count, byte[] into, int at) {
        long rest = value;
        for (int i = count - 1; i >= 0; i--) {
            into[at + i] = (byte) ('0' + rest % 10);
            rest /= 10;
        }
    }
}
