package dev.daybook.testkit;

import dev.daybook.Daybook;
import dev.daybook.stream.Item;
import dev.daybook.stream.NewEvent;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Flow;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.reactivestreams.tck.TestEnvironment;
import org.reactivestreams.tck.flow.FlowPublisherVerification;
import org.testng.annotations.AfterClass;

/** {@code Stream.publisher} follows the Reactive Streams specification, as its own test kit sees it. */
class PublisherTckTest {

    @TestFactory
    Stream<DynamicTest> streamsAsPublishersFollowReactiveStreams() {
        return TckTests.of(Tck.class);
    }

    /** Made by the TCK's runner, so public. */
    public static class Tck extends FlowPublisherVerification<Item> {
        private final List<Daybook> books = new ArrayList<>();

        public Tck() {
            super(new TestEnvironment(300, 300), 200);
        }

        private synchronized Daybook book() {
            Daybook book = Daybook.memory();
            books.add(book);
            return book;
        }

        @Override
        public Flow.Publisher<Item> createFlowPublisher(long elements) {
            dev.daybook.stream.Stream stream = book().stream("s");
            List<NewEvent> events = new ArrayList<>();
            for (long i = 0; i < elements; i++) {
                events.add(NewEvent.json("t", Long.toString(i)));
            }
            stream.create(dev.daybook.stream.StreamConfig.JSON);
            stream.append(events, dev.daybook.stream.AppendOptions.none().close());
            return stream.publisher(0);
        }

        @Override
        public Flow.Publisher<Item> createFailedFlowPublisher() {
            Daybook book = book();
            Flow.Publisher<Item> publisher = book.stream("s").publisher(0);
            book.close();
            return publisher;
        }

        @Override
        public long maxElementsFromPublisher() {
            return 1_000;
        }

        @AfterClass
        public synchronized void closeBooks() {
            books.forEach(Daybook::close);
        }
    }
}
