package io.fedfs.system;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/** A file server for sshfs: an sshd of the test's own on a loopback port, with keys made for it. */
final class Sshd implements AutoCloseable {
    private static final Duration SOON = Duration.ofSeconds(20);

    private final Path home;
    private final int port = Federation.freePort();
    private Process process;

    /** @param home an empty directory, for keys and configuration */
    Sshd(Path home) {
        this.home = home;
        try {
            // Where sshd goes before anybody has logged in.
            Files.createDirectories(Path.of("/run/sshd"));
            for (String key : List.of("host", "user")) {
                run(
                        "ssh-keygen",
                        "-q",
                        "-t",
                        "ed25519",
                        "-N",
                        "",
                        "-f",
                        home.resolve(key).toString());
            }
            Files.copy(home.resolve("user.pub"), home.resolve("authorized"));
            Files.setPosixFilePermissions(home.resolve("authorized"), PosixFilePermissions.fromString("rw-------"));
            Files.writeString(
                    home.resolve("known"),
                    "[127.0.0.1]:" + port + " "
                            + Files.readString(home.resolve("host.pub"), StandardCharsets.US_ASCII));
            Files.writeString(
                    home.resolve("config"),
                    String.join(
                            "\n",
                            "Port " + port,
                            "ListenAddress 127.0.0.1",
                            "HostKey " + home.resolve("host"),
                            "AuthorizedKeysFile " + home.resolve("authorized"),
                            "PidFile none",
                            "StrictModes no",
                            "UsePAM no",
                            "PasswordAuthentication no",
                            "PermitRootLogin yes",
                            "Subsystem sftp internal-sftp",
                            ""));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void run(String... command) {
        Run.program(home, Map.of(), List.of(command)).ok();
    }

    Sshd start() {
        try {
            process = new ProcessBuilder(
                            "/usr/sbin/sshd",
                            "-D",
                            "-e",
                            "-f",
                            home.resolve("config").toString())
                    .redirectInput(Path.of("/dev/null").toFile())
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .redirectError(home.resolve("log").toFile())
                    .start();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        Await.until(SOON, true, this::answers);
        return this;
    }

    private boolean answers() {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            return socket.isConnected();
        } catch (IOException e) {
            return false;
        }
    }

    int port() {
        return port;
    }

    /** The lines below {@code types:} that let a mount attach everything below a directory from here. */
    String rule(Path exports) {
        return "  sshfs:\n    hosts: [127.0.0.1]\n    exports: [" + exports
                + "]\n    options: {user: root, IdentityFile: " + home.resolve("user") + ", UserKnownHostsFile: "
                + home.resolve("known") + "}\n";
    }

    /** Ends it with the logins that it serves. */
    void stop() {
        if (process == null) {
            return;
        }
        List<ProcessHandle> logins = process.descendants().toList();
        process.destroyForcibly();
        logins.forEach(ProcessHandle::destroyForcibly);
        process.onExit().join();
        process = null;
    }

    @Override
    public void close() {
        stop();
    }
}
