package dev.daybook.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.daybook.Daybook;
import dev.daybook.DaybookOptions;
import dev.daybook.StoreFailedException;
import dev.daybook.stream.NewEvent;
import dev.daybook.stream.ReadOptions;
import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A disk that is full, in several ways: what was acknowledged stays, the error says that it can be tried again, and it can. */
class SpaceTest {
    @TempDir
    Path directory;

    /**
     * Appends until there is no room, prints {@code full N}, waits for a line on standard input, appends again and prints {@code again M}.
     */
    static final class Filler {
        private Filler() {}

        public static void main(String[] arguments) throws IOException {
            DaybookOptions options = DaybookOptions.defaults().withSegmentBytesMax(Long.parseLong(arguments[1]));
            BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
            try (Daybook book = Daybook.open(Path.of(arguments[0]), options)) {
                System.out.println("open");
                in.readLine();
                long acknowledged = fill(book, 200_000);
                System.out.println("full " + acknowledged);
                in.readLine();
                long before = acknowledged;
                acknowledged += fill(book, 50);
                System.out.println("again " + (acknowledged - before));
            }
        }

        private static long fill(Daybook book, int most) {
            long done = 0;
            NewEvent event = NewEvent.json("t", "\"" + "x".repeat(1_000) + "\"");
            while (done < most) {
                try {
                    book.stream("s").append(event);
                    done++;
                } catch (StoreFailedException e) {
                    if (e.reason() != StoreFailedException.Reason.NO_SPACE) {
                        System.out.println("wrong " + e);
                    }
                    return done;
                }
            }
            return done;
        }
    }

    private interface Freeing {
        void free(Process filler) throws Exception;
    }

    private void fillsAndGoesOn(Path store, long segmentBytes, Freeing tighten, Freeing free) throws Exception {
        List<String> command = new ArrayList<>(List.of(
                "sh",
                "-c",
                "exec \"$0\" -cp \"$1\" " + Filler.class.getName().replace("$", "\\$") + " \"$2\" \"$3\"",
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                archive() + File.pathSeparator + System.getProperty("java.class.path"),
                store.toString(),
                Long.toString(segmentBytes)));
        Process filler = new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        try (BufferedReader out =
                        new BufferedReader(new InputStreamReader(filler.getInputStream(), StandardCharsets.UTF_8));
                var in = filler.outputWriter(StandardCharsets.UTF_8)) {
            assertThat(out.readLine()).isEqualTo("open");
            tighten.free(filler);
            in.write("go\n");
            in.flush();
            String full = out.readLine();
            assertThat(full).matches("full [0-9]+");
            long acknowledged = Long.parseLong(full.substring(5));
            assertThat(acknowledged).isLessThan(200_000);
            free.free(filler);
            in.write("go\n");
            in.flush();
            assertThat(out.readLine()).isEqualTo("again 50");
            assertThat(filler.waitFor(60, TimeUnit.SECONDS)).isTrue();
            try (Daybook book = Daybook.open(store, DaybookOptions.defaults().withReadOnly(true))) {
                assertThat(book.stream("s").info().orElseThrow().count()).isEqualTo(acknowledged + 50);
                assertThat(book.read("", ReadOptions.all()).stream().count()).isEqualTo(acknowledged + 50);
            }
            assertThat(Daybook.verify(store, dev.daybook.Progress.NONE).problems())
                    .isEmpty();
        } finally {
            filler.destroyForcibly();
        }
    }

