package dev.daybook.benchmarks;

import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** The least that a command line on picocli does; what ours is compared with. */
@Command(name = "hello", mixinStandardHelpOptions = true, version = "1")
public final class HelloPicocli implements Runnable {
    @Parameters(index = "0", defaultValue = "world")
    private String name = "";

    @Override
    public void run() {
        System.out.println("hello " + name);
    }

    public static void main(String[] args) {
        System.exit(new CommandLine(new HelloPicocli()).execute(args));
    }
}
