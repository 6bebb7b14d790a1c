package dev.daybook.testkit;

import static dev.daybook.testkit.LatestView.NAME;
import static dev.daybook.testkit.LatestView.expected;
import static dev.daybook.testkit.LatestView.rows;
import static org.assertj.core.api.Assertions.assertThat;

import dev.daybook.Daybook;
import dev.daybook.DaybookOptions;
import dev.daybook.Freshness;
import dev.daybook.Progress;
import dev.daybook.log.LogQuery;
import dev.daybook.log.LogRow;
import dev.daybook.log.NewLogRow;
import dev.daybook.stream.NewEvent;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.Statement;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The files of a view are dropped, damaged, set back, or left by a killed process, again and again. What it answers stays what the journal says. */
@Timeout(300)
class ViewDamageTest {
    private static final int CYCLES = Integer.getInteger("cycles", 200);
    private static final int KILLS = Integer.getInteger("kills", 20);
    private static final int PAGE = 4_096;

    @TempDir
    Path directory;

    private final long seed = Long.getLong("seed", System.nanoTime());
    private final SplittableRandom random = new SplittableRandom(seed);

    @Test
    void viewsThatAreDroppedOrDamagedAnswerTheSame() throws IOException {
        Path store = directory.resolve("data");
        Path views = store.resolve("views");
        Path older = directory.resolve("older");
        int rows = 0;
        for (int cycle = 0; cycle < CYCLES; cycle++) {
            boolean underWay = random.nextInt(4) == 0;
            if (!underWay) {
                damage(views, older, false);
            }
            try (Daybook book = Daybook.open(store)) {
                book.views().register(new LatestView(random.nextInt(20) == 0 ? 2 : 1));
                work(book, random.nextInt(60));
                if (underWay) {
                    rows(book, Freshness.own());
                    damage(views, older, true);
                    work(book, 1 + random.nextInt(30));
                }
                if (random.nextInt(10) == 0) {
                    book.views().rebuild(NAME, Progress.NONE);
                }
                assertThat(rows(book, Freshness.own()))
                        .as("cycle " + cycle + ", -Dseed=" + seed)
                        .isEqualTo(expected(book));
                rows += expected(book).size();
                rows += searched(book, cycle);
            }
            if (cycle % 10 == 0) {
                assertThat(Daybook.verify(store, List.of(new LatestView()), Progress.NONE)
                                .views())
                        .noneMatch(view -> view.differing() > 0);
            }
        }
        System.out.println("views dropped or damaged: cycles=" + CYCLES + " rows=" + rows + " diff_rows=0");
    }

    /** Rows of the log with a word, by the view {@code text} and, with their source, by it and {@code logs}. */
    private int searched(Daybook book, int cycle) {
        String word = "w" + cycle % 7;
        LogQuery query = LogQuery.all().text(word).order(LogQuery.Order.OLDEST).limit(10_000);
        List<LogRow> expected = book.logs().after(0, Integer.MAX_VALUE).stream()
                .filter(row -> row.payload().contains(word))
                .toList();
        assertThat(book.logs().query(query).rows())
                .as("cycle " + cycle + ", -Dseed=" + seed)
                .isEqualTo(expected);
        assertThat(book.logs().query(query.source("s").since(Instant.EPOCH)).rows())
                .isEqualTo(expected);
        return expected.size();
    }

    private void work(Daybook book, int events) {
        List<CompletableFuture<?>> all = new ArrayList<>();
        for (int i = 0; i < events; i++) {
            String stream = "s/" + random.nextInt(200);
            if (random.nextInt(4) == 0) {
                String text = "\"w" + random.nextInt(7) + " and w" + random.nextInt(7) + "\"";
                all.add(book.logs().appendAsync(NewLogRow.of("s", "t").json(text)));
            } else if (random.nextInt(30) == 0) {
                book.stream(stream).delete();
            } else {
                all.add(book.stream(stream).appendAsync(NewEvent.json("t", "\"" + random.nextLong() + "\"")));
            }
        }
        all.forEach(CompletableFuture::join);
    }

