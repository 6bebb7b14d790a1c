package dev.daybook.benchmarks;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/** Directories as a whole. */
final class Trees {
    private Trees() {}

    static void delete(Path root) throws IOException {
        if (!Files.exists(root, LinkOption.NOFOLLOW_LINKS)) {
            return;
        }
        List<Path> all;
        try (Stream<Path> walk = Files.walk(root)) {
            all = walk.sorted(Comparator.reverseOrder()).toList();
        }
        for (Path path : all) {
            Files.deleteIfExists(path);
        }
    }

    static List<Path> files(Path root) throws IOException {
        try (Stream<Path> walk = Files.walk(root)) {
            return walk.filter(Files::isRegularFile).toList();
        }
    }

    static long bytes(Path root) throws IOException {
        long sum = 0;
        for (Path file : files(root)) {
            sum += Files.size(file);
        }
        return sum;
    }

    /** Puts every file on the disk; only clean pages can be dropped from the page cache. */
    static void sync(Path root) throws IOException {
        for (Path file : files(root)) {
            try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
                channel.force(true);
            }
        }
    }

    /**
     * Drops the files from the page cache, without needing to be root. Pages that somebody has mapped stay, and a
     * closed store's mappings live until the collector finds them: so it is made to look first.
     */
    static void dropFromPageCache(Path root) throws IOException, InterruptedException {
        for (int i = 0; i < 20 && isMapped(root); i++) {
            System.gc();
            Thread.sleep(10);
        }
        if (isMapped(root)) {
            throw new IOException(
                    root + " is still mapped into memory after it was closed: its pages cannot be dropped");
        }
        for (Path file : files(root)) {
            int status = new ProcessBuilder("dd", "if=" + file, "iflag=nocache", "count=0")
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .start()
                    .waitFor();
            if (status != 0) {
                throw new IOException("dd iflag=nocache failed on " + file);
            }
        }
    }

    private static boolean isMapped(Path root) throws IOException {
        Path maps = Path.of("/proc/self/maps");
        if (!Files.exists(maps)) {
            return false;
        }
        String prefix = root.toRealPath() + "/";
        return Files.readAllLines(maps).stream().anyMatch(line -> line.contains(prefix));
    }
}
