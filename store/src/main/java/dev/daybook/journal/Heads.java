package dev.daybook.journal;

import dev.daybook.driver.Storage;
import dev.daybook.journal.HeadTable.Totals;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Iterator;
import java.util.List;
import java.util.NavigableSet;
import java.util.NoSuchElementException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentSkipListSet;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * Every stream's head: cells of what changed lately, above mapped tables of what was known before. A stream that did not change since the
 * last table costs no heap.
 *
 * <p>One thread (the commit thread, or whoever refreshes a read-only store) makes and drops cells; any thread looks up and lists.
 * Tables are installed before the cells they replace are dropped, so that a reader always finds a stream in one or the other.
 */
final class Heads {
    private static final String FOLDER = "heads";
    private static final int MERGE_TABLES = 24;

    private final Storage storage;
    private final byte[] storeId;
    private final ConcurrentHashMap<Name, StreamCell> cells = new ConcurrentHashMap<>();
    private final NavigableSet<Name> order = new ConcurrentSkipListSet<>();

    /** Newest first. Replaced as a whole, by the thread that stores tables. */
    private volatile List<HeadTable> tables = List.of();

    Heads(Storage storage, byte[] storeId) {
        this.storage = storage;
        this.storeId = storeId;
    }

    /**
     * Takes the tables that are there: the newest base and the deltas that follow it without a hole.
     *
     * @param upTo tables that claim to know more than this position are left out
     * @return the position up to which they know everything
     */
    long load(long upTo) throws IOException {
        @Nullable HeadTable base = null;
        List<HeadTable> deltas = new ArrayList<>();
        for (String name : storage.derived(FOLDER)) {
            ByteBuffer bytes = storage.derived(FOLDER, name).orElse(null);
            HeadTable table = bytes == null ? null : HeadTable.read(bytes, storeId);
            if (table == null || table.through > upTo || !name.equals(HeadTable.fileName(table.through, table.base))) {
                continue;
            }
            if (!table.base) {
                deltas.add(table);
            } else if (base == null || table.through > base.through) {
                base = table;
            }
        }
        List<HeadTable> found = new ArrayList<>();
        long through = 0;
        if (base != null) {
            found.add(base);
            through = base.through;
        }
        for (HeadTable delta : deltas) { // their names sort by position
            if (delta.through > through && delta.previous == through) {
                found.add(0, delta);
                through = delta.through;
            }
        }
        tables = List.copyOf(found);
        return through;
    }

    Totals totals() {
        List<HeadTable> now = tables;
        return now.isEmpty() ? Totals.NONE : now.get(0).totals;
    }

    long through() {
        List<HeadTable> now = tables;
        return now.isEmpty() ? 0 : now.get(0).through;
    }

    /** The stream as readers may know it, or null. */
    @Nullable
    Head find(Name name) {
        StreamCell cell = cells.get(name);
        return StreamCell.alive(cell != null ? cell.published : inTables(name));
    }

    private @Nullable Head inTables(Name name) {
        for (HeadTable table : tables) {
            Head head = table.find(name);
            if (head != null) {
                return head;
            }
        }
        return null;
    }

    @Nullable
    StreamCell existing(Name name) {
        return cells.get(name);
    }

    /** The stream's cell, made from what is known. For the owning thread. */
    StreamCell cell(Name name) {
        StreamCell cell = cells.get(name);
        if (cell == null) {
            cell = new StreamCell(name, inTables(name));
            cells.put(name, cell);
            order.add(name);
        }
        return cell;
    }

    /** Drops a cell that was made only to look. For the owning thread. */
    void forget(StreamCell cell) {
        if (!cell.inGroup && cell.touchedSegment == 0 && cell.ids == null) {
            cells.remove(cell.name);
            order.remove(cell.name);
        }
    }

    /** The newest head that is known, also of a stream that is deleted. */
    @Nullable
    Head findAlsoDeleted(Name name) {
        StreamCell cell = cells.get(name);
        return cell != null ? cell.published : inTables(name);
    }

    /**
     * Shows the runs with something left to do, by name and state, as readers may know them, without looking at others in the tables. For the
     * owning thread.
     */
    void running(BiConsumer<byte[], StreamState> to) {
        for (StreamCell cell : cells.values()) {
            Head head = cell.published;
            StreamState state = head == null ? null : head.state;
            if (head != null && state != null && head.running()) {
                to.accept(head.name.utf8(), state);
            }
        }
        List<HeadTable> now = tables;
        for (int t = 0; t < now.size(); t++) {
            HeadTable table = now.get(t);
            List<HeadTable> newer = now.subList(0, t);
            boolean newest = cells.isEmpty() && newer.isEmpty();
            for (int i = 0; i < table.running; i++) {
                table.running(i, (utf8, state) -> {
                    if (newest || !isNewer(Name.known(utf8), newer)) {
                        to.accept(utf8, state);
                    }
                });
            }
        }
    }

    private boolean isNewer(Name name, List<HeadTable> newer) {
        return cells.containsKey(name) || newer.stream().anyMatch(above -> above.has(name));
    }

    int cellCount() {
        return cells.size();
    }

    Collection<StreamCell> cells() {
        return cells.values();
    }

    /** Drops cells that did not change after this segment and are in the tables. For the owning thread. */
    void drop(Collection<Name> stored, long segment) {
        for (Name name : stored) {
            StreamCell cell = cells.get(name);
            if (cell != null && cell.touchedSegment <= segment && !cell.inGroup) {
                cells.remove(name);
                order.remove(name);
            }
        }
    }

