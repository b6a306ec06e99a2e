package io.fedfs.junction.daos;

/** The attribute in which an entry was found, or is to be written. */
public enum Origin {
    /** Foreign directory, as stored and as a privileged Lustre client shows it. */
    TRUSTED_LMV("trusted.lmv"),
    /** Foreign file, likewise. */
    TRUSTED_LOV("trusted.lov"),
    /** Foreign directory under Lustre's unprivileged prefix. */
    LUSTRE_LMV("lustre.lmv"),
    /** Foreign file under Lustre's unprivileged prefix. */
    LUSTRE_LOV("lustre.lov"),
    /** DAOS's own attribute for file systems other than Lustre. */
    USER_DAOS("user.daos");

    private final String attribute;

    Origin(String attribute) {
        this.attribute = attribute;
    }

    /** The attribute's name. */
    public String attribute() {
        return attribute;
    }

    /** Whether it is a Lustre foreign attribute, which keeps its meaning when links are disabled. */
    public boolean foreign() {
        return this != USER_DAOS;
    }
}
