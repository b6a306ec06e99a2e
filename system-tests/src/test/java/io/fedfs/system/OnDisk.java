package io.fedfs.system;

import io.fedfs.linux.ErrnoException;
import io.fedfs.linux.Xattrs;
import io.fedfs.protocol.Fsn;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/** What other programs write into file systems, byte by byte. */
final class OnDisk {
    private static final int LOV_FOREIGN = 0x0BD70BD0;
    private static final int LMV_FOREIGN = 0x0CD50CD0;
    private static final int DAOS = 0xda05;

    private OnDisk() {}

    /** A junction as fedfs-utils leaves it: two attributes, and a mode of the sticky bit alone. */
    static void junction(Path directory, Fsn fsn) {
        String document =
                "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<junction>\n  <savedmode bits=\"755\"/>\n  <fileset>\n"
                        + "    <name fsnuuid=\"" + fsn.uuid() + "\" nsdbname=\""
                        + fsn.nsdb().host() + "\" nsdbport=\""
                        + fsn.nsdb().port() + "\"/>\n  </fileset>\n</junction>\n";
        try {
            Files.createDirectories(directory);
            attribute(directory, "trusted.junction.nfs", document.getBytes(StandardCharsets.UTF_8));
            attribute(directory, "trusted.junction.mode", "755".getBytes(StandardCharsets.UTF_8));
            Files.setAttribute(directory, "unix:mode", 01000);
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    static void attribute(Path path, String name, byte[] value) {
        try {
            Xattrs.set(path, name, value, 0, false);
        } catch (ErrnoException e) {
            throw new IllegalStateException(e);
        }
    }

    /** A Lustre foreign EA of a directory ({@code trusted.lmv}), little-endian. */
    static byte[] foreignDirectory(int flags, String value) {
        return foreign(LMV_FOREIGN, DAOS, flags, value);
    }

    /** Of a file ({@code trusted.lov}). */
    static byte[] foreignFile(int flags, String value) {
        return foreign(LOV_FOREIGN, DAOS, flags, value);
    }

    static byte[] foreign(int magic, int type, int flags, String value) {
        byte[] text = value.getBytes(StandardCharsets.ISO_8859_1);
        return ByteBuffer.allocate(16 + text.length)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putInt(magic)
                .putInt(text.length)
                .putInt(type)
                .putInt(flags)
                .put(text)
                .array();
    }
}
