package dev.daybook.cli;

import java.io.FileDescriptor;
import java.io.FileInputStream;
import java.io.FileOutputStream;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.Map;

/** Runs one command and says how it went. */
public final class Main {
    private Main() {}

    public static void main(String[] args) {
        OutputStream err = new FileOutputStream(FileDescriptor.err);
        String[] typed;
        try {
            typed = RawArguments.of(args);
        } catch (Failure e) {
            System.exit(new Messages(err, wantsJson(args), System.getenv()).error(e));
            return;
        }
        System.exit(run(typed, new FileInputStream(FileDescriptor.in), new FileOutputStream(FileDescriptor.out), err));
    }

    /**
     * Runs the command in this process.
     *
     * @param out gets data only, and nothing when there is none
     * @param err gets messages
     * @return the exit status
     */
    public static int run(String[] args, InputStream in, OutputStream out, OutputStream err) {
        return run(args, in, out, err, System.getenv());
    }

    static int run(String[] args, InputStream in, OutputStream out, OutputStream err, Map<String, String> environment) {
        Output data = new Output(out);
        Messages messages = new Messages(err, wantsJson(args), environment);
        try {
            Parsed parsed = QuickParser.parse(args);
            if (parsed == null) {
                parsed = FullParser.parse(args, data, messages);
            }
            int status = parsed == null
                    ? Exit.OK
                    : parsed.command().run(new Call(parsed.arguments(), in, data, messages, environment));
            data.flush();
            return status;
        } catch (OutputGoneException e) {
            return Exit.OK; // whoever read the output has seen enough: `| head -1`
        } catch (Throwable e) {
            // Also Errors: whatever happened, the caller gets what was read so far, one message and an exit status.
            return fail(e, data, messages);
        }
    }

    private static int fail(Throwable failure, Output data, Messages messages) {
        try {
            data.flush();
        } catch (RuntimeException e) {
            // The first failure is the one to report.
        }
        return messages.error(failure);
    }

    /** Looked up in the raw arguments, because a mistake in them has to be reported in this form, too. */
    private static boolean wantsJson(String[] args) {
        for (String arg : args) {
            if (arg.equals("--")) {
                return false;
            }
            if (arg.equals("--json")) {
                return true;
            }
        }
        return false;
    }
}
