package io.fedfs.attach;

import io.fedfs.protocol.Fsl;
import java.util.Map;
import java.util.Optional;

/** DFuse of a whole DAOS server, started by the site's own command: one mount in which every container appears by its UUIDs. */
final class DfuseRecipe implements Recipe {
    private final AttachConfig.SiteProgram dfuse;

    DfuseRecipe(AttachConfig.SiteProgram dfuse) {
        this.dfuse = dfuse;
    }

    @Override
    public String name() {
        return DaosType.NAME;
    }

    @Override
    public Plan plan(Fsl fsl) throws AttachException {
        return new Plan(
                DaosType.NAME,
                CommandRecipe.filled(dfuse.mount(), fsl, Map.of()),
                CommandRecipe.filled(dfuse.unmount(), fsl, Map.of()),
                Beneath.inside(fsl),
                new Needs(dfuse.mount().get(0), "DAOS's client packages", Optional.empty(), false));
    }
}
