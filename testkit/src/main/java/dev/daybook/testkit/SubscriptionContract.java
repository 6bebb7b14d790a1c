package dev.daybook.testkit;

import static dev.daybook.testkit.StoreUnderTest.event;
import static dev.daybook.testkit.StoreUnderTest.events;
import static dev.daybook.testkit.StoreUnderTest.take;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.daybook.stream.Appended;
import dev.daybook.stream.Event;
import dev.daybook.stream.Gap;
import dev.daybook.stream.Item;
import dev.daybook.stream.Subscription;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Flow;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

/** Following: replay and then live, gaps, ends, listeners. */
interface SubscriptionContract extends StoreUnderTest {
    @Test
    default void subscriptionReplaysAndGoesOnLive() throws Exception {
        book().stream("s").append(events(3), NONE);
        try (Subscription live = book().stream("s").subscribe(1)) {
            assertThat(take(live, 2)).containsExactly("2", "3");
            assertThat(live.poll(Duration.ofMillis(20))).isNull();
            assertThat(live.ended()).isFalse();
            book().stream("other").append(event("not mine"));
            book().stream("s").append(event("4"));
            assertThat(take(live, 1)).containsExactly("4");
        }
    }

    @Test
    default void liveSubscriptionBeginsNow() throws Exception {
        book().stream("s").append(event("old"));
        try (Subscription live = book().stream("s").subscribeLive();
                Subscription all = book().subscribeLive("")) {
            book().stream("s").append(event("new"));
            assertThat(take(live, 1)).containsExactly("new");
            assertThat(take(all, 1)).containsExactly("new");
        }
    }

    @Test
    default void subscriptionCanBeClosedInTheMiddleOfTheReplay() throws Exception {
        book().stream("s").append(events(100), NONE);
        for (Subscription live : List.of(book().stream("s").subscribe(0), book().subscribe("s", 0))) {
            assertThat(take(live, 2)).containsExactly("1", "2");
            live.close();
            assertThat(live.take()).isNull();
            assertThat(live.ended()).isTrue();
            live.close();
        }
        assertThat(book().stream("s").append(event("101")).seq()).isEqualTo(101);
    }

    @Test
    default void streamThatDoesNotExistCanBeFollowed() throws Exception {
        try (Subscription live = book().stream("later").subscribe(0)) {
            assertThat(live.poll(Duration.ofMillis(10))).isNull();
            book().stream("later").append(event("1"));
            assertThat(take(live, 1)).containsExactly("1");
        }
    }

    @Test
    default void slowReaderGetsEverythingOnceWhileSegmentsRoll() throws Exception {
        try (Subscription live = book().subscribe("", 0)) {
            Thread writer = new Thread(() -> {
                for (int i = 0; i < 2_000; i++) {
                    CompletableFuture<Appended> unused =
                            book().stream("s/" + i % 5).appendAsync(event("e" + i));
                }
                book().stream("end").append(event("end"));
            });
            writer.start();
            for (int i = 0; i < 2_000; i++) {
                assertThat(take(live, 1)).containsExactly("e" + i);
                if (i % 500 == 0) {
                    Thread.sleep(20);
                }
            }
            assertThat(take(live, 1)).containsExactly("end");
            writer.join();
        }
    }

    @Test
    default void prefixIsFollowedFromAPosition() throws Exception {
        book().stream("a/1").append(event("1"));
        long pos = book().stream("b").append(event("2")).pos();
        book().stream("a/2").append(event("3"));
        try (Subscription live = book().subscribe("a", pos)) {
            book().stream("b").append(event("4"));
            book().stream("a").append(event("5"));
            assertThat(take(live, 2)).containsExactly("3", "5");
        }
    }

    @Test
    default void truncatedEventsArriveAsAGap() throws Exception {
        book().stream("s").append(events(5), NONE);
        book().stream("s").truncateBefore(4);
        try (Subscription live = book().stream("s").subscribe(1)) {
            assertThat(take(live, 3)).containsExactly("TRUNCATED 2-3", "4", "5");
        }
        try (Subscription live = book().stream("s").subscribe(3)) {
            assertThat(take(live, 2)).containsExactly("4", "5");
        }
        try (Subscription live = book().stream("s").subscribe(0)) {
            assertThat(live.iterator().next().seq()).isEqualTo(4);
        }
    }

