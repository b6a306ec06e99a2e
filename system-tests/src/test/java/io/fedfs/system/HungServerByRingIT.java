package io.fedfs.system;

/** The same where requests come by io_uring: a thread that is stuck keeps no queue from the others. */
final class HungServerByRingIT extends HungServerIT {
    @Override
    Mount mount(Fileset root) {
        return super.mount(root).byRing();
    }

    /** Some may wait in the kernel until another reply is handed over on that processor (README, Limits). */
    @Override
    int atLeastThere(int programs) {
        return programs / 2;
    }
}
