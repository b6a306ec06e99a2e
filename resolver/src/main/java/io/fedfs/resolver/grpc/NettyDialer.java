package io.fedfs.resolver.grpc;

import io.fedfs.authority.tls.TlsIdentity;
import io.fedfs.authority.tls.TlsTrust;
import io.fedfs.protocol.NsdbAddress;
import io.fedfs.resolver.config.NsdbConfigException;
import io.fedfs.resolver.config.NsdbParameters;
import io.grpc.ChannelCredentials;
import io.grpc.InsecureChannelCredentials;
import io.grpc.ManagedChannel;
import io.grpc.TlsChannelCredentials;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.netty.shaded.io.netty.channel.ChannelOption;
import io.grpc.netty.shaded.io.netty.channel.EventLoopGroup;
import io.grpc.netty.shaded.io.netty.channel.MultiThreadIoEventLoopGroup;
import io.grpc.netty.shaded.io.netty.channel.nio.NioIoHandler;
import io.grpc.netty.shaded.io.netty.channel.socket.nio.NioSocketChannel;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.Executor;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Opens channels over TCP, with TLS where the parameters say so. All share one I/O thread, which starts with the first
 * connection: the resolver's messages are small, and Java's own selector starts sooner than a native transport. TLS files may
 * be replaced at any time: new connections use what is there.
 */
public final class NettyDialer implements NsdbChannels.Dialer, AutoCloseable {
    /** An address that swallows packets is given up before the caller's deadline is over. */
    private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(2);
    /** Far above the largest answer that makes sense, far below what would hurt. */
    private static final int LARGEST_MESSAGE = 4 << 20;

    /** One name server that does not answer must not hold up the other NSDBs. */
    private static final int NAMES_AT_ONCE = 16;

    /** Null until the first channel: what never asks pays nothing. Guarded by this. */
    private EventLoopGroup io;
    /** Host names are looked up here: that blocks. */
    private final ThreadPoolExecutor names = new ThreadPoolExecutor(
            NAMES_AT_ONCE,
            NAMES_AT_ONCE,
            10,
            TimeUnit.SECONDS,
            new LinkedBlockingQueue<>(),
            named("fedfs-resolver-names"),
            new ThreadPoolExecutor.DiscardPolicy());

    public NettyDialer() {
        names.allowCoreThreadTimeOut(true);
    }

    /** Runs on the I/O thread, which starts with the first work; nothing that blocks. */
    public Executor io() {
        return work -> group().execute(work);
    }

    @Override
    public ManagedChannel dial(NsdbParameters parameters) {
        NsdbAddress dial = parameters.dial();
        NettyChannelBuilder builder = builder(parameters)
                .channelType(NioSocketChannel.class)
                .eventLoopGroup(group())
                .withOption(ChannelOption.CONNECT_TIMEOUT_MILLIS, (int) CONNECT_TIMEOUT.toMillis())
                .maxInboundMessageSize(LARGEST_MESSAGE)
                .offloadExecutor(names)
                .directExecutor()
                .disableRetry()
                .userAgent("fedfs");
        String serverName = parameters
                .tls()
                .flatMap(NsdbParameters.Tls::serverName)
                .orElse(
                        dial.equals(parameters.address())
                                ? ""
                                : parameters.address().host());
        if (!serverName.isEmpty()) {
            builder.overrideAuthority(new NsdbAddress(serverName, dial.port()).toString());
        }
        return builder.build();
    }

    private static NettyChannelBuilder builder(NsdbParameters parameters) {
        NsdbAddress dial = parameters.dial();
        try {
            return NettyChannelBuilder.forAddress(dial.host(), dial.port(), credentials(parameters));
        } catch (IllegalArgumentException e) {
            throw new NsdbConfigException(
                    "the TLS files configured for NSDB " + parameters.address() + " cannot be used: " + e.getMessage()
                            + "; they must be PEM files, the key an unencrypted PKCS#8 one",
                    e);
        }
    }

    private static ChannelCredentials credentials(NsdbParameters parameters) {
        if (parameters.tls().isEmpty()) {
            return InsecureChannelCredentials.create();
        }
        NsdbParameters.Tls tls = parameters.tls().get();
        TlsChannelCredentials.Builder builder = TlsChannelCredentials.newBuilder();
        Path reading = null;
        try {
            if (tls.trust().isPresent()) {
                reading = tls.trust().get();
                builder.trustManager(TlsTrust.of(reading, (subject, from, why) -> {}));
            }
            if (tls.cert().isPresent() && tls.key().isPresent()) {
                reading = tls.key().get();
                builder.keyManager(TlsIdentity.of(tls.cert().get(), tls.key().get()));
            }
            return builder.build();
        } catch (IOException e) {
            throw new NsdbConfigException(
                    "cannot use the TLS file " + reading + " configured for NSDB " + parameters.address() + ": "
                            + e.getMessage() + "; it must be a readable PEM file",
                    e);
        }
    }

    @Override
    public void close() {
        names.shutdownNow();
        synchronized (this) {
            if (io != null) {
                var unused = io.shutdownGracefully(0, 200, TimeUnit.MILLISECONDS);
            }
        }
    }

    private synchronized EventLoopGroup group() {
        if (io == null) {
            io = new MultiThreadIoEventLoopGroup(1, named("fedfs-resolver-io"), NioIoHandler.newFactory());
        }
        return io;
    }

    private static ThreadFactory named(String name) {
        AtomicInteger number = new AtomicInteger();
        return work -> {
            Thread thread = new Thread(work, name + "-" + number.incrementAndGet());
            thread.setDaemon(true);
            return thread;
        };
    }
}
