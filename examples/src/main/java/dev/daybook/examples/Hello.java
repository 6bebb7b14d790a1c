package dev.daybook.examples;

import dev.daybook.Daybook;
import dev.daybook.stream.Event;
import dev.daybook.stream.NewEvent;
import dev.daybook.stream.Stream;
import dev.daybook.stream.Subscription;
import java.nio.file.Path;

/** The README's program. */
public final class Hello {
    private Hello() {}

    public static void main(String[] arguments) {
        run(Path.of(arguments[0]));
    }

    static void run(Path directory) {
        try (Daybook book = Daybook.open(directory)) {
            Stream chat = book.stream("chats/42");
            chat.append(
                    NewEvent.json("message", "{\"role\":\"user\",\"content\":\"hi\"}")); // on disk when this returns

            try (Subscription live = chat.subscribe(0)) { // what was, then what comes, each event once
                for (Event e : live) {
                    System.out.println(e.seq() + " " + e.data());
                    break;
                }
            }
        }
    }
}
