package dev.daybook.view.sqlite;

import dev.daybook.run.RunStatus;
import dev.daybook.view.ViewReader;
import dev.daybook.view.ViewReader.Row;
import dev.daybook.view.ViewWriter;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The table {@code attempt_block}: each block that has attempts is in it, but the last one, which grows. So it depends on the table {@code attempt} alone, whenever runs were deleted, and is
 * written once and again when a run that is in it is deleted. Which blocks an event or a deletion touched stands in {@code attempt_touched} until the transaction ends.
 *
 * <p>This object is a reader's: it keeps what it read. Thread-safe.
 */
final class AttemptBlocks {
    /** Statuses by their codes in the blocks. Another order is another version of the view. */
    private static final List<RunStatus> CODES = List.of(
            RunStatus.COMPLETED,
            RunStatus.FAILED,
            RunStatus.CRASHED,
            RunStatus.INTERRUPTED,
            RunStatus.CANCELLED,
            RunStatus.KILLED,
            RunStatus.DROPPED,
            RunStatus.QUEUED,
            RunStatus.STARTED,
            RunStatus.UNKNOWN);

    /** What was read of a file at a position. */
    private record Seen(
            Object file,
            long position,
            Blocks blocks,
            @Nullable Block last) {}

    private volatile Seen seen = new Seen(AttemptBlocks.class, -1, Blocks.NONE, null);

    // ---- writing

    /** A status as a block has it. */
    static int code(RunStatus status) {
        return CODES.indexOf(status);
    }

    /** Before an attempt is added that ended at this position, the highest so far. */
    static void adding(long position, ViewWriter tables) {
        Row last = tables.query("SELECT max(pos) FROM attempt").get(0);
        if (!last.isNull(0) && Block.numberOf(last.number(0)) < Block.numberOf(position)) {
            touch(last.number(0), tables);
        }
    }

    /** Before the attempts of a run are removed. */
    static void removing(long run, ViewWriter tables) {
        for (Row attempt : tables.query("SELECT pos FROM attempt WHERE run = ?", run)) {
            touch(attempt.number(0), tables);
        }
    }

    private static void touch(long position, ViewWriter tables) {
        tables.update("INSERT OR IGNORE INTO attempt_touched VALUES (?)", Block.numberOf(position));
    }

    /** Writes the blocks that were touched. */
    static void finish(ViewWriter tables) {
        List<Row> touched = tables.query("SELECT block FROM attempt_touched");
        if (touched.isEmpty()) {
            return;
        }
        tables.update("DELETE FROM attempt_touched");
        Row last = tables.query("SELECT max(pos) FROM attempt").get(0);
        long growing = last.isNull(0) ? 0 : Block.numberOf(last.number(0));
        tables.update("DELETE FROM attempt_block WHERE block >= ?", growing);
        for (Row row : touched) {
            Block block = new Block(row.number(0));
            if (block.number >= growing) {
                continue;
            }
            read(block, block.number << Block.POSITION_BITS, tables);
            if (block.count() == 0) {
                tables.update("DELETE FROM attempt_block WHERE block = ?", block.number);
            } else {
                byte[] bytes = block.bytes();
                tables.update(
                        "INSERT OR REPLACE INTO attempt_block VALUES (?, ?, ?)",
                        block.number,
                        Block.checksum(bytes),
                        bytes);
            }
        }
    }

    /** Adds the attempts that ended at this position or behind it. */
    private static void read(Block block, long from, ViewReader tables) {
        List<Row> rows = tables.query(
                "SELECT ended, pos, duration, workflow, status FROM attempt WHERE pos >= ? AND pos < ? ORDER BY pos",
                from,
                (block.number + 1) << Block.POSITION_BITS);
        rows.forEach(row -> add(block, row.number(1), row));
    }

    private static void add(Block block, long position, Row row) {
        block.add(
                position,
                row.number(0),
                row.isNull(2) ? Block.NO_DURATION : row.number(2),
                RunFinder.text(row, 3),
                code(RunFinder.status(row, 4)));
    }

    // ---- reading

    /** All attempts, as these tables have them. */
    Blocks at(ViewReader tables) {
        Blocks.Source source =
                number -> Objects.requireNonNull(tables.query("SELECT data FROM attempt_block WHERE block = ?", number)
                        .get(0)
                        .bytes(0));
        Object file = Readers.file(tables);
        Seen before = seen;
        boolean sameFile = before.file == file;
        if (sameFile && before.position == tables.position()) {
            return before.blocks.from(source);
        }
        List<Blocks.Listed> stored = tables
                .query("SELECT block, checksum FROM attempt_block INDEXED BY attempt_block_checksum ORDER BY block")
                .stream()
                .map(row -> new Blocks.Listed(row.number(0), (int) row.number(1)))
                .toList();
        // Another transaction may have seen more than this one, or another build: blocks that are stored are told by
        // their checksums, the last one only by where it was read.
        boolean later = sameFile && before.position < tables.position();
        Block last = last(later ? before.last : null, tables);
        Blocks now = before.blocks.at(stored, last, source);
        if (later || !sameFile) {
            seen = new Seen(file, tables.position(), now, last);
        }
        return now;
    }

    /** The block that grows: the one that was read before with what came since, unless something of it is gone. */
    private static @Nullable Block last(@Nullable Block before, ViewReader tables) {
        Row newest = tables.query("SELECT max(pos) FROM attempt").get(0);
        if (newest.isNull(0)) {
            return null;
        }
        long number = Block.numberOf(newest.number(0));
        long from = number << Block.POSITION_BITS;
        if (before != null && before.number == number) {
            long read = before.position(before.count() - 1);
            long left = tables.query("SELECT count(*) FROM attempt WHERE pos >= ? AND pos <= ?", from, read)
                    .get(0)
                    .number(0);
            if (left == before.count()) {
                if (newest.number(0) == read) {
                    return before;
                }
                Block more = before.copy();
                read(more, read + 1, tables);
                return more;
            }
        }
        Block block = new Block(number);
        read(block, from, tables);
        return block;
    }

    /** Attempts that were looked for in another way, at most as many as a block has, for figures: where they ended does not matter there. */
    static Block of(long number, List<Row> rows) {
        Block block = new Block(number);
        for (int i = 0; i < rows.size(); i++) {
            add(block, (number << Block.POSITION_BITS) + i, rows.get(i));
        }
        return block;
    }
}
