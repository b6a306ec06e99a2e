package io.fedfs.control;

import java.io.IOException;
import java.io.StringReader;
import java.io.StringWriter;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.TreeMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Keeps the settings of one mount in its state directory: replaced as a whole, and on disk before the answer. */
final class SettingsFile {
    private static final Logger LOG = LoggerFactory.getLogger(SettingsFile.class);
    private static final String OPTION = "option.";
    private static final String TUNED = "tuned.";

    private final Path file;

    SettingsFile(Path file) {
        this.file = file;
    }

    /** What was tuned under these mount options; empty when nothing was, or under others. */
    Optional<Map<String, String>> read(Map<String, String> options) throws IOException {
        Properties kept = new Properties();
        try {
            kept.load(new StringReader(Files.readString(file)));
        } catch (NoSuchFileException e) {
            return Optional.empty();
        } catch (IllegalArgumentException e) {
            throw new IOException(file + " is damaged: " + e.getMessage() + "; remove it", e);
        }
        if (!part(kept, OPTION).equals(options)) {
            LOG.info("the mount options for DAOS entries are others than when they were tuned: the options hold");
            Files.deleteIfExists(file);
            return Optional.empty();
        }
        return Optional.of(part(kept, TUNED));
    }

    private static Map<String, String> part(Properties all, String start) {
        Map<String, String> part = new TreeMap<>();
        for (String name : all.stringPropertyNames()) {
            if (name.startsWith(start)) {
                part.put(name.substring(start.length()), all.getProperty(name));
            }
        }
        return part;
    }

    void write(Map<String, String> options, Map<String, String> tuned) throws IOException {
        Properties all = new Properties();
        options.forEach((name, value) -> all.setProperty(OPTION + name, value));
        tuned.forEach((name, value) -> all.setProperty(TUNED + name, value));
        StringWriter text = new StringWriter();
        all.store(text, "what fedfs tune set, and the mount options under which it holds");
        Path draft = file.resolveSibling(file.getFileName() + ".new");
        Files.createDirectories(file.getParent());
        try (FileChannel out = FileChannel.open(
                draft, StandardOpenOption.CREATE, StandardOpenOption.WRITE, StandardOpenOption.TRUNCATE_EXISTING)) {
            ByteBuffer bytes = ByteBuffer.wrap(text.toString().getBytes(StandardCharsets.UTF_8));
            while (bytes.hasRemaining()) {
                out.write(bytes);
            }
            out.force(true);
        }
        Files.move(draft, file, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
    }
}
