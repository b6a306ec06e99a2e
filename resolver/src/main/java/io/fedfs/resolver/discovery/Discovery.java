package io.fedfs.resolver.discovery;

import io.fedfs.protocol.FedFsStatus;
import io.fedfs.protocol.NsdbAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Hashtable;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Random;
import java.util.random.RandomGenerator;
import java.util.regex.Pattern;
import javax.naming.CommunicationException;
import javax.naming.Context;
import javax.naming.NameNotFoundException;
import javax.naming.NamingEnumeration;
import javax.naming.NamingException;
import javax.naming.directory.Attribute;
import javax.naming.directory.DirContext;
import javax.naming.directory.InitialDirContext;

/** Asks DNS what a domain offers. */
public final class Discovery {
    /** Begins the name of a domain's namespace: {@code fedfs://example.org/home}. */
    public static final String SCHEME = "fedfs://";

    private static final String NSDB = "_fedfs-nsdb._tcp.";
    /** RFC 6641, section 3. */
    private static final String DOMAIN_ROOT = "_nfs-domainroot._tcp.";

    private static final int MOST_RECORDS = 64;
    private static final int TRIES = 3;
    private static final Pattern DOMAIN =
            Pattern.compile("(?=.{1,253}$)[a-z0-9_]([a-z0-9-]*[a-z0-9])?(\\.[a-z0-9_]([a-z0-9-]*[a-z0-9])?)*");
    private static final Pattern SERVER = Pattern.compile("\\[[0-9a-fA-F:.]+](:\\d{1,5})?|[A-Za-z0-9.-]+(:\\d{1,5})?");

    private final Optional<String> server;
    private final Duration bound;
    private final RandomGenerator random;

    private Discovery(Optional<String> server, Duration bound, RandomGenerator random) {
        this.server = server;
        this.bound = bound;
        this.random = random;
    }

    /**
     * By the DNS server given, {@code HOST[:PORT]}, or by this host's (resolv.conf).
     *
     * @param bound how long one question may take, all its tries together
     * @throws IllegalArgumentException when the server is not written so
     */
    public static Discovery by(Optional<String> server, Duration bound) {
        return by(server, bound, new Random());
    }

    static Discovery by(Optional<String> server, Duration bound, RandomGenerator random) {
        server.filter(text -> !SERVER.matcher(text).matches()).ifPresent(text -> {
            throw new IllegalArgumentException("a DNS server is written HOST[:PORT], not \"" + text + "\"");
        });
        return new Discovery(server, bound, random);
    }

    /**
     * A domain's name as it is asked for.
     *
     * @throws IllegalArgumentException when it cannot be one
     */
    public static String domain(String text) {
        String lower = text.toLowerCase(Locale.ROOT);
        String bare = lower.endsWith(".") ? lower.substring(0, lower.length() - 1) : lower;
        if (!DOMAIN.matcher(bare).matches() || bare.matches("[0-9.]+")) {
            throw new IllegalArgumentException("\"" + text + "\" is not the name of a domain");
        }
        return bare;
    }

    /**
     * The domain's NSDBs, in the order to try them.
     *
     * @param domain as {@link #domain} gives it
     * @throws DiscoveryException when it has none, or DNS does not answer
     */
    public List<NsdbAddress> nsdbs(String domain) throws DiscoveryException {
        List<Srv> records = srv(NSDB + domain);
        if (records.size() == 1 && records.get(0).target().isEmpty()) {
            throw new DiscoveryException(
                    FedFsStatus.NSDB_NONCE, domain + " says in DNS that it has no NSDB (" + NSDB + domain + ")", null);
        }
        List<NsdbAddress> found = new ArrayList<>();
        for (Srv record : SrvOrder.of(records, random)) {
            if (!record.target().isEmpty() && record.port() > 0) {
                found.add(new NsdbAddress(record.target(), record.port()));
            }
        }
        if (found.isEmpty()) {
            throw new DiscoveryException(FedFsStatus.NSDB_NONCE, none(domain), null);
        }
        return found;
    }

    /**
     * Where the domain exports its NFS root (RFC 6641): {@code host:port:/.domainroot/domain}, in the order to try them.
     * Empty when it has none.
     *
     * @throws DiscoveryException when DNS does not answer
     */
    public List<String> domainRoots(String domain) throws DiscoveryException {
        return SrvOrder.of(srv(DOMAIN_ROOT + domain), random).stream()
                .filter(record -> !record.target().isEmpty())
                .map(record -> record.target() + ":" + record.port() + ":/.domainroot/" + domain)
                .toList();
    }

    private String none(String domain) throws DiscoveryException {
        List<String> roots = domainRoots(domain);
        String nfs = roots.isEmpty()
                ? "; write nsdb://HOST[:PORT]/NAMESPACE if you know one"
                : ", only an NFS domain root at " + roots.get(0)
                        + ", which mount -t nfs4 can mount, and fedfs below a local_root";
        return domain + " publishes no NSDB in DNS (SRV " + NSDB + domain + ")" + nfs;
    }

    // The provider is the JDK's own for DNS; it gives texts and makes no objects of what a server says.
    @SuppressWarnings("BanJNDI")
    private List<Srv> srv(String name) throws DiscoveryException {
        Hashtable<String, String> environment = new Hashtable<>();
        environment.put(Context.INITIAL_CONTEXT_FACTORY, "com.sun.jndi.dns.DnsContextFactory");
        environment.put(Context.PROVIDER_URL, "dns://" + server.orElse(""));
        // The client waits twice as long at each try: 1 + 2 + 4 parts of the bound.
        environment.put("com.sun.jndi.dns.timeout.initial", Long.toString(Math.max(50, bound.toMillis() / 7)));
        environment.put("com.sun.jndi.dns.timeout.retries", Integer.toString(TRIES));
        List<Srv> records = new ArrayList<>();
        try {
            DirContext dns = new InitialDirContext(environment);
            try {
                Attribute attribute =
                        dns.getAttributes(name + ".", new String[] {"SRV"}).get("SRV");
                NamingEnumeration<?> values = attribute == null ? null : attribute.getAll();
                while (values != null && values.hasMore() && records.size() < MOST_RECORDS) {
                    records.add(Srv.parse(String.valueOf(values.next())));
                }
            } finally {
                dns.close();
            }
        } catch (NameNotFoundException e) {
            return List.of();
        } catch (IllegalArgumentException e) {
            throw new DiscoveryException(
                    FedFsStatus.NSDB_RESPONSE, "DNS gave nonsense for " + name + ": " + e.getMessage(), e);
        } catch (CommunicationException e) {
            throw new DiscoveryException(
                    FedFsStatus.NSDB_ROUTE,
                    "DNS does not answer for " + name + " (" + e.getMessage() + "); is there a network?",
                    e);
        } catch (NamingException e) {
            throw new DiscoveryException(FedFsStatus.NSDB_ROUTE, "DNS failed for " + name + ": " + e.getMessage(), e);
        }
        return records;
    }
}
