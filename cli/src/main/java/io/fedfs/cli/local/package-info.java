/**
 * The commands about what stands in this host's directories for another place: {@code junction} and {@code daos}. They are a
 * thin layer over {@code io.fedfs.junction}; no NSDB is asked, because a junction may be made before its fileset exists
 * (RFC 7533, FEDFS_CREATE_JUNCTION).
 */
package io.fedfs.cli.local;
