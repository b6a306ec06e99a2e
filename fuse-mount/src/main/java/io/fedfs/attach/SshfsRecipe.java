package io.fedfs.attach;

import io.fedfs.protocol.Fsl;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/**
 * {@code sshfs}: {@code [USER@]HOST:EXPORT} by sshfs(1). What is done there is done by the one user that logs in; whether somebody here may
 * do it is judged by the modes shown.
 */
final class SshfsRecipe implements Recipe {
    private static final Set<String> OWN = Set.of("compression");
    /** The login name: the FSL may say it, the configuration has the last word. */
    private static final String USER = "user";

    private static final Needs NEEDS = new Needs("sshfs", "sshfs", Optional.of("fuse"), false);

    private final AttachConfig.Rule rule;
    private final boolean asRoot;

    SshfsRecipe(AttachConfig.Rule rule, boolean asRoot) {
        this.rule = rule;
        this.asRoot = asRoot;
    }

    @Override
    public String name() {
        return "sshfs";
    }

    @Override
    public Plan plan(Fsl fsl) throws AttachException {
        OptionWords.check("types.sshfs", rule, fsl);
        Map<String, String> options = defaults();
        options.putAll(OptionWords.options("types.sshfs", rule, OWN, Set.of(USER), fsl));
        String user =
                options.containsKey(USER) ? options.remove(USER) : fsl.options().getOrDefault(USER, "");
        if (!user.matches("|[A-Za-z0-9_][A-Za-z0-9_.-]{0,63}")) {
            throw new AttachException(
                    AttachException.Kind.REFUSED, "\"" + user + "\" of FSL " + fsl.uuid() + " is not a user's name");
        }
        if (fsl.port() != 0) {
            options.putIfAbsent("port", Integer.toString(fsl.port()));
        }
        String source = (user.isEmpty() ? "" : user + "@") + fsl.host() + ":" + fsl.exportPath();
        return new Plan(
                "sshfs://" + fsl.host() + ":" + options.getOrDefault("port", "22"),
                target -> List.of("sshfs", source, target.toString(), "-o", OptionWords.joined(options)),
                target -> List.of(),
                Beneath.inside(fsl),
                NEEDS);
    }

    private Map<String, String> defaults() {
        Map<String, String> options = new TreeMap<>();
        // Nobody is there to answer a question.
        options.put("BatchMode", "yes");
        options.put("ConnectTimeout", "10");
        options.put("ServerAliveInterval", "5");
        options.put("ServerAliveCountMax", "3");
        // Inode numbers are libfuse's own, and change when it forgets a file.
        options.put("remember", "86400");
        options.put("nosuid", "");
        options.put("nodev", "");
        options.put("default_permissions", "");
        if (asRoot) {
            options.put("allow_other", "");
        }
        return options;
    }
}
