package io.fedfs.cli.nsdb;

import io.fedfs.cli.terminal.Terminal;
import io.fedfs.protocol.FedFsStatus;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code fedfs audit}. */
@Command(
        name = "audit",
        description = {
            "Look for what does not fit together in an NSDB and in the directories of this host that it names: junctions that",
            "lead nowhere, filesets nobody points to, markers that do not match, replicas that lack a junction, junctions",
            "that are not on record. Says for each what to do. Exit code 0 when nothing was found, else 9."
        })
public final class AuditCommand extends NsdbCommand.OfNsdb {
    @Option(
            names = "--fix",
            description =
                    "Put right what can be without doubt: records of junctions, missing markers, and junctions that"
                            + " replicas lack. The rest is only told.")
    private boolean fix;

    @Option(
            names = "--walk",
            description =
                    "Also walk through the filesets' directories on this host, for junctions that are not on record.")
    private boolean walk;

    public AuditCommand(Terminal terminal) {
        super(terminal);
    }

    @Override
    FedFsStatus run(NsdbConnection nsdb) {
        Audit audit = new Audit(nsdb, nsdb.name(), ThisHost.of(terminal()), fix);
        audit.records();
        audit.directories(walk);
        List<Finding> findings = audit.findings();
        Map<String, Object> document = new LinkedHashMap<>();
        document.put("findings", findings.stream().map(Finding::document).toList());
        document.put("filesets", audit.filesets());
        document.put("references", audit.references());
        print(document, () -> {
            findings.forEach(f -> {
                terminal().line(f.kind().text() + ": " + f.what());
                terminal().line("    " + (f.fixed() ? "fixed" : f.remedy()));
            });
            terminal()
                    .line(audit.filesets() + " filesets, " + audit.references() + " junctions on record: "
                            + (findings.isEmpty() ? "nothing wrong" : findings.size() + " found"));
        });
        return findings.stream().allMatch(Finding::fixed) ? FedFsStatus.OK : FedFsStatus.IO;
    }
}
