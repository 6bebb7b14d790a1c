package dev.daybook.benchmarks;

import java.util.Arrays;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;

/** The newest n appends of one thread; a further one waits for the oldest of them. */
final class InFlight {
    private final CompletableFuture<?>[] ring;
    private long count;

    InFlight(int max) {
        ring = new CompletableFuture<?>[max];
    }

    void add(CompletableFuture<?> append) {
        int slot = (int) (count++ % ring.length);
        CompletableFuture<?> oldest = ring[slot];
        ring[slot] = append;
        if (oldest != null) {
            oldest.join();
        }
    }

    void await() {
        Arrays.stream(ring).filter(Objects::nonNull).forEach(CompletableFuture::join);
    }
}
