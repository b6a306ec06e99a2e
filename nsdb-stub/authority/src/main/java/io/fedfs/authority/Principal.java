package io.fedfs.authority;

import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import javax.naming.InvalidNameException;
import javax.naming.ldap.LdapName;
import javax.naming.ldap.Rdn;
import javax.security.auth.x500.X500Principal;

/**
 * Who asks. With mutual TLS it is the subject of the client's certificate, the first of the chain, which the transport has
 * verified. It has these names, each written with its kind:
 *
 * <ul>
 *   <li>{@code cn:} the common name of the subject, if it has exactly one; this is what policies mean by a bare name,
 *   <li>{@code dn:} the whole subject as RFC 2253 writes it,
 *   <li>{@code uri:}, {@code dns:} (in lower case), {@code email:} each such subject alternative name.
 * </ul>
 *
 * @param name what logs call it: its {@code cn:} name, else {@code dn:}, else {@code nobody}
 * @param names all of them; empty for somebody without a certificate
 */
public record Principal(String name, Set<String> names) {
    /** Somebody without a certificate. */
    public static final Principal NOBODY = new Principal("nobody", Set.of());

    private static final int SAN_EMAIL = 1;
    private static final int SAN_DNS = 2;
    private static final int SAN_URI = 6;
    private static final List<String> KINDS = List.of("cn", "dn", "uri", "dns", "email");

    public Principal {
        names = Set.copyOf(names);
    }

    /** Whether it proved who it is. */
    public boolean authenticated() {
        return !names.isEmpty();
    }

    /**
     * The principal of a verified certificate.
     *
     * @throws CertificateParsingException when its alternative names cannot be read
     */
    public static Principal of(X509Certificate certificate) throws CertificateParsingException {
        String dn = certificate.getSubjectX500Principal().getName(X500Principal.RFC2253);
        Set<String> names = new LinkedHashSet<>();
        String name = "";
        List<String> common = commonNames(dn);
        if (common.size() == 1) {
            name = "cn:" + common.get(0);
            names.add(name);
        }
        if (!dn.isEmpty()) {
            names.add("dn:" + dn);
            name = name.isEmpty() ? "dn:" + dn : name;
        }
        Collection<List<?>> alternatives = certificate.getSubjectAlternativeNames();
        for (List<?> alternative : alternatives == null ? List.<List<?>>of() : alternatives) {
            String value = String.valueOf(alternative.get(1));
            switch ((Integer) alternative.get(0)) {
                case SAN_EMAIL -> names.add("email:" + value);
                case SAN_DNS -> names.add("dns:" + value.toLowerCase(Locale.ROOT));
                case SAN_URI -> names.add("uri:" + value);
                default -> {
                    // Other kinds (addresses, directory names) name no principal.
                }
            }
        }
        if (names.isEmpty()) {
            throw new CertificateParsingException("the certificate names nobody");
        }
        return new Principal(name.isEmpty() ? names.iterator().next() : name, names);
    }

    /**
     * A name as {@link #names} has it, from how a policy writes it: a bare name is a common name.
     *
     * @throws IllegalArgumentException for a kind of name that there is not
     */
    static String canonical(String text) {
        int colon = text.indexOf(':');
        if (colon < 0) {
            return "cn:" + text;
        }
        String kind = text.substring(0, colon);
        String value = text.substring(colon + 1).strip();
        if (!KINDS.contains(kind) || value.isEmpty()) {
            throw new IllegalArgumentException(
                    "\"" + text + "\" names nobody: write a common name, or KIND:NAME with one of "
                            + String.join(", ", KINDS) + ", or group:NAME");
        }
        if (kind.equals("dn")) {
            try {
                return "dn:" + new X500Principal(value).getName(X500Principal.RFC2253);
            } catch (IllegalArgumentException e) {
                throw new IllegalArgumentException("\"" + value + "\" is not a distinguished name", e);
            }
        }
        return kind + ":" + (kind.equals("dns") ? value.toLowerCase(Locale.ROOT) : value);
    }

    private static List<String> commonNames(String dn) {
        try {
            return new LdapName(dn)
                    .getRdns().stream()
                            .filter(rdn -> rdn.size() == 1 && rdn.getType().equalsIgnoreCase("CN"))
                            .map(Rdn::getValue)
                            .map(String::valueOf)
                            .toList();
        } catch (InvalidNameException e) {
            // Then it has no common name that could be relied on; the dn: name is still there.
            return List.of();
        }
    }
}
