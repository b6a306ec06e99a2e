package io.fedfs.cli.mount;

import io.fedfs.control.v1.ControlRequest;
import io.fedfs.control.v1.ControlResponse;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.Channels;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Function;

/** Answers on a control socket as a mount would. */
final class FakeDaemon implements AutoCloseable {
    private final ServerSocketChannel server;
    private final Thread thread;
    private final Function<ControlRequest, ControlResponse> answer;
    final List<ControlRequest> asked = new CopyOnWriteArrayList<>();

    FakeDaemon(Path socket, Function<ControlRequest, ControlResponse> answer) throws IOException {
        this.answer = answer;
        server = ServerSocketChannel.open(StandardProtocolFamily.UNIX).bind(UnixDomainSocketAddress.of(socket));
        thread = new Thread(this::serve, "fake-daemon");
        thread.setDaemon(true);
        thread.start();
    }

    private void serve() {
        while (server.isOpen()) {
            try (SocketChannel client = server.accept()) {
                ControlRequest request = ControlRequest.parseDelimitedFrom(Channels.newInputStream(client));
                asked.add(request);
                ControlResponse response = answer.apply(request);
                if (response != null) {
                    response.writeDelimitedTo(Channels.newOutputStream(client));
                }
            } catch (ClosedChannelException e) {
                return;
            } catch (IOException e) {
                throw new IllegalStateException(e);
            }
        }
    }

    @Override
    public void close() throws Exception {
        server.close();
        thread.join(10_000);
    }
}
