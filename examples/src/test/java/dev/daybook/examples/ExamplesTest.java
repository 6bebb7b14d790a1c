package dev.daybook.examples;

import static org.assertj.core.api.Assertions.assertThat;

import dev.daybook.Daybook;
import dev.daybook.stream.NewEvent;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The programs run, and the documentation shows what runs. */
class ExamplesTest {
    @TempDir
    Path directory;

    @Test
    void helloStoresAndFollows() {
        Hello.run(directory);
        try (Daybook book = Daybook.open(directory)) {
            assertThat(book.stream("chats/42").read().toList()).hasSize(1);
        }
    }

    @Test
    void aRunGoesOnWhereItWas() {
        try (Daybook book = Daybook.open(directory)) {
            book.stream("runs/nightly")
                    .append(
                            NewEvent.json("step", "{\"step\":0}"),
                            dev.daybook.stream.AppendOptions.from("worker", 0, 0));
        }
        assertThat(ResumeAfterCrash.run(directory)).isEqualTo(4);
        assertThat(ResumeAfterCrash.run(directory)).isZero();
    }

    @Test
    void ownViewCountsWhatWasWritten() {
        try (Daybook book = Daybook.open(directory)) {
            for (String author : new String[] {"critic", "planner", "critic", "critic"}) {
                book.stream("chats/" + author)
                        .append(NewEvent.json("message", "1").source(author));
            }
            book.stream("elsewhere").append(NewEvent.json("message", "1").source("nobody"));
        }
        assertThat(OwnView.busiest(directory)).containsExactly("critic 3", "planner 2");
        assertThat(OwnView.busiest(directory)).containsExactly("critic 3", "planner 3");
    }

    /** A block that begins with ```java example=Name must stand, line for line, in that program. */
    @Test
    void snippetsOfTheDocumentationArePartOfThePrograms() throws IOException {
        int found = 0;
        for (String page : new String[] {"README.md", "ARCHITECTURE.md", "docs/durability.md", "docs/concurrency.md"}) {
            Matcher block = Pattern.compile("```java example=(\\w+)\n(.*?)```", Pattern.DOTALL)
                    .matcher(Files.readString(Path.of("..", page)));
            while (block.find()) {
                String program =
                        Files.readString(Path.of("src/main/java/dev/daybook/examples", block.group(1) + ".java"));
                assertThat(stripped(program)).as(page).contains(stripped(block.group(2)));
                found++;
            }
        }
        assertThat(found).isPositive();
    }

    private static String stripped(String text) {
        return text.lines().map(String::strip).filter(line -> !line.isEmpty()).reduce("", (a, b) -> a + "\n" + b);
    }
}
