/**
 * TLS from files that are replaced while a daemon runs: {@link io.fedfs.authority.tls.TlsIdentity} shows the certificate that
 * is there at each handshake, {@link io.fedfs.authority.tls.TlsTrust} believes the authorities that are there, {@link
 * io.fedfs.authority.tls.ServerTls} makes a server's credentials of both. Clients use the first two with {@code
 * TlsChannelCredentials}.
 *
 * <p>Files are looked at when a handshake asks, at most once a second ({@link io.fedfs.authority.LiveFiles}); connections
 * that are open keep what they were made with, but the certificate of a caller is looked at in each call
 * ({@link io.fedfs.authority.Caller}).
 */
package io.fedfs.authority.tls;
