package io.fedfs.mount;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/** The line of {@code /proc/self/mountinfo} for a mount point (proc(5)); reading it does not touch the mount. */
final class MountTableEntry {
    private MountTableEntry() {}

    /** {@code major:minor} of the newest mount at this place. */
    static String device(Path mountPoint) throws IOException {
        String device = null;
        for (String line : Files.readAllLines(Path.of("/proc/self/mountinfo"), StandardCharsets.UTF_8)) {
            String[] field = line.split(" ");
            if (field.length > 4 && unescape(field[4]).equals(mountPoint.toString())) {
                device = field[2];
            }
        }
        if (device == null) {
            throw new IOException(mountPoint + " is not in /proc/self/mountinfo");
        }
        return device;
    }

    /** Space, tab, newline and backslash are written as three octal digits. */
    private static String unescape(String field) {
        return field.replace("\\040", " ")
                .replace("\\011", "\t")
                .replace("\\012", "\n")
                .replace("\\134", "\\");
    }
}
