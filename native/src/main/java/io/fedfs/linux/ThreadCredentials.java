package io.fedfs.linux;

/**
 * Credentials of one thread. A new thread has those of the thread that started it, file system ids, groups and capabilities included: one
 * that was started while a request of some user was being served would go on as that user.
 */
public final class ThreadCredentials {
    private ThreadCredentials() {}

    /**
     * Makes the calling thread what the process is: its effective user and group, and, for a daemon of root, which acts for others, no
     * supplementary groups and all its capabilities. To be called first by every thread that serves.
     */
    public static void reset() {
        int uid = Sys.geteuid();
        if (uid == 0) {
            int r = Sys.setgroups(0, 0);
            if (r < 0 && r != -Errno.EPERM) {
                throw new IllegalStateException("setgroups: " + Errno.message(-r));
            }
        }
        Sys.setfsgid(Sys.getegid());
        Sys.setfsuid(uid);
        if (uid == 0) {
            Capabilities own = new Capabilities();
            own.effect(own.permitted());
        }
    }
}
