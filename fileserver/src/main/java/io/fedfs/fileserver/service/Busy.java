package io.fedfs.fileserver.service;

import io.fedfs.protocol.FedFsStatus;
import io.fedfs.service.ServiceException;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** What is being changed: directories by their identity, junctions by their paths. */
final class Busy {
    private final Set<String> taken = ConcurrentHashMap.newKeySet();

    /** Held while something is done. */
    interface Hold extends AutoCloseable {
        @Override
        void close();
    }

    /**
     * Takes what nobody else has.
     *
     * @throws ServiceException DELAY when somebody has it
     */
    Hold take(String what, String shown) {
        if (!taken.add(what)) {
            throw new ServiceException(FedFsStatus.DELAY, "somebody else is just changing " + shown + "; try again");
        }
        return () -> taken.remove(what);
    }
}
