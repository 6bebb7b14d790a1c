package dev.daybook.testkit;

import dev.daybook.internal.disk.Disk;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A file system in memory that does what real ones do when things go wrong, at thousands of crashes a second.
 *
 * <p>What processes see and what the platter has are kept apart: bytes in sectors of 512 bytes, names as changes of a directory. A
 * {@link DiskFile#sync()} or {@link #syncDirectory} moves the pending to the platter; now and then the operating system moves some of it on
 * its own. {@link #crash} is a power cut: an arbitrary part of what was pending survives, piece by piece, sizes without their bytes (which
 * then read as NUL), names in order or not; a rename is old or new. {@link #kill} is the end of the processes only: everything they
 * wrote is there.
 *
 * <p>Several processes can use it: each {@link #process()} has its own files and locks, and after a crash all of its calls throw
 * {@link SimulatedCrash}. The disk itself, used as a {@link Disk}, is the first process; {@link #reboot()} gives it a new life.
 *
 * <p>With the same seed, the same calls in the same order have the same outcome. Thread-safe.
 */
public final class SimulatedDisk implements Disk {
    /** The size of pieces that reach the platter as a whole, unless the seed tears one. */
    public static final int PIECE_BYTES = 4096;

    final SplittableRandom random;
    private final int pieceBytes;
    SimulatedDirectory root = new SimulatedDirectory();
    final List<SimulatedProcess> processes = new ArrayList<>();
    private SimulatedProcess main;

    private long operations;
    private long mutations;
    private long dieAtMutation = Long.MAX_VALUE;
    private @Nullable Consumer<Operation> hook;
    private final List<Fault> faults = new ArrayList<>();
    private final List<long[]> matches = new ArrayList<>(); // one counter per fault
    private long faultsHit;

    long capacity = Long.MAX_VALUE;
    long used;
    private int descriptorsMax = Integer.MAX_VALUE;
    int descriptors;
    private final Map<Path, long[]> counters = new HashMap<>(); // writes, syncs

    /** A disk whose pieces are 4 KiB, or 512 bytes for every fourth seed. */
    public SimulatedDisk(long seed) {
        this(seed, Math.floorMod(seed, 4) == 3 ? SimulatedFile.SECTOR : PIECE_BYTES);
    }

    public SimulatedDisk(long seed, int pieceBytes) {
        if (pieceBytes < SimulatedFile.SECTOR || pieceBytes % SimulatedFile.SECTOR != 0) {
            throw new IllegalArgumentException("a piece is a multiple of 512 bytes");
        }
        this.random = new SplittableRandom(seed);
        this.pieceBytes = pieceBytes;
        this.main = new SimulatedProcess(this);
        processes.add(main);
    }

    // ---- the life of processes

    /** Another process on this disk. It lives until {@link #crash}, {@link #kill} or its own {@link SimulatedProcess#kill()}. */
    public synchronized SimulatedProcess process() {
        SimulatedProcess process = new SimulatedProcess(this);
        processes.add(process);
        return process;
    }

    /** A power cut. Every process is dead, and what was pending is on the platter or lost, as the seed decides. */
    public synchronized void crash(long seed) {
        kill();
        SplittableRandom fate = new SplittableRandom(seed);
        int survivalOf16 = switch (fate.nextInt(6)) {
            case 0 -> 0;
            case 1 -> 16;
            case 2 -> 15;
            case 3 -> 3;
            default -> 8;
        };
        used = 0;
        crash(root, fate, survivalOf16, Collections.newSetFromMap(new IdentityHashMap<>()));
    }

    private void crash(SimulatedDirectory directory, SplittableRandom fate, int survivalOf16, Set<Object> done) {
        directory.crash(fate, survivalOf16);
        for (Object node : directory.seen.values()) {
            if (!done.add(node)) {
                continue;
            }
            if (node instanceof SimulatedFile file) {
                file.crash(fate, pieceBytes, survivalOf16);
                used += SimulatedFile.allocated(file.size());
            } else if (node instanceof SimulatedDirectory child) {
                crash(child, fate, survivalOf16, done);
            }
        }
    }

    /** Every process is killed. What they wrote is there, durable or not; their files and locks are given back. */
    public synchronized void kill() {
        for (SimulatedProcess process : processes) {
            process.dead = true;
        }
        processes.clear();
        descriptors = 0;
        dieAtMutation = Long.MAX_VALUE;
    }

    /** Gives the disk, used as a {@link Disk}, a new process. */
    public synchronized void reboot() {
        main = process();
    }

    /** In the middle of the n-th mutation from now (1 is the next one), every process dies. */
    public synchronized void dieAtMutation(long n) {
        dieAtMutation = mutations + n;
    }

    /** Whether every process is dead: nobody rebooted since the last crash or kill. */
    public synchronized boolean isDown() {
        return processes.isEmpty();
    }

    // ---- faults

    public synchronized void fault(Fault fault) {
        faults.add(fault);
        matches.add(new long[1]);
    }

    /** All is well again. What was lost stays lost. */
    public synchronized void heal() {
        faults.clear();
        matches.clear();
    }

    /** How many operations a fault has hit. */
    public synchronized long faultsHit() {
        return faultsHit;
    }

    /** Leaves room for so many more bytes, counted in blocks of 4 KiB. */
    public synchronized void freeBytes(long bytes) {
        capacity = bytes == Long.MAX_VALUE ? bytes : used + bytes;
    }

    /** At most so many files may be open at once. */
    public synchronized void descriptorsMax(int count) {
        descriptorsMax = count;
    }

    /** Called before every operation, also before one that will fail. May throw {@link SimulatedCrash}, or crash the disk itself. */
    public synchronized void beforeOperation(@Nullable Consumer<Operation> consumer) {
        hook = consumer;
    }

    /** Flips a bit at rest. */
    public synchronized void flip(Path file, long byteOffset, int bit) {
        SimulatedFile found = existing(file);
        byte[] bytes = found.bytes();
        bytes[(int) byteOffset] ^= (byte) (1 << bit);
        found.reset(bytes);
    }

    /** Cuts a file at rest. */
    public synchronized void cut(Path file, long size) {
        SimulatedFile found = existing(file);
        found.reset(java.util.Arrays.copyOf(found.bytes(), (int) size));
    }

    /** Puts a file, durable, with its directories; replaces one that is there. */
    public synchronized void put(Path file, byte[] bytes) {
        SimulatedDirectory directory = root;
        Path absolute = key(file);
        Path parent = absolute.getParent();
        for (Path name : parent == null ? List.<Path>of() : parent) {
            Object child = directory.seen.get(name.toString());
            if (child instanceof SimulatedDirectory there) {
                directory = there;
            } else {
                SimulatedDirectory made = new SimulatedDirectory();
                directory.atRest(name.toString(), made);
                directory = made;
            }
        }
        directory.atRest(name(absolute), new SimulatedFile(bytes.clone()));
        used += SimulatedFile.allocated(bytes.length);
    }

    /** Removes a file at rest. */
    public synchronized void remove(Path file) {
        used -= SimulatedFile.allocated(existing(file).size());
        parentOf(key(file)).atRest(name(file), null);
    }

    private SimulatedFile existing(Path file) {
        if (find(key(file)) instanceof SimulatedFile found) {
            return found;
        }
        throw new IllegalArgumentException("no file " + file);
    }

    // ---- looking

    /** The bytes as processes see them. */
    public synchronized byte[] bytes(Path file) {
        return existing(file).bytes();
    }

    /** All files, sorted. */
    public synchronized List<Path> files() {
        List<Path> all = new ArrayList<>();
        collect(Path.of("/"), root, all);
        return all;
    }

    private static void collect(Path path, SimulatedDirectory directory, List<Path> all) {
        for (Map.Entry<String, Object> entry : directory.seen.entrySet()) {
            Path child = path.resolve(entry.getKey());
            if (entry.getValue() instanceof SimulatedDirectory below) {
                collect(child, below, all);
            } else {
                all.add(child);
            }
        }
    }

    /** Another disk with the files that processes see on this one, all of them durable, and without faults. */
    public synchronized SimulatedDisk copy(long seed) {
        SimulatedDisk copy = new SimulatedDisk(seed, pieceBytes);
        copy.used = copy(root, copy.root);
        return copy;
    }

    private static long copy(SimulatedDirectory from, SimulatedDirectory to) {
        long bytes = 0;
        for (Map.Entry<String, Object> entry : from.seen.entrySet()) {
            if (entry.getValue() instanceof SimulatedDirectory below) {
                SimulatedDirectory made = new SimulatedDirectory();
                bytes += copy(below, made);
                to.atRest(entry.getKey(), made);
            } else if (entry.getValue() instanceof SimulatedFile file) {
                to.atRest(entry.getKey(), file.copy());
                bytes += SimulatedFile.allocated(file.size());
            }
        }
        return bytes;
    }

    public synchronized long operations() {
        return operations;
    }

    public synchronized long mutations() {
        return mutations;
    }

    /** Writes to files of this name since the disk was made. */
    public synchronized long writes(Path file) {
        return counters.getOrDefault(key(file), new long[2])[0];
    }

    /** Syncs of files of this name since the disk was made. */
    public synchronized long syncs(Path file) {
        return counters.getOrDefault(key(file), new long[2])[1];
    }

    /** Syncs of all files since the disk was made. */
    public synchronized long syncs() {
        return counters.values().stream().mapToLong(c -> c[1]).sum();
    }

    /** Files that are open now, in all processes. */
    public synchronized int descriptors() {
        return descriptors;
    }

    // ---- names

    static Path key(Path path) {
        return path.toAbsolutePath().normalize();
    }

    static String name(Path path) {
        return String.valueOf(path.getFileName());
    }

    @Nullable
    Object find(Path path) {
        Object at = root;
        for (int i = 0; i < path.getNameCount(); i++) {
            if (!(at instanceof SimulatedDirectory directory)) {
                return null;
            }
            Object child = directory.seen.get(path.getName(i).toString());
            if (child == null) {
                return null;
            }
            at = child;
        }
        return at;
    }

    private SimulatedDirectory parentOf(Path path) {
        Path parent = path.getParent();
        if (parent != null && find(parent) instanceof SimulatedDirectory directory) {
            return directory;
        }
        throw new IllegalArgumentException("no directory " + parent);
    }

    SimulatedDirectory directoryOf(Path path) throws NoSuchFileException {
        Path parent = path.getParent();
        if (parent != null && find(parent) instanceof SimulatedDirectory directory) {
            return directory;
        }
        throw new NoSuchFileException(path.toString());
    }

    // ---- every operation passes here

    @Nullable
    Fault begin(SimulatedProcess process, Operation.Kind kind, Path path, long offset, int length) throws IOException {
        alive(process);
        operations++;
        Operation operation = new Operation(operations, kind, path, offset, length);
        Consumer<Operation> consumer = hook;
        if (consumer != null) {
            consumer.accept(operation);
            alive(process);
        }
        if (kind.isMutation()) {
            mutations++;
        }
        Fault hit = null;
        for (int i = 0; i < faults.size(); i++) {
            Fault fault = faults.get(i);
            if (fault.where().test(operation)) {
                long n = ++matches.get(i)[0];
                if (n >= fault.first() && n - fault.first() < fault.count() && hit == null) {
                    hit = fault;
                    faultsHit++;
                }
            }
        }
        if (kind.needsDescriptor() && descriptors >= descriptorsMax) {
            throw Fault.Effect.NO_DESCRIPTORS.exception(operation);
        }
        if (hit != null) {
            boolean special = switch (hit.effect()) {
                case LYING_WRITE, SHORT_WRITE -> true;
                case LYING_SYNC -> true;
                case IO_ERROR -> kind == Operation.Kind.SYNC;
                case NO_SPACE -> kind == Operation.Kind.WRITE || kind == Operation.Kind.SYNC;
                case NO_DESCRIPTORS, READ_ONLY -> false;
            };
            if (!special) {
                throw hit.effect().exception(operation);
            }
        }
        return hit;
    }

    static void alive(SimulatedProcess process) {
        if (process.dead) {
            throw new SimulatedCrash("this process is dead");
        }
    }

    /** Whether the processes die in this mutation, which is then done in part or not at all. */
    boolean diesHere() {
        return mutations >= dieAtMutation;
    }

    SimulatedCrash die() {
        kill();
        return new SimulatedCrash("killed in the middle of an operation");
    }

    /** Ends a mutation that has no parts: done or not done when the process dies in it. Throws if it is not to be done. */
    boolean dieUndone() {
        if (diesHere() && random.nextBoolean()) {
            throw die();
        }
        return diesHere();
    }

    void count(Path file, int which) {
        counters.computeIfAbsent(file, f -> new long[2])[which]++;
    }

    void room(long growth) throws IOException {
        if (growth > 0 && used + growth > capacity) {
            throw new IOException("No space left on device");
        }
    }

    // ---- the disk as its first process

    private synchronized SimulatedProcess main() {
        return main;
    }

    @Override
    public void createDirectories(Path directory) throws IOException {
        main().createDirectories(directory);
    }

    @Override
    public DiskFile create(Path file) throws IOException {
        return main().create(file);
    }

    @Override
    public DiskFile open(Path file, boolean writable) throws IOException {
        return main().open(file, writable);
    }

    @Override
    public boolean exists(Path file) {
        return main().exists(file);
    }

    @Override
    public boolean isDirectory(Path file) {
        return main().isDirectory(file);
    }

    @Override
    public List<String> list(Path directory) throws IOException {
        return main().list(directory);
    }

    @Override
    public void rename(Path from, Path to) throws IOException {
        main().rename(from, to);
    }

    @Override
    public void delete(Path file) throws IOException {
        main().delete(file);
    }

    @Override
    public void syncDirectory(Path directory) throws IOException {
        main().syncDirectory(directory);
    }

    @Override
    public @Nullable DiskLock tryLock(Path file) throws IOException {
        return main().tryLock(file);
    }

    @Override
    public byte[] readSmall(Path file, int bytesMax) throws IOException {
        return main().readSmall(file, bytesMax);
    }
}
