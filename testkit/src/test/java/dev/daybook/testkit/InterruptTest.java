package dev.daybook.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.daybook.AppendTimeoutException;
import dev.daybook.Daybook;
import dev.daybook.stream.Appended;
import dev.daybook.stream.Event;
import dev.daybook.stream.NewEvent;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** An interrupt makes a caller stop waiting, and nothing else. */
@Timeout(120)
class InterruptTest {
    @RegisterExtension
    final StoreExtension store = new StoreExtension();

    @Test
    void interruptedAppendsLeaveTheStoreHealthy() throws Exception {
        Daybook book = store.open();
        SplittableRandom random = new SplittableRandom(Long.getLong("seed", 1));
        Map<String, Appended> acknowledged = new HashMap<>();
        Set<String> unknown = new HashSet<>();
        Set<String> refused = new HashSet<>();
        Thread appender = Thread.currentThread();
        boolean[] done = {false};
        Thread interrupter = new Thread(() -> {
            while (!done[0]) {
                LockSupport.parkNanos(random.nextInt(3_000_000));
                synchronized (done) {
                    if (!done[0]) {
                        appender.interrupt();
                    }
                }
            }
        });
        interrupter.start();
        int interrupts = 0;
        for (int i = 0; i < 1_000; i++) {
            String payload = "\"" + i + "\"";
            try {
                acknowledged.put(payload, book.stream("s").append(NewEvent.json("t", payload)));
            } catch (AppendTimeoutException e) {
                (e.outcomeUnknown() ? unknown : refused).add(payload);
                interrupts++;
            }
            Thread.interrupted();
        }
        synchronized (done) {
            done[0] = true;
        }
        interrupter.join();
        Thread.interrupted();
        System.out.println("interrupts: appends=1000 interrupted=" + interrupts + " unknown=" + unknown.size());
        book.stream("s").append(NewEvent.json("t", "\"last\""));
        for (int round = 0; round < 2; round++) {
            Map<String, Event> stored = new HashMap<>();
            long seq = 0;
            for (Event event : book.stream("s").read()) {
                assertThat(event.seq()).isEqualTo(++seq);
                assertThat(stored.put(event.data(), event)).isNull();
            }
            acknowledged.forEach((payload, appended) -> {
                assertThat(stored).containsKey(payload);
                assertThat(stored.get(payload).seq()).isEqualTo(appended.seq());
                assertThat(stored.get(payload).pos()).isEqualTo(appended.pos());
            });
            assertThat(stored)
                    .doesNotContainKeys(refused.toArray(new String[0]))
                    .containsKey("\"last\"");
            book = store.reopen();
        }
        assertThat(book.openReport().cleanlyClosed()).isTrue();
    }

    @Test
    void interruptedReaderReads() {
        Daybook book = store.open();
        book.stream("s").append(NewEvent.json("t", "1"));
        Thread.currentThread().interrupt();
        assertThat(book.stream("s").read().toList()).hasSize(1);
        assertThat(Thread.interrupted()).isTrue();
        assertThat(book.stream("s").append(NewEvent.json("t", "2")).seq()).isEqualTo(2);
        assertThat(book.stream("s").read().toList()).hasSize(2);
    }

    @Test
    void closingOnAnInterruptedThreadIsStillClean() {
        store.open().stream("s").append(NewEvent.json("t", "1"));
        Thread.currentThread().interrupt();
        store.close();
        assertThat(Thread.interrupted()).isTrue();
        assertThat(store.open().openReport().cleanlyClosed()).isTrue();
    }
}
