package io.fedfs.nsdb.store;

/**
 * A store in numbers.
 *
 * @param format the version of the format on disk
 * @param revision of the last write
 */
public record StoreInfo(int format, long revision, long fsns, long fsls) {}
