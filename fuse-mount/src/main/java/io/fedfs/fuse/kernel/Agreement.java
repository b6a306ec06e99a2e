package io.fedfs.fuse.kernel;

import io.fedfs.fuse.MountSpec;
import io.fedfs.linux.NativeBuffer;
import java.util.EnumSet;
import java.util.LinkedHashSet;
import java.util.Set;

/**
 * What the kernel and this session agreed on (FUSE_INIT). The kernel offers, the session takes a part; the minor version is the smaller one.
 *
 * @param minor protocol minor version in use; major is 7
 * @param features what both sides use
 * @param maxWrite longest data of a write, bytes
 * @param maxPages longest request in pages
 * @param maxReadahead bytes
 */
record Agreement(int minor, Set<Feature> features, int maxWrite, int maxPages, int maxReadahead) {
    static final int MAJOR = 7;
    /** The newest version that this session knows. */
    static final int NEWEST_MINOR = 45;
    /** Linux 5.4: older ones have other structure sizes. */
    static final int OLDEST_MINOR = 31;

    static final int MAX_PAGES = 256;
    static final int MAX_DATA = MAX_PAGES * 4096;
    static final int REPLY_BODY = 64;

    private static final int SMALL_PAGES = 32;
    private static final int EPOCH_MINOR = 44;
    private static final int PRUNE_MINOR = 45;

    Agreement {
        features = Set.copyOf(features);
    }

    /**
     * Chooses from what the kernel offers.
     *
     * @param offered the kernel's 64 flag bits
     */
    static Agreement of(int kernelMinor, long offered, int maxReadahead, Set<Feature> wanted) {
        EnumSet<Feature> taken = EnumSet.noneOf(Feature.class);
        boolean extended = (offered & Feature.INIT_EXT.mask()) != 0;
        long usable = extended ? offered : offered & 0xffff_ffffL;
        for (Feature f : wanted) {
            if ((usable & f.mask()) != 0) {
                taken.add(f);
            }
        }
        int pages = taken.contains(Feature.MAX_PAGES) ? MAX_PAGES : SMALL_PAGES;
        return new Agreement(Math.min(kernelMinor, NEWEST_MINOR), taken, pages * 4096, pages, maxReadahead);
    }

    /** The same, but for a feature that turned out not to work. */
    Agreement without(Feature f) {
        EnumSet<Feature> rest = EnumSet.noneOf(Feature.class);
        rest.addAll(features);
        rest.remove(f);
        return new Agreement(minor, rest, maxWrite, maxPages, maxReadahead);
    }

    boolean has(Feature f) {
        return features.contains(f);
    }

    /** Whether FUSE_NOTIFY_INC_EPOCH is known to the kernel. */
    boolean hasEpoch() {
        return minor >= EPOCH_MINOR;
    }

    /** Whether FUSE_NOTIFY_PRUNE is known to the kernel. */
    boolean hasPrune() {
        return minor >= PRUNE_MINOR;
    }

    /** Appends {@code struct fuse_init_out}. */
    void encode(ReplyWriter out, MountSpec spec) {
        long flags = Feature.masks(features);
        NativeBuffer b = out.buffer();
        int o = out.position();
        b.zero(o, REPLY_BODY);
        b.putInt(o, MAJOR);
        b.putInt(o + 4, minor);
        b.putInt(o + 8, maxReadahead);
        b.putInt(o + 12, (int) flags);
        b.putShort(o + 16, (short) spec.maxBackground());
        b.putShort(o + 18, (short) Math.max(1, spec.maxBackground() * 3 / 4));
        b.putInt(o + 20, maxWrite);
        b.putInt(o + 24, 1); // time granularity, nanoseconds
        b.putShort(o + 28, (short) maxPages);
        b.putInt(o + 32, (int) (flags >>> 32));
        b.putInt(o + 36, has(Feature.PASSTHROUGH) ? spec.stackDepth() : 0);
        b.putShort(o + 40, (short) (has(Feature.REQUEST_TIMEOUT) ? spec.requestTimeoutSeconds() : 0));
        out.advance(REPLY_BODY);
    }

    /** In words, for {@code fedfs status}. */
    Set<String> words() {
        Set<String> words = new LinkedHashSet<>();
        words.add("protocol-" + MAJOR + "." + minor);
        for (Feature f : Feature.values()) {
            if (has(f)) {
                words.add(f.word());
            }
        }
        words.add("invalidation");
        if (hasEpoch()) {
            words.add("epoch");
        }
        if (hasPrune()) {
            words.add("prune");
        }
        return words;
    }
}
