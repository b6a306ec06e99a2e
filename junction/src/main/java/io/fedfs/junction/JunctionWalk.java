package io.fedfs.junction;

import io.fedfs.linux.Errno;
import io.fedfs.linux.ErrnoException;
import io.fedfs.linux.NativeBuffer;
import io.fedfs.linux.Sys;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * Finds junctions in a tree, from descriptor to descriptor: whatever is renamed or replaced by a symbolic link meanwhile, the
 * walk stays below the directory it began with. Holds one open directory per level and one directory's names, whatever the
 * number of files. Entries that vanish during the walk are passed over.
 */
final class JunctionWalk {
    /** Far deeper than any path that a program can name at once (PATH_MAX), and bounded. */
    private static final int MAX_DEPTH = 2048;

    private static final int NAMES_BYTES = 32 * 1024;
    /** struct linux_dirent64: inode 8, offset 8, record length 2, type 1, name. */
    private static final int RECORD_LENGTH = 16;

    private static final int RECORD_TYPE = 18;
    private static final int RECORD_NAME = 19;
    private static final byte DT_UNKNOWN = 0;
    private static final byte DT_DIR = 4;

    private final Junctions.Found found;
    private final Junctions.Trouble trouble;
    private final NativeBuffer names = new NativeBuffer(NAMES_BYTES);

    JunctionWalk(Junctions.Found found, Junctions.Trouble trouble) {
        this.found = found;
        this.trouble = trouble;
    }

    /** Walks at and below a directory; the descriptor stays the caller's. */
    void from(int root) throws IOException {
        NativeBuffer self = cString(new byte[] {'.'});
        int fd = Sys.openat(root, self.address(), Sys.O_PATH | Sys.O_DIRECTORY, 0);
        if (fd < 0) {
            trouble.at("", new ErrnoException(-fd, "open"));
            return;
        }
        visit(fd, new byte[0], 0);
    }

    /** Looks at one directory and what is below; closes its descriptor. */
    private void visit(int fd, byte[] path, int depth) throws IOException {
        try {
            if (isJunction(fd, path)) {
                report(path);
                return;
            }
            for (byte[] name : directories(fd, path)) {
                int child = Sys.openat(fd, cString(name).address(), Sys.O_PATH | Sys.O_DIRECTORY | Sys.O_NOFOLLOW, 0);
                if (child == -Errno.ENOENT || child == -Errno.ENOTDIR || child == -Errno.ELOOP) {
                    continue;
                }
                byte[] below = joined(path, name);
                if (child < 0) {
                    trouble.at(text(below), new ErrnoException(-child, "open " + text(below)));
                } else if (depth == MAX_DEPTH) {
                    Sys.close(child);
                    trouble.at(text(below), new ErrnoException(Errno.ENAMETOOLONG, "descend to " + text(below)));
                } else {
                    visit(child, below, depth + 1);
                }
            }
        } finally {
            Sys.close(fd);
        }
    }

    /** A name that is not UTF-8 cannot be told to anybody, and must not be told wrongly. */
    private void report(byte[] path) throws IOException {
        try {
            found.at(StandardCharsets.UTF_8
                    .newDecoder()
                    .onMalformedInput(CodingErrorAction.REPORT)
                    .decode(ByteBuffer.wrap(path))
                    .toString());
        } catch (CharacterCodingException e) {
            trouble.at(text(path), new IOException("the junction " + text(path) + " has a name that is not UTF-8", e));
        }
    }

    private boolean isJunction(int fd, byte[] path) throws IOException {
        try {
            return Junctions.isJunction(fd);
        } catch (ErrnoException e) {
            trouble.at(text(path), e);
            return false;
        }
    }

    /** The names of the directories in a directory. */
    private List<byte[]> directories(int fd, byte[] path) throws IOException {
        int readable = Sys.openat(fd, cString(new byte[] {'.'}).address(), Sys.O_RDONLY | Sys.O_DIRECTORY, 0);
        if (readable < 0) {
            trouble.at(text(path), new ErrnoException(-readable, "open " + text(path)));
            return List.of();
        }
        try {
            List<byte[]> found = new ArrayList<>();
            while (true) {
                long r = Sys.getdents64(readable, names.address(), NAMES_BYTES);
                if (r < 0) {
                    trouble.at(text(path), new ErrnoException((int) -r, "read " + text(path)));
                    return found;
                }
                if (r == 0) {
                    return found;
                }
                for (int at = 0; at < r; at += names.getShort(at + RECORD_LENGTH) & 0xffff) {
                    byte type = names.getByte(at + RECORD_TYPE);
                    int end = names.indexOfNul(at + RECORD_NAME, (int) r);
                    byte[] name = names.bytes(at + RECORD_NAME, end - at - RECORD_NAME);
                    if ((type == DT_DIR || type == DT_UNKNOWN) && !isDots(name)) {
                        found.add(name);
                    }
                }
            }
        } finally {
            Sys.close(readable);
        }
    }

    private static boolean isDots(byte[] name) {
        return name.length == 1 && name[0] == '.' || name.length == 2 && name[0] == '.' && name[1] == '.';
    }

    private static byte[] joined(byte[] path, byte[] name) {
        ByteArrayOutputStream both = new ByteArrayOutputStream(path.length + 1 + name.length);
        both.writeBytes(path);
        if (path.length > 0) {
            both.write('/');
        }
        both.writeBytes(name);
        return both.toByteArray();
    }

    private static String text(byte[] path) {
        return new String(path, StandardCharsets.UTF_8);
    }

    private static NativeBuffer cString(byte[] name) {
        NativeBuffer buffer = new NativeBuffer(name.length + 1);
        buffer.putCString(0, name);
        return buffer;
    }
}
