package io.fedfs.resolver.config;

import io.fedfs.protocol.NsdbAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * The parameters of every NSDB: those configured, and defaults for all others.
 *
 * <p>Without a file: any NSDB is trusted, one on this host (a loopback address or {@code localhost}) is spoken to in the clear, and one
 * elsewhere is refused until TLS is configured for it, or {@code plaintext: true} says that it may go without.
 */
public final class NsdbDirectory {
    /** Where the configuration is looked for unless an option says otherwise. */
    public static final Path DEFAULT_FILE = Path.of("/etc/fedfs/nsdbs.yaml");

    private static final Pattern LOOPBACK_V4 = Pattern.compile("127(\\.\\d{1,3}){3}");

    /** What holds for an NSDB without an entry, and for what an entry leaves out. */
    record Defaults(boolean trusted, boolean plaintext, Optional<NsdbParameters.Tls> tls) {
        static final Defaults NONE = new Defaults(true, false, Optional.empty());
    }

    private final String what;
    private final Defaults defaults;
    private final Map<NsdbAddress, NsdbParameters> listed;
    private final Map<NsdbAddress, NsdbParameters> servers;

    NsdbDirectory(
            Defaults defaults, Map<NsdbAddress, NsdbParameters> listed, Map<NsdbAddress, NsdbParameters> servers) {
        this("NSDB", defaults, listed, servers);
    }

    private NsdbDirectory(
            String what,
            Defaults defaults,
            Map<NsdbAddress, NsdbParameters> listed,
            Map<NsdbAddress, NsdbParameters> servers) {
        this.what = what;
        this.defaults = defaults;
        this.listed = Map.copyOf(listed);
        this.servers = Map.copyOf(servers);
    }

    /** The defaults for all NSDBs. */
    public static NsdbDirectory ofDefaults() {
        return new NsdbDirectory(Defaults.NONE, Map.of(), Map.of());
    }

    /** The same for file server agents: those listed under {@code servers}, and the same defaults for all others. */
    public NsdbDirectory ofServers() {
        return new NsdbDirectory("file server", defaults, servers, Map.of());
    }

    /**
     * Reads a configuration file that must be there.
     *
     * @throws NsdbConfigException when it is not, or is not right
     */
    public static NsdbDirectory read(Path file) {
        return NsdbConfigFile.read(file);
    }

    /** Reads {@link #DEFAULT_FILE}; the defaults when there is none. */
    public static NsdbDirectory readDefault() {
        return Files.exists(DEFAULT_FILE) ? read(DEFAULT_FILE) : ofDefaults();
    }

    /** Reads configuration text; relative file names in it are relative to {@code base}. */
    public static NsdbDirectory parse(String yaml, String name, Path base) {
        return NsdbConfigFile.parse(yaml, name, base);
    }

    /** How this NSDB is reached. Whether it may be asked at all is {@link #refusal}. */
    public NsdbParameters lookup(NsdbAddress nsdb) {
        NsdbParameters entry = listed.get(nsdb);
        return entry != null
                ? entry
                : new NsdbParameters(nsdb, nsdb, defaults.tls(), defaults.plaintext(), defaults.trusted(), false);
    }

    /** Whether this NSDB may be asked. */
    public boolean mayAsk(NsdbAddress nsdb) {
        return refusal(nsdb).isEmpty();
    }

    /** Why this NSDB must not be asked, and what to configure; empty when it may be. */
    public Optional<String> refusal(NsdbAddress nsdb) {
        NsdbParameters entry = listed.get(nsdb);
        NsdbParameters parameters = entry != null ? entry : lookup(nsdb);
        if (!parameters.trusted()) {
            return Optional.of(what + " " + nsdb + " is not trusted: the configuration says trusted: false"
                    + (parameters.trustStated() ? "" : " by default; list it with trusted: true to use it"));
        }
        if (parameters.tls().isEmpty()
                && !parameters.plaintextAllowed()
                && !isLoopback(parameters.dial().host())) {
            return Optional.of(what + " " + nsdb + " is not on this host and has no TLS configured: give it tls: in the"
                    + " NSDB configuration (default " + DEFAULT_FILE
                    + "), or plaintext: true if the network may be trusted");
        }
        return Optional.empty();
    }

    /**
     * Whether the entry of this NSDB in the configuration says {@code trusted: true}. Junctions that any user may have written
     * ({@code user.*} attributes) are followed only to such an NSDB.
     */
    public boolean isExplicitlyTrusted(NsdbAddress nsdb) {
        NsdbParameters entry = listed.get(nsdb);
        return entry != null && entry.trusted() && entry.trustStated();
    }

    /** Whether the host is this one, judged by its text alone. */
    static boolean isLoopback(String host) {
        return host.equals("localhost")
                || host.endsWith(".localhost")
                || host.equals("::1")
                || host.equals("0:0:0:0:0:0:0:1")
                || LOOPBACK_V4.matcher(host).matches();
    }
}
