package io.fedfs.service;

import io.fedfs.protocol.FedFsStatus;
import java.io.PrintWriter;
import java.nio.charset.Charset;
import java.util.logging.LogManager;
import org.slf4j.bridge.SLF4JBridgeHandler;
import picocli.CommandLine;
import picocli.CommandLine.ParameterException;

/** The frame of a daemon's command: where its log goes, how a mistake is told, the exit code. */
public final class CommandFrame {
    private static final String LOGBACK = "logback.configurationFile";

    private CommandFrame() {}

    /**
     * Runs a command as the process it is, and ends the process with its exit code. Everything logged goes to standard error.
     *
     * @param command annotated with {@code @Command}; its name begins each line that tells a failure
     */
    public static void main(Object command, String... arguments) {
        // Before the first logger: other programs of this project have their own configuration on the same class path.
        if (System.getProperty(LOGBACK) == null) {
            System.setProperty(LOGBACK, "io/fedfs/service/logback.xml");
        }
        LogManager.getLogManager().reset();
        SLF4JBridgeHandler.install();
        Charset charset = Charset.defaultCharset();
        System.exit(run(
                command,
                new PrintWriter(System.out, true, charset),
                new PrintWriter(System.err, true, charset),
                arguments));
    }

    /**
     * Runs a command and gives its exit code; nothing is thrown. A {@link ServiceException} is told by its message, a line for
     * each of the message's; whatever else is thrown is a fault of the program, SVRFAULT, told with its stack.
     */
    public static int run(Object command, PrintWriter out, PrintWriter err, String... arguments) {
        return new CommandLine(command)
                .setOut(out)
                .setErr(err)
                .setParameterExceptionHandler((e, given) -> misuse(e))
                .setExecutionExceptionHandler((e, at, parsed) -> failed(e, at))
                .execute(arguments);
    }

    private static int misuse(ParameterException e) {
        CommandLine at = e.getCommandLine();
        at.getErr().println(name(at) + ": " + e.getMessage());
        at.getErr().println("Try \"" + at.getCommandSpec().qualifiedName() + " --help\".");
        return FedFsStatus.INVAL.number();
    }

    private static int failed(Exception e, CommandLine at) {
        if (e instanceof ServiceException refused) {
            e.getMessage().lines().forEach(line -> at.getErr().println(name(at) + ": " + line));
            return refused.status().number();
        }
        at.getErr().println(name(at) + ": unexpected failure, please report it:");
        e.printStackTrace(at.getErr());
        return FedFsStatus.SVRFAULT.number();
    }

    private static String name(CommandLine at) {
        return at.getCommandSpec().root().name();
    }
}
