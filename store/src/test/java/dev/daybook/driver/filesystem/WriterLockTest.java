package dev.daybook.driver.filesystem;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.daybook.Daybook;
import dev.daybook.StoreLockedException;
import dev.daybook.stream.NewEvent;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The lock of the writing process, as other processes see it. */
class WriterLockTest {
    @TempDir
    Path directory;

    /** A POSIX lock goes when any descriptor of its file is closed: naming the owner must not open it. */
    @Test
    void refusedSecondOpeningLeavesTheLockAlone() throws Exception {
        try (Daybook book = Daybook.open(directory)) {
            assertThatThrownBy(() -> Daybook.open(directory).close())
                    .isInstanceOfSatisfying(
                            StoreLockedException.class,
                            e -> assertThat(e.owner())
                                    .contains("pid " + ProcessHandle.current().pid()));
            assertThat(lockIsFreeForAnotherProcess()).isFalse();
            book.stream("a").append(NewEvent.json("t", "1"));
        }
        assertThat(lockIsFreeForAnotherProcess()).isTrue();
    }

    private boolean lockIsFreeForAnotherProcess() throws Exception {
        Process probe = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-cp",
                        System.getProperty("java.class.path"),
                        LockProbe.class.getName(),
                        directory.resolve("lock").toString())
                .redirectErrorStream(true)
                .start();
        assertThat(probe.waitFor(30, TimeUnit.SECONDS)).isTrue();
        return probe.exitValue() == 0;
    }

    /** Exits with 0 if it can have the lock. */
    static final class LockProbe {
        private LockProbe() {}

        public static void main(String[] arguments) throws IOException {
            try (FileChannel channel = FileChannel.open(Path.of(arguments[0]), StandardOpenOption.WRITE)) {
                System.exit(channel.tryLock() == null ? 1 : 0);
            }
        }
    }
}
