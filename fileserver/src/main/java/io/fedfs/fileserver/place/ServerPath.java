package io.fedfs.fileserver.place;

import io.fedfs.protocol.FedFsStatus;
import io.fedfs.service.ServiceException;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * A path on this server as clients name it: absolute, its components in order, none of them {@code .} or {@code ..}.
 */
public record ServerPath(List<String> names) {
    private static final int MAX_BYTES = 4095;
    private static final int MAX_NAME_BYTES = 255;

    public ServerPath {
        names = List.copyOf(names);
    }

    /**
     * Reads a path. One slash at the end is allowed.
     *
     * @throws ServiceException INVAL, BADNAME, BADCHAR or NAMETOOLONG when it is none
     */
    public static ServerPath parse(String text) {
        if (!text.startsWith("/")) {
            throw new ServiceException(
                    FedFsStatus.INVAL, "path", "a path on a file server begins with /: \"" + text + "\"");
        }
        if (text.getBytes(StandardCharsets.UTF_8).length > MAX_BYTES) {
            throw new ServiceException(FedFsStatus.NAMETOOLONG, "path", "the path is too long");
        }
        if (text.indexOf('\0') >= 0) {
            throw new ServiceException(FedFsStatus.BADCHAR, "path", "the path has a NUL character");
        }
        String body =
                text.endsWith("/") && text.length() > 1 ? text.substring(1, text.length() - 1) : text.substring(1);
        List<String> names = text.equals("/") ? List.of() : List.of(body.split("/", -1));
        for (String name : names) {
            if (name.isEmpty() || name.equals(".") || name.equals("..")) {
                throw new ServiceException(
                        FedFsStatus.BADNAME,
                        "path",
                        "a path on a file server has no empty component, no . and no ..: \"" + text + "\"");
            }
            if (name.getBytes(StandardCharsets.UTF_8).length > MAX_NAME_BYTES) {
                throw new ServiceException(FedFsStatus.NAMETOOLONG, "path", "a name in the path is too long");
            }
        }
        return new ServerPath(names);
    }

    boolean isAtOrBelow(ServerPath other) {
        return names.size() >= other.names.size()
                && names.subList(0, other.names.size()).equals(other.names);
    }

    @Override
    public String toString() {
        return "/" + String.join("/", names);
    }
}
