package io.fedfs.system;

import io.fedfs.posix.Caller;
import io.fedfs.posix.Ground;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * A mount namespace of a test's own (mount_namespaces(7)). In it the callers have accounts, and {@code /etc/passwd}, {@code
 * /etc/fuse.conf} and {@code /dev/fuse} are copies; so a test may change what fusermount3 looks at, and nothing of the machine changes,
 * however the test ends. The built commands stand below the federation's directory, where every user may read them.
 */
final class MountNamespace implements AutoCloseable {
    private static final Duration END = Duration.ofSeconds(15);

    private final Federation federation;
    private final Path top;
    private final Process holder;

    /** @param accounts who has an account, with a home and a runtime directory */
    MountNamespace(Federation federation, Caller... accounts) {
        this.federation = federation;
        this.top = federation.directory("namespace");
        try {
            StringBuilder passwd = new StringBuilder(Files.readString(Path.of("/etc/passwd")));
            for (Caller c : accounts) {
                passwd.append("%s:x:%d:%d::%s:/bin/sh%n".formatted(c.name(), c.uid(), c.gid(), home(c)));
                own(Files.createDirectory(home(c)), c, "rwx------");
                own(Files.createDirectory(runtime(c)), c, "rwx------");
            }
            Files.writeString(top.resolve("passwd"), passwd);
            Files.writeString(top.resolve("fuse.conf"), "");
            Files.createDirectory(top.resolve("fedfs"));
            holder = new ProcessBuilder(
                            "unshare",
                            "--mount",
                            "--propagation",
                            "private",
                            "sh",
                            "-ec",
                            "cd $0; mknod -m 666 fuse c 10 229; mount --bind fuse /dev/fuse;"
                                    + " mount --bind passwd /etc/passwd; mount --bind $1 fedfs;"
                                    + " mount --bind fuse.conf /etc/fuse.conf; echo ready; exec cat > /dev/null",
                            top.toString(),
                            Distribution.home().toString())
                    .redirectError(top.resolve("holder.err").toFile())
                    .start();
            // Not closed: the reader is the process's own stream.
            BufferedReader said = new BufferedReader(new InputStreamReader(holder.getInputStream()));
            if (!"ready".equals(said.readLine())) {
                throw new IllegalStateException("no mount namespace: " + Files.readString(top.resolve("holder.err")));
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void own(Path path, Caller owner, String mode) throws IOException {
        Files.setPosixFilePermissions(path, PosixFilePermissions.fromString(mode));
        Ground root = new Ground(path, Caller.ROOT);
        Ground.must(root.chown(path.toString(), owner.uid(), owner.gid()));
    }

    Path home(Caller caller) {
        return top.resolve("home-" + caller.name());
    }

    /** The directory in XDG_RUNTIME_DIR. */
    Path runtime(Caller caller) {
        return top.resolve("run-" + caller.name());
    }

    /** A new directory of a caller's, mode 0755. */
    Path directory(Caller owner) {
        Path directory = federation.directory("mnt");
        try {
            own(directory, owner, "rwxr-xr-x");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return directory;
    }

    /** Path of a built command as it is in here. */
    String command(String name) {
        return top.resolve("fedfs/bin").resolve(name).toString();
    }

    /** Replaces {@code /etc/fuse.conf}. */
    void fuseConf(String text) {
        try {
            Files.writeString(top.resolve("fuse.conf"), text);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Changes who may open {@code /dev/fuse}. */
    void deviceMode(String mode) {
        try {
            Files.setPosixFilePermissions(top.resolve("fuse"), PosixFilePermissions.fromString(mode));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Covers a program, so that it cannot be run. */
    void hide(String program) {
        run(Caller.ROOT, "mount", "--bind", "/dev/null", program).ok();
    }

    /** Undoes {@link #hide}. */
    void show(String program) {
        run(Caller.ROOT, "umount", program).ok();
    }

    /** Runs a program as a caller, in the caller's environment. */
    Run run(Caller who, String... command) {
        return federation.run(commandLine(who, List.of(command)));
    }

    /** The command that runs a program as a caller, in the caller's environment. */
    List<String> commandLine(Caller who, List<String> command) {
        List<String> all = new ArrayList<>(List.of("nsenter", "--mount=/proc/" + holder.pid() + "/ns/mnt", "--"));
        if (!who.isRoot()) {
            all.addAll(List.of("setpriv", "--reuid=" + who.uid(), "--regid=" + who.gid(), "--inh-caps=-all"));
            all.add(
                    who.groups().isEmpty()
                            ? "--clear-groups"
                            : "--groups="
                                    + String.join(
                                            ",",
                                            who.groups().stream()
                                                    .map(g -> Integer.toString(g))
                                                    .toList()));
            all.addAll(List.of("env", "-u", "FEDFS_RUN_DIR", "HOME=" + home(who), "XDG_RUNTIME_DIR=" + runtime(who)));
        }
        all.addAll(command);
        return all;
    }

    /** Runs a shell script as a caller; {@code $0}… are the arguments. */
    Run sh(Caller who, String script, Object... arguments) {
        List<String> command = new ArrayList<>(List.of("sh", "-c", script));
        for (Object argument : arguments) {
            command.add(argument.toString());
        }
        return run(who, command.toArray(String[]::new));
    }

    /** The line of the mount table in here for a mount point; empty when nothing is mounted there. */
    String mounted(Path point) {
        return run(Caller.ROOT, "cat", "/proc/self/mountinfo")
                .ok()
                .out()
                .lines()
                .filter(l -> l.contains(" " + point + " "))
                .reduce("", (first, last) -> last);
    }

    /** Unmounts what is still mounted; fails when a daemon stays. */
    @Override
    public void close() {
        try {
            sh(
                    Caller.ROOT,
                    "sed -n 's/^[^ ]* [^ ]* [^ ]* [^ ]* \\([^ ]*\\) .* - fuse.fedfs .*/\\1/p' /proc/self/mountinfo"
                            + " | while read -r point; do umount -l \"$point\"; done");
            Await.until(END, List.of(), () -> Processes.naming(federation.top()).stream()
                    .filter(p -> p.info().command().orElse("").contains("java"))
                    .filter(p -> p.info().commandLine().orElse("").contains(top.toString()))
                    .toList());
        } finally {
            holder.destroy();
            try {
                if (!holder.waitFor(END.toSeconds(), TimeUnit.SECONDS)) {
                    holder.destroyForcibly();
                }
                Files.deleteIfExists(top.resolve("fuse"));
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }
}
