package io.fedfs.authority;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import io.fedfs.protocol.FedFsStatus;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Who did what: a file of JSON objects, one a line. Each line is written with one append before the caller is answered. The
 * file may be renamed at any time (logrotate without copytruncate, no signal is needed): the next line goes to a new file
 * of the old name. A file that cannot be written is an error in the daemon's log, and {@link #writable} says so, so that
 * nothing is changed without a trace.
 */
public final class AuditLog implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(AuditLog.class);
    private static final JsonFactory JSON = new JsonFactory();
    private static final Set<StandardOpenOption> APPEND =
            Set.of(StandardOpenOption.CREATE, StandardOpenOption.WRITE, StandardOpenOption.APPEND);

    /** Null: nothing is kept. */
    private final Path file;

    private final Clock clock;
    // Guarded by this.
    private FileChannel channel;
    private Object openFile;

    private AuditLog(Path file, Clock clock) {
        this.file = file;
        this.clock = clock;
    }

    /** Keeps nothing. */
    public static AuditLog none() {
        return new AuditLog(null, Clock.systemUTC());
    }

    /**
     * Appends to this file, readable by its owner and group.
     *
     * @throws IOException when it cannot be written
     */
    public static AuditLog to(Path file, Clock clock) throws IOException {
        AuditLog audit = new AuditLog(file, clock);
        audit.open();
        return audit;
    }

    /** Whether what happens next can be recorded. */
    public boolean writable() {
        if (file == null) {
            return true;
        }
        synchronized (this) {
            try {
                open();
                return true;
            } catch (IOException e) {
                log.error("cannot write the audit log {}: {}", file, e.toString());
                return false;
            }
        }
    }

    /** Records one call. */
    public void append(AuditEntry entry) {
        if (file == null) {
            return;
        }
        byte[] line = line(entry);
        synchronized (this) {
            try {
                open();
                ByteBuffer bytes = ByteBuffer.wrap(line);
                while (bytes.hasRemaining()) {
                    channel.write(bytes);
                }
            } catch (IOException e) {
                log.error(
                        "cannot write the audit log {}: {}; lost: {}",
                        file,
                        e,
                        new String(line, java.nio.charset.StandardCharsets.UTF_8).strip());
                closeQuietly();
            }
        }
    }

    /** A connection that was refused before anything was asked. */
    public void refusedConnection(String service, String subject, String from, String why) {
        append(new AuditEntry(
                service,
                "connect",
                new Principal(subject.isEmpty() ? "nobody" : "dn:" + subject, Set.of()),
                from,
                List.of(),
                List.of(),
                FedFsStatus.NSDB_AUTH,
                why,
                Map.of(),
                java.time.Duration.ZERO));
    }

    private void open() throws IOException {
        if (channel != null && Files.exists(file) && openFile.equals(key())) {
            return;
        }
        closeQuietly();
        channel = FileChannel.open(
                file, APPEND, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-r-----")));
        openFile = key();
    }

    private Object key() throws IOException {
        Object key = Files.readAttributes(file, BasicFileAttributes.class).fileKey();
        return key == null ? file : key;
    }

    private byte[] line(AuditEntry entry) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream(512);
        try (JsonGenerator json = JSON.createGenerator(bytes)) {
            json.writeStartObject();
            json.writeStringField("time", clock.instant().toString());
            json.writeStringField("service", entry.service());
            json.writeStringField("call", entry.call());
            json.writeStringField("principal", entry.principal().name());
            json.writeArrayFieldStart("names");
            for (String name : entry.principal().names().stream().sorted().toList()) {
                json.writeString(name);
            }
            json.writeEndArray();
            json.writeStringField("from", entry.from());
            json.writeArrayFieldStart("on");
            for (Check check : entry.checks()) {
                json.writeStartObject();
                json.writeStringField("operation", check.operation());
                json.writeStringField("what", check.target().what());
                if (check.target().subtree().isPresent()) {
                    json.writeStringField(
                            "subtree", check.target().subtree().get().toString());
                }
                if (check.target().export().isPresent()) {
                    json.writeStringField(
                            "export", check.target().export().get().toString());
                }
                json.writeEndObject();
            }
            json.writeEndArray();
            json.writeArrayFieldStart("granted_by");
            for (String place : entry.grantedBy()) {
                json.writeString(place);
            }
            json.writeEndArray();
            json.writeNumberField("status", entry.result().number());
            json.writeStringField("result", entry.result().rfcName());
            if (!entry.message().isEmpty()) {
                json.writeStringField("message", entry.message());
            }
            for (Map.Entry<String, Object> made : entry.made().entrySet()) {
                if (made.getValue() instanceof Long number) {
                    json.writeNumberField(made.getKey(), number);
                } else {
                    json.writeStringField(made.getKey(), String.valueOf(made.getValue()));
                }
            }
            json.writeNumberField("ms", entry.took().toMillis());
            json.writeEndObject();
            json.writeRaw('\n');
        } catch (IOException e) {
            throw new IllegalStateException("writing to memory failed", e);
        }
        return bytes.toByteArray();
    }

    private void closeQuietly() {
        try {
            if (channel != null) {
                channel.close();
            }
        } catch (IOException e) {
            log.warn("closing the audit log {}: {}", file, e.toString());
        }
        channel = null;
    }

    @Override
    public synchronized void close() {
        closeQuietly();
    }
}
