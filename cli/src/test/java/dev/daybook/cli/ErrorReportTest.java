package dev.daybook.cli;

import static org.assertj.core.api.Assertions.assertThat;

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
import dev.daybook.view.ViewStatus;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.NoSuchFileException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class ErrorReportTest {
    private static final ViewStatus BEHIND =
            new ViewStatus("runs", 1, ViewStatus.State.FOLLOWING, 7, 9, Optional.empty(), Optional.empty());
    private static final Map<DaybookException, Integer> STATUSES = new LinkedHashMap<>();

    static {
        STATUSES.put(new ConflictException("s", ConflictException.Subject.SEQ, "3", "5"), 4);
        STATUSES.put(new RefusedException("s", RefusedException.Reason.STREAM_CLOSED, "the stream is closed"), 4);
        STATUSES.put(new RunStateException("r", "completed", "failed"), 4);
        STATUSES.put(new LeaseLostException("r", 2, 3, "started", "worker-7"), 4);
        STATUSES.put(new RunNotFoundException("r"), 3);
        STATUSES.put(new StreamNotFoundException("s"), 3);
        STATUSES.put(new StoreNotFoundException("dir", null), 3);
        STATUSES.put(new StoreLockedException("dir", "pid 7", 10_000), 5);
        STATUSES.put(new CorruptJournalException("f", 312, 4, 5, "bad crc"), 6);
        STATUSES.put(new UnsupportedFormatException("format 9", null), 6);
        STATUSES.put(new AppendTimeoutException("too slow", true), 7);
        STATUSES.put(new ViewBehindException(BEHIND, 9, "it is following"), 7);
        STATUSES.put(new StoreFailedException("disk", StoreFailedException.Reason.WRITE_FAILED, null), 8);
        STATUSES.put(new StoreClosedException("closed", null), 8);
        STATUSES.put(new InvalidEventException("data", 5, "duplicate key \"a\""), 2);
    }

    private static String json(Throwable failure) {
        return ErrorReport.of(failure).json();
    }

    @Test
    void everyExceptionOfTheStoreHasItsStatus() {
        List<Class<?>> covered = new ArrayList<>();
        STATUSES.forEach((failure, status) -> {
            assertThat(ErrorReport.of(failure).status()).as(failure.toString()).isEqualTo(status);
            assertThat(json(failure)).startsWith("{\"error\":{\"code\":\"" + failure.code() + "\",\"message\":\"");
            covered.add(failure.getClass());
        });
        assertThat(covered).containsExactlyInAnyOrder(DaybookException.class.getPermittedSubclasses());
    }

    @Test
    void jsonErrorsCarryTheirFields() {
        assertThat(json(new ViewBehindException(BEHIND, 9, "it is following")))
                .endsWith("\"view\":\"runs\",\"position\":7,\"wanted\":9}}");
        assertThat(json(new ConflictException("s", ConflictException.Subject.SEQ, "3", "5")))
                .endsWith("\"stream\":\"s\",\"subject\":\"seq\",\"expected\":3,\"actual\":5}}");
        assertThat(json(new ConflictException("s", ConflictException.Subject.ORDER, "3", "5")))
                .endsWith("\"expected\":\"3\",\"actual\":\"5\"}}");
        assertThat(json(new ConflictException("s", ConflictException.Subject.VERSION, "no value", "5")))
                .endsWith("\"subject\":\"version\",\"expected\":\"no value\",\"actual\":5}}");
        assertThat(json(new RunStateException("r", "completed", "failed")))
                .endsWith("\"run\":\"r\",\"actual\":\"completed\",\"wanted\":\"failed\"}}");
        assertThat(json(new LeaseLostException("r", 2, 3, "started", "worker-7")))
                .endsWith("\"run\":\"r\",\"generation\":2,\"actualGeneration\":3}}");
        assertThat(json(new StoreLockedException("dir", "pid 7", 1))).endsWith("\"owner\":\"pid 7\"}}");
        assertThat(json(new CorruptJournalException("f", 312, 4, 5, "bad crc")))
                .endsWith(
                        "\"file\":\"f\",\"byteOffset\":312,\"firstPosition\":4,\"lastPosition\":5,\"reason\":\"bad crc\"}}");
        assertThat(json(new AppendTimeoutException("slow", true))).endsWith("\"outcomeUnknown\":true}}");
        assertThat(json(new InvalidEventException("data", 5, "bad")))
                .endsWith("\"field\":\"data\",\"byteOffset\":5,\"reason\":\"bad\"}}");
    }

    @Test
    void badLineIsReportedWithItsNumber() {
        LineFailure failure = new LineFailure(17, new InvalidEventException("data", 5, "duplicate key \"a\""));
        assertThat(ErrorReport.of(failure).message()).isEqualTo("line 17: data at byte 5: duplicate key \"a\"");
        assertThat(ErrorReport.of(failure).status()).isEqualTo(2);
        assertThat(json(failure)).contains("\"line\":17");
        assertThat(ErrorReport.of(new LineFailure(2, new StreamNotFoundException("s")))
                        .message())
                .isEqualTo("line 2: there is no stream s");
    }

    @Test
    void filesThatAreMissingAreNotFound() {
        assertThat(ErrorReport.of(new NoSuchFileException("f")).status()).isEqualTo(3);
        assertThat(ErrorReport.of(new IOException("disk")).status()).isEqualTo(8);
    }

    @Test
    void defectsHaveAStatusOfTheirOwn() {
        assertThat(ErrorReport.of(new IllegalStateException("x")).status()).isEqualTo(70);
    }

    @Test
    void stackTracesAreForThoseWhoAsk() {
        ByteArrayOutputStream quiet = new ByteArrayOutputStream();
        new Messages(quiet, false, Map.of()).error(new IllegalStateException("x"));
        assertThat(quiet.toString(StandardCharsets.UTF_8)).doesNotContain("\tat ");
        ByteArrayOutputStream loud = new ByteArrayOutputStream();
        new Messages(loud, false, Map.of("DAYBOOK_DEBUG", "1")).error(new IllegalStateException("x"));
        assertThat(loud.toString(StandardCharsets.UTF_8)).contains("\tat ");
    }
}
