package io.fedfs.attach;

import io.fedfs.protocol.Fsl;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * {@code command}: a program of the site's own. The FSL's option {@code program} names one of the configuration. Each word of the
 * configuration stays one word, whatever is put in for its placeholders; no shell is involved.
 */
final class CommandRecipe implements Recipe {
    static final String PLACEHOLDERS = "{host}, {port}, {export}, {inside}, {path}, {fsl}, {target}";

    private static final String PROGRAM = "program";
    private static final Pattern PLACEHOLDER = Pattern.compile("\\{([a-z]+)(?::([A-Za-z][A-Za-z0-9_.-]*))?\\}");
    private static final Set<String> PLAIN = Set.of("host", "port", "export", "inside", "path", "fsl", "target");

    private final Map<String, AttachConfig.SiteProgram> programs;

    CommandRecipe(Map<String, AttachConfig.SiteProgram> programs) {
        this.programs = programs;
    }

    @Override
    public String name() {
        return "command";
    }

    /** The placeholder in a word of the configuration that means nothing, if there is one. */
    static Optional<String> unknownPlaceholder(String word, AttachConfig.Rule rule) {
        Matcher m = PLACEHOLDER.matcher(word);
        while (m.find()) {
            boolean option = m.group(1).equals("option")
                    && m.group(2) != null
                    && (rule.options().containsKey(m.group(2))
                            || rule.allow().orElse(Set.of()).contains(m.group(2)));
            if (!option && (m.group(2) != null || !PLAIN.contains(m.group(1)))) {
                return Optional.of(m.group().substring(1, m.group().length() - 1));
            }
        }
        return Optional.empty();
    }

    @Override
    public Plan plan(Fsl fsl) throws AttachException {
        String name = fsl.options().getOrDefault(PROGRAM, "");
        AttachConfig.SiteProgram program = programs.get(name);
        if (program == null) {
            throw new AttachException(
                    AttachException.Kind.REFUSED,
                    "FSL " + fsl.uuid() + " wants the program \"" + name + "\", and types.command.programs has: "
                            + String.join(", ", programs.keySet()));
        }
        String where = "types.command.programs." + name;
        OptionWords.check(where, program.rule(), fsl);
        Map<String, String> options = OptionWords.options(where, program.rule(), Set.of(), Set.of(PROGRAM), fsl);
        return new Plan(
                "command " + name + "://" + fsl.host(),
                filled(program.mount(), fsl, options),
                filled(program.unmount(), fsl, options),
                Beneath.inside(fsl),
                new Needs(program.mount().get(0), "by this site", Optional.empty(), false));
    }

    static Function<Path, List<String>> filled(List<String> words, Fsl fsl, Map<String, String> options) {
        return target -> {
            List<String> filled = new ArrayList<>(words.size());
            for (String word : words) {
                filled.add(PLACEHOLDER
                        .matcher(word)
                        .replaceAll(
                                m -> Matcher.quoteReplacement(value(m.group(1), m.group(2), fsl, options, target))));
            }
            return filled;
        };
    }

    private static String value(String what, String option, Fsl fsl, Map<String, String> options, Path target) {
        return switch (what) {
            case "host" -> fsl.host();
            case "port" -> Integer.toString(fsl.port());
            case "export" -> fsl.exportPath();
            case "inside" -> fsl.pathInside();
            case "path" -> fsl.path();
            case "fsl" -> fsl.uuid().toString();
            case "target" -> target.toString();
            default -> options.getOrDefault(option, "");
        };
    }
}
