package io.fedfs.control;

import io.fedfs.control.v1.ControlRequest;
import io.fedfs.control.v1.ControlResponse;
import io.fedfs.fuse.MountTable;
import io.fedfs.protocol.FedFsStatus;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.ConnectException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.Channels;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.AccessDeniedException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Listens on the mount's Unix domain socket. */
public final class ControlServer implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(ControlServer.class);
    private static final String SUFFIX = ".sock";
    private static final int MAX_CONNECTIONS = 16;

    private final Path path;
    private final ControlService service;
    private final ServerSocketChannel listener;
    private final Set<SocketChannel> connections = ConcurrentHashMap.newKeySet();
    private final ExecutorService threads =
            new ThreadPoolExecutor(0, MAX_CONNECTIONS, 10, TimeUnit.SECONDS, new SynchronousQueue<>(), task -> {
                Thread t = new Thread(task, "fedfs-control");
                t.setDaemon(true);
                return t;
            });

    /**
     * Begins to listen. Sockets left behind by daemons that were killed are removed.
     *
     * @param directory where; it is made if it is missing
     * @param device number of the mount, {@code 0:45}
     * @throws IOException when the socket cannot be made
     */
    public ControlServer(Path directory, String device, ControlService service) throws IOException {
        this.path = directory.resolve(device.replace(':', '_') + SUFFIX);
        this.service = service;
        Files.createDirectories(directory);
        Files.deleteIfExists(path);
        removeRemains(directory);
        listener = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
        listener.bind(UnixDomainSocketAddress.of(path));
        Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rw-rw-rw-"));
        Thread accepting = new Thread(this::accept, "fedfs-control-accept");
        accepting.setDaemon(true);
        accepting.start();
    }

    /** A socket of a mount that is not there any more, at which nobody listens. */
    private static void removeRemains(Path directory) throws IOException {
        Set<String> mounted = MountTable.devices();
        try (DirectoryStream<Path> sockets = Files.newDirectoryStream(directory, "*" + SUFFIX)) {
            for (Path socket : sockets) {
                String name = socket.getFileName().toString();
                String device =
                        name.substring(0, name.length() - SUFFIX.length()).replace('_', ':');
                // A mount may be there for others only, in a mount namespace of their own.
                if (!mounted.contains(device) && !isHeard(socket)) {
                    Files.deleteIfExists(socket);
                }
            }
        } catch (DirectoryIteratorException | AccessDeniedException e) {
            LOG.debug("control sockets of others in {}: {}", directory, e.toString());
        }
    }

    private static boolean isHeard(Path socket) {
        try (SocketChannel c = SocketChannel.open(UnixDomainSocketAddress.of(socket))) {
            return true;
        } catch (ConnectException e) {
            return false;
        } catch (IOException e) {
            // Nothing is known of it.
            return true;
        }
    }

    private void accept() {
        while (listener.isOpen()) {
            try {
                SocketChannel connection = listener.accept();
                connections.add(connection);
                try {
                    threads.execute(() -> serve(connection));
                } catch (RejectedExecutionException e) {
                    close(connection);
                }
            } catch (ClosedChannelException e) {
                return;
            } catch (IOException e) {
                LOG.warn("control socket {}: {}", path, e.toString());
            }
        }
    }

    private void serve(SocketChannel connection) {
        try {
            Peer peer = Peer.of(connection);
            InputStream in = Channels.newInputStream(connection);
            OutputStream out = Channels.newOutputStream(connection);
            ControlRequest request;
            while ((request = ControlRequest.parseDelimitedFrom(in)) != null) {
                answer(request, peer).writeDelimitedTo(out);
                out.flush();
            }
        } catch (IOException e) {
            LOG.debug("control connection: {}", e.toString());
        } finally {
            close(connection);
        }
    }

    private ControlResponse answer(ControlRequest request, Peer peer) {
        try {
            return service.answer(request, peer);
        } catch (RuntimeException e) {
            LOG.error("control request {} failed unexpectedly", request.getRequestCase(), e);
            return ControlResponse.newBuilder()
                    .setStatus(FedFsStatus.SVRFAULT.number())
                    .setMessage("the mount's daemon failed: " + e + "; its log has more")
                    .build();
        }
    }

    private void close(SocketChannel connection) {
        connections.remove(connection);
        try {
            connection.close();
        } catch (IOException e) {
            LOG.debug("closing a control connection: {}", e.toString());
        }
    }

    @Override
    public void close() {
        try {
            listener.close();
            Files.deleteIfExists(path);
        } catch (IOException e) {
            LOG.debug("closing {}: {}", path, e.toString());
        }
        connections.forEach(this::close);
        threads.shutdownNow();
    }
}
