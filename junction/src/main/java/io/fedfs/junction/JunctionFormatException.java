package io.fedfs.junction;

/**
 * An attribute that should describe a junction, a fileset marker or annotations does not. The message names the fault and
 * quotes at most a short, printable part of the value, so it may be logged whoever wrote the value.
 */
public final class JunctionFormatException extends Exception {
    private static final long serialVersionUID = 1L;

    private static final int MAX_QUOTED = 64;

    private final boolean nfsBasic;

    JunctionFormatException(String fault) {
        this(fault, false);
    }

    private JunctionFormatException(String fault, boolean nfsBasic) {
        super(fault);
        this.nfsBasic = nfsBasic;
    }

    static JunctionFormatException ofNfsBasic() {
        return new JunctionFormatException("nfs-basic junction, not a FedFS one", true);
    }

    /** Whether the document is well formed but of the other kind, with NFS locations in place of an FSN. */
    public boolean isNfsBasic() {
        return nfsBasic;
    }

    /** The text in quotation marks, cut, with everything that is not printable ASCII as a question mark. */
    static String quoted(String text) {
        StringBuilder out = new StringBuilder("\"");
        for (int i = 0; i < Math.min(text.length(), MAX_QUOTED); i++) {
            char c = text.charAt(i);
            out.append(c >= ' ' && c < 0x7f ? c : '?');
        }
        return out.append(text.length() > MAX_QUOTED ? "…\"" : "\"").toString();
    }
}
