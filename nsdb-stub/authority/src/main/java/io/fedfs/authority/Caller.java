package io.fedfs.authority;

import io.grpc.Attributes;
import io.grpc.Context;
import io.grpc.Grpc;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.security.cert.Certificate;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.util.Date;
import javax.net.ssl.SSLPeerUnverifiedException;
import javax.net.ssl.SSLSession;

/**
 * Who is at the other end of a connection.
 *
 * @param from its address and port; {@code this process} in one process
 * @param refusal why its certificate does not count, empty when it does or there is none
 */
public record Caller(Principal principal, String from, String refusal) {
    /** The caller of the call that this thread serves; {@link #NOBODY} outside of one that was guarded. */
    private static final Context.Key<Caller> KEY =
            Context.keyWithDefault("fedfs-caller", new Caller(Principal.NOBODY, "", ""));

    /** Who makes the call that this thread serves. */
    public static Caller current() {
        return KEY.get();
    }

    Context in(Context context) {
        return context.withValue(KEY, this);
    }

    /** Reads a connection's attributes. The transport has verified the chain; here only its time is looked at again. */
    static Caller of(Attributes attributes, Clock clock) {
        String from = address(attributes.get(Grpc.TRANSPORT_ATTR_REMOTE_ADDR));
        SSLSession session = attributes.get(Grpc.TRANSPORT_ATTR_SSL_SESSION);
        Certificate[] chain;
        try {
            chain = session == null ? new Certificate[0] : session.getPeerCertificates();
        } catch (SSLPeerUnverifiedException e) {
            return new Caller(Principal.NOBODY, from, "");
        }
        if (chain.length == 0) {
            return new Caller(Principal.NOBODY, from, "");
        }
        try {
            Date now = Date.from(clock.instant());
            for (Certificate certificate : chain) {
                // A connection may live longer than the certificate that it was made with.
                ((X509Certificate) certificate).checkValidity(now);
            }
            return new Caller(Principal.of((X509Certificate) chain[0]), from, "");
        } catch (CertificateException | ClassCastException e) {
            return new Caller(Principal.NOBODY, from, "the certificate does not count: " + e.getMessage());
        }
    }

    private static String address(SocketAddress address) {
        if (address instanceof InetSocketAddress inet && inet.getAddress() != null) {
            String host = inet.getAddress().getHostAddress();
            return (host.indexOf(':') >= 0 ? "[" + host + "]" : host) + ":" + inet.getPort();
        }
        return "this process";
    }
}
