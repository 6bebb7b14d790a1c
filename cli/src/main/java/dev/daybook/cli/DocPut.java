package dev.daybook.cli;

import dev.daybook.Daybook;
import dev.daybook.document.Condition;
import dev.daybook.document.Documents;
import dev.daybook.stream.NewEvent;

/** {@code doc put}. */
final class DocPut implements Command {

    @Override
    public Syntax syntax() {
        return Syntax.of("Put a document: a JSON value under a key.")
                .detail("Prints the new version when it is on stable storage. Versions count every write and every"
                        + " delete of the key.")
                .required("KEY", "The document; made if it is new.")
                .optional("-", "Read the value from standard input.")
                .option("--data", "JSON", "The value.")
                .option("--if-version", "N", "Only if this is its newest version (0: it never was).")
                .flag("--if-absent", "Only if it has no value.")
                .option("--prefix", "P", "With --keep: the keys that it is about; KEY is one of them.")
                .option("--keep", "N", "Delete what was least recently written below --prefix, beyond N, in one step.")
                .example("daybook doc put plans/q3 --data '{\"goal\":\"launch\"}'")
                .example("daybook doc put plans/q3 --if-version 2 - < plan.json")
                .example("daybook doc put undo/65 --data '{}' --prefix undo --keep 64");
    }

    @Override
    public int run(Call call) throws Exception {
        Arguments arguments = call.arguments();
        String key = arguments.required(0);
        Condition condition = condition(arguments);
        String prefix = arguments.option("--prefix");
        long keep = arguments.number("--keep", 1, 0);
        if ((prefix == null) != (keep == 0)) {
            throw Failure.usage("--keep and --prefix belong together");
        }
        String json = call.given(1, "--data", "a value");
        if (json == null) {
            throw Failure.usage("give the value with --data JSON, or - to read it from standard input");
        }
        json = json.strip(); // of a line end
        NewEvent.json("put", json); // a bad value is found before a store is made
        try (Daybook book = call.openForWriting()) {
            Documents documents = book.documents();
            long version = prefix == null
                    ? documents.put(key, json, condition)
                    : documents.put(
                            key, json, condition, withoutSlash(prefix), (int) Math.min(keep, Integer.MAX_VALUE));
            call.print(Json.object().field("key", key).field("version", version), key + " version " + version);
        } catch (IllegalArgumentException e) {
            throw Failure.usage(String.valueOf(e.getMessage())); // a key that is not below the prefix
        }
        return Exit.OK;
    }

    static Condition condition(Arguments arguments) {
        long version = arguments.number("--if-version", 0, -1);
        if (arguments.flag("--if-absent")) {
            if (version >= 0) {
                throw Failure.usage("give --if-version or --if-absent, not both");
            }
            return Condition.ifAbsent();
        }
        return version < 0 ? Condition.none() : Condition.ifVersion(version);
    }

    static String withoutSlash(String prefix) {
        return prefix.endsWith("/") ? prefix.substring(0, prefix.length() - 1) : prefix;
    }
}
