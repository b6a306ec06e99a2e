package io.fedfs.junction.daos;

import java.util.UUID;

/**
 * A directory or file that stands for a DAOS container.
 *
 * @param type the container's type as DAOS names it, upper case: {@code POSIX}, {@code HDF5}, …; {@code UNKNOWN(n)} for a
 *     layout number that has no name here
 */
public record DaosEntry(UUID pool, UUID container, String type, Generation generation, Origin origin) {
    /**
     * An entry to be written as {@code user.daos}, as DAOS makes it on file systems other than Lustre.
     *
     * @param type {@code POSIX}, {@code HDF5}, …, in any case
     * @throws IllegalArgumentException when DAOS has no such type
     */
    public static DaosEntry ofUserDaos(UUID pool, UUID container, String type) {
        return new DaosEntry(pool, container, typeOf(type), Generation.B, Origin.USER_DAOS);
    }

    /**
     * An entry to be written as a Lustre foreign attribute, as DAOS 2.2 and later makes it.
     *
     * @throws IllegalArgumentException when DAOS has no such type
     */
    public static DaosEntry ofForeign(UUID pool, UUID container, String type) {
        String name = typeOf(type);
        return new DaosEntry(
                pool,
                container,
                name,
                Generation.C,
                name.equals(ContainerType.POSIX) ? Origin.TRUSTED_LMV : Origin.TRUSTED_LOV);
    }

    private static String typeOf(String word) {
        try {
            return ContainerType.ofWord(word);
        } catch (DaosFormatException e) {
            throw new IllegalArgumentException("DAOS has no container type \"" + word + "\"", e);
        }
    }

    /** Whether DAOS makes a directory for it (POSIX containers) or an empty file (all other types). */
    public boolean onDirectory() {
        return type.equals(ContainerType.POSIX);
    }

    /**
     * The link target below the directory where DAOS containers appear ({@code dfuse} of the server root): always
     * {@code <prefix>/<pool>/<container>}, lower case, single slashes. Lustre itself doubles the slashes; the place is the same.
     *
     * @param prefix an absolute path
     * @throws IllegalArgumentException when the prefix is not absolute
     */
    public String target(String prefix) {
        if (!prefix.startsWith("/")) {
            throw new IllegalArgumentException("a DAOS prefix must be an absolute path: \"" + prefix + "\"");
        }
        StringBuilder out = new StringBuilder(prefix.length() + 75);
        for (int i = 0; i < prefix.length(); i++) {
            boolean repeated = prefix.charAt(i) == '/' && i > 0 && prefix.charAt(i - 1) == '/';
            if (!repeated) {
                out.append(prefix.charAt(i));
            }
        }
        if (out.charAt(out.length() - 1) != '/') {
            out.append('/');
        }
        return out.append(pool).append('/').append(container).toString();
    }
}
