package io.fedfs.mount;

import io.fedfs.protocol.FedFsStatus;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.slf4j.LoggerFactory;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** The command {@code fedfs-mount}. */
@Command(
        name = "fedfs-mount",
        mixinStandardHelpOptions = true,
        versionProvider = FedfsMount.Version.class,
        sortOptions = false,
        description = "Mounts a federated namespace.",
        footer = {
            "",
            "Options for -o, separated by commas:",
            "  dns=HOST[:PORT]        the DNS server that is asked for a domain's NSDBs (this host's)",
            "  local_root=DIR[:DIR]   directories below which \"local\" locations may be used (none without it)",
            "  ro, allow_other, nosuid, nodev, noexec, noatime",
            "  entry_timeout=S, attr_timeout=S   how long the kernel may remember names, attributes (1)",
            "  negative_timeout=S     the same for names that do not exist (0)",
            "  deadline=S             bound of opening a junction: NSDB and file server together (5)",
            "  stale_grace=S          how long past its TTL a referral is used while its NSDB is away (3600)",
            "  daos=PREFIX            show DAOS containers as links below PREFIX (also foreign_symlink=PREFIX)",
            "  daos_mode=link|cross   show them as links, or cross into them like junctions (link)",
            "  daos_values=daos|any   also take POOL:CONTAINER and POOL@CONTAINER in foreign entries (daos)",
            "  foreign_symlink_upcall=PROGRAM  prints how other values of foreign entries are translated (none)",
            "  engine=kernel|jnr-fuse the session (kernel)",
            "  transport=device|io_uring|auto   how the kernel session exchanges messages with the kernel (device)",
            "  nopassthrough          serve all reads and writes from the daemon",
            "  noreadahead            ask about a junction only when it is crossed",
            "  nsdbs=FILE             NSDB connection parameters (/etc/fedfs/nsdbs.yaml)",
            "  attach=FILE            what may be attached beside local directories (/etc/fedfs/attach.yaml)",
            "  failover=off|remote|all  whose open files go on at another location, without passthrough (remote)",
            "  state=DIR, log=FILE    where to keep referrals for the time without network, and the log",
            "  remember=N|unlimited   nodes remembered for file handles, when the mount is exported again (65536)",
            "  fileset_requests=N     requests at one file server at once; the others wait (32)",
            "  request_timeout=S      how long a file server may take for one request: then ETIMEDOUT (300)",
            "  max_threads=N          requests served at once at most (1024)",
            "  busy_poll=US           microseconds to ask for the next request before sleeping, where that pays; 0: never (50)",
            "  foreground, debug",
            "",
            "To unmount: umount MOUNTPOINT, or fusermount3 -u MOUNTPOINT.",
            "Exit code: 0 when the mount answers, else the number of a FedFsStatus (8: wrong arguments)."
        })
public final class FedfsMount implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Parameters(
            index = "0",
            paramLabel = "ROOT",
            description =
                    "What to mount: an FSN, nsdb://HOST[:PORT]/UUID, or the root of a namespace, nsdb://HOST[:PORT][/NAMESPACE],"
                            + " or fedfs://DOMAIN[/NAMESPACE], whose NSDB is found by DNS.")
    private String root;

    @Parameters(index = "1", paramLabel = "MOUNTPOINT", description = "An existing directory.")
    private Path mountPoint;

    @Option(names = "-o", paramLabel = "OPTION[,OPTION]...", description = "Mount options; see below.")
    private List<String> options = new ArrayList<>();

    @Option(
            names = {"-f", "--foreground"},
            description = "Stay in the foreground and log to the terminal.")
    private boolean foreground;

    /** Runs the command and ends the process with its exit code. */
    public static void main(String[] args) {
        System.exit(commandLine().execute(args));
    }

    static CommandLine commandLine() {
        return new CommandLine(new FedfsMount())
                .setParameterExceptionHandler((e, args) -> {
                    System.err.println("fedfs-mount: " + e.getMessage() + "; fedfs-mount --help says how it is used");
                    return FedFsStatus.INVAL.number();
                })
                .setExecutionExceptionHandler((e, cmd, result) -> {
                    LoggerFactory.getLogger(FedfsMount.class).error("fedfs-mount failed unexpectedly", e);
                    System.err.println("fedfs-mount: unexpected failure: " + e);
                    return FedFsStatus.SVRFAULT.number();
                });
    }

    @Override
    public Integer call() throws InterruptedException {
        try {
            MountOptions parsed = MountOptions.parse(options);
            Root what = Root.parse(root);
            Path where = existing(mountPoint);
            boolean terminal = foreground || parsed.foreground || !Readiness.isAwaited();
            Logging.configure(
                    terminal && parsed.log.isEmpty() ? Optional.empty() : Optional.of(log(parsed, where)),
                    parsed.debug);
            new MountDaemon(what, where, parsed).run();
            return 0;
        } catch (IllegalArgumentException e) {
            return failed(FedFsStatus.INVAL, e.getMessage());
        } catch (MountFailure e) {
            return failed(e.status(), e.getMessage());
        }
    }

    private static int failed(FedFsStatus status, String message) {
        System.err.println("fedfs-mount: " + message);
        return status.number();
    }

    private static Path log(MountOptions options, Path mountPoint) throws MountFailure {
        return options.log.isPresent()
                ? options.log.get()
                : Directories.logs().resolve(Directories.escaped(mountPoint) + ".log");
    }

    private static Path existing(Path mountPoint) {
        try {
            return mountPoint.toRealPath();
        } catch (IOException e) {
            throw new IllegalArgumentException("the mount point " + mountPoint + " cannot be used: "
                    + (e instanceof java.nio.file.NoSuchFileException
                            ? "it does not exist; make the directory first"
                            : e.getMessage()));
        }
    }

    static String version() {
        String v = FedfsMount.class.getPackage().getImplementationVersion();
        return v == null ? "development" : v;
    }

    /** For {@code --version}. */
    static final class Version implements CommandLine.IVersionProvider {
        @Override
        public String[] getVersion() {
            return new String[] {"fedfs-mount " + version()};
        }
    }
}
