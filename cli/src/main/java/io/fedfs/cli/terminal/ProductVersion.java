package io.fedfs.cli.terminal;

import picocli.CommandLine.IVersionProvider;

/** The version as the jar's manifest says it. */
public final class ProductVersion implements IVersionProvider {
    @Override
    public String[] getVersion() {
        String version = ProductVersion.class.getPackage().getImplementationVersion();
        return new String[] {"fedfs " + (version == null ? "(not packaged)" : version)};
    }
}
