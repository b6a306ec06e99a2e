package io.fedfs.cli.terminal;

import io.fedfs.protocol.FedFsStatus;
import io.fedfs.protocol.Fsn;
import io.fedfs.protocol.NsdbAddress;
import picocli.CommandLine.Option;

/** Which NSDB is meant, and so what a UUID alone means as an FSN. */
public final class NsdbOption {
    private static final String VARIABLE = "FEDFS_NSDB";

    private final Terminal terminal;

    @Option(
            names = "--nsdb",
            paramLabel = "HOST:PORT",
            description = "The NSDB to speak to. Default: the environment variable FEDFS_NSDB.")
    private String nsdb;

    public NsdbOption(Terminal terminal) {
        this.terminal = terminal;
    }

    /** The NSDB named by the option or the environment. */
    public NsdbAddress address() {
        String text = nsdb != null ? nsdb : terminal.variable(VARIABLE);
        if (text == null) {
            throw new CommandFailure(
                    FedFsStatus.NSDB_PARAMS, "no NSDB was named", "give --nsdb HOST:PORT, or set " + VARIABLE);
        }
        try {
            return NsdbAddress.parse(text);
        } catch (IllegalArgumentException e) {
            throw new CommandFailure(FedFsStatus.INVAL, e.getMessage(), "", e);
        }
    }

    /**
     * The FSN that a text means: {@code nsdb://host:port/uuid}, or a UUID of the NSDB named by the option or the
     * environment.
     */
    public Fsn fsn(String text) {
        try {
            if (!text.contains("/")) {
                return new Fsn(address(), Fsn.parseUuid(text));
            }
            Fsn fsn = Fsn.parse(text);
            if (nsdb != null && !NsdbAddress.parse(nsdb).equals(fsn.nsdb())) {
                throw new CommandFailure(
                        FedFsStatus.INVAL, "--nsdb " + nsdb + " is not the NSDB of " + fsn, "leave out --nsdb");
            }
            return fsn;
        } catch (IllegalArgumentException e) {
            throw new CommandFailure(FedFsStatus.INVAL, e.getMessage(), "", e);
        }
    }

    /** An FSN in its long form, of whichever NSDB. */
    public Fsn foreignFsn(String text) {
        try {
            return Fsn.parse(text);
        } catch (IllegalArgumentException e) {
            throw new CommandFailure(FedFsStatus.INVAL, e.getMessage(), "", e);
        }
    }
}
