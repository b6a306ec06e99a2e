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
     * The two UUIDs in lower case with a slash between: where the container is below the directory where {@code dfuse} shows all of a
     * server's. Lustre itself doubles the slashes of a link's target; the place is the same.
     */
    public String pair() {
        return pool + "/" + container;
    }
}
