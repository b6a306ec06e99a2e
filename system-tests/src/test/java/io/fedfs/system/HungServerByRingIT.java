package io.fedfs.system;

/** The same where requests come by io_uring: a thread that is stuck keeps no queue from the others. */
final class HungServerByRingIT extends HungServerIT {
    @Override
    Mount mount(Fileset root) {
        return super.mount(root).byRing();
    }
}
