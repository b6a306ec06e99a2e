package io.fedfs.cli.mount;

import com.google.protobuf.ByteString;
import io.fedfs.cli.terminal.CommandFailure;
import io.fedfs.cli.terminal.KeyValues;
import io.fedfs.cli.terminal.Terminal;
import io.fedfs.control.v1.CheckRequest;
import io.fedfs.control.v1.CheckResponse;
import io.fedfs.control.v1.ControlRequest;
import io.fedfs.control.v1.ExplainRequest;
import io.fedfs.control.v1.ExplainResponse;
import io.fedfs.control.v1.ExplainStep;
import io.fedfs.control.v1.FlushRequest;
import io.fedfs.control.v1.FslCheck;
import io.fedfs.control.v1.StatusRequest;
import io.fedfs.control.v1.StatusResponse;
import io.fedfs.control.v1.TuneRequest;
import io.fedfs.control.v1.WhereRequest;
import io.fedfs.control.v1.WhereResponse;
import io.fedfs.protocol.FedFsStatus;
import io.fedfs.protocol.Fsn;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** The commands that ask a running mount. */
public final class MountCommands {
    private MountCommands() {}

    /** {@code fedfs where}. */
    public static CommandLine where(Terminal terminal) {
        return new CommandLine(new Where(terminal, MountTable::read));
    }

    /** {@code fedfs explain}. */
    public static CommandLine explain(Terminal terminal) {
        return new CommandLine(new Explain(terminal, MountTable::read));
    }

    /** {@code fedfs status}. */
    public static CommandLine status(Terminal terminal) {
        return new CommandLine(new Status(terminal, MountTable::read));
    }

    /** {@code fedfs check}. */
    public static CommandLine check(Terminal terminal, PendingJunctions pending) {
        return new CommandLine(new Check(terminal, MountTable::read, pending));
    }

    /** {@code fedfs flush}. */
    public static CommandLine flush(Terminal terminal) {
        return new CommandLine(new Flush(terminal, MountTable::read));
    }

    /** {@code fedfs tune}. */
    public static CommandLine tune(Terminal terminal) {
        return new CommandLine(new Tune(terminal, MountTable::read));
    }

    private static ByteString bytes(MountPath path) {
        return ByteString.copyFromUtf8(path.inside());
    }

    @Command(
            name = "where",
            description = "Say where paths in a mount live: fileset, host and path, replicas, and how fresh that is.")
    static final class Where extends MountCommand {
        @Parameters(arity = "1..*", paramLabel = "PATH", description = "Paths in a fedfs mount.")
        private List<String> paths;

        Where(Terminal terminal, MountTableSource mounts) {
            super(terminal, mounts);
        }

        @Override
        protected FedFsStatus run() throws Exception {
            if (paths.size() == 1) {
                MountPath path = find(paths.get(0));
                WhereResponse where = where(path);
                print(ControlDocuments.where(path, where), () -> new WhereText(terminal()).print(path, where));
                return FedFsStatus.OK;
            }
            Each each = new Each();
            for (String path : paths) {
                each.add("path", path, () -> {
                    MountPath found = find(path);
                    WhereResponse where = where(found);
                    if (!json()) {
                        new WhereText(terminal()).print(found, where);
                    }
                    return ControlDocuments.where(found, where);
                });
            }
            return each.end("paths");
        }

        private WhereResponse where(MountPath path) throws Exception {
            return ask(
                            path,
                            ControlRequest.newBuilder()
                                    .setWhere(WhereRequest.newBuilder().setPath(bytes(path)))
                                    .build())
                    .getWhere();
        }
    }

    @Command(
            name = "explain",
            description = "Resolve a path's fileset anew and show each step: junction, FSN, NSDB, locations, choice."
                    + " Fails (9 or 110) if the path cannot be walked or its fileset not be attached.")
    static final class Explain extends MountCommand {
        @Parameters(index = "0", paramLabel = "PATH", description = "A path in a fedfs mount.")
        private String given;

        @Option(
                names = {"-v", "--verbose"},
                hidden = true,
                description = "As fedfs resolve has it; every step is shown in any case.")
        private boolean verbose;

        Explain(Terminal terminal, MountTableSource mounts) {
            super(terminal, mounts);
        }

