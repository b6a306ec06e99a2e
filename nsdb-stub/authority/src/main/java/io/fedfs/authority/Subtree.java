package io.fedfs.authority;

/**
 * A part of an NSDB that authority can be given over: names separated by slashes, {@code physics/atlas} below {@code physics},
 * everything below the root. A record says which one it is in by its annotation {@link #ANNOTATION}; without one it is in
 * the root itself.
 *
 * @param path without slashes at its ends; empty: the root
 */
public record Subtree(String path) {
    /** The annotation of an FSN or a namespace that names its subtree. */
    public static final String ANNOTATION = "fedfs.subtree";

    public static final Subtree ROOT = new Subtree("");

    /**
     * Reads a path; slashes at its ends and doubled ones do not count.
     *
     * @throws IllegalArgumentException for {@code .} and {@code ..} components
     */
    public static Subtree of(String text) {
        StringBuilder path = new StringBuilder();
        for (String component : text.split("/", -1)) {
            if (component.equals(".") || component.equals("..")) {
                throw new IllegalArgumentException("a subtree must not have . or .. components: \"" + text + "\"");
            }
            if (!component.isEmpty()) {
                path.append(path.isEmpty() ? "" : "/").append(component);
            }
        }
        return path.isEmpty() ? ROOT : new Subtree(path.toString());
    }

    /** Whether the other one is this one or below it. */
    public boolean covers(Subtree other) {
        return path.isEmpty() || other.path.equals(path) || other.path.startsWith(path + "/");
    }

    @Override
    public String toString() {
        return "/" + path;
    }
}
