package io.fedfs.cli.pki;

import io.fedfs.cli.terminal.CommandFailure;
import io.fedfs.cli.terminal.FedfsCommand;
import io.fedfs.cli.terminal.Terminal;
import io.fedfs.pki.Credential;
import io.fedfs.pki.PrivateAuthority;
import io.fedfs.protocol.FedFsStatus;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code fedfs pki …}: a private certificate authority. */
@Command(
        name = "pki",
        mixinStandardHelpOptions = true,
        description = "A private certificate authority, for sites that have none: certificates for mutual TLS.")
public final class PkiCommands {
    /** Clocks of other hosts may be behind. */
    private static final Duration BACK = Duration.ofMinutes(10);

    private static final int MOST_DAYS = 36_500;
    /** Also the stem of the files' names. */
    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._@ -]{0,62}");

    private static final Pattern HOST = Pattern.compile("[A-Za-z0-9*][A-Za-z0-9.*-]{0,252}|[0-9a-fA-F:.]{2,45}");

    private PkiCommands() {}

    /** The group with its commands. */
    public static CommandLine commands(Terminal terminal) {
        return new CommandLine(new PkiCommands())
                .addSubcommand(new Init(terminal))
                .addSubcommand(new Issue(terminal));
    }

    private static String name(String text) {
        if (!NAME.matcher(text).matches()) {
            throw new CommandFailure(
                    FedFsStatus.BADNAME,
                    "\"" + text + "\" cannot be a name in a certificate",
                    "use letters, digits and . _ @ - of at most 63 characters");
        }
        return text;
    }

    private static Instant after(int days) {
        if (days < 1 || days > MOST_DAYS) {
            throw new CommandFailure(FedFsStatus.INVAL, "--days must be 1 to " + MOST_DAYS + ": " + days, "");
        }
        return Instant.now().plus(Duration.ofDays(days));
    }

    private static Map<String, Object> document(Credential credential, Path certificate, Path key) {
        Map<String, Object> document = new LinkedHashMap<>();
        document.put(
                "subject", credential.certificate().getSubjectX500Principal().getName());
        document.put("certificate", certificate.toString());
        document.put("key", key.toString());
        document.put("valid_until_ms", credential.certificate().getNotAfter().getTime());
        return document;
    }

    @Command(
            name = "init",
            description = {
                "Make a certificate authority in DIR: ca.pem for everybody to trust, ca.key to keep secret.",
                "Issue certificates on this host, and give ca.pem to all others."
            })
    static final class Init extends FedfsCommand {
        @Parameters(index = "0", paramLabel = "DIR", description = "Made if it is not there, for its owner only.")
        private Path directory;

        @Option(names = "--name", paramLabel = "NAME", defaultValue = "fedfs CA", description = "Its common name.")
        private String name;

        @Option(
                names = "--days",
                paramLabel = "N",
                defaultValue = "3650",
                description = "For how long it is valid. Default: ${DEFAULT-VALUE}.")
        private int days;

        Init(Terminal terminal) {
            super(terminal);
        }

        @Override
        protected FedFsStatus run() throws IOException {
            Path where = terminal().directory().resolve(directory);
            Instant until = after(days);
            String called = name(name);
            if (!Files.isDirectory(where)) {
                Files.createDirectories(
                        where, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
            }
            try {
                PrivateAuthority made =
                        PrivateAuthority.init(where, called, Instant.now().minus(BACK), until);
                Path certificate = where.resolve(PrivateAuthority.CERTIFICATE);
                print(document(made.own(), certificate, where.resolve(PrivateAuthority.KEY)), certificate.toString());
                return FedFsStatus.OK;
            } catch (FileAlreadyExistsException e) {
                throw new CommandFailure(
                        FedFsStatus.EXIST, e.getFile() + " is there already", "one authority is enough", e);
            }
        }
    }

    @Command(
            name = "issue",
            description = {
                "Issue a certificate, NAME.pem and NAME.key, by the authority in DIR.",
                "Policies know its holder by NAME. It is good for servers and clients alike."
            })
    static final class Issue extends FedfsCommand {
        @Parameters(index = "0", paramLabel = "DIR", description = "The authority's directory.")
        private Path directory;

        @Parameters(index = "1", paramLabel = "NAME", description = "Who: a user's, a host's or a service's name.")
        private String name;

        @Option(
                names = "--host",
                paramLabel = "HOST",
                description = "A DNS name or address under which a server is reached; repeatable. Clients need none.")
        private List<String> hosts = List.of();

        @Option(names = "--out", paramLabel = "DIR", description = "Where to; default: the authority's directory.")
        private Path out;

        @Option(
                names = "--days",
                paramLabel = "N",
                defaultValue = "365",
                description = "For how long it is valid. Default: ${DEFAULT-VALUE}.")
        private int days;

        @Option(
                names = "--renew",
                description =
                        "Replace the files that are there. Daemons and mounts use the new ones without a restart.")
        private boolean renew;

        Issue(Terminal terminal) {
            super(terminal);
        }

        @Override
        protected FedFsStatus run() throws IOException {
            Path where = terminal().directory().resolve(directory);
            Path to = out == null ? where : terminal().directory().resolve(out);
            String called = name(name);
            if (called.equals("ca")) {
                throw new CommandFailure(FedFsStatus.BADNAME, "ca is the authority's own name", "choose another");
            }
            Instant until = after(days);
            for (String host : hosts) {
                if (!HOST.matcher(host).matches()) {
                    throw new CommandFailure(FedFsStatus.BADNAME, "--host " + host + " is no host", "");
                }
            }
            Path certificate = to.resolve(called + ".pem");
            Path key = to.resolve(called + ".key");
            for (Path file : List.of(certificate, key)) {
                if (Files.exists(file) && !renew) {
                    throw new CommandFailure(FedFsStatus.EXIST, file + " is there already", "--renew replaces it");
                }
            }
            Credential issued =
                    authority(where).issue(called, hosts, Instant.now().minus(BACK), until);
            issued.write(certificate, key);
            print(document(issued, certificate, key), certificate.toString());
            return FedFsStatus.OK;
        }

        private static PrivateAuthority authority(Path directory) throws IOException {
            try {
                return PrivateAuthority.open(directory);
            } catch (NoSuchFileException e) {
                throw new CommandFailure(
                        FedFsStatus.INVAL,
                        "there is no authority in " + directory,
                        "fedfs pki init " + directory + " makes one",
                        e);
            }
        }
    }
}