        @Override
        protected FedFsStatus run() throws Exception {
            MountPath path = find(given);
            ExplainResponse explain = ask(
                            path,
                            ControlRequest.newBuilder()
                                    .setExplain(ExplainRequest.newBuilder().setPath(bytes(path)))
                                    .build())
                    .getExplain();
            print(ControlDocuments.explain(path, explain), () -> new StatusText(terminal()).explain(explain));
            return verdict(explain.getStepsList());
        }

        /** A step on the way may fail where what was known before serves; the last one is how the path ends. */
        private static FedFsStatus verdict(List<ExplainStep> steps) {
            if (steps.isEmpty() || !steps.get(steps.size() - 1).getFailed()) {
                return FedFsStatus.OK;
            }
            return steps.size() == 1 ? FedFsStatus.IO : FedFsStatus.NOT_ATTACHABLE;
        }
    }

    /** One that is about the mount that is named, or about all. */
    abstract static class OfMounts extends MountCommand {
        @Parameters(
                index = "0",
                arity = "0..1",
                paramLabel = "MOUNTPOINT",
                description = "The mount, by any path in it. Default: all mounts of this host, in JSON a list.")
        private String mountPoint;

        OfMounts(Terminal terminal, MountTableSource mounts) {
            super(terminal, mounts);
        }

        /** Asks one mount, prints the answer as text unless JSON is wanted, and returns it as a document. */
        abstract Map<String, Object> ask(MountPath mount) throws Exception;

        /** What an answer means for the exit code. */
        abstract FedFsStatus verdict(Map<String, Object> answer);

        @Override
        protected final FedFsStatus run() throws Exception {
            if (mountPoint != null) {
                Map<String, Object> answer = ask(find(mountPoint));
                print(answer, () -> {});
                return verdict(answer);
            }
            Each each = new Each();
            for (MountPath mount : all()) {
                each.add("mount_point", mount.absolute(), () -> {
                    Map<String, Object> answer = ask(mount);
                    each.worse(verdict(answer));
                    return answer;
                });
            }
            return each.end("mounts");
        }
    }

    @Command(name = "status", description = "Show what a mount is doing: filesets, NSDBs, counters, warnings.")
    static final class Status extends OfMounts {
        Status(Terminal terminal, MountTableSource mounts) {
            super(terminal, mounts);
        }

        @Override
        Map<String, Object> ask(MountPath mount) throws Exception {
            StatusResponse status = ask(
                            mount,
                            ControlRequest.newBuilder()
                                    .setStatus(StatusRequest.getDefaultInstance())
                                    .build())
                    .getStatusReport();
            if (!json()) {
                new StatusText(terminal()).status(mount, status, System.currentTimeMillis());
            }
            return ControlDocuments.status(mount, status);
        }

        @Override
        FedFsStatus verdict(Map<String, Object> answer) {
            return FedFsStatus.OK;
        }
    }

    @Command(
            name = "check",
            description = "Probe all NSDBs and locations of a mount at once, and show the junctions that replicas lack."
                    + " Fails (18 or 110) if an NSDB or a location is down.")
    static final class Check extends OfMounts {
        /** The daemon bounds the check; this is for its answer to arrive. */
        private static final Duration ANSWER = Duration.ofSeconds(2);

        private final PendingJunctions pending;

        @Option(
                names = "--nsdbs",
                paramLabel = "FILE",
                description = "How the file servers of replicas are reached (TLS, trust). Default: the variable"
                        + " FEDFS_NSDBS, else /etc/fedfs/nsdbs.yaml if it is there.")
        private Path parameters;

        Check(Terminal terminal, MountTableSource mounts, PendingJunctions pending) {
            super(terminal, mounts);
            this.pending = pending;
        }

        @Override
        Map<String, Object> ask(MountPath mount) throws Exception {
            CheckRequest request = CheckRequest.newBuilder()
                    .setTimeoutMs((int) timeout().toMillis())
                    .build();
            CheckResponse check = ask(
                            mount,
                            ControlRequest.newBuilder().setCheck(request).build(),
                            timeout().plus(ANSWER))
                    .getCheck();
            List<PendingJunctions.Server> servers = owed(check);
            if (!json()) {
                new StatusText(terminal()).check(mount, check, servers);
            }
            return ControlDocuments.check(mount, check, servers);
        }

