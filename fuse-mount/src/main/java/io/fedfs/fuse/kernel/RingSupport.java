package io.fedfs.fuse.kernel;

import io.fedfs.linux.Errno;
import io.fedfs.linux.ErrnoException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What this system says about FUSE over io_uring, and what to tell the user who wants it where it is not to be had. */
final class RingSupport {
    private static final Path PARAMETER = Path.of("/sys/module/fuse/parameters/enable_uring");
    private static final Path PROCESSORS = Path.of("/sys/devices/system/cpu/possible");
    private static final Pattern RANGE = Pattern.compile("0(?:-(\\d{1,5}))?");

    private final Path parameter;
    private final Path processors;

    RingSupport() {
        this(PARAMETER, PROCESSORS);
    }

    RingSupport(Path parameter, Path processors) {
        this.parameter = parameter;
        this.processors = processors;
    }

    /**
     * Makes sure that the kernel's fuse module offers it. It does so only where an administrator has turned it on, which nobody does unasked.
     *
     * @throws IOException it does not; the message says what to do
     */
    void require() throws IOException {
        if (!read(
                        parameter,
                        "this kernel has no FUSE over io_uring: that needs Linux 6.14 or later, built with CONFIG_FUSE_IO_URING, and the"
                                + " fuse module loaded")
                .equals("Y")) {
            throw new IOException("FUSE over io_uring is turned off: echo Y > " + parameter
                    + ", then mount again; for good, put \"options fuse enable_uring=1\" into /etc/modprobe.d/fuse.conf"
                    + " or fuse.enable_uring=1 on the kernel's command line");
        }
    }

    /**
     * How many queues the kernel has: as many as processors that there may be.
     *
     * @throws IOException the system does not say, or says something unknown
     */
    int queues() throws IOException {
        String range = read(processors, "the number of processors is not to be had");
        Matcher m = RANGE.matcher(range);
        if (!m.matches()) {
            throw new IOException("the numbers of the processors have gaps: " + range);
        }
        return m.group(1) == null ? 1 : Integer.parseInt(m.group(1)) + 1;
    }

    private static String read(Path file, String otherwise) throws IOException {
        try {
            return Files.readString(file, StandardCharsets.US_ASCII).strip();
        } catch (NoSuchFileException e) {
            throw new IOException(otherwise + " (" + file + ")", e);
        }
    }

    /** Why there is no ring, in words. */
    static IOException explain(IOException e) {
        if (!(e instanceof ErrnoException failure)) {
            return e;
        }
        String why =
                switch (failure.errno()) {
                    case Errno.ENOSYS -> "this kernel has none, or a seccomp filter hides it (containers often do)";
                    case Errno.EPERM ->
                        "forbidden: sysctl kernel.io_uring_disabled is not 0, or a seccomp filter says so (containers"
                                + " often do)";
                    case Errno.EINVAL -> "this kernel's is too old";
                    case Errno.ENOMEM ->
                        "no memory for it: the limit of locked memory (ulimit -l) or of the control group";
                    case Errno.EMFILE -> "no descriptors left (ulimit -n)";
                    default -> failure.getMessage();
                };
        return new IOException("io_uring cannot be used: " + why, e);
    }
}
