package dev.daybook;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.daybook.stream.NewEvent;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Removing a store: all of it, nothing else, and never under its writer. */
class DestroyTest {
    @TempDir
    Path directory;

    private static void fill(Path store) {
        try (Daybook book = Daybook.open(store, DaybookOptions.defaults().withSegmentBytesMax(4 << 10))) {
            for (int i = 0; i < 40; i++) {
                book.stream("a").append(NewEvent.text("t", "x".repeat(200)));
            }
        }
    }

    @Test
    void destroyedStoreIsGoneAndAnotherCanBeMade() {
        Path store = directory.resolve("store");
        fill(store);
        Daybook.destroy(store);
        assertThat(store).doesNotExist();
        Daybook.destroy(store);
        try (Daybook book = Daybook.open(store)) {
            assertThat(book.openReport().created()).isTrue();
            assertThat(book.stream("a").info()).isEmpty();
        }
    }

    @Test
    void filesThatAreNotTheStoresStay() throws IOException {
        fill(directory);
        Path mine = Files.writeString(directory.resolve("mine"), "precious");
        Daybook.destroy(directory);
        assertThat(directory).isDirectoryContaining(mine::equals);
        assertThat(mine).hasContent("precious");
        assertThat(directory.toFile().list()).hasSize(1);
    }

    @Test
    void directoryThatIsNoStoreIsLeftAlone() throws IOException {
        Path mine = Files.writeString(directory.resolve("mine"), "precious");
        assertThatThrownBy(() -> Daybook.destroy(directory))
                .isInstanceOf(StoreFailedException.class)
                .hasMessageContaining("is not a store");
        assertThat(mine).hasContent("precious");
    }

    @Test
    void storeThatIsBeingWrittenIsNotDestroyed() {
        try (Daybook book = Daybook.open(directory)) {
            book.stream("a").append(NewEvent.json("t", "1"));
            assertThatThrownBy(() -> Daybook.destroy(directory)).isInstanceOf(StoreLockedException.class);
            assertThat(book.stream("a").append(NewEvent.json("t", "2")).seq()).isEqualTo(2);
        }
        try (Daybook book = Daybook.open(directory)) {
            assertThat(book.stream("a").read().toList()).hasSize(2);
        }
    }
}
