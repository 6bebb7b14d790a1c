package dev.daybook.cli;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** Every command there is. A command's class is loaded when it is asked for. */
final class Commands {
    static final List<String> NAMES = List.of(
            "demo",
            "run",
            "stream",
            "doc",
            "log",
            "views",
            "verify",
            "salvage",
            "stats",
            "bench",
            "export",
            "restore",
            "import",
            "completion",
            DemoAgent.NAME);

    static final List<String> STREAM =
            List.of("append", "read", "tail", "list", "info", "close", "truncate", "replace", "delete");

    static final List<String> RUN = List.of(
            "list",
            "start",
            "show",
            "tail",
            "message",
            "complete",
            "fail",
            "cancel",
            "resume",
            "history",
            "stats",
            "cleanup");

    static final List<String> DOC = List.of("put", "get", "list", "delete", "history", "watch");
    static final List<String> LOG = List.of("append", "query");
    static final List<String> VIEWS = List.of("status", "rebuild");

    private Commands() {}

    /** Names below a group such as {@code stream}; empty for a command. */
    static List<String> verbs(String name) {
        return switch (name) {
            case "stream" -> STREAM;
            case "doc" -> DOC;
            case "log" -> LOG;
            case "views" -> VIEWS;
            case "run" -> RUN;
            default -> List.of();
        };
    }

    /** What the commands of a group are for. */
    static String summary(String group) {
        return switch (group) {
            case "doc" -> "Put, get, list, delete and follow documents: JSON values by key, with versions and history.";
            case "log" -> "Append to and query the log: rows with source, type, ref, payload and time.";
            case "views" -> "Look at and rebuild views, the tables that answer questions about the journal.";
            case "run" ->
                "Start, list, show, follow, end, go on with and measure runs: executions with messages and recorded steps.";
            default -> "Append to, read, follow and manage streams.";
        };
    }

    static @Nullable Command find(String name) {
        return switch (name) {
            case "demo" -> new Demo();
            case "verify" -> new Verify();
            case "salvage" -> new Salvage();
            case "stats" -> new Stats();
            case "bench" -> new Bench();
            case "export" -> new Export();
            case "restore" -> new Restore();
            case "import" -> new Import();
            case "completion" -> new Completion();
            case DemoAgent.NAME -> new DemoAgent();
            default -> null;
        };
    }

    static @Nullable Command find(String group, String verb) {
        return switch (group) {
            case "stream" -> stream(verb);
            case "doc" -> doc(verb);
            case "log" -> log(verb);
            case "views" -> views(verb);
            case "run" -> run(verb);
            default -> null;
        };
    }

    private static @Nullable Command run(String verb) {
        return switch (verb) {
            case "list" -> new RunList();
            case "start" -> new RunStart();
            case "show" -> new RunShow();
            case "tail" -> new RunTail();
            case "message" -> new RunMessage();
            case "complete" -> new RunComplete();
            case "fail" -> new RunFail();
            case "cancel" -> new RunCancel();
            case "resume" -> new RunResume();
            case "history" -> new RunHistory();
            case "stats" -> new RunStats();
            case "cleanup" -> new RunCleanup();
            default -> null;
        };
    }

    private static @Nullable Command doc(String verb) {
        return switch (verb) {
            case "put" -> new DocPut();
            case "get" -> new DocGet();
            case "list" -> new DocList();
            case "delete" -> new DocDelete();
            case "history" -> new DocHistory();
            case "watch" -> new DocWatch();
            default -> null;
        };
    }

    private static @Nullable Command log(String verb) {
        return switch (verb) {
            case "append" -> new LogAppend();
            case "query" -> new LogQueryCommand();
            default -> null;
        };
    }

    private static @Nullable Command views(String verb) {
        return switch (verb) {
            case "status" -> new ViewsStatus();
            case "rebuild" -> new ViewsRebuild();
            default -> null;
        };
    }

    private static @Nullable Command stream(String verb) {
        return switch (verb) {
            case "append" -> new StreamAppend();
            case "read" -> new StreamRead();
            case "tail" -> new StreamTail();
            case "list" -> new StreamList();
            case "info" -> new StreamShow();
            case "close" -> new StreamClose();
            case "truncate" -> new StreamTruncate();
            case "replace" -> new StreamReplace();
            case "delete" -> new StreamDelete();
            default -> null;
        };
    }
}
