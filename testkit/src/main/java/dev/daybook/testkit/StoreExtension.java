package dev.daybook.testkit;

import dev.daybook.Daybook;
import dev.daybook.DaybookOptions;
import dev.daybook.Progress;
import dev.daybook.VerifyReport;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * Gives each test a directory for a store, and checks behind it: everything was closed, no thread of a store is left, and
 * {@link Daybook#verify} finds nothing wrong.
 *
 * <pre>
 * &#64;RegisterExtension
 * final StoreExtension store = new StoreExtension();
 *
 * &#64;Test
 * void eventIsKept() {
 *     store.open().stream("s").append(event);
 *     assertThat(store.reopen().stream("s").read()).hasSize(1);
 * }
 * </pre>
 */
public final class StoreExtension implements BeforeEachCallback, AfterEachCallback {
    private final DaybookOptions options;
    private final List<Daybook> opened = new ArrayList<>();
    private Set<Thread> before = Set.of();
    private @Nullable Path directory;
    private @Nullable Daybook current;
    private boolean damaged;

    public StoreExtension() {
        this(DaybookOptions.defaults());
    }

    public StoreExtension(DaybookOptions options) {
        this.options = options;
    }

    @Override
    public void beforeEach(ExtensionContext context) throws IOException {
        before = threads();
        directory = Files.createTempDirectory("daybook-test-");
        current = null;
        damaged = false;
        opened.clear();
    }

    /** Where the store is; nothing is there before it is opened. */
    public Path directory() {
        Path root = directory;
        if (root == null) {
            throw new IllegalStateException("no test is running");
        }
        return root.resolve("data");
    }

    /** The open store; opens it if it is not. */
    public Daybook open() {
        Daybook book = current;
        return book != null ? book : open(options);
    }

    /** Opens it with these options. It is closed after the test, if the test did not. */
    public Daybook open(DaybookOptions with) {
        Daybook book = Daybook.open(directory(), with);
        opened.add(book);
        if (!with.readOnly()) {
            current = book;
        }
        return book;
    }

    /** Closes the store and opens it again. */
    public Daybook reopen() {
        close();
        return open(options);
    }

    public void close() {
        Daybook book = current;
        current = null;
        if (book != null) {
            book.close();
        }
    }

    /** Says that this test damages the store: it is not verified behind it. */
    public void expectDamage() {
        damaged = true;
    }

    @Override
    public void afterEach(ExtensionContext context) throws Exception {
        for (Daybook book : opened) {
            book.close();
        }
        noThreadsAreLeft();
        if (!damaged && Files.exists(directory().resolve("store.json"))) {
            VerifyReport report = Daybook.verify(directory(), Progress.NONE);
            if (!report.clean()) {
                throw new AssertionError("the store is not in order after the test: " + report.problems());
            }
        }
        deleteAll(directory().getParent());
    }

    private void noThreadsAreLeft() throws InterruptedException {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(5);
        while (true) {
            Set<Thread> left = threads();
            left.removeAll(before);
            if (left.isEmpty()) {
                return;
            }
            if (System.nanoTime() > end) {
                throw new AssertionError("threads are left after the test: " + left);
            }
            Thread.sleep(2);
        }
    }

    private static Set<Thread> threads() {
        return Thread.getAllStackTraces().keySet().stream()
                .filter(t -> t.getName().startsWith("daybook-"))
                .collect(Collectors.toSet());
    }

    private static void deleteAll(@Nullable Path directory) {
        if (directory == null) {
            return;
        }
        try {
            Files.walkFileTree(directory, new SimpleFileVisitor<>() {
                @Override
                public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
                    Files.delete(file);
                    return FileVisitResult.CONTINUE;
                }

                @Override
                public FileVisitResult postVisitDirectory(Path below, @Nullable IOException problem)
                        throws IOException {
                    Files.delete(below);
                    return FileVisitResult.CONTINUE;
                }
            });
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
