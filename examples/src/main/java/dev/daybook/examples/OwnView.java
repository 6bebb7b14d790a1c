package dev.daybook.examples;

import dev.daybook.Daybook;
import dev.daybook.Freshness;
import dev.daybook.stream.Event;
import dev.daybook.stream.NewEvent;
import dev.daybook.view.View;
import dev.daybook.view.ViewWriter;
import java.nio.file.Path;
import java.util.List;

/** A view of the program's own: who wrote how much, in all chats. Delete {@code views/} and it is made anew. */
public final class OwnView implements View {
    private static final String COUNT =
            "INSERT INTO author VALUES (?, ?, 1) ON CONFLICT DO UPDATE SET messages = messages + 1";

    public static void main(String[] arguments) {
        busiest(Path.of(arguments[0])).forEach(System.out::println);
    }

    static List<String> busiest(Path directory) {
        try (Daybook book = Daybook.open(directory)) {
            book.views().register(new OwnView());
            book.stream("chats/42").append(NewEvent.json("message", "\"done\"").source("planner"));
            return book.views()
                    .query(
                            "authors",
                            Freshness.own(), // the message just written is counted
                            tables -> tables
                                    .query(
                                            "SELECT author, sum(messages) AS n FROM author GROUP BY author ORDER BY n DESC, author")
                                    .stream()
                                    .map(row -> row.text(0) + " " + row.number(1))
                                    .toList());
        }
    }

    @Override
    public String name() {
        return "authors";
    }

    @Override
    public int version() {
        return 1; // another number, and the tables are made anew
    }

    @Override
    public String prefix() {
        return "chats";
    }

    @Override
    public List<String> tables() {
        return List.of(
                "CREATE TABLE author (chat TEXT, author TEXT, messages INTEGER NOT NULL, PRIMARY KEY (chat, author))");
    }

    @Override
    public void event(Event event, ViewWriter tables) {
        tables.update(COUNT, event.stream(), event.source().orElse("somebody"));
    }

    @Override
    public void deleted(String stream, ViewWriter tables) {
        tables.update("DELETE FROM author WHERE chat = ?", stream);
    }
}