    /**
     * What SQLite can notice: whole pages, sizes, names. (A flipped bit inside of a row's value looks like another value to it.)
     *
     * @param underWay whether the files are in use: then they are only dropped or replaced
     */
    private void damage(Path views, Path older, boolean underWay) throws IOException {
        List<Path> files;
        if (!Files.exists(views)) {
            return;
        }
        try (Stream<Path> list = Files.list(views)) {
            files = list.sorted().toList();
        }
        if (files.isEmpty()) {
            return;
        }
        Path file = files.get(random.nextInt(files.size()));
        switch (random.nextInt(underWay ? 3 : 9)) {
            case 0 -> Files.delete(file);
            case 1 -> {
                for (Path each : files) {
                    Files.delete(each);
                }
            }
            case 2 -> {
                Path other = directory.resolve("other");
                Files.write(other, bytes(random.nextInt(3 * PAGE)));
                Files.move(other, file, StandardCopyOption.REPLACE_EXISTING);
            }
            case 3 -> Files.write(file, bytes(random.nextInt(3 * PAGE)));
            case 4 ->
                Files.write(file, Arrays.copyOf(Files.readAllBytes(file), random.nextInt(1 + (int) Files.size(file))));
            case 5 -> pages(file, true);
            case 6 -> pages(file, false);
            case 7 -> {
                Files.write(views.resolve(file.getFileName() + "-wal"), bytes(random.nextInt(10_000)));
                Files.write(views.resolve("user-latest.9.db.tmp"), bytes(10));
            }
            default -> {
                if (Files.exists(older)) {
                    Files.copy(older, file, StandardCopyOption.REPLACE_EXISTING);
                }
                Files.copy(file, older, StandardCopyOption.REPLACE_EXISTING);
            }
        }
    }

    private void pages(Path file, boolean zero) throws IOException {
        byte[] all = Files.readAllBytes(file);
        int pages = all.length / PAGE;
        if (pages == 0) {
            return;
        }
        int from = random.nextInt(pages) * PAGE;
        byte[] instead = zero ? new byte[PAGE] : bytes(PAGE);
        System.arraycopy(instead, 0, all, from, PAGE);
        Files.write(file, all);
    }

    private byte[] bytes(int length) {
        byte[] bytes = new byte[length];
        random.nextBytes(bytes);
        return bytes;
    }

    /** The comparison can fail: this is what it would look like. */
    @Test
    void rowThatSomebodyChangedDiffersUntilARebuild() throws Exception {
        Path store = directory.resolve("data");
        try (Daybook book = Daybook.open(store)) {
            book.views().register(new LatestView());
            work(book, 50);
            rows(book, Freshness.own());
        }
        try (Connection connection =
                        DriverManager.getConnection("jdbc:sqlite:" + store.resolve("views/user-latest.1.db"));
                Statement statement = connection.createStatement()) {
            statement.execute("UPDATE latest SET events = events + 1");
        }
        try (Daybook book = Daybook.open(store)) {
            book.views().register(new LatestView());
            assertThat(rows(book, Freshness.own())).isNotEqualTo(expected(book));
            book.views().rebuild(NAME, Progress.NONE);
            assertThat(rows(book, Freshness.own())).isEqualTo(expected(book));
        }
    }

    @Test
    void viewsOfKilledProcessesAnswerTheSame() throws Exception {
        Path store = directory.resolve("data");
        int rows = 0;
        for (int cycle = 0; cycle < KILLS; cycle++) {
            kill(store, random.nextBoolean() ? "write" : "rebuild", 1 + random.nextInt(40), random.nextInt(30));
            DaybookOptions options = DaybookOptions.defaults().withReadOnly(random.nextInt(3) == 0);
            try (Daybook book = Daybook.open(store, options)) {
                book.views().register(new LatestView());
                assertThat(rows(book, Freshness.own()))
                        .as("cycle " + cycle + ", -Dseed=" + seed)
                        .isEqualTo(expected(book));
                rows += expected(book).size();
            }
        }
        System.out.println("views of killed processes: cycles=" + KILLS + " rows=" + rows + " diff_rows=0");
    }

