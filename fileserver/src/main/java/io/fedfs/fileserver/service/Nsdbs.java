package io.fedfs.fileserver.service;

import io.fedfs.protocol.FedFsStatus;
import io.fedfs.protocol.Fsn;
import io.fedfs.protocol.NsdbAddress;
import io.fedfs.resolver.config.NsdbDirectory;
import io.fedfs.resolver.grpc.NsdbCallException;
import io.fedfs.resolver.grpc.NsdbCaller;
import io.fedfs.service.ServiceException;
import io.fedfs.v1.FsnWithFsls;
import io.fedfs.v1.GetFsnRequest;
import io.fedfs.v1.NsdbGrpc;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Function;

/** The NSDBs as the agent asks and changes them. */
final class Nsdbs implements AutoCloseable {
    private final NsdbDirectory directory;
    private final NsdbCaller caller;
    private final Duration timeout;

    /** @param timeout bound of each call */
    Nsdbs(NsdbDirectory directory, Duration timeout) {
        this.directory = directory;
        this.caller = new NsdbCaller(directory);
        this.timeout = timeout;
    }

    <T> T call(NsdbAddress nsdb, Function<NsdbGrpc.NsdbBlockingStub, T> call) throws NsdbCallException {
        return caller.call(nsdb, timeout, call);
    }

    /** The records of a fileset; empty when its NSDB has none. */
    Optional<FsnWithFsls> find(Fsn fsn) throws NsdbCallException {
        try {
            return Optional.of(call(
                    fsn.nsdb(),
                    stub -> stub.getFsn(GetFsnRequest.newBuilder()
                            .setUuid(fsn.uuid().toString())
                            .build())));
        } catch (NsdbCallException e) {
            if (e.status() == FedFsStatus.NSDB_NOFSN) {
                return Optional.empty();
            }
            throw e;
        }
    }

    /**
     * Whether to ask the NSDB that a junction or a marker names. One that users could have written may name a host of an
     * enemy's choice, so then only an NSDB that the configuration lists as trusted is asked.
     */
    boolean mayAsk(NsdbAddress nsdb, boolean inTrustedNamespace) {
        return directory.mayAsk(nsdb) && (inTrustedNamespace || directory.isExplicitlyTrusted(nsdb));
    }

    static ServiceException refused(NsdbCallException e) {
        return new ServiceException(e.status(), e.getMessage());
    }

    @Override
    public void close() {
        caller.close();
    }
}
