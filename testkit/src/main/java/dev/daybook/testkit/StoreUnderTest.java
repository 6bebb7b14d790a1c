package dev.daybook.testkit;

import dev.daybook.Daybook;
import dev.daybook.DaybookOptions;
import dev.daybook.driver.Driver;
import dev.daybook.stream.AppendOptions;
import dev.daybook.stream.Event;
import dev.daybook.stream.Events;
import dev.daybook.stream.Gap;
import dev.daybook.stream.Item;
import dev.daybook.stream.NewEvent;
import dev.daybook.stream.Subscription;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;

/** What the parts of {@link StoreContract} share: the store that a test works on, and words for what it appends and finds. */
interface StoreUnderTest {
    AppendOptions NONE = AppendOptions.none();

    /** The open store; an empty one when a test begins. */
    Daybook book();

    Driver driver();

    /** Tells the store's time. Moved by the tests; days may pass. */
    ManualClock clock();

    /** Closes the store and opens it again. */
    default Daybook reopen() {
        return reopen(UnaryOperator.identity());
    }

    /** The same, with other options. */
    Daybook reopen(UnaryOperator<DaybookOptions> change);

    /** Opens the same place once more, with other options. */
    Daybook openBeside(UnaryOperator<DaybookOptions> change);

    static NewEvent event(String text) {
        return NewEvent.json("t", "\"" + text + "\"");
    }

    static List<NewEvent> events(int count) {
        List<NewEvent> events = new ArrayList<>();
        for (int i = 1; i <= count; i++) {
            events.add(event(Integer.toString(i)));
        }
        return events;
    }

    static List<String> data(Events events) {
        return events.stream().map(e -> e.data().replace("\"", "")).toList();
    }

    static List<Long> seqs(Events events) {
        return events.stream().map(Event::seq).toList();
    }

    /** The next items: the payload of an event, the reason and the range of a gap. */
    static List<String> take(Subscription subscription, int count) throws InterruptedException {
        List<String> taken = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            Item item = subscription.poll(Duration.ofSeconds(20));
            if (item instanceof Event event) {
                taken.add(event.data().replace("\"", ""));
            } else if (item instanceof Gap gap) {
                taken.add(gap.reason() + " " + gap.fromSeq() + "-" + gap.toSeq());
            } else {
                taken.add("nothing");
            }
        }
        return taken;
    }
}
