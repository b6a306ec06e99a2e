package io.fedfs.control;

import io.fedfs.junction.daos.TranslationTable;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Runs {@code foreign_symlink_upcall}: {@code <program> <mount>} with an empty environment, which prints the table by which the site's values
 * are translated. It runs when it is set, and when the daemon starts; never for an entry.
 */
final class Upcall {
    private static final Duration BOUND = Duration.ofSeconds(5);
    private static final int LONGEST = 16 * 1024;

    private final String mount;
    private final Duration bound;

    Upcall(String mount) {
        this(mount, BOUND);
    }

    Upcall(String mount, Duration bound) {
        this.mount = mount;
        this.bound = bound;
    }

    /**
     * The table that a program prints.
     *
     * @throws IllegalArgumentException when it is no absolute path of a program, fails, takes too long, or prints no table
     */
    TranslationTable run(String program) {
        if (!program.startsWith("/") || !Files.isExecutable(Path.of(program)) || Files.isDirectory(Path.of(program))) {
            throw new IllegalArgumentException(
                    "foreign_symlink_upcall is none, or the absolute path of a program, not \"" + program + "\"");
        }
        try {
            ProcessBuilder builder = new ProcessBuilder(program, mount)
                    .directory(Path.of("/").toFile())
                    .redirectInput(Path.of("/dev/null").toFile())
                    .redirectError(ProcessBuilder.Redirect.DISCARD);
            builder.environment().clear();
            Process process = builder.start();
            try {
                return TranslationTable.parse(output(program, process));
            } finally {
                process.descendants().forEach(ProcessHandle::destroyForcibly);
                process.destroyForcibly();
            }
        } catch (IOException e) {
            throw new IllegalArgumentException(
                    "foreign_symlink_upcall " + program + " cannot be run: " + e.getMessage(), e);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("foreign_symlink_upcall " + program + ": " + e.getMessage(), e);
        }
    }

    /** All it prints; read by another thread, since a child it leaves behind may keep the pipe open. */
    private String output(String program, Process process) {
        CompletableFuture<byte[]> read = new CompletableFuture<>();
        Thread reader = new Thread(
                () -> {
                    try (InputStream in = process.getInputStream()) {
                        read.complete(in.readNBytes(LONGEST + 1));
                    } catch (IOException e) {
                        read.completeExceptionally(e);
                    }
                },
                "fedfs-upcall");
        reader.setDaemon(true);
        reader.start();
        long end = System.nanoTime() + bound.toNanos();
        try {
            byte[] text = read.get(bound.toNanos(), TimeUnit.NANOSECONDS);
            if (text.length > LONGEST) {
                throw new IllegalArgumentException("prints more than " + LONGEST + " bytes");
            }
            if (!process.waitFor(Math.max(1, end - System.nanoTime()), TimeUnit.NANOSECONDS)) {
                throw new TimeoutException();
            }
            if (process.exitValue() != 0) {
                throw new IllegalArgumentException("ended with exit code " + process.exitValue());
            }
            return new String(text, StandardCharsets.ISO_8859_1);
        } catch (TimeoutException e) {
            throw new IllegalArgumentException("did not end within " + bound.toMillis() / 1000.0 + " s", e);
        } catch (ExecutionException e) {
            throw new IllegalArgumentException(
                    "its output cannot be read: " + e.getCause().getMessage(), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalArgumentException("interrupted", e);
        }
    }
}
