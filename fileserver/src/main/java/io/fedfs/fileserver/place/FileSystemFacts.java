package io.fedfs.fileserver.place;

import io.fedfs.junction.JunctionException;
import io.fedfs.linux.ErrnoException;
import io.fedfs.linux.NativeBuffer;
import io.fedfs.linux.Sys;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;

/**
 * What a client may have to know of the file system that holds a directory (R8b).
 *
 * @param type as the mount table names it, "" when that does not tell
 * @param size bytes; {@code free} and {@code available} too
 * @param available what an ordinary user may still use
 * @param nameMax bytes
 * @param mountOptions of this server's own mount
 */
public record FileSystemFacts(
        String type,
        boolean readOnly,
        long size,
        long free,
        long available,
        int blockSize,
        long files,
        long filesFree,
        int nameMax,
        boolean caseSensitive,
        boolean casePreserving,
        List<String> mountOptions) {

    /** struct statfs of 64-bit Linux (asm-generic/statfs.h): all fields are 8 bytes but the two halves of f_fsid. */
    private static final int STATFS_SIZE = 120;

    private static final int TYPE = 0;
    private static final int BSIZE = 8;
    private static final int BLOCKS = 16;
    private static final int BFREE = 24;
    private static final int BAVAIL = 32;
    private static final int FILES = 40;
    private static final int FFREE = 48;
    private static final int NAMELEN = 64;
    private static final int FRSIZE = 72;
    private static final int FLAGS = 80;
    private static final long ST_RDONLY = 1;

    /** _IOR('f', 1, long), linux/fs.h; the same number on x86-64 and arm64. */
    private static final long FS_IOC_GETFLAGS = 0x80086601L;

    private static final int FS_CASEFOLD_FL = 0x40000000;
    private static final long MSDOS_MAGIC = 0x4d44;

    /** File systems that take names without regard to case (linux/magic.h). */
    private static final Set<Long> CASELESS = Set.of(
            MSDOS_MAGIC,
            0x2011BAB0L /* exfat */,
            0x5346544eL /* ntfs */,
            0x7366746eL /* ntfs3 */,
            0xff534d42L /* cifs */,
            0xfe534d42L /* smb2 */,
            0x482bL /* hfs+ */,
            0x4244L /* hfs */);

    /**
     * Asks the kernel.
     *
     * @throws io.fedfs.service.ServiceException IO and its like when the file system does not answer
     */
    public static FileSystemFacts of(HeldDirectory directory) {
        NativeBuffer b = new NativeBuffer(STATFS_SIZE);
        int r = Sys.fstatfs(directory.fd(), b.address());
        if (r < 0) {
            throw HeldDirectory.refused(JunctionException.of(
                    new ErrnoException(-r, "statfs"),
                    "cannot ask for the file system of " + directory.where().path()));
        }
        long unit = b.getLong(FRSIZE) == 0 ? b.getLong(BSIZE) : b.getLong(FRSIZE);
        long magic = b.getLong(TYPE) & 0xffffffffL;
        Mounted mounted = Mounted.holding(directory);
        return new FileSystemFacts(
                mounted.type,
                (b.getLong(FLAGS) & ST_RDONLY) != 0,
                b.getLong(BLOCKS) * unit,
                b.getLong(BFREE) * unit,
                b.getLong(BAVAIL) * unit,
                (int) b.getLong(BSIZE),
                b.getLong(FILES),
                b.getLong(FFREE),
                (int) b.getLong(NAMELEN),
                !CASELESS.contains(magic) && !isCaseFolding(directory.fd()),
                true,
                mounted.options);
    }

    /** Whether this directory of ext4 or f2fs has the flag; one that cannot be opened for reading counts as not. */
    private static boolean isCaseFolding(int fd) {
        NativeBuffer b = new NativeBuffer(16);
        b.putCString(8, ".".getBytes(StandardCharsets.US_ASCII));
        int readable = Sys.openat(fd, b.address(8), Sys.O_RDONLY | Sys.O_DIRECTORY, 0);
        if (readable < 0) {
            return false;
        }
        try {
            return Sys.ioctl(readable, FS_IOC_GETFLAGS, b.address()) == 0 && (b.getInt(0) & FS_CASEFOLD_FL) != 0;
        } finally {
            Sys.close(readable);
        }
    }

    /** The mount that holds a directory, as /proc tells. */
    private record Mounted(String type, List<String> options) {
        private static final Mounted UNKNOWN = new Mounted("", List.of());

        static Mounted holding(HeldDirectory directory) {
            try {
                String id = Files.readAllLines(Path.of("/proc/self/fdinfo/" + directory.fd())).stream()
                        .filter(l -> l.startsWith("mnt_id:"))
                        .map(l -> l.substring("mnt_id:".length()).strip())
                        .findFirst()
                        .orElse("");
                // Mount points are bytes; read as Latin-1 every byte is some character.
                for (String line : Files.readAllLines(Path.of("/proc/self/mountinfo"), StandardCharsets.ISO_8859_1)) {
                    String[] fields = line.split(" ");
                    int dash = List.of(fields).indexOf("-");
                    if (fields[0].equals(id) && dash > 0 && dash + 1 < fields.length) {
                        return new Mounted(fields[dash + 1], List.of(fields[5].split(",")));
                    }
                }
                return UNKNOWN;
            } catch (IOException e) {
                return UNKNOWN; // Without /proc the rest is still true.
            }
        }
    }
}
