package io.fedfs.cli;

import io.fedfs.cli.terminal.CommandFailure;
import io.fedfs.junction.JunctionException;
import io.fedfs.junction.JunctionFormatException;
import io.fedfs.protocol.FedFsStatus;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.InvalidPathException;
import java.nio.file.NoSuchFileException;

/**
 * What an exception means to the user: the one place where an exception of a library becomes a status and a sentence.
 *
 * @param message one line, without a stack trace
 */
record Failure(FedFsStatus status, String message) {
    static Failure of(Exception e) {
        if (e instanceof CommandFailure ours) {
            return new Failure(ours.status(), ours.getMessage());
        }
        if (e instanceof JunctionException junction) {
            return new Failure(junction.status(), junction.getMessage());
        }
        if (e instanceof NoSuchFileException missing) {
            return new Failure(FedFsStatus.INVAL, missing.getFile() + " does not exist");
        }
        if (e instanceof AccessDeniedException denied) {
            return new Failure(FedFsStatus.ACCESS, "no permission for " + denied.getFile() + "; are you root?");
        }
        if (e instanceof FileSystemException file) {
            return new Failure(FedFsStatus.IO, String.valueOf(file.getMessage()));
        }
        if (e instanceof JunctionFormatException malformed) {
            return new Failure(FedFsStatus.BADXDR, malformed.getMessage());
        }
        if (e instanceof IOException io) {
            return new Failure(FedFsStatus.IO, String.valueOf(io.getMessage()));
        }
        if (e instanceof InvalidPathException path) {
            return new Failure(FedFsStatus.BADCHAR, "\"" + path.getInput() + "\" cannot be a path");
        }
        return new Failure(FedFsStatus.SVRFAULT, "unexpected: " + e + "; FEDFS_DEBUG=1 shows where, please report it");
    }
}
