package io.fedfs.cli.nsdb;

import io.fedfs.authority.Subtree;
import io.fedfs.cli.terminal.CommandFailure;
import io.fedfs.protocol.FedFsStatus;
import io.fedfs.protocol.FsnAnnotation;
import io.fedfs.v1.CreateFsnRequest;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Option;

/** What an FSN may be made with; shared by {@code fsn create} and {@code fileset create}. */
public final class FsnSettings {
    static final String TTL =
            "For how many seconds clients may use an answer without asking again; 0: ask always. A new FSN: 300.";

    static final String SUBTREE =
            "The part of the NSDB that it is in, for the NSDB's policy: the annotation " + Subtree.ANNOTATION + ".";

    /** fedfsFsnTTL is an unsigned 32-bit number (RFC 7532). */
    private static final long MAX_TTL = 0xffff_ffffL;

    @Option(
            names = "--uuid",
            paramLabel = "UUID",
            description = "The fileset's UUID, for instance of one being restored. Default: a new random one.")
    private String uuid;

    @Option(names = "--recover", description = "The UUID may be that of an invalidated FSN, which is made valid again.")
    private boolean recover;

    @Option(names = "--ttl", paramLabel = "SECONDS", description = TTL)
    private Long ttl;

    @Option(names = "--description", paramLabel = "TEXT", description = "A description for people; repeatable.")
    private List<String> descriptions = List.of();

    @Option(names = "--annotation", paramLabel = "KEY=VALUE", description = "An annotation; repeatable.")
    private List<String> annotations = List.of();

    @Option(names = "--subtree", paramLabel = "PATH", description = SUBTREE)
    private String subtree;

    @Option(
            names = "--exclusive",
            paramLabel = "NAMESPACE",
            description = "It may appear in this namespace only; the NSDB sees to that.")
    private String exclusive;

    @Option(
            names = "--immutable",
            description =
                    "Nothing in it changes: mounts do not write it, and keep what they have seen of it. Ended by fedfs fsn annotate FSN --set "
                            + FsnAnnotation.IMMUTABLE + "=false.")
    private boolean immutable;

    /** The request; its UUID is empty when none was given. */
    public CreateFsnRequest request() {
        CreateFsnRequest.Builder request = CreateFsnRequest.newBuilder()
                .setUuid(uuid == null ? "" : NsdbCommand.uuid(uuid).toString())
                .setRecover(recover)
                .addAllDescriptions(descriptions)
                .addAllAnnotations(Annotations.of(Annotations.in(subtree, all())));
        if (ttl != null) {
            request.setTtlSeconds(seconds(ttl));
        }
        return request.build();
    }

    private List<String> all() {
        List<String> all = new ArrayList<>(annotations);
        if (exclusive != null) {
            all.add(FsnAnnotation.EXCLUSIVE + "=" + exclusive);
        }
        if (immutable) {
            all.add(FsnAnnotation.IMMUTABLE + "=true");
        }
        return all;
    }

    /** The TTL as the protocol's unsigned number. */
    static int seconds(long ttl) {
        if (ttl < 0 || ttl > MAX_TTL) {
            throw new CommandFailure(FedFsStatus.INVAL, "--ttl must be 0 to " + MAX_TTL + " seconds: " + ttl, "");
        }
        return (int) ttl;
    }
}
