package io.fedfs.cli.mount;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Asks the agents of file servers for changes of junctions that other replicas lack (R3b). Behind an interface since it speaks gRPC, which a
 * mount without replicated filesets does not need.
 */
@FunctionalInterface
public interface PendingJunctions {
    /**
     * Asks all at once.
     *
     * @param hosts those of each replicated fileset's locations, by FSN
     * @param parameters the file that says how file servers are reached; empty: the default one
     * @param timeout bound of the whole
     * @return an answer for each host
     */
    List<Server> ask(Map<String, Set<String>> hosts, Optional<Path> parameters, Duration timeout);

    /**
     * What one agent said.
     *
     * @param trouble why nothing is known, empty when it answered
     * @param changes what it still has to bring to others, of those filesets
     */
    record Server(String host, String trouble, List<Change> changes) {}

    /**
     * One change.
     *
     * @param document all about it
     * @param text the same in a line
     */
    record Change(Map<String, Object> document, String text) {}
}
