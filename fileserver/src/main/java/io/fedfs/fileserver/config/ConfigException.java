package io.fedfs.fileserver.config;

import java.util.List;

/** A configuration that cannot be used. */
public final class ConfigException extends Exception {
    private static final long serialVersionUID = 1L;

    private final List<String> problems;

    ConfigException(List<String> problems) {
        super(String.join("\n", problems));
        this.problems = List.copyOf(problems);
    }

    /** One line for each thing that is wrong: file, line, key, what to do. */
    public List<String> problems() {
        return problems;
    }
}
