package io.fedfs.cli.nsdb;

import io.fedfs.cli.terminal.CommandFailure;
import io.fedfs.cli.terminal.Terminal;
import io.fedfs.cli.terminal.Times;
import io.fedfs.protocol.FedFsStatus;
import io.fedfs.resolver.Resolver;
import io.fedfs.resolver.Resolver.ExplainedStep;
import io.fedfs.resolver.ResolverConfig;
import io.fedfs.resolver.wiring.Resolvers;
import io.fedfs.v1.Referral;
import io.fedfs.v1.ResolveRequest;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code fedfs resolve}: what a client is told when it asks where a fileset is. */
@Command(
        name = "resolve",
        description = {
            "Ask the NSDB where a fileset is: the usable locations, best first, as a mount is told.",
            "Of a path in a mount (fedfs resolve -v PATH) the mount shows every step, as fedfs explain does."
        })
public final class ResolveCommand extends NsdbCommand.OfFsn {
    @Option(
            names = {"-v", "--verbose"},
            description = "Show every step: what was looked at, what it said, how long it took.")
    private boolean verbose;

    public ResolveCommand(Terminal terminal) {
        super(terminal);
    }

    @Override
    FedFsStatus run(NsdbConnection nsdb) {
        Map<String, Object> document = new LinkedHashMap<>();
        document.put("fsn", fsn().toString());
        if (verbose) {
            List<ExplainedStep> steps = explained();
            document.put("steps", steps.stream().map(ResolveCommand::document).toList());
            if (!json()) {
                for (int i = 0; i < steps.size(); i++) {
                    terminal().line(text(i + 1, steps.get(i)));
                }
            }
        }
        Referral referral;
        try {
            referral = nsdb.call(stub -> stub.resolve(
                    ResolveRequest.newBuilder().setFsnUuid(fsnUuid()).build()));
        } catch (CommandFailure e) {
            if (!verbose || !json()) {
                throw e;
            }
            // The steps say more than the failure alone, so they are printed with it.
            document.putAll(failureDocument(e.status(), e.getMessage()));
            print(document, "");
            terminal().note(e.getMessage());
            return e.status();
        }
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

    private List<ExplainedStep> explained() {
        try (Resolver resolver = Resolvers.withoutState(ResolverConfig.oneShot(), directory())) {
            return resolver.explain(fsn(), timeout());
        }
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

    private static Map<String, Object> document(ExplainedStep step) {
        Map<String, Object> document = new LinkedHashMap<>();
        document.put("title", step.title());
        document.put("found", step.found());
        document.put("source", step.source());
        document.put("micros", TimeUnit.NANOSECONDS.toMicros(step.took().toNanos()));
        document.put("failed", step.failed());
        return document;
    }

    private static String text(int number, ExplainedStep step) {
        return "%d. %-34s %s%s  [%s, %s]"
                .formatted(
                        number,
                        step.title(),
                        step.failed() ? "FAILED: " : "",
                        step.found(),
                        step.source(),
                        Times.micros(TimeUnit.NANOSECONDS.toMicros(step.took().toNanos())));
    }
}
