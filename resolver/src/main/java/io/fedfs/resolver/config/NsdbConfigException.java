package io.fedfs.resolver.config;

/** The NSDB configuration cannot be used. The message is for the user: file, line, key, and what to do. */
public final class NsdbConfigException extends RuntimeException {
    private static final long serialVersionUID = 1;

    public NsdbConfigException(String message) {
        super(message);
    }

    public NsdbConfigException(String message, Throwable cause) {
        super(message, cause);
    }
}
