package io.fedfs.authority;

/** Whether an operation leaves everything as it is. Policies name them {@code read} and {@code write}. */
public enum Access {
    READ,
    WRITE
}