    /** Stores what changed, as it was at this position, as a delta. For the thread that stores tables. */
    void store(Collection<Head> changed, long through, Totals totals) throws IOException {
        List<Head> sorted = new ArrayList<>(changed);
        sorted.sort((a, b) -> a.name.compareTo(b.name));
        install(write(through, through(), false, totals, sorted.iterator()), tables);
        mergeIfWorthIt();
    }

    private HeadTable write(long through, long previous, boolean base, Totals totals, Iterator<Head> heads)
            throws IOException {
        String name = HeadTable.fileName(through, base);
        storage.derive(FOLDER, name, HeadTable.write(storeId, through, previous, base, totals, heads));
        HeadTable table = storage.derived(FOLDER, name)
                .map(bytes -> HeadTable.read(bytes, storeId))
                .orElse(null);
        if (table == null) {
            throw new IOException("heads " + name + " cannot be read back");
        }
        return table;
    }

    private void install(HeadTable newest, List<HeadTable> below) {
        List<HeadTable> all = new ArrayList<>();
        all.add(newest);
        all.addAll(below);
        tables = List.copyOf(all);
    }

    /** Rewrites the base when the deltas outgrow a quarter of it. */
    private void mergeIfWorthIt() throws IOException {
        List<HeadTable> now = tables;
        HeadTable oldest = now.get(now.size() - 1);
        long inBase = oldest.base ? oldest.entries : 0;
        long inDeltas = now.stream().mapToLong(t -> t.base ? 0 : t.entries).sum();
        if (now.size() < 2 || (inDeltas <= inBase / 4 && now.size() < MERGE_TABLES)) {
            return;
        }
        HeadTable newest = now.get(0);
        Iterator<Head> living = new Merge(List.of(), now, new byte[0]);
        HeadTable base = write(newest.through, 0, true, newest.totals, living);
        tables = List.of(base);
        removeBelow(base);
    }

    private void removeBelow(HeadTable base) throws IOException {
        for (String name : storage.derived(FOLDER)) {
            if (!name.equals(HeadTable.fileName(base.through, true))
                    && name.compareTo(HeadTable.fileName(base.through, false)) <= 0) {
                storage.dropDerived(FOLDER, name);
            }
        }
    }

    /** Streams within a prefix, bytewise in order, whose name is greater than the cursor. */
    List<Head> list(String prefix, String after, int limit) {
        byte[] within = prefix.getBytes(StandardCharsets.UTF_8);
        byte[] cursor = after.getBytes(StandardCharsets.UTF_8);
        List<Head> found = new ArrayList<>();
        if (within.length > 0 && Arrays.compareUnsigned(cursor, within) < 0) {
            Head exact = find(Name.of(prefix));
            if (exact != null) {
                found.add(exact);
            }
        }
        // The names below "a" are those from "a/" on; "a-b" sorts between "a" and them.
        byte[] start = within.length == 0 ? within : Arrays.copyOf(within, within.length + 1);
        if (within.length > 0) {
            start[within.length] = '/';
        }
        byte[] from = Arrays.compareUnsigned(cursor, start) >= 0 ? Arrays.copyOf(cursor, cursor.length + 1) : start;
        List<Head> overlay = new ArrayList<>();
        int alive = 0;
        for (Name name : order.tailSet(Name.known(from), true)) {
            if (alive > limit || !name.within(within)) {
                break; // what lies beyond is not reached
            }
            StreamCell cell = cells.get(name);
            Head head = cell == null ? null : cell.published;
            if (head != null) {
                overlay.add(head);
                alive += head.deleted ? 0 : 1;
            }
        }
        // Tables after cells: a cell that was dropped before it was looked at is in a table by now.
        Merge merged = new Merge(overlay, tables, from);
        while (found.size() < limit && merged.hasNext()) {
            Head head = merged.next();
            if (!head.name.within(within)) {
                break;
            }
            found.add(head);
        }
        return found;
    }

    /** Joins sorted sources; of heads with one name the first source's wins. Leaves out deleted streams. */
    private static final class Merge implements Iterator<Head> {
        private final List<Head> top;
        private final List<HeadTable> tables;
        private final int[] at;
        private int topAt;
        private @Nullable Head next;

        Merge(List<Head> top, List<HeadTable> tables, byte[] from) {
            this.top = top;
            this.tables = tables;
            this.at = new int[tables.size()];
            for (int i = 0; i < at.length; i++) {
                at[i] = tables.get(i).ceiling(from);
            }
        }

        @Override
        public boolean hasNext() {
            while (next == null) {
                Head head = step();
                if (head == null) {
                    return false;
                }
                if (!head.deleted) {
                    next = head;
                }
            }
            return true;
        }

        private @Nullable Head step() {
            byte[] least = topAt < top.size() ? top.get(topAt).name.utf8() : null;
            int source = -1;
            for (int i = 0; i < at.length; i++) {
                if (at[i] < tables.get(i).entries) {
                    byte[] name = tables.get(i).name(at[i]);
                    if (least == null || Arrays.compareUnsigned(name, least) < 0) {
                        least = name;
                        source = i;
                    }
                }
            }
            if (least == null) {
                return null;
            }
            Head head = source < 0 ? top.get(topAt) : tables.get(source).head(at[source]);
            if (topAt < top.size() && Arrays.equals(top.get(topAt).name.utf8(), least)) {
                topAt++;
            }
            for (int i = 0; i < at.length; i++) {
                if (at[i] < tables.get(i).entries && Arrays.equals(tables.get(i).name(at[i]), least)) {
                    at[i]++;
                }
            }
            return head;
        }

        @Override
        public Head next() {
            Head head = hasNext() ? next : null;
            if (head == null) {
                throw new NoSuchElementException();
            }
            next = null;
            return head;
        }
    }
}
