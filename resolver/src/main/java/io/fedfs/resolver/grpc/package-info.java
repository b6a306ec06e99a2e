/**
 * The calls to NSDBs over gRPC. This is the only room where {@code io.grpc} and the generated messages of {@code fedfs.v1}
 * are known: they are turned into values on the way in ({@code AnswerReader}), and every failure, whatever its kind, becomes
 * one {@code FailedLookup} in one place ({@code StatusReader}).
 *
 * <p>One channel per NSDB, opened with its first call and replaced when its connection is in doubt
 * ({@link io.fedfs.resolver.grpc.NsdbChannels}). Replies arrive on the one I/O thread, which nothing may block. Questions
 * about filesets start there too, those that wait for it in one call ({@code Questions}).
 *
 * <p>An NSDB is not believed: UUIDs, paths, ports and sizes are checked before anyone sees them, and its texts are cut and
 * stripped of control characters before they reach a log or a terminal.
 */
package io.fedfs.resolver.grpc;
