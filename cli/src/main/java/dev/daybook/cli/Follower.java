package dev.daybook.cli;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Prints what arrives, and on SIGINT or SIGTERM where to go on. */
final class Follower<T> extends Thread {
    private static final long STOP_SECONDS = 2;

    /** What arrives. */
    interface Feed<T> {
        /** What is there now, or null. */
        @Nullable
        T poll() throws InterruptedException;

        /** The next one; null at the end. */
        @Nullable
        T take() throws InterruptedException;

        /** Prints it; returns the number after which to go on, which was this one before. */
        long print(T item, long last);

        /** Ends it, from another thread. */
        void close();
    }

    private final Call call;
    private final Feed<T> feed;
    private final String again;
    private final CountDownLatch done = new CountDownLatch(1);
    private volatile long printed; // everything up to here has been handed to standard output
    private volatile boolean stopped;

    /** @param again the command that goes on, but for its --since */
    Follower(Call call, Feed<T> feed, String again, long after) {
        super("resume-hint");
        this.call = call;
        this.feed = feed;
        this.again = again;
        this.printed = after;
    }

    void follow() throws InterruptedException {
        Runtime.getRuntime().addShutdownHook(this);
        try {
            long last = printed;
            while (!stopped) {
                T item = feed.poll();
                if (item == null) {
                    call.out().flush();
                    printed = last;
                    item = feed.take();
                    if (item == null) {
                        break;
                    }
                }
                last = feed.print(item, last);
            }
            call.out().flush();
            printed = last;
        } finally {
            done.countDown();
            forget();
        }
    }

    private void forget() {
        try {
            Runtime.getRuntime().removeShutdownHook(this);
        } catch (IllegalStateException e) {
            // Shutting down already: then it is running.
        }
    }

    /** The shutdown hook: lets the printing thread finish its line, so that the number is right. */
    @Override
    public void run() {
        stopped = true;
        feed.close();
        try {
            done.await(STOP_SECONDS, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        String store = call.arguments().option("--store");
        call.messages()
                .say("resume with: " + again + " --since " + printed
                        + (store == null ? "" : " --store " + Shell.quote(store))
                        + (call.json() ? " --json" : ""));
    }
}
