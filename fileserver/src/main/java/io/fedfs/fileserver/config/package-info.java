/**
 * The agent's configuration: a YAML file that says what is exported. It is taken whole or not at all, and everything that is
 * wrong with it is told at once, each with its line.
 */
package io.fedfs.fileserver.config;
