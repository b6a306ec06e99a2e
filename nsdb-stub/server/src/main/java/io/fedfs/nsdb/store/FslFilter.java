package io.fedfs.nsdb.store;

/** Which locations a list has: those on a host, those with an export path; an empty text does not narrow. */
public record FslFilter(String host, String exportPath) {
    public static final FslFilter ALL = new FslFilter("", "");
}
