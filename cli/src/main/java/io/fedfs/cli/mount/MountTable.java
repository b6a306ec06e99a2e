package io.fedfs.cli.mount;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The mounts that this process sees, as {@code /proc/self/mountinfo} tells them (proc(5)), in the order of mounting. */
record MountTable(List<Mount> mounts) {
    static final String FEDFS = "fuse.fedfs";

    private static final Path MOUNTINFO = Path.of("/proc/self/mountinfo");

    /**
     * One mount.
     *
     * @param device {@code major:minor}
     * @param root which directory of the file system is mounted; not "/" in a bind mount of a part of it
     * @param point where
     * @param type file system type and subtype
     * @param owner of a FUSE mount, the id of the user who mounted it
     */
    record Mount(String device, String root, String point, String type, int owner) {
        boolean isFedfs() {
            return type.equals(FEDFS);
        }

        /** Whether an absolute, clean path is at or below this mount's point. */
        boolean holds(String path) {
            return point.equals("/")
                    || path.startsWith(point)
                            && (path.length() == point.length() || path.charAt(point.length()) == '/');
        }

        /** A path that this mount holds, as the file system sees it: relative to its root, "" for the root itself. */
        String inside(String path) {
            String rest = path.substring(point.equals("/") ? 0 : point.length());
            String whole = (root.equals("/") ? "" : root) + rest;
            return whole.startsWith("/") ? whole.substring(1) : whole;
        }
    }

    MountTable {
        mounts = List.copyOf(mounts);
    }

    /** The table of now. */
    static MountTable read() throws IOException {
        return parse(Files.readAllBytes(MOUNTINFO));
    }

    /** Reads the kernel's text; a line that is not as proc(5) says is passed over. */
    static MountTable parse(byte[] mountinfo) {
        List<Mount> mounts = new ArrayList<>();
        // One char a byte until the escapes are gone: names are bytes, and only then UTF-8.
        for (String line : new String(mountinfo, StandardCharsets.ISO_8859_1).split("\n")) {
            String[] fields = line.split(" ");
            int separator = 6;
            while (separator < fields.length && !fields[separator].equals("-")) {
                separator++;
            }
            if (separator + 1 < fields.length) {
                mounts.add(new Mount(
                        fields[2],
                        name(fields[3]),
                        name(fields[4]),
                        name(fields[separator + 1]),
                        owner(fields[fields.length - 1])));
            }
        }
        return new MountTable(mounts);
    }

    /** The {@code user_id=} among a FUSE mount's own options; 0 without one. */
    private static int owner(String options) {
        for (String option : options.split(",")) {
            if (option.matches("user_id=\\d{1,10}")) {
                return Integer.parseUnsignedInt(option.substring(option.indexOf('=') + 1));
            }
        }
        return 0;
    }

    /** The mount that holds an absolute, clean path: the longest mount point, of equal ones the latest. */
    Optional<Mount> holding(String path) {
        Mount best = null;
        for (Mount mount : mounts) {
            if (mount.holds(path)
                    && (best == null || mount.point().length() >= best.point().length())) {
                best = mount;
            }
        }
        return Optional.ofNullable(best);
    }

    /** The fedfs mounts, one for each file system however often it is bound elsewhere. */
    List<Mount> fedfs() {
        List<Mount> found = new ArrayList<>();
        for (Mount mount : mounts) {
            if (mount.isFedfs() && found.stream().noneMatch(m -> m.device().equals(mount.device()))) {
                found.add(mount);
            }
        }
        return found;
    }

    /** Undoes the kernel's octal escapes of blank, tab, newline and backslash. */
    private static String name(String escaped) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream(escaped.length());
        for (int i = 0; i < escaped.length(); i++) {
            char c = escaped.charAt(i);
            if (c == '\\'
                    && i + 3 < escaped.length()
                    && octal(escaped, i + 1)
                    && octal(escaped, i + 2)
                    && octal(escaped, i + 3)) {
                bytes.write(Integer.parseInt(escaped, i + 1, i + 4, 8));
                i += 3;
            } else {
                bytes.write(c);
            }
        }
        return bytes.toString(StandardCharsets.UTF_8);
    }

    private static boolean octal(String s, int at) {
        return s.charAt(at) >= '0' && s.charAt(at) <= '7';
    }
}
