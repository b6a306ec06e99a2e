package io.fedfs.attach;

import io.fedfs.junction.daos.DaosPrefix;
import io.fedfs.linux.Spawner;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/** The types that a mount offers. */
public final class FslTypes {
    private FslTypes() {}

    /**
     * {@code local}, {@code daos}, and those that the configuration lists. What a daemon that was killed has left mounted is taken away first.
     *
     * @param localRoots below which local locations may be
     * @param privateMounts where all daemons of this user have their mounts
     * @param asRoot whether the daemon may mount by itself
     * @param daosPrefix where DFuse shows all containers; empty when none are shown
     * @throws AttachException a local root cannot be used
     */
    public static List<FslType> of(
            List<Path> localRoots,
            AttachConfig config,
            Path privateMounts,
            boolean asRoot,
            Supplier<Optional<DaosPrefix>> daosPrefix)
            throws AttachException {
        List<FslType> types = new ArrayList<>();
        types.add(new LocalType(localRoots));
        PrivateMounts mounts = new PrivateMounts(privateMounts);
        mounts.removeLeftovers();
        if (config.types().isEmpty()
                && config.programs().isEmpty()
                && config.dfuse().isEmpty()) {
            types.add(new DaosType(daosPrefix));
            return List.copyOf(types);
        }
        Spawner spawner = new Spawner();
        config.types().forEach((name, rule) -> {
            Recipe recipe =
                    switch (name) {
                        case "nfs" -> new NfsRecipe(rule);
                        case "smb" -> new SmbRecipe(rule);
                        case "sshfs" -> new SshfsRecipe(rule, asRoot);
                        default -> throw new IllegalArgumentException("type " + name);
                    };
            types.add(new MountedType(recipe, mounts, spawner, config, asRoot));
        });
        if (!config.programs().isEmpty()) {
            types.add(new MountedType(new CommandRecipe(config.programs()), mounts, spawner, config, asRoot));
        }
        types.add(new DaosType(
                daosPrefix,
                config.dfuse().map(dfuse -> new MountedType(new DfuseRecipe(dfuse), mounts, spawner, config, asRoot))));
        return List.copyOf(types);
    }
}
