/**
 * Configuration files in YAML, read node by node: a node knows its line, so that a mistake is reported as file, line, key and
 * what to do. {@link io.fedfs.yaml.YamlFile} is one file; whoever knows what the keys mean reads it with the methods there.
 * Nothing is bound to objects, no tag makes a class, and the size of a file is bounded.
 */
package io.fedfs.yaml;
