package dev.daybook.journal;

import static org.assertj.core.api.Assertions.assertThat;

import dev.daybook.Daybook;
import dev.daybook.DaybookOptions;
import dev.daybook.stream.Appended;
import dev.daybook.stream.NewEvent;
import dev.daybook.stream.Stream;
import java.lang.ref.WeakReference;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What callers of the commit thread must not do to each other, or to its memory. */
class CommitLoopTest {
    @TempDir
    Path directory;

    private static NewEvent event(int i) {
        return NewEvent.json("t", "{\"i\":" + i + ",\"x\":\"" + "x".repeat(200) + "\"}");
    }

    @Test
    void idsOfADeletedStreamAreNotThoseOfItsSuccessor() {
        try (Daybook book = Daybook.memory()) {
            Stream stream = book.stream("a");
            for (int round = 0; round < 50; round++) {
                List<CompletableFuture<Appended>> all = new ArrayList<>();
                all.add(stream.appendAsync(event(1).id("x")));
                stream.delete();
                all.add(stream.appendAsync(event(2)));
                CompletableFuture<Appended> again = stream.appendAsync(event(3).id("x"));
                assertThat(again.join().duplicate()).isFalse();
                all.forEach(CompletableFuture::join);
                assertThat(stream.append(event(3).id("x")).duplicate()).isTrue();
            }
        }
    }

    @Test
    void blockingAppendInAContinuationDoesNotWaitForItself() throws Exception {
        try (Daybook book = Daybook.memory()) {
            List<CompletableFuture<Appended>> inner = new ArrayList<>();
            for (int i = 0; i < 20; i++) {
                int n = i;
                inner.add(book.stream("a")
                        .appendAsync(event(i))
                        .thenApply(a -> book.stream("b").append(event(n))));
            }
            for (CompletableFuture<Appended> future : inner) {
                assertThat(future.get(10, TimeUnit.SECONDS).stream()).isEqualTo("b");
            }
        }
    }

    @Test
    void askingForStreamsThatAreNotThereCostsNoMemory() {
        try (Daybook book = Daybook.memory()) {
            for (int i = 0; i < 1_000; i++) {
                assertThat(book.stream("none/" + i).delete()).isFalse();
            }
            assertThat(book.streams("", "", 10)).isEmpty();
            assertThat(book.info().lastPosition()).isZero();
        }
    }

    /** The commit thread takes in what comes while it works; it must let go of what it has done also when there is always more. */
    @Test
    void appendsThatAreDoneAreNotKeptUnderSustainedLoad() throws Exception {
        DaybookOptions narrow = DaybookOptions.defaults().withQueueBytesMax(16 << 20);
        NewEvent large = NewEvent.json("t", "\"" + "x".repeat(20_000) + "\"");
        try (Daybook book = Daybook.open(directory, narrow)) {
            Stream stream = book.stream("a");
            AtomicBoolean stop = new AtomicBoolean();
            List<Thread> writers = new ArrayList<>();
            for (int i = 0; i < 3; i++) {
                Thread writer = new Thread(() -> {
                    while (!stop.get()) {
                        stream.appendAsync(large);
                    }
                });
                writer.start();
                writers.add(writer);
            }
            try {
                Thread.sleep(300);
                WeakReference<CompletableFuture<Appended>> done = new WeakReference<>(stream.appendAsync(large));
                long until = System.nanoTime() + TimeUnit.SECONDS.toNanos(5);
                while (done.get() != null && System.nanoTime() < until) {
                    Thread.sleep(100);
                    System.gc();
                }
                assertThat(done.get()).isNull();
            } finally {
                stop.set(true);
                for (Thread writer : writers) {
                    writer.join();
                }
            }
        }
    }
}
