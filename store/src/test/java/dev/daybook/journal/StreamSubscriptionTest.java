package dev.daybook.journal;

import static org.assertj.core.api.Assertions.assertThat;

import dev.daybook.Daybook;
import dev.daybook.stream.Gap;
import dev.daybook.stream.Item;
import dev.daybook.stream.NewEvent;
import dev.daybook.stream.Stream;
import dev.daybook.stream.Subscription;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** What a subscription is told of events that went before it came to them. */
class StreamSubscriptionTest {
    private static NewEvent event(int i) {
        return NewEvent.json("t", "{\"i\":" + i + ",\"x\":\"" + "x".repeat(200) + "\"}");
    }

    @Test
    void deletionTellsWhatWasNotRead() throws InterruptedException {
        try (Daybook book = Daybook.memory()) {
            Stream stream = book.stream("a");
            for (int i = 0; i < 5; i++) {
                stream.append(event(i));
            }
            try (Subscription live = stream.subscribe(5)) {
                assertThat(live.poll(Duration.ZERO)).isNull();
                for (int i = 0; i < 5; i++) {
                    stream.append(event(i));
                }
                stream.delete();
                Item item = live.take();
                assertThat(item).isInstanceOfSatisfying(Gap.class, gap -> {
                    assertThat(gap.reason()).isEqualTo(Gap.Reason.DELETED);
                    assertThat(gap.fromSeq()).isEqualTo(6);
                    assertThat(gap.toSeq()).isEqualTo(10);
                });
            }
        }
    }
}
