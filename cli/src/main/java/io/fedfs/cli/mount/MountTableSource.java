package io.fedfs.cli.mount;

import java.io.IOException;

/** Where the mount table comes from: the kernel. */
@FunctionalInterface
interface MountTableSource {
    MountTable read() throws IOException;
}