    private static void run(String... command) throws Exception {
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor())
                .as(String.join(" ", command) + ": " + said)
                .isZero();
    }

    private static boolean has(String command) {
        try {
            return new ProcessBuilder("sh", "-c", "command -v " + command)
                            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                            .start()
                            .waitFor()
                    == 0;
        } catch (IOException | InterruptedException e) {
            return false;
        }
    }

    private static void needs(boolean condition, String what) {
        if (!condition) {
            System.out.println("skipped: " + what + " is not available here");
        }
        assumeTrue(condition, what);
    }

    private void limitStopsAppends(long segmentBytes, String tight, String wide) throws Exception {
        needs(has("prlimit"), "prlimit");
        fillsAndGoesOn(
                directory.resolve("store"),
                segmentBytes,
                filler -> limit(filler, tight),
                filler -> limit(filler, wide));
    }

    private static void limit(Process process, String limit) throws Exception {
        run("prlimit", "--pid", Long.toString(process.pid()), limit);
    }

    @Test
    void fileSizeLimitStopsAppendsUntilItIsRaised() throws Exception {
        limitStopsAppends(64L << 20, "--fsize=400000:unlimited", "--fsize=unlimited:unlimited");
    }

    @Test
    void missingDescriptorsStopAppendsUntilTheyReturn() throws Exception {
        limitStopsAppends(64L << 10, "--nofile=8:", "--nofile=1024:");
    }

    @Test
    void fullDiskStopsAppendsUntilThereIsRoom() throws Exception {
        Path mount = tmpfs("size=2m");
        try {
            Path filler = mount.resolve("filler");
            Files.write(filler, new byte[1 << 20]);
            fillsAndGoesOn(mount.resolve("store"), 64L << 20, p -> {}, p -> Files.delete(filler));
        } finally {
            run("umount", "-l", mount.toString()); // this process may have files mapped until its next collection
        }
    }

    @Test
    void missingInodesStopAppendsUntilTheyReturn() throws Exception {
        Path mount = tmpfs("nr_inodes=30,size=40m");
        try {
            for (int i = 0; i < 10; i++) {
                Files.createFile(mount.resolve("filler" + i));
            }
            fillsAndGoesOn(mount.resolve("store"), 64L << 10, p -> {}, p -> {
                for (int i = 0; i < 10; i++) {
                    Files.delete(mount.resolve("filler" + i));
                }
            });
        } finally {
            run("umount", "-l", mount.toString()); // this process may have files mapped until its next collection
        }
    }

    @Test
    void readOnlyDiskIsRefusedWithTheCauseAndCanBeRead() throws Exception {
        Path disk = Files.createDirectories(directory.resolve("disk"));
        try (Daybook book = Daybook.open(disk.resolve("store"))) {
            book.stream("s").append(NewEvent.json("t", "1"));
        }
        Path mount = Files.createDirectories(directory.resolve("mount"));
        mount("--bind", disk.toString(), mount.toString());
        try {
            run("mount", "-o", "remount,bind,ro", mount.toString());
            Path store = mount.resolve("store");
            assertThatThrownBy(() -> Daybook.open(store))
                    .isInstanceOf(StoreFailedException.class)
                    .hasMessageContaining("Read-only file system");
            try (Daybook book = Daybook.open(store, DaybookOptions.defaults().withReadOnly(true))) {
                assertThat(book.stream("s").read().toList()).hasSize(1);
            }
            run("mount", "-o", "remount,bind,rw", mount.toString());
            try (Daybook book = Daybook.open(store)) {
                assertThat(book.stream("s").append(NewEvent.json("t", "2")).seq())
                        .isEqualTo(2);
            }
        } finally {
            run("umount", "-l", mount.toString());
        }
    }

    private Path tmpfs(String options) throws Exception {
        Path mount = Files.createDirectories(directory.resolve("mount"));
        mount("-t", "tmpfs", "-o", options, "tmpfs", mount.toString());
        return mount;
    }

    private static void mount(String... arguments) throws Exception {
        List<String> command = new ArrayList<>(List.of("mount"));
        command.addAll(List.of(arguments));
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        process.getInputStream().readAllBytes();
        needs(process.waitFor() == 0, "mounting a small file system");
    }

    /** The class path as one archive: a process without descriptors must still be able to load classes. */
    private Path archive() throws IOException {
        Path archive = directory.resolve("classes.jar");
        Set<String> seen = new HashSet<>();
        try (JarOutputStream out = new JarOutputStream(Files.newOutputStream(archive))) {
            for (String entry : System.getProperty("java.class.path").split(File.pathSeparator, -1)) {
                Path folder = Path.of(entry);
                if (Files.isDirectory(folder)) {
                    try (var files = Files.walk(folder)) {
                        for (Path file : files.filter(f -> f.toString().endsWith(".class"))
                                .toList()) {
                            String name = folder.relativize(file).toString().replace(File.separatorChar, '/');
                            if (seen.add(name)) {
                                out.putNextEntry(new JarEntry(name));
                                Files.copy(file, out);
                            }
                        }
                    }
                }
            }
        }
        return archive;
    }
}
