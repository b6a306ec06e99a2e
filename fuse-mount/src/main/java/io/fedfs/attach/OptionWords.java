package io.fedfs.attach;

import io.fedfs.protocol.Fsl;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Pattern;

/** A location measured against the rule that the configuration has for its type; and the options that remain. */
final class OptionWords {
    private static final Pattern NAME = Pattern.compile("[A-Za-z][A-Za-z0-9_.-]{0,63}");
    /** No comma, no blank, and no dash at the beginning: nothing that could be read as a second option or as a flag. */
    private static final Pattern VALUE = Pattern.compile("(?!-)[A-Za-z0-9_.:/@+-]{0,255}");
    /** A name or an IPv4 or bracketed IPv6 address. */
    private static final Pattern HOST =
            Pattern.compile("[A-Za-z0-9]([A-Za-z0-9.-]{0,252}[A-Za-z0-9])?|\\[[0-9A-Fa-f:.]{2,45}\\]");

    private OptionWords() {}

    static boolean isName(String word) {
        return NAME.matcher(word).matches();
    }

    /**
     * Checks host and path of a location.
     *
     * @param where the place in the configuration to change, for messages
     * @throws AttachException REFUSED, saying what is not allowed
     */
    static void check(String where, AttachConfig.Rule rule, Fsl fsl) throws AttachException {
        String host = fsl.host();
        if (!HOST.matcher(host).matches()) {
            throw refused("\"" + host + "\" of FSL " + fsl.uuid() + " is not a host");
        }
        if (rule.hosts().stream().noneMatch(pattern -> matches(pattern, host))) {
            throw refused(host + " is not among the hosts that this mount may attach from: see " + where + ".hosts");
        }
        java.nio.file.Path export = Beneath.checked(fsl, "export path", fsl.exportPath());
        if (fsl.exportPath().chars().anyMatch(Character::isISOControl)) {
            throw refused("the export path of FSL " + fsl.uuid() + " has a control character");
        }
        if (!rule.exports().isEmpty() && rule.exports().stream().noneMatch(export::startsWith)) {
            throw refused(export + " is not below any directory that may be attached: see " + where + ".exports");
        }
    }

    private static boolean matches(String pattern, String host) {
        if (pattern.equals("*")) {
            return true;
        }
        if (pattern.startsWith("*.")) {
            String suffix = pattern.substring(1);
            return host.length() > suffix.length()
                    && host.regionMatches(true, host.length() - suffix.length(), suffix, 0, suffix.length());
        }
        return pattern.equalsIgnoreCase(host);
    }

    /**
     * The options to use: the FSL's as far as they are allowed, and over them the configuration's.
     *
     * @param own what the type allows unless the configuration says which
     * @param consumed options that the type itself understands
     * @throws AttachException REFUSED when the FSL has others, or one with a value that cannot be meant
     */
    static Map<String, String> options(
            String where, AttachConfig.Rule rule, Set<String> own, Set<String> consumed, Fsl fsl)
            throws AttachException {
        Set<String> allowed = rule.allow().orElse(own);
        Map<String, String> options = new TreeMap<>();
        for (Map.Entry<String, String> option : fsl.options().entrySet()) {
            String name = option.getKey();
            if (consumed.contains(name)) {
                continue;
            }
            if (!isName(name) || !allowed.contains(name)) {
                throw refused("option \"" + name + "\" of FSL " + fsl.uuid() + " is not allowed: see " + where
                        + ".allow, which has " + (allowed.isEmpty() ? "none" : String.join(", ", allowed)));
            }
            if (!VALUE.matcher(option.getValue()).matches()) {
                throw refused("option " + name + "=" + option.getValue() + " of FSL " + fsl.uuid()
                        + " has characters that are not allowed");
            }
            options.put(name, option.getValue());
        }
        options.putAll(rule.options());
        return options;
    }

    /** Options in the manner of mount(8): {@code a,b=c}. A value that is empty or {@code true} means the word alone, {@code false} none. */
    static String joined(Map<String, String> options) {
        StringBuilder s = new StringBuilder();
        options.forEach((name, value) -> {
            if (!value.equals("false")) {
                s.append(s.length() == 0 ? "" : ",").append(name);
                if (!value.isEmpty() && !value.equals("true")) {
                    s.append('=').append(value);
                }
            }
        });
        return s.toString();
    }

    private static AttachException refused(String why) {
        return new AttachException(AttachException.Kind.REFUSED, why);
    }
}
