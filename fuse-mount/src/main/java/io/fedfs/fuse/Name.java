package io.fedfs.fuse;

import io.fedfs.linux.NativeBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * A file name (or link target) as it stands in native memory, ended by a NUL: bytes, not text. A view, valid only while its
 * request is being served.
 */
public final class Name {
    private NativeBuffer buffer;
    private int offset;
    private int length;

    /** Makes this a view of {@code length} bytes at {@code offset}; the byte behind them is a NUL. */
    public Name set(NativeBuffer buffer, int offset, int length) {
        this.buffer = buffer;
        this.offset = offset;
        this.length = length;
        return this;
    }

    /** A name of its own, in memory of its own. For code that is not hot. */
    public static Name of(byte[] bytes) {
        NativeBuffer b = new NativeBuffer(bytes.length + 1);
        b.putCString(0, bytes);
        return new Name().set(b, 0, bytes.length);
    }

    /** Address of the first byte: a C string. */
    public long address() {
        return buffer.address(offset);
    }

    public int length() {
        return length;
    }

    public byte byteAt(int i) {
        return buffer.getByte(offset + i);
    }

    public byte[] bytes() {
        return buffer.bytes(offset, length);
    }

    /** Whether the name is exactly these bytes. */
    public boolean equalTo(byte[] other) {
        if (other.length != length) {
            return false;
        }
        for (int i = 0; i < length; i++) {
            if (buffer.getByte(offset + i) != other[i]) {
                return false;
            }
        }
        return true;
    }

    /** Whether the name begins with these bytes. */
    public boolean startsWith(byte[] start) {
        if (length < start.length) {
            return false;
        }
        for (int i = 0; i < start.length; i++) {
            if (buffer.getByte(offset + i) != start[i]) {
                return false;
            }
        }
        return true;
    }

    /** {@code .} or {@code ..}, which the kernel sends only for file handles of a re-export. */
    public boolean isDot() {
        return length == 1 && byteAt(0) == '.';
    }

    public boolean isDotDot() {
        return length == 2 && byteAt(0) == '.' && byteAt(1) == '.';
    }

    /** For log lines: UTF-8 where it is that, hexadecimal escapes elsewhere. */
    @Override
    public String toString() {
        return printable(bytes());
    }

    /** Text for people: UTF-8 when the bytes are that, else each odd byte as {@code \xNN}. */
    public static String printable(byte[] bytes) {
        String s = new String(bytes, StandardCharsets.UTF_8);
        if (Arrays.equals(s.getBytes(StandardCharsets.UTF_8), bytes)
                && s.chars().noneMatch(Character::isISOControl)) {
            return s;
        }
        StringBuilder sb = new StringBuilder();
        for (byte b : bytes) {
            if (b >= 0x20 && b < 0x7f) {
                sb.append((char) b);
            } else {
                sb.append(String.format("\\x%02x", b));
            }
        }
        return sb.toString();
    }
}
