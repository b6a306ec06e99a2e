package io.fedfs.fileserver.config;

import io.fedfs.protocol.FedFsStatus;
import io.fedfs.service.ServiceException;
import java.util.List;

/** A configuration that cannot be used. */
public final class ConfigException extends ServiceException {
    private static final long serialVersionUID = 1L;

    private final List<String> problems;

    ConfigException(List<String> problems) {
        super(FedFsStatus.INVAL, String.join("\n", problems));
        this.problems = List.copyOf(problems);
    }

    /** One line for each thing that is wrong: file, line, key, what to do. */
    public List<String> problems() {
        return problems;
    }
}
