package io.fedfs.fuse.jnr;

import io.fedfs.fuse.Name;
import io.fedfs.linux.NativeBuffer;

/**
 * A path from the mount's root, {@code /a/b/c}, as bytes, and the same cut up into C strings. Prefixes are named by their length: 0 is
 * the root, 2 is {@code /a}.
 */
final class PathBytes {
    private static final int USUAL = 4096;

    private byte[] bytes = new byte[0];
    private NativeBuffer names = new NativeBuffer(USUAL);

    /** Takes the path at an address; {@code /} becomes the empty path. */
    PathBytes set(long address) {
        return set(NativeBuffer.cString(address));
    }

    PathBytes set(byte[] path) {
        bytes = path.length == 1 && path[0] == '/' ? new byte[0] : path;
        if (names.capacity() <= bytes.length) {
            names = new NativeBuffer(bytes.length + 1);
        }
        for (int i = 0; i < bytes.length; i++) {
            names.putByte(i, bytes[i] == '/' ? 0 : bytes[i]);
        }
        names.putByte(bytes.length, (byte) 0);
        return this;
    }

    byte[] bytes() {
        return bytes;
    }

    int length() {
        return bytes.length;
    }

    boolean isRoot() {
        return bytes.length == 0;
    }

    /** The directory that holds the last component of a prefix, which is not the root. */
    int parent(int prefix) {
        int slash = prefix - 1;
        while (slash > 0 && bytes[slash] != '/') {
            slash--;
        }
        return slash;
    }

    /** The prefix that is one component longer than this one, which is not the whole path. */
    int child(int prefix) {
        int end = prefix + 1;
        while (end < bytes.length && bytes[end] != '/') {
            end++;
        }
        return end;
    }

    /** The last component of a prefix, which is not the root. */
    Name name(int prefix, Name into) {
        int from = parent(prefix) + 1;
        return into.set(names, from, prefix - from);
    }
}
