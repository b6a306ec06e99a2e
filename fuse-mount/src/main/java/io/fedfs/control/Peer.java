package io.fedfs.control;

import java.io.IOException;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.GroupPrincipal;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.UserPrincipal;
import jdk.net.ExtendedSocketOptions;
import jdk.net.UnixDomainPrincipal;

/**
 * Who is at the other end of a control connection, as the kernel says (SO_PEERCRED).
 *
 * @param uid user id, -1 when it cannot be told: nobody in particular
 */
record Peer(int uid, int gid) {
    static final Peer UNKNOWN = new Peer(65534, 65534);

    static Peer of(SocketChannel connection) throws IOException {
        UnixDomainPrincipal p = connection.getOption(ExtendedSocketOptions.SO_PEERCRED);
        Integer uid = number(p.user().getName());
        Integer gid = number(p.group().getName());
        return uid != null && gid != null ? new Peer(uid, gid) : byName(p.user(), p.group());
    }

    private static Integer number(String name) {
        return name.equals("root") ? Integer.valueOf(0) : name.matches("\\d+") ? Integer.parseUnsignedInt(name) : null;
    }

    /**
     * Java gives the names of the ids, not the ids. A file that is given to the user tells them; a daemon that is not root cannot give files away,
     * and then only its own user is known.
     */
    private static Peer byName(UserPrincipal user, GroupPrincipal group) throws IOException {
        Path probe = Files.createTempFile("fedfs-peer", null);
        try {
            PosixFileAttributeView view = Files.getFileAttributeView(probe, PosixFileAttributeView.class);
            if (!view.getOwner().equals(user)) {
                view.setOwner(user);
            }
            if (!view.readAttributes().group().equals(group)) {
                view.setGroup(group);
            }
            return new Peer(
                    (Integer) Files.getAttribute(probe, "unix:uid"), (Integer) Files.getAttribute(probe, "unix:gid"));
        } catch (IOException e) {
            return UNKNOWN;
        } finally {
            Files.deleteIfExists(probe);
        }
    }
}
