package io.fedfs.nsdb.command;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** {@code fedfs-nsdb serve} as a child process. */
final class Daemon implements AutoCloseable {
    private static final Pattern SERVING =
            Pattern.compile("fedfs-nsdb: serving nsdb://(\\S+:(\\d+)) data=(\\S+) revision=(\\d+)");

    private final Process process;
    private final BufferedReader out;
    private final String line;
    private final Matcher serving;

    /** Starts it and waits until it says that it answers. */
    static Daemon start(List<String> jvm, List<String> serve) throws IOException {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(jvm);
        command.addAll(List.of(
                "-Dlogback.configurationFile=io/fedfs/service/logback.xml",
                "-cp",
                System.getProperty("java.class.path"),
                FedfsNsdb.class.getName(),
                "serve"));
        command.addAll(serve);
        return new Daemon(new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start());
    }

    private Daemon(Process process) throws IOException {
        this.process = process;
        this.out = process.inputReader(StandardCharsets.UTF_8);
        this.line = out.readLine();
        this.serving = SERVING.matcher(String.valueOf(line));
        if (!serving.matches()) {
            process.destroyForcibly();
            throw new IOException("the daemon said \"" + line + "\"");
        }
    }

    String address() {
        return serving.group(1);
    }

    int port() {
        return Integer.parseInt(serving.group(2));
    }

    long revision() {
        return Long.parseLong(serving.group(4));
    }

    long pid() {
        return process.pid();
    }

    /** Sends SIGTERM and gives the exit code; fails when it takes longer than the daemon promises, with much to spare. */
    int terminate() throws IOException, InterruptedException {
        process.toHandle().destroy();
        String more = out.readLine();
        if (more != null) {
            throw new IOException("a second line on stdout: " + more);
        }
        if (!process.waitFor(60, TimeUnit.SECONDS)) {
            throw new IOException("the daemon does not stop");
        }
        return process.exitValue();
    }

    void kill() throws InterruptedException {
        process.destroyForcibly();
        process.waitFor(60, TimeUnit.SECONDS);
    }

    @Override
    public void close() {
        process.destroyForcibly();
    }
}
