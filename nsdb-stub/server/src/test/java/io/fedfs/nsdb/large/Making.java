package io.fedfs.nsdb.large;

import io.fedfs.nsdb.store.SqliteStore;
import io.fedfs.nsdb.store.StoreSettings;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.OutputStreamWriter;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;

/** Makes the stores: {@code store DIR N}, or {@code ldif BASE N} on stdout, for slapadd. */
public final class Making {
    private static final int BATCH = 1_000;
    private static final int AT_ONCE = 4;

    private Making() {}

    public static void main(String[] arguments) throws IOException {
        int filesets = Integer.parseInt(arguments[2]);
        switch (arguments[0]) {
            case "store" -> store(Path.of(arguments[1]), filesets);
            case "ldif" -> ldif(arguments[1], filesets);
            default -> throw new IllegalArgumentException(arguments[0]);
        }
    }

    private static void store(Path data, int filesets) {
        long began = System.nanoTime();
        try (SqliteStore store = SqliteStore.open(data, StoreSettings.defaults())) {
            Deque<CompletableFuture<Boolean>> underWay = new ArrayDeque<>();
            for (int from = 0; from < filesets; from += BATCH) {
                int first = from;
                int end = Math.min(from + BATCH, filesets);
                underWay.add(store.write(transaction -> {
                    for (int i = first; i < end; i++) {
                        transaction.put(Filesets.fsnRecord(i, transaction.revision()));
                        for (int location = 0; location < Filesets.LOCATIONS; location++) {
                            transaction.put(Filesets.fslRecord(i, location, transaction.revision()));
                        }
                    }
                    return true;
                }));
                if (underWay.size() > AT_ONCE) {
                    underWay.remove().join();
                }
            }
            underWay.forEach(CompletableFuture::join);
        }
        System.out.printf(
                "NSDB store of %d filesets made in %d s%n", filesets, (System.nanoTime() - began) / 1_000_000_000);
    }

    /** RFC 7532's layout: FSN entries below the container, FSL entries below their FSN. */
    private static void ldif(String base, int filesets) {
        try (PrintWriter out = new PrintWriter(
                new BufferedWriter(new OutputStreamWriter(System.out, StandardCharsets.US_ASCII), 1 << 16))) {
            out.println("dn: " + base
                    + "\nobjectClass: organizationalUnit\nobjectClass: fedfsNsdbContainerEntry\nou: fedfs\n");
            for (int i = 0; i < filesets; i++) {
                UUID fsn = Filesets.fsn(i);
                String dn = "fedfsFsnUuid=" + fsn + "," + base;
                out.println("dn: " + dn + "\nobjectClass: fedfsFsn\nfedfsFsnUuid: " + fsn + "\nfedfsFsnTTL: "
                        + Filesets.TTL + "\n");
                for (int location = 0; location < Filesets.LOCATIONS; location++) {
                    UUID fsl = Filesets.fsl(i, location);
                    out.println("dn: fedfsFslUuid=" + fsl + "," + dn + "\nobjectClass: fedfsNfsFsl\nfedfsFslUuid: "
                            + fsl
                            + "\nfedfsFsnUuid: " + fsn + "\nfedfsNfsURI: nfs://" + Filesets.host(i, location) + "/"
                            + Filesets.path(i) + "\nfedfsNfsCurrency: -1\nfedfsNfsGenFlagWritable: "
                            + (location == 0 ? "TRUE" : "FALSE")
                            + "\nfedfsNfsGenFlagGoing: FALSE\nfedfsNfsGenFlagSplit: TRUE\nfedfsNfsTransFlagRdma: FALSE\n"
                            + "fedfsNfsClassSimul: 0\nfedfsNfsClassHandle: 0\nfedfsNfsClassFileid: 0\n"
                            + "fedfsNfsClassWritever: 0\nfedfsNfsClassChange: 0\nfedfsNfsClassReaddir: 0\n"
                            + "fedfsNfsReadRank: " + location + "\nfedfsNfsReadOrder: 0\nfedfsNfsWriteRank: " + location
                            + "\nfedfsNfsWriteOrder: 0\nfedfsNfsVarSub: FALSE\nfedfsNfsValidFor: 0\n");
                }
            }
        }
    }
}
