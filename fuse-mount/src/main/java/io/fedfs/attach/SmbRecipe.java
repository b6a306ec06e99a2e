package io.fedfs.attach;

import io.fedfs.protocol.Fsl;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** {@code smb}: {@code //HOST/SHARE} by mount.cifs(8). The first component of the export path is the share, the rest is inside it. */
final class SmbRecipe implements Recipe {
    private static final Set<String> OWN = Set.of("vers", "sec", "seal", "rsize", "wsize", "nobrl", "mfsymlinks");
    /** How one says who one is. */
    private static final Set<String> WHO = Set.of("credentials", "cred", "username", "user", "guest", "sec");

    private static final Needs NEEDS = new Needs("mount.cifs", "cifs-utils", Optional.of("cifs"), true);

    private final AttachConfig.Rule rule;

    SmbRecipe(AttachConfig.Rule rule) {
        this.rule = rule;
    }

    @Override
    public String name() {
        return "smb";
    }

    @Override
    public Plan plan(Fsl fsl) throws AttachException {
        OptionWords.check("types.smb", rule, fsl);
        Path export = Beneath.checked(fsl, "export path", fsl.exportPath());
        if (export.getNameCount() == 0) {
            throw new AttachException(
                    AttachException.Kind.REFUSED,
                    "the export path of FSL " + fsl.uuid() + " names no share: write /SHARE");
        }
        Map<String, String> options = OptionWords.options("types.smb", rule, OWN, Set.of(), fsl);
        if (WHO.stream().noneMatch(options::containsKey)) {
            // Else the helper asks for a password.
            options.put("guest", "");
        }
        options.put("nosuid", "");
        options.put("nodev", "");
        if (fsl.port() != 0) {
            options.put("port", Integer.toString(fsl.port()));
        }
        String source = "//" + fsl.host() + "/" + export.getName(0);
        Path below = Path.of("/").resolve(export.getName(0)).relativize(export).resolve(fsl.pathInside());
        return new Plan(
                "smb://" + fsl.host(),
                target -> List.of("mount", "-t", "cifs", "-o", OptionWords.joined(options), source, target.toString()),
                target -> List.of(),
                below,
                NEEDS);
    }
}
