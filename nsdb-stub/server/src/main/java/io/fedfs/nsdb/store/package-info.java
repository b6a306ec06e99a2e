/**
 * Where an NSDB keeps its records: the {@link io.fedfs.nsdb.store.NsdbStore} interface and the embedded store behind it.
 *
 * <p>What may be written is decided above, in the server's operations; a store only promises that a write is whole or not
 * there, that it sees what writes before it did, that it is durable when it is acknowledged, and that no read afterwards
 * is older. So a distributed or an LDAP store has to know nothing of UUIDs in use or expected revisions.
 *
 * <p>The embedded store is one SQLite database in write-ahead-log mode. One thread writes: a durable commit costs an fsync,
 * so whatever waits when the last commit is done goes into the next one ({@code GroupCommit}). Reads run on connections of
 * their own, each in a snapshot, and filesets are cached in memory; the writer takes what it changed out of that cache
 * after the commit and before it acknowledges. A process holds the directory's lock as long as it may write.
 */
package io.fedfs.nsdb.store;
