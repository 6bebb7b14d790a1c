package dev.daybook.internal.search;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.daybook.internal.json.JsonText;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What is searched of a payload, and what a user's words find, asked of SQLite itself. {@code -Dseed=} replays. */
class SearchTest {
    private static final long SEED = Long.getLong("seed", 20_261_121);
    private static final String TABLE =
            "CREATE VIRTUAL TABLE t USING fts5(text, attrs, content='', contentless_delete=1, tokenize='unicode61 remove_diacritics 2')";

    private Connection connection;

    @BeforeEach
    void connect() throws SQLException {
        connection = DriverManager.getConnection("jdbc:sqlite::memory:");
        try (Statement statement = connection.createStatement()) {
            statement.execute(TABLE);
        }
    }

    @AfterEach
    void disconnect() throws SQLException {
        connection.close();
    }

    private static String text(String json) {
        byte[] bytes = json.getBytes(StandardCharsets.UTF_8);
        return SearchText.of(bytes, 0, bytes.length);
    }

    private boolean finds(String words, String text) throws SQLException {
        try (Statement clear = connection.createStatement()) {
            clear.execute("INSERT INTO t(t) VALUES ('delete-all')");
        }
        try (PreparedStatement insert =
                connection.prepareStatement("INSERT INTO t(rowid, text, attrs) VALUES (1, ?, 'other')")) {
            insert.setString(1, text(new String(JsonText.encode(text), StandardCharsets.UTF_8)));
            insert.executeUpdate();
        }
        try (PreparedStatement query = connection.prepareStatement("SELECT count(*) FROM t WHERE t MATCH ?")) {
            query.setString(1, "text : (" + SearchWords.query(words) + ")");
            try (ResultSet found = query.executeQuery()) {
                return found.getInt(1) > 0;
            }
        }
    }

    @Test
    void textIsTheStringOrAllStringsInTheirOrder() {
        assertThat(text("\"one \\u0041\\n\"")).isEqualTo("one A\n");
        assertThat(text("{\"key\":\"one\",\"b\":[\"two\",3,true,null,{\"c\":\"three\"}],\"d\":{}}"))
                .isEqualTo("one two three");
        assertThat(text(" [ ] ")).isEmpty();
        assertThat(text("17")).isEmpty();
        assertThat(text("{\"a\":\"\",\"b\":\"x\"}")).isEqualTo("x");
        assertThat(text("[\"\\u0000a\\u0000\",\"\\ud83d\\ude00\"]")).isEqualTo("\0a\0  ");
        assertThat(text("[".repeat(100) + "\"deep\"" + "]".repeat(100))).isEqualTo("deep");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            ignoreLeadingAndTrailingWhitespace = true,
            value = {
                "hello                | Hello, World!              | true",
                "world hello          | Hello, World!              | true",
                "hello earth          | Hello, World!              | false",
                "\"hello world\"      | Hello, World!              | true",
                "\"world hello\"      | Hello, World!              | false",
                "hel*                 | Hello, World!              | true",
                "hel                  | Hello, World!              | false",
                "\"hel*\"             | Hello, World!              | false",
                "el*                  | Hello, World!              | false",
                "\"hello\"wor*        | Hello, World!              | true",
                "\"hello world        | Hello, World!              | true",
                "hello** -            | Hello, World!              | true",
                "hello *              | Hello, World!              | true",
                "foo-bar              | a foo bar                  | true",
                "foo-bar              | bar foo                    | false",
                "foo-*                | food                       | false",
                "NOT                  | this is not so             | true",
                "a NOT b              | a b                        | false",
                "a OR b               | a                          | false",
                "NEAR(a b)            | near a b                   | true",
                "text:hello           | hello                      | false",
                "attrs:other          | hello                      | false",
                "other                | hello                      | false",
                "^hello               | well hello                 | true",
                "a+b                  | a b                        | true",
                "(hello               | hello                      | true",
                "hello;DROP           | hello drop                 | true",
                "h_llo                | hello                      | false",
                "h%o                  | hello                      | false",
                "'hello'              | hello                      | true",
                "creme brulee         | Crème Brûlée               | true",
                "CRÈME                | creme                      | true",
                "日本語                | これは 日本語 です          | true",
                "日本*                 | これは 日本語 です          | true",
                "日本                  | これは 日本語 です          | false",
                "ok🙂                  | ok                         | true",
                "done                  | done🙂and👍🏽more✅             | true",
                "more                  | done🙂and👍🏽more✅             | true",
                "€5                    | it costs 5€                | true",
                "𝒳                    | say 𝒳                      | true",
                "42                   | the answer is 42           | true"
            })
    void wordsFindWhatTheyAreSaidToFind(String words, String text, boolean found) throws SQLException {
        assertThat(finds(words, text)).isEqualTo(found);
    }