        /** What the file servers of the replicated filesets still owe one another. */
        private List<PendingJunctions.Server> owed(CheckResponse check) {
            Map<String, Integer> locations = new TreeMap<>();
            Map<String, Set<String>> hosts = new TreeMap<>();
            for (FslCheck f : check.getFslsList()) {
                locations.merge(f.getFsn(), 1, Integer::sum);
                hosts.computeIfAbsent(f.getFsn(), fsn -> new TreeSet<>())
                        .add(f.getLocation().getHost());
            }
            hosts.keySet().removeIf(fsn -> locations.get(fsn) < 2);
            return hosts.isEmpty() ? List.of() : pending.ask(hosts, Optional.ofNullable(parameters), timeout());
        }

        @Override
        FedFsStatus verdict(Map<String, Object> answer) {
            if (anyDown(answer, "nsdbs")) {
                return FedFsStatus.NSDB_DOWN;
            }
            return anyDown(answer, "fsls") ? FedFsStatus.NOT_ATTACHABLE : FedFsStatus.OK;
        }

        private static boolean anyDown(Map<String, Object> answer, String list) {
            return ((List<?>) answer.get(list))
                    .stream().anyMatch(element -> Boolean.FALSE.equals(((Map<?, ?>) element).get("ok")));
        }
    }

    @Command(
            name = "flush",
            description = "Make mounts forget cached answers: of one fileset (by a path or its FSN), or all.")
    static final class Flush extends MountCommand {
        @Parameters(
                index = "0",
                paramLabel = "PATH|FSN|all",
                description = "A path in a mount, an FSN, or the word all.")
        private String target;

        @Option(
                names = "--mount",
                paramLabel = "MOUNTPOINT",
                description = "Only this mount. Default: all of this host.")
        private String mountPoint;

        Flush(Terminal terminal, MountTableSource mounts) {
            super(terminal, mounts);
        }

        @Override
        protected FedFsStatus run() throws Exception {
            FlushRequest.Builder flush = FlushRequest.newBuilder();
            List<MountPath> mounts;
            if (target.equals("all") || target.startsWith(Fsn.SCHEME)) {
                mounts = mountPoint == null ? all() : List.of(find(mountPoint));
                if (target.equals("all")) {
                    flush.setAll(true);
                } else {
                    flush.setFsn(fsn());
                }
            } else {
                MountPath path = find(target);
                flush.setPath(bytes(path));
                mounts = List.of(path);
            }
            ControlRequest request = ControlRequest.newBuilder().setFlush(flush).build();
            long dropped = 0;
            for (MountPath mount : mounts) {
                dropped += ask(mount, request).getFlush().getReferralsDropped();
            }
            Map<String, Object> document = new LinkedHashMap<>();
            document.put("mounts", mounts.stream().map(m -> m.mount().point()).toList());
            document.put("referrals_dropped", dropped);
            print(document, dropped + (dropped == 1 ? " answer" : " answers") + " forgotten");
            return FedFsStatus.OK;
        }

        private String fsn() {
            try {
                return Fsn.parse(target).toString();
            } catch (IllegalArgumentException e) {
                throw new CommandFailure(FedFsStatus.INVAL, e.getMessage(), "", e);
            }
        }
    }

    @Command(
            name = "tune",
            description =
                    "Change settings of a running mount, e.g. daos_prefix=/dfuse or daos_enable=1, and show them.")
    static final class Tune extends MountCommand {
        @Parameters(index = "0", paramLabel = "MOUNTPOINT", description = "The mount, by any path in it.")
        private String mountPoint;

        @Parameters(index = "1..*", arity = "0..*", paramLabel = "KEY=VALUE", description = "Settings to change.")
        private List<String> settings = List.of();

        Tune(Terminal terminal, MountTableSource mounts) {
            super(terminal, mounts);
        }

        @Override
        protected FedFsStatus run() throws Exception {
            MountPath mount = find(mountPoint);
            TuneRequest tune = TuneRequest.newBuilder()
                    .putAllSettings(KeyValues.parse(settings))
                    .build();
            Map<String, String> now = new TreeMap<>(
                    ask(mount, ControlRequest.newBuilder().setTune(tune).build())
                            .getTune()
                            .getSettingsMap());
            Map<String, Object> document = new LinkedHashMap<>();
            document.put("mount_point", mount.mount().point());
            document.put("settings", now);
            print(document, () -> now.forEach((key, value) -> terminal().line(key + " = " + value)));
            return FedFsStatus.OK;
        }
    }
}
