package io.fedfs.fuse.kernel;

import io.fedfs.fuse.Name;
import io.fedfs.linux.NativeBuffer;

/**
 * The request being served, in the memory it was read into. Offsets given to its methods count from the first byte behind
 * the header ({@code struct fuse_in_header}); each is checked against the message's end.
 */
final class RequestReader {
    static final int HEADER = 40;

    private static final int PAGE = 4096;
    private static final int WRITE_ARGUMENTS = 40;
    /** Where a request begins in the buffer: so that the data of a WRITE lies on a page boundary, as O_DIRECT files need. */
    private static final int START = PAGE - HEADER - WRITE_ARGUMENTS;

    private static final int ARGUMENTS = START + HEADER;

    /** Type of {@code struct fuse_ext_header}: the 32 below are security contexts. */
    private static final int EXT_GROUPS = 32;

    private static final int EXT_HEADER = 8;

    private final NativeBuffer buffer;
    /** One past the last byte of the arguments, extensions not counted. */
    private int end;
    /** One past the last byte of the message. */
    private int limit;

    /** @param maxWrite the most data that a WRITE brings */
    RequestReader(int maxWrite) {
        this.buffer = NativeBuffer.mapped(PAGE + maxWrite + PAGE);
    }

    NativeBuffer buffer() {
        return buffer;
    }

    /** Offset in {@link #buffer} at which the device has to put a message. */
    int start() {
        return START;
    }

    /** How long a message may be. */
    int capacity() {
        return buffer.capacity() - START;
    }

    void free() {
        buffer.unmap();
    }

    /**
     * Takes the message that was just read.
     *
     * @return whether it is as long as it says, and long enough for its header and its operation's fixed arguments
     */
    boolean accept(int count) {
        limit = START + count;
        end = limit;
        if (count < HEADER || buffer.getInt(START) != count) {
            return false;
        }
        end = limit - (buffer.getShort(START + 36) & 0xffff) * 8;
        return end - ARGUMENTS >= Opcode.fixedArguments(opcode());
    }

    /** The message, to be taken again later by {@link #load}. */
    byte[] copy() {
        return buffer.bytes(START, limit - START);
    }

    /** Puts a message here as if it had been read; returns its length. */
    int load(byte[] message) {
        buffer.put(START, message, 0, message.length);
        return message.length;
    }

    int opcode() {
        return buffer.getInt(START + 4);
    }

    long unique() {
        return buffer.getLong(START + 8);
    }

    long nodeid() {
        return buffer.getLong(START + 16);
    }

    int uid() {
        return buffer.getInt(START + 24);
    }

    int gid() {
        return buffer.getInt(START + 28);
    }

    int pid() {
        return buffer.getInt(START + 32);
    }

    int argumentLength() {
        return end - ARGUMENTS;
    }

    int u16(int at) {
        require(at, Short.BYTES);
        return buffer.getShort(ARGUMENTS + at) & 0xffff;
    }

    int u32(int at) {
        require(at, Integer.BYTES);
        return buffer.getInt(ARGUMENTS + at);
    }

    long u64(int at) {
        require(at, Long.BYTES);
        return buffer.getLong(ARGUMENTS + at);
    }

    /** A file name: one component, neither {@code .} nor {@code ..}. Returns the offset behind its NUL. */
    int name(int at, Name into) {
        int behind = nameOrDots(at, into);
        if (into.isDot() || into.isDotDot()) {
            throw MalformedRequestException.badName();
        }
        return behind;
    }

    /** A file name as a LOOKUP has it: {@code .} and {@code ..} are how the kernel finds a node by its file handle. */
    int nameOrDots(int at, Name into) {
        return text(at, into, (byte) '/');
    }

    /** A link target or the name of an extended attribute. Returns the offset behind its NUL. */
    int text(int at, Name into) {
        return text(at, into, (byte) 0);
    }

    private int text(int at, Name into, byte forbidden) {
        int from = ARGUMENTS + at;
        for (int i = from; i < end; i++) {
            byte b = buffer.getByte(i);
            if (b == 0) {
                if (i == from) {
                    throw MalformedRequestException.badName();
                }
                into.set(buffer, from, i - from);
                return i + 1 - ARGUMENTS;
            }
            if (b == forbidden) {
                throw MalformedRequestException.badName();
            }
        }
        throw MalformedRequestException.badName();
    }

    /** Address of {@code size} bytes of data that begin at {@code at}. */
    long data(int at, int size) {
        require(at, size);
        return buffer.address(ARGUMENTS + at);
    }

    private void require(int at, int size) {
        if (size < 0 || at < 0 || size > end - ARGUMENTS - at) {
            throw MalformedRequestException.tooShort();
        }
    }

    /** The supplementary group in the extensions of a creation (FUSE_CREATE_SUPP_GROUP), or -1. */
    int supplementaryGroup() {
        int at = end;
        while (at + EXT_HEADER <= limit) {
            int size = buffer.getInt(at);
            if (size < EXT_HEADER || size > limit - at) {
                throw MalformedRequestException.tooShort();
            }
            if (buffer.getInt(at + 4) == EXT_GROUPS && size >= EXT_HEADER + 8 && buffer.getInt(at + EXT_HEADER) > 0) {
                return buffer.getInt(at + EXT_HEADER + 4);
            }
            at += (size + 7) & ~7;
        }
        return -1;
    }
}
