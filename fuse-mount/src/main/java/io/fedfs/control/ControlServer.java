package io.fedfs.control;

import io.fedfs.control.v1.ControlRequest;
import io.fedfs.control.v1.ControlResponse;
import io.fedfs.protocol.FedFsStatus;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.Channels;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
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
     * Begins to listen. A socket left behind by a daemon that was killed is replaced.
     *
     * @param path where; its directory is made if it is missing
     * @throws IOException when the socket cannot be made
     */
    public ControlServer(Path path, ControlService service) throws IOException {
        this.path = path;
        this.service = service;
        Files.createDirectories(path.getParent());
        Files.deleteIfExists(path);
        listener = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
        listener.bind(UnixDomainSocketAddress.of(path));
        Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rw-rw-rw-"));
        Thread accepting = new Thread(this::accept, "fedfs-control-accept");
        accepting.setDaemon(true);
        accepting.start();
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
