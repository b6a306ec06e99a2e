package io.fedfs.junction.daos;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/**
 * Lustre's foreign layout attribute ({@code struct lov_foreign_md}, {@code lmv_foreign_md}): five fields, packed,
 * little-endian on disk.
 *
 * <pre>
 *  0  magic   0x0BD70BD0 for a file (LOV), 0x0CD50CD0 for a directory (LMV)
 *  4  length  bytes of the value
 *  8  type    0xda05: DAOS, called "symlink" since Lustre 2.15
 * 12  flags   0xda05 in generations A and B, the container's layout number in C
 * 16  value   text without a NUL
 * </pre>
 *
 * An attribute with a byte-swapped magic is read byte-swapped.
 */
public final class ForeignEa {
    static final int FILE_MAGIC = 0x0BD70BD0;
    static final int DIRECTORY_MAGIC = 0x0CD50CD0;
    static final int DAOS_TYPE = 0xda05;

    private static final int HEADER = 16;

    private ForeignEa() {}

    /**
     * The attribute's bytes. For a directory or a file as {@link DaosEntry#onDirectory} says.
     *
     * @throws IllegalArgumentException for generation A, whose object class and chunk size an entry does not carry, and for a
     *     type without a number
     */
    public static byte[] encode(DaosEntry entry) {
        String text =
                switch (entry.generation()) {
                    case A -> throw new IllegalArgumentException("entries of generation A are read, not written");
                    case B -> UnsAttribute.text(entry);
                    case C -> entry.pair();
                    case SITE -> throw new IllegalArgumentException("a site's own values are read, not written");
                };
        int layout = ContainerType.number(entry.type());
        if (layout == 0) {
            throw new IllegalArgumentException("a container type that DAOS has no number for: " + entry.type());
        }
        byte[] value = text.getBytes(StandardCharsets.US_ASCII);
        return ByteBuffer.allocate(HEADER + value.length)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putInt(entry.onDirectory() ? DIRECTORY_MAGIC : FILE_MAGIC)
                .putInt(value.length)
                .putInt(DAOS_TYPE)
                .putInt(entry.generation() == Generation.C ? layout : DAOS_TYPE)
                .put(value)
                .array();
    }

    /**
     * What an attribute says.
     *
     * @param directory whether the inode that carries it is a directory
     */
    static DaosLookup decode(byte[] ea, boolean directory, Origin origin, ForeignValues values) {
        if (ea.length < Integer.BYTES) {
            return new DaosLookup.Malformed(
                    origin.attribute() + ": " + ea.length + " bytes, too few for a magic", false);
        }
        ByteBuffer in = ByteBuffer.wrap(ea).order(ByteOrder.LITTLE_ENDIAN);
        int magic = in.getInt(0);
        if (isMagic(Integer.reverseBytes(magic))) {
            in.order(ByteOrder.BIG_ENDIAN);
            magic = in.getInt(0);
        } else if (!isMagic(magic)) {
            return new DaosLookup.NotDaos();
        }
        if (ea.length < HEADER) {
            return new DaosLookup.Malformed(
                    origin.attribute() + ": " + ea.length + " bytes, too few for a header", false);
        }
        if (in.getInt(8) != DAOS_TYPE) {
            return new DaosLookup.NotDaos();
        }
        try {
            if (magic != (directory ? DIRECTORY_MAGIC : FILE_MAGIC)) {
                throw new DaosFormatException(
                        directory ? "a file's magic on a directory" : "a directory's magic on a file");
            }
            return new DaosLookup.Found(value(in, ea, origin, values), true);
        } catch (DaosFormatException e) {
            return new DaosLookup.Malformed(origin.attribute() + ": " + e.getMessage(), true);
        }
    }

    private static DaosEntry value(ByteBuffer in, byte[] ea, Origin origin, ForeignValues values)
            throws DaosFormatException {
        int length = in.getInt(4);
        if (length != ea.length - HEADER) {
            throw new DaosFormatException("the length field says " + Integer.toUnsignedString(length)
                    + ", the value has " + (ea.length - HEADER) + " bytes");
        }
        String text = UnsAttribute.ascii(ea, HEADER, length);
        return UnsAttribute.foreign(text, in.getInt(12), origin, values);
    }

    /** Whether it is a foreign layout of whatever type, not Lustre's striping of an ordinary entry. */
    static boolean isForeign(byte[] ea) {
        if (ea.length < Integer.BYTES) {
            return false;
        }
        int magic = ByteBuffer.wrap(ea).order(ByteOrder.LITTLE_ENDIAN).getInt(0);
        return isMagic(magic) || isMagic(Integer.reverseBytes(magic));
    }

    private static boolean isMagic(int magic) {
        return magic == FILE_MAGIC || magic == DIRECTORY_MAGIC;
    }
}
