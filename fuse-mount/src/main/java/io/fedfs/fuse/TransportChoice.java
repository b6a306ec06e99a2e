package io.fedfs.fuse;

/** How a session that speaks to the kernel itself exchanges messages with it: {@code -o transport=}. */
public enum TransportChoice {
    /** Memory shared with the kernel where it offers that, else the device. */
    AUTO("auto"),
    /** read(2) and write(2) of the device: the default, since it is the faster one for a program that works alone. */
    DEVICE("device"),
    /** Memory shared with the kernel; the mount fails where that is not to be had. */
    IO_URING("io_uring");

    private final String word;

    TransportChoice(String word) {
        this.word = word;
    }

    /** As the option has it. */
    public String word() {
        return word;
    }
}