    @Test
    void nulSeparatesWords() throws SQLException {
        assertThat(finds("a\0b", "a\0b")).isTrue();
        assertThat(finds("b", "a\0b")).isTrue();
        assertThat(finds("ab", "a\0b")).isFalse();
        assertThat(finds("\0 \"a\0\" c", "a c")).isTrue();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"", " ", "*", "\"\"", "\"", "- + ^ : ( )", "🙂 🙂", "\0", "\u0301", "\u00A0\u3000", "***\"*\""})
    void wordsWithoutALetterOrDigitAreRefused(String words) {
        assertThatThrownBy(() -> SearchWords.query(words))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("letter or a digit");
    }

    @Test
    void whatIsTooLongOrNoUnicodeIsRefused() {
        assertThatThrownBy(() -> SearchWords.query("x".repeat(100_000)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("4096");
        assertThatThrownBy(() -> SearchWords.query("x ".repeat(257)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("256 words");
        for (String lone : new String[] {"a\uD83D", "\uDE00a", "a \uDE00\uD83D"}) {
            assertThatThrownBy(() -> SearchWords.query(lone))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("surrogate");
        }
    }

    @Test
    void theLongestQueriesAreAnswered() throws SQLException {
        String word = "x".repeat(4_096);
        assertThat(finds(word, word)).isTrue();
        assertThat(finds("a ".repeat(256), "a")).isTrue();
        String phrase = "a-".repeat(2_048);
        assertThat(finds(phrase, phrase)).isTrue();
        assertThat(finds(phrase, "a-".repeat(2_047))).isFalse();
        String large = "needle " + "hay ".repeat(25_000);
        assertThat(finds("hay needle", large)).isTrue();
    }

    @Test
    void whateverIsTypedIsAnsweredOrRefused() throws SQLException {
        String[] pieces = {
            "\"", "*", "'", "(", ")", ":", "^", "+", "-", "{", "}", ",", "\0", " ", "\t", "\u00A0", "\u2028", "a", "b7",
            "AND", "OR", "NOT", "NEAR", "text", "attrs", "é", "e\u0301", "日本", "🙂", "𝒳", "\uFFFF", "\uE000", "½", "Ⅷ",
            "\\"
        };
        Random random = new Random(SEED);
        int answered = 0;
        for (int i = 0; i < 3_000; i++) {
            StringBuilder words = new StringBuilder();
            for (int n = random.nextInt(12); n >= 0; n--) {
                words.append(pieces[random.nextInt(pieces.length)]);
            }
            boolean found;
            try {
                found = finds(words.toString(), words.toString());
            } catch (IllegalArgumentException e) {
                continue; // refused
            }
            // Every word that is asked for is there, and side by side where that is asked.
            assertThat(found).as(escaped(words.toString()) + ", -Dseed=" + SEED).isTrue();
            answered++;
        }
        assertThat(answered).isGreaterThan(2_000);
    }

    private static String escaped(String text) {
        return new String(JsonText.encode(text), StandardCharsets.UTF_8);
    }
}
