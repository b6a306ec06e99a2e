/**
 * Finding a domain's NSDBs by DNS (requirement A2: a client knows a domain's name and nothing else). {@link
 * io.fedfs.resolver.discovery.Discovery} asks for the SRV records {@code _fedfs-nsdb._tcp.<domain>}, {@link
 * io.fedfs.resolver.discovery.SrvOrder} puts them in the order of RFC 2782. Where a domain has none it may still publish an
 * NFS domain root (RFC 6641), which is told, so that the user learns what there is.
 *
 * <p>The JDK's own DNS client is used, with bounds on time and tries. Nothing is remembered: a mount asks once, when it
 * starts, because the FSNs that it meets name their NSDBs themselves.
 */
package io.fedfs.resolver.discovery;
