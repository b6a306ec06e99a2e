package io.fedfs.cli.mount;

import io.fedfs.cli.terminal.CommandFailure;
import io.fedfs.cli.terminal.Terminal;
import io.fedfs.control.v1.ControlRequest;
import io.fedfs.control.v1.ControlResponse;
import io.fedfs.protocol.FedFsStatus;
import java.io.EOFException;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The Unix socket on which the daemon of one mount answers: {@code <run directory>/<major>_<minor>.sock}. */
final class ControlSocket {
    private static final String RUN_DIRECTORY = "FEDFS_RUN_DIR";
    private static final String SYSTEM = "/run/fedfs";

    private final MountTable.Mount mount;
    private final Path path;

    private ControlSocket(MountTable.Mount mount, Path path) {
        this.mount = mount;
        this.path = path;
    }

    /**
     * The socket of a mount.
     *
     * @throws CommandFailure NOT_MOUNTED when there is none
     */
    static ControlSocket of(Terminal terminal, MountTable.Mount mount) {
        List<Path> directories = directories(terminal, mount.owner());
        String name = mount.device().replace(':', '_') + ".sock";
        Optional<Path> socket = directories.stream()
                .map(d -> d.resolve(name))
                .filter(Files::exists)
                .findFirst();
        return new ControlSocket(
                mount,
                socket.orElseThrow(() -> new CommandFailure(
                        FedFsStatus.NOT_MOUNTED,
                        "the mount at " + mount.point() + " has no control socket " + name + " in " + directories,
                        "does its daemon still run? umount " + mount.point() + " cleans up")));
    }

    /** Where a daemon of that user may have made its socket: the system's directory, the user's session's, the user's own. */
    private static List<Path> directories(Terminal terminal, int owner) {
        String only = terminal.variable(RUN_DIRECTORY);
        if (only != null) {
            return List.of(Path.of(only));
        }
        if (owner == 0) {
            return List.of(Path.of(SYSTEM));
        }
        List<Path> directories = new ArrayList<>();
        String session = terminal.variable("XDG_RUNTIME_DIR");
        if (session != null) {
            directories.add(Path.of(session, "fedfs"));
        }
        directories.add(Path.of("/run/user", Integer.toUnsignedString(owner), "fedfs"));
        String state = terminal.variable("XDG_STATE_HOME");
        String home = terminal.variable("HOME");
        if (state != null) {
            directories.add(Path.of(state, "fedfs/run"));
        } else if (home != null) {
            directories.add(Path.of(home, ".local/state/fedfs/run"));
        }
        return directories;
    }

    /**
     * Asks and waits for the answer. Not bounded by itself: to be called inside {@link Bounded}, which interrupts it, and an
     * interrupt closes the channel.
     *
     * @throws CommandFailure with the daemon's own status when it refuses, NOT_MOUNTED when it is not there
     */
    ControlResponse ask(ControlRequest request) throws IOException {
        try (SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX)) {
            connect(channel);
            request.writeDelimitedTo(Channels.newOutputStream(channel));
            ControlResponse response = ControlResponse.parseDelimitedFrom(Channels.newInputStream(channel));
            if (response == null) {
                throw new EOFException("the daemon of " + mount.point() + " hung up");
            }
            if (response.getStatus() != 0) {
                throw new CommandFailure(FedFsStatus.of(response.getStatus()), response.getMessage(), "");
            }
            return response;
        }
    }

    private void connect(SocketChannel channel) throws IOException {
        try {
            channel.connect(UnixDomainSocketAddress.of(path));
        } catch (IOException e) {
            if (!Files.isWritable(path)) {
                throw new CommandFailure(
                        FedFsStatus.ACCESS, "no permission to ask the mount at " + mount.point(), "", e);
            }
            throw new CommandFailure(
                    FedFsStatus.NOT_MOUNTED,
                    "the daemon of " + mount.point() + " does not listen on " + path + " (" + e.getMessage() + ")",
                    "it may have died: umount " + mount.point() + ", then mount again",
                    e);
        }
    }
}
