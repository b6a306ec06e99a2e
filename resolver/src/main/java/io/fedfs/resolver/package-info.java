/**
 * FSN to referral: where does a fileset live now?
 *
 * <p>{@link io.fedfs.resolver.Resolver} is what the mount and the commands use; {@link io.fedfs.resolver.CachingResolver}
 * is the one implementation. A question goes through three rooms, and stops in the first that can answer:
 *
 * <ol>
 *   <li>{@code Answers}: a bounded cache with the FSN's own TTL, and one call in flight per FSN however many wait;
 *   <li>{@code NsdbLink}, one per NSDB: its breaker (is it there?), its watch stream (what changed?) and its queues of
 *       background questions: what is due again, and what will probably be asked for;
 *   <li>{@link io.fedfs.resolver.NsdbClient}: the calls themselves, implemented by {@code io.fedfs.resolver.grpc}.
 * </ol>
 *
 * When none of them can, what is still known ({@code LastKnown}) is served and marked: a referral whose TTL is over (for the stale grace), then the
 * copy an earlier run left on disk ({@link io.fedfs.resolver.ReferralStore}, implemented by {@code io.fedfs.resolver.offline}).
 *
 * <p>What an NSDB says is either <em>truth</em> (locations, no such FSN, invalidated, no location, denied) and replaces what
 * was known, or <em>trouble</em> (unreachable, too late, nonsense) and replaces nothing.
 *
 * <p>Threads: callers wait on futures only. Replies arrive on the client's threads, timers and listeners run on those of
 * {@link io.fedfs.resolver.Clockwork}; none of these may block. No lock is held while a call is under way; the short locks
 * there are ({@code NsdbWatch}, {@code Followers}, {@code RefreshQueue}, one cell of {@code Answers}) are never
 * taken inside each other, except that the cell of {@code Answers} encloses the cache.
 *
 * <p>This package and {@code config} know no gRPC type; time comes from {@code Clockwork} alone.
 */
package io.fedfs.resolver;
