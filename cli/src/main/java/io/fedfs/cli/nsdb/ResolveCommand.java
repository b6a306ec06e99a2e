package io.fedfs.cli.nsdb;

import io.fedfs.cli.terminal.Terminal;
import io.fedfs.protocol.FedFsStatus;
import io.fedfs.v1.Referral;
import io.fedfs.v1.ResolveRequest;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import picocli.CommandLine.Command;

/** {@code fedfs resolve}: what a client is told when it asks where a fileset is. */
@Command(
        name = "resolve",
        description = "Ask the NSDB where a fileset is: the usable locations, best first, as a mount is told.")
public final class ResolveCommand extends NsdbCommand.OfFsn {
    public ResolveCommand(Terminal terminal) {
        super(terminal);
    }

    @Override
    FedFsStatus run(NsdbConnection nsdb) {
        Referral referral = nsdb.call(stub ->
                stub.resolve(ResolveRequest.newBuilder().setFsnUuid(fsnUuid()).build()));
        Map<String, Object> document = new LinkedHashMap<>();
        document.put("fsn", fsn().toString());
        document.put("ttl_seconds", Integer.toUnsignedLong(referral.getFsn().getTtlSeconds()));
        document.put("revision", referral.getRevision());
        document.put(
                "locations",
                referral.getFslsList().stream()
                        .map(fsl -> NsdbDocuments.fsl(fsn().nsdb(), fsl))
                        .toList());
        print(document, () -> print(referral));
        return FedFsStatus.OK;
    }

    private void print(Referral referral) {
        terminal()
                .line("%s  TTL %d s, revision %d"
                        .formatted(
                                fsn(),
                                Integer.toUnsignedLong(referral.getFsn().getTtlSeconds()),
                                referral.getRevision()));
        NsdbText.locations(terminal(), List.copyOf(referral.getFslsList()));
    }
}
