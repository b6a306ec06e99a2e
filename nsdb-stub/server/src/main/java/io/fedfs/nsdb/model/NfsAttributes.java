package io.fedfs.nsdb.model;

/**
 * The attributes of RFC 7532's fedfsNfsFsl that nothing here interprets, kept so that an LDAP NSDB loses nothing. Classes are
 * 0..255; equal and not 0 means that two locations share the property.
 *
 * @param validFor fli_valid_for in seconds, 0: none
 */
public record NfsAttributes(
        boolean split,
        boolean rdma,
        int classSimul,
        int classHandle,
        int classFileid,
        int classWritever,
        int classChange,
        int classReaddir,
        boolean varsub,
        int validFor) {

    /** All off: what a location has that was made without these attributes. */
    public static final NfsAttributes NONE = new NfsAttributes(false, false, 0, 0, 0, 0, 0, 0, false, 0);
}
