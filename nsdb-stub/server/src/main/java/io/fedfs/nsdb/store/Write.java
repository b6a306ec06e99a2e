package io.fedfs.nsdb.store;

/** A write that a store runs in a transaction; what it throws undoes it. It may run more than once and must not wait. */
@FunctionalInterface
public interface Write<T> {
    T apply(WriteTransaction transaction);
}
