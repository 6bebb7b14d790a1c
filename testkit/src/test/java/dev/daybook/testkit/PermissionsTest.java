package dev.daybook.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.daybook.Daybook;
import dev.daybook.DaybookException;
import dev.daybook.DaybookOptions;
import dev.daybook.stream.NewEvent;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Journals hold prompts and secrets: nobody but the owner reads them, and nobody makes us write elsewhere. */
class PermissionsTest {
    private static final Set<PosixFilePermission> OTHERS = Set.of(
            PosixFilePermission.GROUP_READ,
            PosixFilePermission.GROUP_WRITE,
            PosixFilePermission.GROUP_EXECUTE,
            PosixFilePermission.OTHERS_READ,
            PosixFilePermission.OTHERS_WRITE,
            PosixFilePermission.OTHERS_EXECUTE);

    @TempDir
    Path directory;

    /** Uses everything that makes files: segments, sidecars, heads, watermark, cut tails, restores. */
    static final class FullRun {
        private FullRun() {}

        public static void main(String[] arguments) throws IOException {
            Path store = Path.of(arguments[0]);
            DaybookOptions small = DaybookOptions.defaults().withSegmentBytesMax(8 << 10);
            for (int round = 0; round < 2; round++) {
                try (Daybook book = Daybook.open(store, small)) {
                    for (int i = 0; i < 100; i++) {
                        book.stream("s/" + i % 7).append(NewEvent.json("t", "\"" + "x".repeat(200) + "\""));
                    }
                }
                Path newest;
                try (var segments = Files.list(store.resolve("journal"))) {
                    newest = segments.filter(p -> p.toString().endsWith(".jsonl"))
                            .sorted()
                            .reduce((a, b) -> b)
                            .orElseThrow();
                }
                Files.writeString(newest, "{\"torn", java.nio.file.StandardOpenOption.APPEND);
            }
            Path export = store.resolveSibling("export");
            try (Daybook book = Daybook.open(store, small);
                    var out = Files.newOutputStream(export)) {
                book.export(out, dev.daybook.Progress.NONE);
            }
            try (var in = Files.newInputStream(export)) {
                Daybook.restore(in, store.resolveSibling("restored"), dev.daybook.Progress.NONE);
            }
            Files.delete(export);
        }
    }

    @Test
    void fullRunUnderAnOpenUmaskLeavesNothingReadableByOthers() throws Exception {
        Path store = directory.resolve("store");
        Process run = new ProcessBuilder(
                        "sh",
                        "-c",
                        "umask 000; exec \"$0\" -cp \"$1\" "
                                + FullRun.class.getName().replace("$", "\\$") + " \"$2\"",
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        System.getProperty("java.class.path"),
                        store.toString())
                .inheritIO()
                .start();
        assertThat(run.waitFor(60, TimeUnit.SECONDS)).isTrue();
        assertThat(run.exitValue()).isZero();
        int seen = 0;
        for (String name : List.of("store", "restored")) {
            try (var all = Files.walk(directory.resolve(name))) {
                for (Path file : all.toList()) {
                    assertThat(Files.getPosixFilePermissions(file, LinkOption.NOFOLLOW_LINKS))
                            .as(file.toString())
                            .doesNotContainAnyElementsOf(OTHERS);
                    seen++;
                }
            }
        }
        assertThat(seen).isGreaterThan(30);
    }

    @Test
    void linksInPlaceOfOurFilesAreRefusedAndTheirTargetsLeftAlone() throws IOException {
        for (String name : List.of("store.json", "lock", "journal/00000000000000000001-0.jsonl", "watermark")) {
            Path store = directory.resolve("linked-" + name.replace('/', '-'));
            try (Daybook book = Daybook.open(store)) {
                book.stream("a").append(NewEvent.json("t", "1"));
            }
            Path target = directory.resolve("target-" + name.replace('/', '-'));
            Path file = store.resolve(name);
            if (name.startsWith("journal") || name.equals("store.json")) {
                Files.copy(file, target); // nothing but the link is wrong
            } else {
                Files.writeString(target, "precious".repeat(8));
            }
            byte[] before = Files.readAllBytes(target);
            Files.delete(file);
            Files.createSymbolicLink(file, target);
            assertThatThrownBy(() -> {
                        try (Daybook book = Daybook.open(store)) {
                            book.stream("a").append(NewEvent.json("t", "2"));
                        }
                    })
                    .as(name)
                    .isInstanceOf(DaybookException.class);
            assertThat(Files.readAllBytes(target)).as(name).isEqualTo(before);
        }
    }
}
