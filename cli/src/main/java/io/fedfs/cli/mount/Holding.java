package io.fedfs.cli.mount;

import com.google.protobuf.ByteString;
import io.fedfs.cli.terminal.CommandFailure;
import io.fedfs.cli.terminal.Terminal;
import io.fedfs.control.v1.ControlRequest;
import io.fedfs.control.v1.WhereRequest;
import io.fedfs.control.v1.WhereResponse;
import io.fedfs.protocol.FedFsStatus;
import java.time.Duration;
import java.util.Optional;

/**
 * Who holds a path in a mount: the file server of its fileset, as attached now.
 *
 * @param host its name, as the FSL has it
 * @param path the path there, absolute
 */
public record Holding(String host, String path) {

    /**
     * Asks the mount that a path is in, for a name that need not exist there; the directory above it must.
     *
     * @return empty when the path is in no fedfs mount
     * @throws CommandFailure when the mount cannot tell
     */
    public static Optional<Holding> ofName(Terminal terminal, String path, Duration timeout) throws Exception {
        MountPath found;
        try {
            found = Bounded.within(
                    timeout,
                    "a file system on the way to " + path,
                    () -> MountPath.find(MountTable.read(), terminal.directory(), path));
        } catch (CommandFailure e) {
            if (e.status() == FedFsStatus.NOT_MOUNTED) {
                return Optional.empty();
            }
            throw e;
        }
        String inside = found.inside();
        if (inside.isEmpty()) {
            throw new CommandFailure(
                    FedFsStatus.INVAL, found.absolute() + " is the root of a mount", "name a directory in it");
        }
        int slash = inside.lastIndexOf('/');
        String above = slash < 0 ? "" : inside.substring(0, slash);
        ControlRequest request = ControlRequest.newBuilder()
                .setWhere(WhereRequest.newBuilder().setPath(ByteString.copyFromUtf8(above)))
                .build();
        WhereResponse where = Bounded.within(
                        timeout,
                        "the daemon of " + found.mount().point(),
                        () -> ControlSocket.of(terminal, found.mount()).ask(request))
                .getWhere();
        if (!where.hasAttached()) {
            throw new CommandFailure(
                    FedFsStatus.NOT_ATTACHABLE,
                    "the fileset of " + found.absolute() + " is attached nowhere",
                    "fedfs where " + path + " says why");
        }
        String parent =
                joined(where.getAttached().getPath(), where.getPathInFileset().toStringUtf8());
        return Optional.of(new Holding(where.getAttached().getHost(), joined(parent, inside.substring(slash + 1))));
    }

    private static String joined(String path, String below) {
        return below.isEmpty() ? path : path.endsWith("/") ? path + below : path + "/" + below;
    }
}
