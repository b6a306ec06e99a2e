/**
 * The soak: many processes do random things on a mount for a long time, and everything they see is compared.
 *
 * <p>{@link io.fedfs.soak.Soak} is the program that {@code scripts/soak} starts. It starts the {@link io.fedfs.soak.Worker}s, each a process of
 * its own, lets them run in rounds, and between the rounds, when nothing moves, compares whole trees and reads what the daemon holds.
 *
 * <p>A worker does each random step twice: on the mount, and on a plain directory of the same file system, its model. Whatever a
 * step answers has to be the same on both, and what the mount shows of a name has to be what the directory under the mount shows.
 * Steps come from a seed and from nothing else, so a worker can be run again. Besides, all workers race in one {@link
 * io.fedfs.soak.Shared} directory, where only what must hold of any outcome is checked.
 */
package io.fedfs.soak;
