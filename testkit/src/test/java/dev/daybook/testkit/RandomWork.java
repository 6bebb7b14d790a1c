package dev.daybook.testkit;

import dev.daybook.Daybook;
import dev.daybook.stream.AppendOptions;
import dev.daybook.stream.Batch;
import dev.daybook.stream.NewEvent;
import dev.daybook.testkit.CrashModel.Effect;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;

/** Random operations on streams, each with what it must do to a model. Every payload is unique and names its operation. */
final class RandomWork {

    /**
     * @param number of the operation
     * @param alone whether it is decided against what was acknowledged when it is called, so that nothing may be under way
     * @param waits whether its answer is there when the call returns
     * @param call does it; an answer that is a failure comes as an exception
     */
    record Step(
            int number,
            String what,
            Effect effect,
            boolean alone,
            boolean waits,
            Supplier<CompletableFuture<?>> call) {}

    private final SplittableRandom random;
    private final List<String> names;
    private final Map<String, Integer> operationOf = new HashMap<>();
    private int operations;

    RandomWork(SplittableRandom random) {
        this.random = random;
        this.names = List.of("a", "b/1", "b/2", "c").subList(0, 1 + random.nextInt(4));
    }

    /** The operation that a payload belongs to, or null when nobody made it. */
    Integer operationOf(String payload) {
        return operationOf.get(payload);
    }

    private String payload(int index) {
        String filler = "x".repeat(random.nextInt(random.nextInt(8) == 0 ? 3000 : 120));
        String payload = "\"o" + operations + "." + index + filler + "\"";
        operationOf.put(payload, operations);
        return payload;
    }

    private List<String> payloads(int count) {
        List<String> payloads = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            payloads.add(payload(i));
        }
        return payloads;
    }

    private static NewEvent event(String payload) {
        return NewEvent.json("t", payload);
    }

    private static List<NewEvent> events(List<String> payloads) {
        return payloads.stream().map(RandomWork::event).toList();
    }

    private String name() {
        return names.get(random.nextInt(names.size()));
    }

    private Step step(String what, Effect effect, Supplier<?> call) {
        boolean alone = what.startsWith("truncate") || what.startsWith("keep") || what.startsWith("replace");
        return new Step(operations, what, effect, alone, true, () -> CompletableFuture.completedFuture(call.get()));
    }

    /** The next operation. */
    Step next(Daybook book, CrashModel now) {
        operations++;
        String name = name();
        if (now.isClosed(name) && random.nextInt(3) != 0) {
            return step(
                    "delete " + name,
                    CrashModel.delete(name),
                    () -> book.stream(name).delete());
        }
        return switch (random.nextInt(19)) {
            case 0, 1, 2 -> {
                String payload = payload(0);
                yield step(
                        "append " + name,
                        CrashModel.append(name, List.of(payload)),
                        () -> book.stream(name).append(event(payload)));
            }
            case 3, 4 -> {
                List<String> payloads = payloads(1 + random.nextInt(6));
                yield step(
                        "batch " + name,
                        CrashModel.append(name, payloads),
                        () -> book.stream(name).append(events(payloads), AppendOptions.none()));
            }
            case 5, 6 -> batch(book);
            case 7, 8, 9, 10, 11 -> {
                String payload = payload(0);
                yield new Step(
                        operations,
                        "async " + name,
                        CrashModel.append(name, List.of(payload)),
                        false,
                        false,
                        () -> book.stream(name).appendAsync(event(payload)));
            }
            case 12 -> {
                long expected = now.last(name) + (random.nextInt(3) == 0 ? 1 : 0);
                String payload = payload(0);
                yield step(
                        "append expecting " + expected + " " + name,
                        CrashModel.appendExpecting(name, payload, expected),
                        () -> book.stream(name).append(event(payload), AppendOptions.expecting(expected)));
            }
            case 13 -> producer(book, now, name);
            case 14 -> {
                String id = "id" + random.nextInt(6);
                if (now.hasLost(name, id)) {
                    id = "new" + operations; // whether a truncated event's id is still known is not promised
                }
                String chosen = id;
                String payload = payload(0);
                yield step(
                        "append id " + chosen + " " + name,
                        CrashModel.appendWithId(name, payload, chosen),
                        () -> book.stream(name).append(event(payload).id(chosen)));
            }
            case 15 -> {
                long before = Math.max(1, now.last(name) + 1 - random.nextInt(4));
                yield step(
                        "truncate " + name + " before " + before,
                        CrashModel.truncate(name, before),
                        () -> book.stream(name).truncateBefore(before));
            }
            case 16 -> {
                int n = random.nextInt(4);
                yield step(
                        "keep " + n + " of " + name,
                        CrashModel.keepNewest(name, n),
                        () -> book.stream(name).keepNewest(n));
            }
            case 17 -> {
                List<String> payloads = payloads(1 + random.nextInt(3));
                yield step(
                        "replace " + name,
                        CrashModel.replace(name, payloads),
                        () -> book.stream(name).replace(events(payloads)));
            }
            default ->
                random.nextInt(3) == 0
                        ? step("close " + name, CrashModel.close(name), () -> {
                            book.stream(name).close();
                            return name;
                        })
                        : random.nextInt(3) == 0
                                ? step(
                                        "delete " + name,
                                        CrashModel.delete(name),
                                        () -> book.stream(name).delete())
                                : batch(book);
        };
    }

    private Step batch(Daybook book) {
        Map<String, List<String>> parts = new LinkedHashMap<>();
        Batch batch = Batch.of();
        int count = 2 + random.nextInt(4);
        for (int i = 0; i < count; i++) {
            String to = name();
            String payload = payload(i);
            parts.computeIfAbsent(to, t -> new ArrayList<>()).add(payload);
            batch.event(to, event(payload));
        }
        return step("batch over " + parts.keySet(), CrashModel.appendAll(parts), () -> book.append(batch));
    }

    private Step producer(Daybook book, CrashModel now, String name) {
        CrashModel.Line line = now.streams.get(name);
        long[] known = line == null ? null : line.producers.get("p");
        long epoch = known == null ? 0 : known[0];
        long seq = known == null ? 0 : known[1] + 1;
        switch (random.nextInt(6)) {
            case 0 -> seq = Math.max(0, seq - 1);
            case 1 -> seq++;
            case 2 -> {
                epoch++;
                seq = random.nextInt(2);
            }
            default -> {}
        }
        long e = epoch;
        long s = seq;
        List<String> payloads = payloads(1 + random.nextInt(3));
        return step(
                "append from p " + e + "/" + s + " " + name,
                CrashModel.appendFrom(name, payloads, "p", e, s),
                () -> book.stream(name).append(events(payloads), AppendOptions.from("p", e, s)));
    }
}
