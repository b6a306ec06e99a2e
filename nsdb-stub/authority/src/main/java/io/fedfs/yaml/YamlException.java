package io.fedfs.yaml;

/** A configuration file cannot be used. The message is for the administrator: file, line, key, and what to do. */
public final class YamlException extends RuntimeException {
    private static final long serialVersionUID = 1;

    public YamlException(String message) {
        super(message);
    }

    public YamlException(String message, Throwable cause) {
        super(message, cause);
    }
}
