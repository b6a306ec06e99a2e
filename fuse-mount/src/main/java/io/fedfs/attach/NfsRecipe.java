package io.fedfs.attach;

import io.fedfs.protocol.Fsl;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** {@code nfs}: {@code HOST:EXPORT} by mount.nfs(8). */
final class NfsRecipe implements Recipe {
    /** What may come from the NSDB: how to talk to the server, not what to do when it is silent. */
    private static final Set<String> OWN =
            Set.of("vers", "minorversion", "proto", "rsize", "wsize", "nconnect", "sec", "noacl", "nolock");

    private static final Needs NEEDS = new Needs("mount.nfs", "nfs-common", Optional.of("nfs"), true);

    private final AttachConfig.Rule rule;

    NfsRecipe(AttachConfig.Rule rule) {
        this.rule = rule;
    }

    @Override
    public String name() {
        return "nfs";
    }

    @Override
    public Plan plan(Fsl fsl) throws AttachException {
        OptionWords.check("types.nfs", rule, fsl);
        Map<String, String> options = OptionWords.options("types.nfs", rule, OWN, Set.of(), fsl);
        options.put("nosuid", "");
        options.put("nodev", "");
        if (fsl.port() != 0) {
            options.put("port", Integer.toString(fsl.port()));
        }
        String source = fsl.host() + ":" + fsl.exportPath();
        return new Plan(
                "nfs://" + fsl.host(),
                target -> List.of("mount", "-t", "nfs", "-o", OptionWords.joined(options), source, target.toString()),
                target -> List.of(),
                Beneath.inside(fsl),
                NEEDS);
    }
}
