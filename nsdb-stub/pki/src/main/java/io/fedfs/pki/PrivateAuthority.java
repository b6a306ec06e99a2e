package io.fedfs.pki;

import java.io.IOException;
import java.io.Reader;
import java.math.BigInteger;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.security.spec.ECGenParameterSpec;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Date;
import java.util.List;
import org.bouncycastle.asn1.pkcs.PrivateKeyInfo;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x500.X500NameBuilder;
import org.bouncycastle.asn1.x500.style.BCStyle;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.ExtendedKeyUsage;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.bouncycastle.cert.X509CertificateHolder;
import org.bouncycastle.cert.X509v3CertificateBuilder;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509ExtensionUtils;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.openssl.PEMParser;
import org.bouncycastle.openssl.jcajce.JcaPEMKeyConverter;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;

/**
 * A certificate authority in a directory: {@code ca.pem}, its certificate, which everybody is given, and {@code ca.key}, its
 * key, which stays here. Keys are of the curve P-256, signed with SHA-256.
 */
public final class PrivateAuthority {
    /** The authority's certificate, in its directory. */
    public static final String CERTIFICATE = "ca.pem";
    /** The authority's key, in its directory. */
    public static final String KEY = "ca.key";

    private static final int SERIAL_BITS = 127;
    private static final String SIGNED = "SHA256withECDSA";

    private final Credential own;
    private final SecureRandom random = new SecureRandom();

    private PrivateAuthority(Credential own) {
        this.own = own;
    }

    /**
     * Makes a new authority; the directory must exist and hold none.
     *
     * @param name its common name
     * @throws IOException when there is one already, or it cannot be written
     */
    public static PrivateAuthority init(Path directory, String name, Instant from, Instant to) throws IOException {
        for (String file : List.of(CERTIFICATE, KEY)) {
            if (Files.exists(directory.resolve(file))) {
                throw new java.nio.file.FileAlreadyExistsException(
                        directory.resolve(file).toString());
            }
        }
        PrivateAuthority authority = unsaved(name, from, to);
        authority.own.write(directory.resolve(CERTIFICATE), directory.resolve(KEY));
        return authority;
    }

    /** Makes an authority that nobody keeps, for tests. */
    public static PrivateAuthority unsaved(String name, Instant from, Instant to) {
        KeyPair pair = keys();
        SecureRandom random = new SecureRandom();
        try {
            X509v3CertificateBuilder builder = new JcaX509v3CertificateBuilder(
                    subject(name),
                    new BigInteger(SERIAL_BITS, random),
                    Date.from(from),
                    Date.from(to),
                    subject(name),
                    pair.getPublic());
            builder.addExtension(Extension.basicConstraints, true, new BasicConstraints(0));
            builder.addExtension(Extension.keyUsage, true, new KeyUsage(KeyUsage.keyCertSign | KeyUsage.cRLSign));
            builder.addExtension(
                    Extension.subjectKeyIdentifier,
                    false,
                    new JcaX509ExtensionUtils().createSubjectKeyIdentifier(pair.getPublic()));
            return new PrivateAuthority(signed(builder, pair.getPrivate(), pair.getPrivate()));
        } catch (GeneralSecurityException | OperatorCreationException | IOException e) {
            throw new IllegalStateException("cannot make a certificate", e);
        }
    }

    /**
     * The authority in a directory.
     *
     * @throws IOException when there is none, or it cannot be read
     */
    public static PrivateAuthority open(Path directory) throws IOException {
        try {
            X509Certificate certificate = new JcaX509CertificateConverter()
                    .getCertificate(parse(directory.resolve(CERTIFICATE), X509CertificateHolder.class));
            PrivateKey key =
                    new JcaPEMKeyConverter().getPrivateKey(parse(directory.resolve(KEY), PrivateKeyInfo.class));
            return new PrivateAuthority(new Credential(certificate, key));
        } catch (GeneralSecurityException e) {
            throw new IOException("cannot read the authority in " + directory + ": " + e.getMessage(), e);
        }
    }

