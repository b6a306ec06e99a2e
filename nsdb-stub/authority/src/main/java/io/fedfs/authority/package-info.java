/**
 * Authority (requirement A4): who may call what of a gRPC service, and what was done. Not bound to one service; the NSDB and
 * the file server agent use it alike:
 *
 * <pre>{@code
 * Rules rules = Rules.of(NsdbGrpc.getServiceDescriptor())         // one rule for each method, or build() refuses
 *         .read("GetInfo", GetInfoRequest.class, r -> List.of(Target.whole("the NSDB")))
 *         .write("AddFsl", AddFslRequest.class, r -> List.of(Target.in(subtree, "fsn " + uuid).withExport(place)))
 *         ...
 *         .build();
 * LivePolicy policy = file == null ? LivePolicy.open() : LivePolicy.of(file, rules.operations());  // YamlException
 * AuditLog audit = file == null ? AuditLog.none() : AuditLog.to(file, clock);
 * ServerInterceptor guard = new AuthorityInterceptor(rules, policy, audit, clock,
 *         e -> FedFsStatus.SVRFAULT);                                 // outside of what maps failures
 * ServerCredentials tls = ServerTls.credentials(Optional.of(new ServerTls(cert, key, Optional.of(ca), false)),
 *         (subject, from, why) -> audit.refusedConnection(service, subject, from, why));
 * }</pre>
 *
 * <p>{@link io.fedfs.authority.Principal}: who asks, from the client's certificate. {@link io.fedfs.authority.Target}: what
 * a request is about, with its {@link io.fedfs.authority.Subtree} of an NSDB, namespace or {@link
 * io.fedfs.authority.Export} of a file server. {@link io.fedfs.authority.Rules} make {@link io.fedfs.authority.Check}s of a
 * request, {@link io.fedfs.authority.Policy} finds the grant that covers each of them, {@link
 * io.fedfs.authority.AuthorityInterceptor} does both for every message before the service sees it, and writes the {@link
 * io.fedfs.authority.AuditLog}. The service may ask {@link io.fedfs.authority.Caller#current} who its caller is.
 *
 * <p>A rule's function runs on the call's thread and may look things up; when it throws, the call is refused. What is not
 * known (no such record) is to be a {@link io.fedfs.authority.Target#whole}, so that only somebody with authority over everything is
 * told that it is not there.
 */
package io.fedfs.authority;