    @Test
    default void deletionArrivesAsAGapAndTheNextStreamFollows() throws Exception {
        book().stream("s").append(events(2), NONE);
        try (Subscription live = book().stream("s").subscribe(0)) {
            assertThat(take(live, 2)).containsExactly("1", "2");
            book().stream("s").delete();
            Item gap = live.poll(Duration.ofSeconds(20));
            assertThat(gap).isInstanceOfSatisfying(Gap.class, g -> {
                assertThat(g.reason()).isEqualTo(Gap.Reason.DELETED);
                assertThat(g.toSeq()).isLessThan(g.fromSeq());
            });
            book().stream("s").append(event("again"));
            assertThat(take(live, 1)).containsExactly("again");
        }
    }

    @Test
    default void subscriptionEndsWithItsStream() throws Exception {
        book().stream("s").append(event("1"));
        try (Subscription live = book().stream("s").subscribe(0)) {
            book().stream("s").close();
            List<Long> seqs = new ArrayList<>();
            for (Event event : live) {
                seqs.add(event.seq());
            }
            assertThat(seqs).containsExactly(1L);
            assertThat(live.take()).isNull();
            assertThat(live.ended()).isTrue();
        }
    }

    @Test
    default void closingFromAnotherThreadEndsAWaitingReadAtOnce() throws Exception {
        for (boolean storeCloses : new boolean[] {false, true}) {
            Subscription live = book().stream("s").subscribe(0);
            CountDownLatch waiting = new CountDownLatch(1);
            CompletableFuture<Optional<Item>> taken = CompletableFuture.supplyAsync(() -> {
                waiting.countDown();
                try {
                    return Optional.ofNullable(live.take());
                } catch (InterruptedException e) {
                    throw new IllegalStateException(e);
                }
            });
            waiting.await();
            Thread.sleep(30);
            if (storeCloses) {
                book().close();
            } else {
                live.close();
            }
            assertThat(taken.get(5, TimeUnit.SECONDS)).isEmpty();
        }
    }

    private static Flow.Subscriber<Item> listener(Consumer<Item> each) {
        return new Flow.Subscriber<>() {
            @Override
            public void onSubscribe(Flow.Subscription subscription) {
                subscription.request(Long.MAX_VALUE);
            }

            @Override
            public void onNext(Item item) {
                each.accept(item);
            }

            @Override
            public void onError(Throwable problem) {}

            @Override
            public void onComplete() {}
        };
    }

    @Test
    default void listenerThatThrowsHurtsNobodyElse() throws Exception {
        CountDownLatch thrown = new CountDownLatch(1);
        CountDownLatch received = new CountDownLatch(20);
        book().stream("s").publisher(0).subscribe(listener(item -> {
            thrown.countDown();
            throw new IllegalStateException("this listener is broken");
        }));
        book().stream("s").publisher(0).subscribe(listener(item -> received.countDown()));
        CompletableFuture<Appended> first = book().stream("s").appendAsync(event("1"));
        CompletableFuture<Void> broken = first.thenAccept(a -> {
            throw new IllegalStateException("this continuation is broken");
        });
        assertThatThrownBy(broken::join).hasRootCauseMessage("this continuation is broken");
        assertThat(thrown.await(20, TimeUnit.SECONDS)).isTrue();
        for (int i = 2; i <= 20; i++) {
            assertThat(book().stream("s").append(event("" + i)).seq()).isEqualTo(i);
        }
        assertThat(received.await(20, TimeUnit.SECONDS)).isTrue();
    }

    @Test
    default void interruptLeavesASubscriptionAsItIs() throws Exception {
        try (Subscription live = book().stream("s").subscribe(0)) {
            Thread.currentThread().interrupt();
            assertThatThrownBy(live::take).isInstanceOf(InterruptedException.class);
            book().stream("s").append(event("1"));
            assertThat(take(live, 1)).containsExactly("1");
        }
    }
}