    private static void kill(Path store, String work, int lines, int moreMillis) throws Exception {
        Process process = java(ViewProcess.class, store.toString(), work);
        try (BufferedReader out =
                new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
            for (int i = 0; i < lines; i++) {
                assertThat(out.readLine()).as("the writer ended by itself").isNotNull();
            }
            Thread.sleep(moreMillis);
        } finally {
            process.destroyForcibly();
            assertThat(process.waitFor(20, TimeUnit.SECONDS)).isTrue();
        }
    }

    @Test
    void anotherProcessReadsWhileTheOwnerWrites() throws Exception {
        Path store = directory.resolve("data");
        try (Daybook book = Daybook.open(store)) {
            book.views().register(new LatestView());
            work(book, 50);
            rows(book, Freshness.own());
            Process reader = java(ViewProcess.class, store.toString(), "read");
            try (BufferedReader out =
                    new BufferedReader(new InputStreamReader(reader.getInputStream(), StandardCharsets.UTF_8))) {
                for (int i = 0; i < 30; i++) {
                    String expected = "\"" + i + "\"";
                    long pos = book.stream("told")
                            .append(NewEvent.json("t", expected))
                            .pos();
                    reader.outputWriter().write(pos + "\n");
                    reader.outputWriter().flush();
                    assertThat(out.readLine()).isEqualTo((i + 1) + " " + expected);
                    work(book, 20);
                    if (i == 10) {
                        book.views().rebuild(NAME, Progress.NONE);
                    }
                }
                reader.outputWriter().close();
                assertThat(out.readLine()).isEqualTo("folded 0"); // it read the owner's
                assertThat(reader.waitFor(20, TimeUnit.SECONDS)).isTrue();
            } finally {
                reader.destroyForcibly();
            }
            assertThat(rows(book, Freshness.own())).isEqualTo(expected(book));
        }
    }

    /** A limit for the size of files stands for a full disk: SQLite's writes fail, and the journal's segments are small. */
    @Test
    void viewThatFindsNoRoomGoesOnWhenThereIsAndTheJournalNeverStops() throws Exception {
        Path store = directory.resolve("data");
        List<String> command = new ArrayList<>(List.of("prlimit", "--fsize=4194304:"));
        command.addAll(command(ViewProcess.class, store.toString(), "fill"));
        Process process = new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        try (BufferedReader out =
                new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
            assertThat(out.readLine()).isEqualTo("no room");
            Process more = new ProcessBuilder("prlimit", "--pid=" + process.pid(), "--fsize=unlimited:")
                    .inheritIO()
                    .start();
            assertThat(more.waitFor()).isZero();
            process.outputWriter().write("room\n");
            process.outputWriter().flush();
            assertThat(out.readLine()).isEqualTo("right");
            assertThat(process.waitFor(20, TimeUnit.SECONDS)).isTrue();
        } finally {
            process.destroyForcibly();
        }
        assertThat(Daybook.verify(store, Progress.NONE).problems()).isEmpty();
        assertThat(store.resolve("views")).isDirectoryNotContaining("glob:**.tmp*");
    }

    private static Process java(Class<?> main, String... arguments) throws IOException {
        return new ProcessBuilder(command(main, arguments))
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
    }

    private static List<String> command(Class<?> main, String... arguments) {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-Xshare:auto",
                "-Xmx256m",
                "-cp",
                System.getProperty("java.class.path"),
                main.getName()));
        command.addAll(List.of(arguments));
        return command;
    }
}
