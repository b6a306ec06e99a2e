package io.fedfs.resolver.discovery;

import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/** A DNS server on loopback that knows SRV records, and no more (RFC 1035, RFC 2782). */
final class DnsServer implements AutoCloseable {
    private static final int SRV = 33;
    private static final int NO_SUCH_NAME = 3;

    private final DatagramSocket socket;
    private final Map<String, List<Srv>> records = new ConcurrentHashMap<>();
    final AtomicInteger asked = new AtomicInteger();
    volatile boolean silent;

    DnsServer() throws SocketException {
        socket = new DatagramSocket(0, InetAddress.getLoopbackAddress());
        Thread serving = new Thread(this::serve, "test-dns");
        serving.setDaemon(true);
        serving.start();
    }

    DnsServer put(String name, Srv... answers) {
        records.put(name, List.of(answers));
        return this;
    }

    String address() {
        return "127.0.0.1:" + socket.getLocalPort();
    }

    private void serve() {
        byte[] bytes = new byte[512];
        while (!socket.isClosed()) {
            DatagramPacket packet = new DatagramPacket(bytes, bytes.length);
            try {
                socket.receive(packet);
                asked.incrementAndGet();
                if (!silent) {
                    byte[] answer = answer(bytes, packet.getLength());
                    socket.send(new DatagramPacket(answer, answer.length, packet.getSocketAddress()));
                }
            } catch (IOException e) {
                if (!socket.isClosed()) {
                    throw new UncheckedIOException(e);
                }
            }
        }
    }

    private byte[] answer(byte[] query, int length) throws IOException {
        StringBuilder name = new StringBuilder();
        int at = 12;
        while (query[at] != 0) {
            name.append(new String(query, at + 1, query[at], StandardCharsets.US_ASCII))
                    .append('.');
            at += query[at] + 1;
        }
        at += 5;
        name.setLength(name.length() - 1);
        List<Srv> found = records.get(name.toString().toLowerCase(Locale.ROOT));
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        DataOutputStream out = new DataOutputStream(bytes);
        out.write(query, 0, 2);
        out.writeShort(0x8580 | (found == null ? NO_SUCH_NAME : 0));
        out.writeShort(1);
        out.writeShort(found == null ? 0 : found.size());
        out.writeInt(0);
        out.write(query, 12, at - 12);
        for (Srv srv : found == null ? List.<Srv>of() : found) {
            out.writeShort(0xc00c);
            out.writeShort(SRV);
            out.writeShort(1);
            out.writeInt(60);
            ByteArrayOutputStream data = new ByteArrayOutputStream();
            DataOutputStream record = new DataOutputStream(data);
            record.writeShort(srv.priority());
            record.writeShort(srv.weight());
            record.writeShort(srv.port());
            for (String label :
                    srv.target().isEmpty() ? new String[0] : srv.target().split("\\.")) {
                record.writeByte(label.length());
                record.write(label.getBytes(StandardCharsets.US_ASCII));
            }
            record.writeByte(0);
            out.writeShort(data.size());
            data.writeTo(out);
        }
        return bytes.toByteArray();
    }

    @Override
    public void close() {
        socket.close();
    }
}
