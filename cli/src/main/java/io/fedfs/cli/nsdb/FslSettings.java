package io.fedfs.cli.nsdb;

import io.fedfs.cli.terminal.CommandFailure;
import io.fedfs.cli.terminal.KeyValues;
import io.fedfs.protocol.FedFsStatus;
import io.fedfs.v1.Fsl;
import java.util.List;
import picocli.CommandLine.Option;

/** What an FSL may be given besides its place; shared by {@code fsl add}, {@code fsl update} and {@code fileset create}. */
public final class FslSettings {
    /** fedfsNfsReadRank and its like are 0 to 255 (RFC 7532). */
    private static final int MAX_RANK = 255;

    private static final int MAX_PORT = 65_535;

    @Option(names = "--port", paramLabel = "PORT", description = "The file server's port; 0: the type's own.")
    private Integer port;

    @Option(
            names = "--inside",
            paramLabel = "REL",
            description = "Where below the exported directory the fileset begins. Usually empty.")
    private String inside;

    @Option(names = "--volume", paramLabel = "NAME", description = "The server's own name of the volume.")
    private String volume;

    @Option(names = "--option", paramLabel = "KEY=VALUE", description = "An option for attaching it; repeatable.")
    private List<String> options;

    @Option(
            names = "--rank",
            paramLabel = "N",
            description = "0 to 255; clients prefer the lowest. For readers and, unless --write-rank, for writers.")
    private Integer rank;

    @Option(names = "--order", paramLabel = "N", description = "0 to 255; decides inside a rank, lowest first.")
    private Integer order;

    @Option(names = "--write-rank", paramLabel = "N", description = "The rank for writers where it differs.")
    private Integer writeRank;

    @Option(names = "--write-order", paramLabel = "N", description = "The order for writers where it differs.")
    private Integer writeOrder;

    @Option(
            names = "--draining",
            negatable = true,
            fallbackValue = "true",
            description = "About to go away: used only when nothing else is left.")
    private Boolean draining;

    @Option(
            names = "--currency",
            paramLabel = "SECONDS",
            description = "How far it lags behind; 0: current, negative: not known.")
    private Integer currency;

    /** Puts what was given into the record and leaves the rest as it is. */
    public void applyTo(Fsl.Builder fsl) {
        if (port != null) {
            fsl.setPort(within("--port", port, MAX_PORT));
        }
        if (inside != null) {
            fsl.setPathInside(inside);
        }
        if (volume != null) {
            fsl.setVolume(volume);
        }
        if (options != null) {
            fsl.clearOptions().putAllOptions(KeyValues.parse(options));
        }
        if (rank != null) {
            fsl.setReadRank(within("--rank", rank, MAX_RANK)).setWriteRank(rank);
        }
        if (order != null) {
            fsl.setReadOrder(within("--order", order, MAX_RANK)).setWriteOrder(order);
        }
        if (writeRank != null) {
            fsl.setWriteRank(within("--write-rank", writeRank, MAX_RANK));
        }
        if (writeOrder != null) {
            fsl.setWriteOrder(within("--write-order", writeOrder, MAX_RANK));
        }
        if (draining != null) {
            fsl.setDraining(draining);
        }
        if (currency != null) {
            fsl.setCurrency(currency);
        }
    }

    private static int within(String option, int value, int max) {
        if (value < 0 || value > max) {
            throw new CommandFailure(FedFsStatus.INVAL, option + " must be 0 to " + max + ": " + value, "");
        }
        return value;
    }
}