    private static <T> T parse(Path file, Class<T> kind) throws IOException {
        try (Reader reader = Files.newBufferedReader(file, StandardCharsets.US_ASCII);
                PEMParser parser = new PEMParser(reader)) {
            Object object = parser.readObject();
            if (!kind.isInstance(object)) {
                throw new IOException(file + " is not the PEM file of an authority");
            }
            return kind.cast(object);
        }
    }

    /** Its own certificate, and the key. */
    public Credential own() {
        return own;
    }

    /**
     * Issues a certificate with a new key, good for servers and clients.
     *
     * @param name the common name: by this policies know the principal
     * @param hosts DNS names and addresses under which a server is reached; may be empty
     * @param to cut to the end of the authority's own
     */
    public Credential issue(String name, List<String> hosts, Instant from, Instant to) {
        KeyPair pair = keys();
        Date end = Date.from(to);
        if (end.after(own.certificate().getNotAfter())) {
            end = own.certificate().getNotAfter();
        }
        try {
            JcaX509ExtensionUtils identifiers = new JcaX509ExtensionUtils();
            X509v3CertificateBuilder builder = new JcaX509v3CertificateBuilder(
                    own.certificate(),
                    new BigInteger(SERIAL_BITS, random),
                    Date.from(from),
                    end,
                    subject(name),
                    pair.getPublic());
            builder.addExtension(Extension.basicConstraints, true, new BasicConstraints(false));
            builder.addExtension(Extension.keyUsage, true, new KeyUsage(KeyUsage.digitalSignature));
            builder.addExtension(Extension.extendedKeyUsage, false, new ExtendedKeyUsage(new KeyPurposeId[] {
                KeyPurposeId.id_kp_serverAuth, KeyPurposeId.id_kp_clientAuth
            }));
            builder.addExtension(
                    Extension.subjectKeyIdentifier, false, identifiers.createSubjectKeyIdentifier(pair.getPublic()));
            builder.addExtension(
                    Extension.authorityKeyIdentifier,
                    false,
                    identifiers.createAuthorityKeyIdentifier(own.certificate()));
            if (!hosts.isEmpty()) {
                builder.addExtension(Extension.subjectAlternativeName, false, alternatives(hosts));
            }
            return signed(builder, own.key(), pair.getPrivate());
        } catch (GeneralSecurityException | OperatorCreationException | IOException e) {
            throw new IllegalStateException("cannot make a certificate", e);
        }
    }

    private static GeneralNames alternatives(List<String> hosts) throws IOException {
        List<GeneralName> names = new ArrayList<>();
        for (String host : hosts) {
            boolean address = host.indexOf(':') >= 0 || host.matches("[0-9.]+");
            // A literal is only parsed, never looked up.
            names.add(
                    address
                            ? new GeneralName(
                                    GeneralName.iPAddress,
                                    InetAddress.getByName(host).getHostAddress())
                            : new GeneralName(GeneralName.dNSName, host));
        }
        return new GeneralNames(names.toArray(GeneralName[]::new));
    }

    private static Credential signed(X509v3CertificateBuilder builder, PrivateKey by, PrivateKey key)
            throws OperatorCreationException, GeneralSecurityException {
        return new Credential(
                new JcaX509CertificateConverter()
                        .getCertificate(builder.build(new JcaContentSignerBuilder(SIGNED).build(by))),
                key);
    }

    private static X500Name subject(String name) {
        return new X500NameBuilder(BCStyle.INSTANCE).addRDN(BCStyle.CN, name).build();
    }

    private static KeyPair keys() {
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
            generator.initialize(new ECGenParameterSpec("secp256r1"));
            return generator.generateKeyPair();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("this Java makes no keys of P-256", e);
        }
    }
}
