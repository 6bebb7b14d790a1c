package dev.daybook.cli;

import dev.daybook.AppendTimeoutException;
import dev.daybook.ConflictException;
import dev.daybook.CorruptJournalException;
import dev.daybook.DaybookException;
import dev.daybook.InvalidEventException;
import dev.daybook.LeaseLostException;
import dev.daybook.RefusedException;
import dev.daybook.RunNotFoundException;
import dev.daybook.RunStateException;
import dev.daybook.StoreClosedException;
import dev.daybook.StoreFailedException;
import dev.daybook.StoreLockedException;
import dev.daybook.StoreNotFoundException;
import dev.daybook.StreamNotFoundException;
import dev.daybook.UnsupportedFormatException;
import dev.daybook.ViewBehindException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.InvalidPathException;
import java.nio.file.NoSuchFileException;

/**
 * A failure as the command line tells it.
 *
 * @param code stable, for programs
 * @param fields what else the failure carries
 * @param hint where to read on; empty if there is nothing to read
 */
record ErrorReport(int status, String code, String message, Json fields, String hint) {

    static ErrorReport of(Throwable failure) {
        Json fields = Json.object();
        if (failure instanceof LineFailure line) {
            return of(line, fields);
        }
        return of(failure, fields, "");
    }

    private static ErrorReport of(LineFailure failure, Json fields) {
        String where = "line " + failure.line() + ": ";
        if (failure.why() instanceof InvalidEventException invalid) {
            // Not its own text: "nothing was written" is not true of the lines before.
            String place = invalid.byteOffset() < 0 ? "" : " at byte " + invalid.byteOffset();
            ErrorReport report = of(invalid, fields, "");
            return report.with(where + invalid.field() + place + ": " + invalid.reason(), failure.line());
        }
        return of(failure.why(), fields, where).with(null, failure.line());
    }

    private ErrorReport with(@org.jspecify.annotations.Nullable String text, long line) {
        fields.field("line", line);
        return new ErrorReport(status, code, text == null ? message : text, fields, hint);
    }

    private static ErrorReport of(Throwable failure, Json fields, String where) {
        String message = where + describe(failure);
        if (failure instanceof DaybookException e) {
            String hint = e instanceof StoreNotFoundException
                    ? "Name it with --store DIR or DAYBOOK_STORE; appending to it makes one."
                    : "";
            return new ErrorReport(status(e, fields), e.code(), message, fields, hint);
        }
        if (failure instanceof Failure e) {
            return new ErrorReport(e.status(), e.code(), message, fields, e.hint());
        }
        if (failure instanceof InvalidPathException) {
            return new ErrorReport(Exit.USAGE, "usage", where + "not a path here: " + failure.getMessage(), fields, "");
        }
        Throwable cause =
                failure instanceof UncheckedIOException && failure.getCause() != null ? failure.getCause() : failure;
        if (cause instanceof NoSuchFileException e) {
            return new ErrorReport(Exit.NOT_FOUND, "not-found", where + "there is no file " + e.getFile(), fields, "");
        }
        if (cause instanceof FileAlreadyExistsException e) {
            return new ErrorReport(Exit.CONFLICT, "exists", where + e.getFile() + " exists already", fields, "");
        }
        if (cause instanceof AccessDeniedException e) {
            return new ErrorReport(
                    Exit.STORAGE_FAILED, "access-denied", where + "no permission for " + e.getFile(), fields, "");
        }
        if (cause instanceof IOException) {
            return new ErrorReport(Exit.STORAGE_FAILED, "io", message, fields, "");
        }
        return new ErrorReport(
                Exit.DEFECT, "defect", message + " (a defect of Daybook; DAYBOOK_DEBUG=1 shows where)", fields, "");
    }

    private static int status(DaybookException failure, Json fields) {
        // One branch per class: a new exception has to be given a status here, or the test that knows all of them
        // fails.
        if (failure instanceof ConflictException e) {
            boolean number =
                    e.subject() != ConflictException.Subject.ORDER && e.subject() != ConflictException.Subject.EVENT_ID;
            fields.field("stream", e.stream())
                    .field("subject", e.subject().name().toLowerCase(java.util.Locale.ROOT));
            value(fields, "expected", e.expected(), number);
            value(fields, "actual", e.actual(), number);
            return Exit.CONFLICT;
        }
        if (failure instanceof RefusedException e) {
            if (!e.stream().isEmpty()) {
                fields.field("stream", e.stream());
            }
            return Exit.CONFLICT;
        }
        if (failure instanceof RunStateException e) {
            fields.field("run", e.run()).field("actual", e.actual()).field("wanted", e.wanted());
            return Exit.CONFLICT;
        }
        if (failure instanceof LeaseLostException e) {
            fields.field("run", e.run())
                    .field("generation", e.generation())
                    .field("actualGeneration", e.actualGeneration());
            return Exit.CONFLICT;
        }
        if (failure instanceof RunNotFoundException e) {
            fields.field("run", e.run());
            return Exit.NOT_FOUND;
        }
        if (failure instanceof StreamNotFoundException e) {
            fields.field("stream", e.stream());
            return Exit.NOT_FOUND;
        }
        if (failure instanceof StoreNotFoundException e) {
            fields.field("location", e.location());
            return Exit.NOT_FOUND;
        }
        if (failure instanceof StoreLockedException e) {
            fields.field("owner", e.owner());
            return Exit.LOCKED;
        }
        if (failure instanceof CorruptJournalException e) {
            fields.field("file", e.file())
                    .field("byteOffset", e.byteOffset())
                    .field("firstPosition", e.firstPosition())
                    .field("lastPosition", e.lastPosition())
                    .field("reason", e.reason());
            return Exit.CORRUPT;
        }
        if (failure instanceof UnsupportedFormatException) {
            return Exit.CORRUPT;
        }
        if (failure instanceof ViewBehindException e) {
            fields.field("view", e.status().name())
                    .field("position", e.status().position())
                    .field("wanted", e.wanted());
            return Exit.TIMED_OUT;
        }
        if (failure instanceof AppendTimeoutException e) {
            fields.field("outcomeUnknown", e.outcomeUnknown());
            return Exit.TIMED_OUT;
        }
        if (failure instanceof StoreFailedException e) {
            fields.field("retryable", e.retryable());
            return Exit.STORAGE_FAILED;
        }
        if (failure instanceof StoreClosedException) {
            return Exit.STORAGE_FAILED;
        }
        if (failure instanceof InvalidEventException e) {
            fields.field("field", e.field());
            if (e.byteOffset() >= 0) {
                fields.field("byteOffset", e.byteOffset());
            }
            fields.field("reason", e.reason());
            return Exit.USAGE;
        }
        return Exit.DEFECT;
    }

    private static void value(Json fields, String name, String value, boolean number) {
        if (number) {
            try {
                fields.field(name, Long.parseLong(value));
                return;
            } catch (NumberFormatException e) {
                // Then as it is.
            }
        }
        fields.field(name, value);
    }

    private static String describe(Throwable failure) {
        String message = failure.getMessage();
        if (failure instanceof DaybookException || failure instanceof Failure) {
            return message == null ? "" : message;
        }
        if (failure instanceof UncheckedIOException && failure.getCause() != null) {
            return message + ": " + failure.getCause().getMessage();
        }
        String type = failure.getClass().getSimpleName();
        return message == null ? type : type + ": " + message;
    }

    /** The object for standard error under {@code --json}. */
    String json() {
        return Json.object()
                .field(
                        "error",
                        Json.object()
                                .field("code", code)
                                .field("message", message)
                                .fields(fields))
                .toString();
    }
}
