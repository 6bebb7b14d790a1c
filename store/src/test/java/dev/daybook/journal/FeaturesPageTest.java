package dev.daybook.journal;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.reflect.Method;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** docs/features.md names tests and methods that exist. The commands on it are checked where commands are. */
class FeaturesPageTest {
    private static final Path PAGE = Path.of("..", "docs", "features.md");
    private static final List<Path> SOURCES = List.of(
            Path.of("src", "test", "java"), Path.of("..", "testkit", "src"), Path.of("..", "cli", "src", "test"));
    private static final List<String> PACKAGES = List.of(
            "dev.daybook.",
            "dev.daybook.document.",
            "dev.daybook.log.",
            "dev.daybook.run.",
            "dev.daybook.stream.",
            "dev.daybook.view.");

    @Test
    void everyTestAndMethodOnThePageExists() throws IOException {
        String page = Files.readString(PAGE);
        assertThat(missing(page)).isEmpty();
        assertThat(names(page)).hasSizeGreaterThan(150);
    }

    @Test
    void missingNamesAreNoticed() throws IOException {
        assertThat(missing("`OpeningTest.tornLastLineIsCutAndKeptAside`, `Stream.append`"))
                .isEmpty();
        List<String> wrong = List.of(
                "OpeningTest.tornLastLineIsCut", "ClosingTest.tornLastLineIsCut", "Stream.push", "River.append");
        assertThat(missing("| `" + String.join("`, `", wrong) + "` |")).isEqualTo(wrong);
    }

    private static List<String> names(String page) {
        List<String> names = new ArrayList<>();
        Matcher code = Pattern.compile("`([A-Z]\\w+\\.[a-z]\\w+)`").matcher(page);
        while (code.find()) {
            names.add(code.group(1));
        }
        return names;
    }

    private static List<String> missing(String page) throws IOException {
        List<String> missing = new ArrayList<>();
        for (String name : names(page)) {
            int dot = name.indexOf('.');
            String type = name.substring(0, dot);
            String member = name.substring(dot + 1);
            boolean test = type.endsWith("Test") || type.endsWith("Contract");
            if (!(test ? isTest(type, member) : isMethod(type, member))) {
                missing.add(name);
            }
        }
        return missing;
    }

    private static boolean isTest(String type, String method) throws IOException {
        for (Path root : SOURCES) {
            try (Stream<Path> files = Files.walk(root)) {
                for (Path file : files.filter(f -> f.endsWith(type + ".java")).toList()) {
                    if (Files.readString(file).contains(" void " + method + "(")) {
                        return true;
                    }
                }
            }
        }
        return false;
    }

    private static boolean isMethod(String type, String method) {
        for (String prefix : PACKAGES) {
            try {
                for (Method known : Class.forName(prefix + type).getMethods()) {
                    if (known.getName().equals(method)) {
                        return true;
                    }
                }
            } catch (ClassNotFoundException e) {
                // it may be in another package
            }
        }
        return false;
    }
}
