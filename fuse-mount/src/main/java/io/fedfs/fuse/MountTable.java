package io.fedfs.fuse;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** The mounts of this process's mount namespace ({@code /proc/self/mountinfo}, proc(5)). */
public final class MountTable {
    /** How the JDK writes paths for the operating system. */
    private static final String JNU = System.getProperty("sun.jnu.encoding", "UTF-8");

    private static final Path MOUNTINFO = Path.of("/proc/self/mountinfo");

    private MountTable() {}

    /**
     * One mount.
     *
     * @param device major and minor number as {@code 0:45}; for FUSE the minor is the connection's name below {@code
     *     /sys/fs/fuse/connections}
     * @param type file system type
     */
    public record Mounted(String device, String type) {
        /** The number behind the colon. */
        public String minor() {
            return device.substring(device.indexOf(':') + 1);
        }
    }

    /**
     * The uppermost mount at exactly this path; empty when none is there. Does not touch the path itself.
     *
     * @param path absolute and without symbolic links
     */
    public static Optional<Mounted> at(Path path) throws IOException {
        return at(Files.readString(MOUNTINFO, StandardCharsets.ISO_8859_1), bytes(path));
    }

    /** The mount points below a directory, the ones mounted last first. Touches none of them. */
    public static List<Path> below(Path directory) throws IOException {
        return below(Files.readString(MOUNTINFO, StandardCharsets.ISO_8859_1), directory);
    }

    /** The device numbers of all mounts, see {@link Mounted#device}. Touches none of them. */
    public static Set<String> devices() throws IOException {
        Set<String> devices = new HashSet<>();
        for (String line : Files.readAllLines(MOUNTINFO, StandardCharsets.ISO_8859_1)) {
            String[] f = line.split(" ", 4);
            if (f.length > 2) {
                devices.add(f[2]);
            }
        }
        return devices;
    }

    static List<Path> below(String mountinfo, Path directory) {
        List<Path> points = new ArrayList<>();
        for (String line : mountinfo.split("\n", -1)) {
            String[] f = line.split(" ", -1);
            if (f.length > 5) {
                Path point = Path.of(new String(unescape(f[4]), Charset.forName(JNU)));
                if (point.startsWith(directory) && !point.equals(directory)) {
                    points.add(0, point);
                }
            }
        }
        return points;
    }

    /** The last matching line counts: later mounts cover earlier ones. */
    static Optional<Mounted> at(String mountinfo, byte[] path) {
        Mounted found = null;
        for (String line : mountinfo.split("\n", -1)) {
            String[] f = line.split(" ", -1);
            int separator = Arrays.asList(f).indexOf("-");
            if (f.length > 5 && separator > 5 && separator + 1 < f.length && Arrays.equals(unescape(f[4]), path)) {
                found = new Mounted(f[2], f[separator + 1]);
            }
        }
        return Optional.ofNullable(found);
    }

    /** Space, tab, newline and backslash stand as three octal digits behind a backslash. */
    private static byte[] unescape(String s) {
        ByteArrayOutputStream out = new ByteArrayOutputStream(s.length());
        for (int i = 0; i < s.length(); i++) {
            char c = s.charAt(i);
            if (c == '\\' && i + 3 < s.length() && s.substring(i + 1, i + 4).matches("[0-3][0-7]{2}")) {
                out.write(Integer.parseInt(s.substring(i + 1, i + 4), 8));
                i += 3;
            } else {
                out.write(c);
            }
        }
        return out.toByteArray();
    }

    /** The bytes by which the operating system knows a path. */
    public static byte[] bytes(Path path) {
        return path.toString().getBytes(Charset.forName(JNU));
    }
}
