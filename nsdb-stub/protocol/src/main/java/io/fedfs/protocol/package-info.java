/**
 * The words that every part of fedfs shares: {@link io.fedfs.protocol.Fsn}, {@link io.fedfs.protocol.Fsl},
 * {@link io.fedfs.protocol.NsdbAddress} and the status numbers of RFC 7533 in {@link io.fedfs.protocol.FedFsStatus}.
 *
 * <p>These are immutable values that validate themselves. The generated messages ({@code io.fedfs.v1},
 * {@code io.fedfs.control.v1}) are wire forms: they are turned into these values, or made from them, only in the classes
 * that speak gRPC or the control socket ({@link io.fedfs.protocol.Wire}). Nothing here does I/O.
 */
package io.fedfs.protocol;
