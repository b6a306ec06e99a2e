package io.fedfs.system;

/** The sessions of {@code fedfs-mount}. */
enum Engine {
    KERNEL("kernel"),
    JNR_FUSE("jnr-fuse");

    private final String option;

    Engine(String option) {
        this.option = option;
    }

    /** As {@code -o engine=} wants it. */
    String option() {
        return option;
    }
}
