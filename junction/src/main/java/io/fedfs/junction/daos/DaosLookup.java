package io.fedfs.junction.daos;

/** What was found at a directory or file that could stand for a DAOS container. */
public sealed interface DaosLookup {
    /** An ordinary entry, Lustre striping and foreign entries of other types included. */
    record NotDaos() implements DaosLookup {}

    /**
     * An entry that stands for a container.
     *
     * @param foreign whether it is a Lustre foreign entry, which is not an ordinary directory or file even when links are
     *     disabled
     * @param both whether it is one and has {@code user.daos} too, which was then not looked at
     */
    record Found(DaosEntry entry, boolean foreign, boolean both) implements DaosLookup {
        /** With one attribute only. */
        public Found(DaosEntry entry, boolean foreign) {
            this(entry, foreign, false);
        }
    }

    /**
     * An attribute is there and cannot be believed; the entry must not become a link.
     *
     * @param fault what is wrong, for a log; bounded and printable
     * @param foreignDaosType whether it is nevertheless a foreign entry of DAOS's type
     */
    record Malformed(String fault, boolean foreignDaosType) implements DaosLookup {}
}
