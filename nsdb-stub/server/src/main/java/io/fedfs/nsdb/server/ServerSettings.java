package io.fedfs.nsdb.server;

import io.fedfs.service.CallThreads;
import java.time.Duration;
import java.util.Optional;

/**
 * How an NSDB serves.
 *
 * @param version what GetInfo tells
 * @param advertised the {@code host:port} that FSNs made here carry, when it is not the address listened on
 * @param heartbeat a watch stream says something at least this often
 * @param threads calls that run at a time
 */
public record ServerSettings(String version, Optional<String> advertised, Duration heartbeat, int threads) {
    /** 10 s between heartbeats; four threads for each processor, 8 to 32. */
    public static ServerSettings defaults(String version) {
        return new ServerSettings(version, Optional.empty(), Duration.ofSeconds(10), CallThreads.defaultNumber());
    }

    public ServerSettings withAdvertised(Optional<String> name) {
        return new ServerSettings(version, name, heartbeat, threads);
    }

    public ServerSettings withHeartbeat(Duration interval) {
        return new ServerSettings(version, advertised, interval, threads);
    }
}
