package dev.daybook.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.daybook.ConflictException;
import dev.daybook.document.Condition;
import dev.daybook.document.Document;
import dev.daybook.document.DocumentChange;
import dev.daybook.document.DocumentEntry;
import dev.daybook.stream.Batch;
import dev.daybook.stream.Event;
import dev.daybook.stream.ReadOptions;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** A cap of n documents below a prefix: the least recently written ones go. */
interface CapContract extends StoreUnderTest {
    private long put(String key, int keysMax) {
        return book().documents().put(key, "\"" + key + "\"", Condition.none(), "undo", keysMax);
    }

    private List<String> keys(String prefix) {
        return book().documents().list(prefix, "", 1_000).stream()
                .map(DocumentEntry::key)
                .toList();
    }

    @Test
    default void leastRecentlyWrittenKeyGoes() {
        for (int i = 1; i <= 5; i++) {
            put("undo/" + i, 3);
        }
        assertThat(keys("undo")).containsExactly("undo/3", "undo/4", "undo/5");
        put("undo/3", 3);
        assertThat(keys("undo")).containsExactly("undo/3", "undo/4", "undo/5");
        put("undo/6", 3);
        assertThat(keys("undo")).containsExactly("undo/3", "undo/5", "undo/6");
        reopen();
        assertThat(put("undo/7", 3)).isEqualTo(1);
        assertThat(keys("undo")).containsExactly("undo/3", "undo/6", "undo/7");
        assertThat(book().documents().history("undo/5", 9, 9).get(0)).isInstanceOf(DocumentChange.Delete.class);
        assertThat(put("undo/5", 3)).isEqualTo(3);
    }

    @Test
    default void putAndDeleteAreOneStep() {
        put("undo/1", 1);
        put("undo/2", 1);
        List<Event> events = book().read("documents", ReadOptions.all()).toList();
        assertThat(events).extracting(Event::type).containsExactly("put", "put", "delete");
        assertThat(events.get(1).line()).contains("\"batch\":[2,3]");
        assertThat(events.get(2).line()).contains("\"state\":[\"deleted\"],\"batch\":[3,3]");
    }

    @Test
    default void writesOfAllWaysCount() {
        put("undo/1", 3);
        put("undo/2", 3);
        book().documents().put("undo/3", "1");
        book().append(Batch.of().document("undo/1", "1", Condition.none()));
        book().appendAsync(Batch.of().document("undo/4", "1", Condition.none())).join();
        assertThat(keys("undo")).hasSize(4); // only a put with a cap deletes
        put("undo/5", 3);
        assertThat(keys("undo")).containsExactly("undo/1", "undo/4", "undo/5");
        book().documents().delete("undo/4");
        put("undo/6", 3);
        assertThat(keys("undo")).containsExactly("undo/1", "undo/5", "undo/6");
    }

    @Test
    default void otherKeysStay() {
        book().documents().put("undone", "1");
        book().documents().put("other/1", "1");
        put("undo", 2);
        put("undo/1", 2);
        put("undo/a/b", 2);
        assertThat(keys("")).containsExactly("other/1", "undo/1", "undo/a/b", "undone");
        assertThatThrownBy(() -> put("undone/1", 2)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> put("undo/1", 0)).isInstanceOf(IllegalArgumentException.class);
        book().documents().put("last", "1", Condition.none(), "", 1);
        assertThat(keys("")).containsExactly("last");
    }

    @Test
    default void refusedPutDeletesNothing() {
        put("undo/1", 1);
        long position = book().info().lastPosition();
        assertThatThrownBy(() -> book().documents().put("undo/2", "1", Condition.ifPresent(), "undo", 1))
                .isInstanceOf(ConflictException.class);
        assertThat(book().info().lastPosition()).isEqualTo(position);
        assertThat(keys("undo")).containsExactly("undo/1");
    }

    @Test
    default void loweredCapIsReached() {
        Batch batch = Batch.of();
        for (int i = 0; i < 2_500; i++) {
            batch.document("undo/" + i, "1", Condition.none());
        }
        book().append(batch);
        put("undo/last", 2);
        assertThat(keys("undo")).containsExactly("undo/2499", "undo/last");
    }

    @Test
    default void prefixesThatAreForgottenAreMadeAnew() {
        for (int round = 0; round < 2; round++) {
            for (int i = 0; i < 300; i++) {
                book().documents().put("p" + i + "/" + round, "1", Condition.none(), "p" + i, 1);
            }
        }
        assertThat(keys("")).hasSize(300).allMatch(key -> key.endsWith("/1"));
    }

    @Test
    default void manyThreadsNeverLeaveMore() throws Exception {
        List<Thread> threads = new ArrayList<>();
        List<Throwable> failures = Collections.synchronizedList(new ArrayList<>());
        for (int t = 0; t < 8; t++) {
            int me = t;
            Thread thread = new Thread(() -> {
                for (int i = 0; i < 30; i++) {
                    String key = "undo/" + (me * 7 + i * 5) % 40;
                    if (me < 6) {
                        put(key, 10);
                    } else if (me == 6) {
                        writeTheOldest(); // which may be about to go
                    } else {
                        book().documents().delete(key);
                    }
                }
            });
            thread.setUncaughtExceptionHandler((failed, why) -> failures.add(why));
            threads.add(thread);
            thread.start();
        }
        for (Thread thread : threads) {
            thread.join();
        }
        assertThat(failures).isEmpty();
        put("undo/last", 10);
        assertThat(keys("undo")).hasSizeLessThanOrEqualTo(10).contains("undo/last");
        // The journal says the same: after each batch that put with a cap there were ten, or one more that came
        // without.
        Set<String> there = new LinkedHashSet<>(); // the least recently written first
        for (Event event : book().read("documents", ReadOptions.all())) {
            boolean capped = event.line().contains("\"state\":[\"deleted\"],\"batch\":");
            if (capped) {
                assertThat(there.iterator().next())
                        .as("what goes is the oldest")
                        .isEqualTo(event.stream());
            }
            there.remove(event.stream());
            if (event.type().equals("put")) {
                there.add(event.stream());
            }
            assertThat(there).hasSizeLessThanOrEqualTo(12); // of a batch the put's line comes first
        }
    }

    private void writeTheOldest() {
        book().documents().list("undo", "", 1_000).stream()
                .flatMap(entry -> book().documents().get(entry.key()).stream())
                .min(Comparator.comparing(Document::pos))
                .ifPresent(oldest -> book().documents().put(oldest.key(), "1"));
    }
}
