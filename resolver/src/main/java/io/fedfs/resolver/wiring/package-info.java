/**
 * Puts a resolver together from its rooms for a program that runs: system time, gRPC, the copy on disk. Nothing depends on this
 * package but the programs' entry points; tests build {@link io.fedfs.resolver.CachingResolver} themselves.
 */
package io.fedfs.resolver.wiring;
