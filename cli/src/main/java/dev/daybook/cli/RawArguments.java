package dev.daybook.cli;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * The arguments as they were typed. In the C locale, which is what most containers have, Java replaces every byte beyond ASCII by a question
 * mark: {@code --data '{"name":"Jürgen"}'} would be stored as something else, and nobody told.
 */
final class RawArguments {
    private RawArguments() {}

    static String[] of(String[] args) {
        if ("UTF-8".equals(System.getProperty("sun.jnu.encoding")) || !doubtful(args)) {
            return args;
        }
        try {
            return last(Files.readAllBytes(Path.of("/proc/self/cmdline")), args);
        } catch (IOException e) {
            return args; // not Linux
        }
    }

    private static boolean doubtful(String[] args) {
        for (String arg : args) {
            if (arg.indexOf('?') >= 0 || arg.indexOf('\uFFFD') >= 0) {
                return true;
            }
            for (int i = 0; i < arg.length(); i++) {
                if (arg.charAt(i) > 0x7f) {
                    return true;
                }
            }
        }
        return false;
    }

    /** The last arguments of a NUL-separated command line, as UTF-8. */
    static String[] last(byte[] commandLine, String[] args) {
        List<String> all = new ArrayList<>();
        int start = 0;
        for (int i = 0; i < commandLine.length; i++) {
            if (commandLine[i] == 0) {
                try {
                    all.add(StandardCharsets.UTF_8
                            .newDecoder()
                            .decode(ByteBuffer.wrap(commandLine, start, i - start))
                            .toString());
                } catch (CharacterCodingException e) {
                    throw Failure.usage("the arguments are not UTF-8");
                }
                start = i + 1;
            }
        }
        return all.size() < args.length
                ? args
                : all.subList(all.size() - args.length, all.size()).toArray(new String[0]);
    }
}
