package io.fedfs.fuse.kernel;

import io.fedfs.fuse.MountSpec;
import io.fedfs.fuse.UserMount;
import io.fedfs.linux.Errno;
import io.fedfs.linux.NativeBuffer;
import io.fedfs.linux.Spawn;
import io.fedfs.linux.Sys;
import java.io.IOException;
import java.nio.charset.Charset;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The set-uid helper of libfuse, by which ordinary users mount. It opens {@code /dev/fuse}, mounts, and passes the descriptor over the Unix
 * socket whose number stands in {@code _FUSE_COMMFD}.
 */
final class Fusermount {
    private static final int COMM_FD = 3;
    private static final int TIMEOUT_MILLIS = 30_000;
    private static final int MESSAGE_MAX = 2048;

    private Fusermount() {}

    /** Mounts; returns the descriptor of the mounted device. */
    static int mount(MountSpec spec) throws IOException {
        UserMount.check(spec);
        List<String> command = List.of(
                UserMount.helper(), "-o", options(spec), "--", spec.mountPoint().toString());
        Map<String, String> environment = new HashMap<>(System.getenv());
        environment.put("_FUSE_COMMFD", Integer.toString(COMM_FD));
        try (Pair comm = new Pair();
                Pair errors = new Pair()) {
            int pid = Spawn.spawn(command, environment, errors.theirs, comm.theirs, COMM_FD);
            if (pid < 0) {
                throw new IOException("cannot start " + command.get(0) + ": " + Errno.message(-pid));
            }
            comm.closeTheirs();
            errors.closeTheirs();
            int fd = comm.receiveDescriptor();
            String message = errors.readText();
            reap(pid);
            if (fd < 0) {
                throw new IOException(message.isBlank() ? command.get(0) + " did not mount" : message.strip());
            }
            return fd;
        }
    }

    private static String options(MountSpec spec) {
        StringBuilder o = new StringBuilder("default_permissions");
        append(o, spec.allowOther(), "allow_other");
        append(o, spec.readOnly(), "ro");
        append(o, spec.noSuid(), "nosuid");
        append(o, spec.noDev(), "nodev");
        append(o, spec.noExec(), "noexec");
        append(o, spec.noAtime(), "noatime");
        o.append(",subtype=").append(MountSpec.SUBTYPE);
        o.append(",fsname=").append(spec.source().replace("\\", "\\\\").replace(",", "\\,"));
        return o.toString();
    }

    private static void append(StringBuilder o, boolean wanted, String option) {
        if (wanted) {
            o.append(',').append(option);
        }
    }

    private static void reap(int pid) {
        NativeBuffer status = new NativeBuffer(Integer.BYTES);
        int r;
        do {
            r = Sys.waitpid(pid, status.address(), 0);
        } while (r == -Errno.EINTR);
    }

    /** Two connected sockets: ours, and the one for the child. */
    private static final class Pair implements AutoCloseable {
        final int ours;
        final int theirs;
        private boolean theirsOpen = true;

        Pair() throws IOException {
            NativeBuffer fds = new NativeBuffer(8);
            int r = Sys.socketpair(Sys.AF_UNIX, Sys.SOCK_STREAM | Sys.SOCK_CLOEXEC, 0, fds.address());
            if (r < 0) {
                throw new IOException("socketpair: " + Errno.message(-r));
            }
            ours = fds.getInt(0);
            theirs = fds.getInt(4);
        }

        void closeTheirs() {
            if (theirsOpen) {
                theirsOpen = false;
                Sys.close(theirs);
            }
        }

        @Override
        public void close() {
            closeTheirs();
            Sys.close(ours);
        }

        /** Waits until there is something to read, or the other side has closed. */
        private boolean readable() {
            NativeBuffer pollfd = new NativeBuffer(8);
            pollfd.putInt(0, ours);
            pollfd.putShort(4, (short) Sys.POLLIN);
            int r;
            do {
                r = Sys.poll(pollfd.address(), 1, TIMEOUT_MILLIS);
            } while (r == -Errno.EINTR);
            return r > 0 && pollfd.getShort(6) != 0;
        }

        /** The descriptor in the next message's SCM_RIGHTS, or -1: the helper ended without sending one. */
        int receiveDescriptor() {
            if (!readable()) {
                return -1;
            }
            // struct msghdr (56 bytes), one struct iovec, one byte of data, one struct cmsghdr with an int.
            NativeBuffer m = new NativeBuffer(128);
            int iov = 56;
            int data = 72;
            int control = 80;
            int controlLength = 24;
            m.putLong(16, m.address(iov));
            m.putLong(24, 1);
            m.putLong(32, m.address(control));
            m.putLong(40, controlLength);
            m.putLong(iov, m.address(data));
            m.putLong(iov + 8, 1);
            long r;
            do {
                r = Sys.recvmsg(ours, m.address(), Sys.MSG_CMSG_CLOEXEC);
            } while (r == -Errno.EINTR);
            boolean rights = r > 0
                    && m.getLong(40) >= 20
                    && m.getInt(control + 8) == Sys.SOL_SOCKET
                    && m.getInt(control + 12) == Sys.SCM_RIGHTS;
            int fd = rights ? m.getInt(control + 16) : -1;
            return fd;
        }

        /** What the helper wrote until it closed its end; at most {@link #MESSAGE_MAX} bytes. */
        String readText() {
            NativeBuffer text = new NativeBuffer(MESSAGE_MAX);
            int n = 0;
            while (n < MESSAGE_MAX && readable()) {
                long r = Sys.read(ours, text.address(n), MESSAGE_MAX - n);
                if (r <= 0 && r != -Errno.EINTR) {
                    break;
                }
                n += (int) Math.max(r, 0);
            }
            return new String(text.bytes(0, n), Charset.defaultCharset());
        }
    }
}
