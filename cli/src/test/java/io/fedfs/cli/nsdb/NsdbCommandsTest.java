package io.fedfs.cli.nsdb;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.fedfs.cli.Shell;
import io.fedfs.junction.FilesetMarker;
import io.fedfs.junction.JunctionException;
import io.fedfs.protocol.FedFsStatus;
import io.fedfs.protocol.Fsn;
import io.fedfs.protocol.NsdbAddress;
import io.fedfs.resolver.config.NsdbDirectory;
import io.fedfs.v1.Fsl;
import io.fedfs.v1.FsnWithFsls;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class NsdbCommandsTest {
    private static final String UUID = "12345678-1234-4abc-8def-1234567890ab";

    @TempDir
    Path directory;

    private FakeNsdb nsdb;
    private Shell shell;

    @BeforeEach
    void start() throws Exception {
        nsdb = new FakeNsdb();
        shell = new Shell(directory, Map.of("FEDFS_NSDB", nsdb.address()));
        Files.createDirectory(directory.resolve("data"));
    }

    @AfterEach
    void stop() throws Exception {
        nsdb.close();
    }

    private String created(String... args) {
        Shell.Ran ran = shell.fedfs(args);
        assertThat(ran.err()).isEmpty();
        assertThat(ran.exit()).isZero();
        assertThat(ran.out()).hasLineCount(1);
        return ran.out().strip();
    }

    @Test
    void fsnCreatePrintsTheFsnAlone() {
        String fsn = created("fsn", "create", "--uuid", UUID, "--ttl", "60");
        assertThat(fsn).isEqualTo("nsdb://" + nsdb.address() + "/" + UUID);
        assertThat(nsdb.filesets().get(0).getFsn().getTtlSeconds()).isEqualTo(60);
    }

    @Test
    void newNamesCarryWhatTheAdministratorSet() {
        nsdb.advertised = "nsdb.example.org:7532";
        assertThat(created("fsn", "create", "--uuid", UUID)).isEqualTo("nsdb://nsdb.example.org:7532/" + UUID);
        assertThat(shell.fedfs("fsn", "list").out()).startsWith("nsdb://nsdb.example.org:7532/");
        nsdb.advertised = "0.0.0.0:7532";
        assertThat(created("fsn", "create")).startsWith("nsdb://" + nsdb.address() + "/");
    }

    @Test
    void uuidInUseIsRefusedWithExist() {
        created("fsn", "create", "--uuid", UUID);
        Shell.Ran again = shell.fedfs("fsn", "create", "--uuid", UUID);
        assertThat(again.exit()).isEqualTo(FedFsStatus.EXIST.number());
        assertThat(again.err()).isEqualTo("fedfs: FSN " + UUID + " exists\n");
    }

    @Test
    void bareUuidIsOfTheNsdbOfTheEnvironment() {
        created("fsn", "create", "--uuid", UUID);
        assertThat(shell.fedfs("fsn", "show", UUID).out()).startsWith("nsdb://" + nsdb.address() + "/" + UUID);
        assertThat(shell.fedfs("fsn", "show", UUID, "--json")
                        .json()
                        .get("ttl_seconds")
                        .asInt())
                .isEqualTo(300);
    }

    @Test
    void nsdbOptionThatContradictsTheFsnIsAMistake() {
        Shell.Ran ran = shell.fedfs("fsn", "show", "nsdb://elsewhere:1/" + UUID, "--nsdb", nsdb.address());
        assertThat(ran.exit()).isEqualTo(8);
        assertThat(ran.err()).contains("is not the NSDB of");
    }

    @Test
    void malformedArgumentsAreNamed() {
        assertThat(shell.fedfs("fsn", "show", "12").err()).contains("\"12\" is not a UUID");
        assertThat(shell.fedfs("fsn", "show", "http://a/b").err()).contains("nsdb://host[:port]/uuid");
        assertThat(shell.fedfs("fsn", "create", "--ttl", "-1").err()).contains("--ttl must be 0 to 4294967295");
        assertThat(shell.fedfs("fsn", "create", "--ttl", "4294967296").exit()).isEqualTo(8);
    }

    @Test
    void ttlIsUnsigned() {
        created("fsn", "create", "--uuid", UUID, "--ttl", "4294967295");
        assertThat(shell.fedfs("fsn", "show", UUID, "--json")
                        .json()
                        .get("ttl_seconds")
                        .asLong())
                .isEqualTo(4_294_967_295L);
    }

    @Test
    void listsGoOverAllPages() {
        for (int i = 0; i < 5; i++) {
            created("fsn", "create");
        }
        assertThat(shell.fedfs("fsn", "list").out()).hasLineCount(5).contains("(no location)");
        JsonNode json = shell.fedfs("fsn", "list", "--json").json();
        assertThat(json.get("fsns")).hasSize(5);
        assertThat(json.at("/fsns/0/state").asText()).isEqualTo("valid");
    }

    @Test
    void invalidateKeepsReasonAndReviveEndsIt() {
        created("fsn", "create", "--uuid", UUID);
        Shell.Ran off = shell.fedfs("fsn", "invalidate", UUID, "--reason", "disk\u001b[2J died");
        assertThat(off.out()).contains("is invalid since", "disk\\x1b[2J died").doesNotContain("\u001b");
        assertThat(shell.fedfs("fsn", "show", UUID, "--json")
                        .json()
                        .get("state")
                        .asText())
                .isEqualTo("invalid");
        assertThat(shell.fedfs("fsn", "revive", UUID).out()).contains("is valid");
    }

    @Test
    void fsnWithLocationsIsDeletedOnlyWithThem() {
        String fsn = created("fileset", "create", "--path", "data", "--no-marker");
        Shell.Ran refused = shell.fedfs("fsn", "delete", fsn);
        assertThat(refused.exit()).isEqualTo(FedFsStatus.FSN_HAS_FSLS.number());
        assertThat(refused.err()).contains("--with-fsls");
        assertThat(shell.fedfs("fsn", "delete", fsn, "--with-fsls").exit()).isZero();
        assertThat(shell.fedfs("fsn", "show", fsn).exit()).isEqualTo(FedFsStatus.NSDB_NOFSN.number());
    }

    @Test
    void annotateSetsAndRemoves() {
        created("fsn", "create", "--uuid", UUID);
        Shell.Ran ran = shell.fedfs("fsn", "annotate", UUID, "--set", "owner=Joe = Smith", "--remove", "x", "--json");
        assertThat(ran.json().at("/annotations/owner").asText()).isEqualTo("Joe = Smith");
        assertThat(shell.fedfs("fsn", "annotate", UUID).exit()).isEqualTo(8);
    }

    @Test
    void filesetCreateRegistersBothMarksAndPrintsTheFsnAlone() throws Exception {
        String fsn = created("fileset", "create", "--path", "data", "--host", "fs1", "--uuid", UUID);
        assumeMarkable();
        assertThat(FilesetMarker.read(directory.resolve("data"), false)).contains(Fsn.parse(fsn));
        Fsl fsl = nsdb.filesets().get(0).getFsls(0);
        assertThat(fsl.getHost()).isEqualTo("fs1");
        assertThat(fsl.getType()).isEqualTo("local");
        assertThat(fsl.getWritable()).isTrue();
        assertThat(fsl.getExportPath())
                .isEqualTo(directory.toRealPath().resolve("data").toString());
        assertThat(shell.fedfs("fileset", "show", "data").out()).isEqualTo(fsn + "\n");
    }

    @Test
    void directoryOfAnotherFilesetIsRefusedAndNothingIsRegistered() throws Exception {
        created("fileset", "create", "--path", "data");
        assumeMarkable();
        Shell.Ran again = shell.fedfs("fileset", "create", "--path", "data");
        assertThat(again.exit()).isEqualTo(FedFsStatus.MARKER_MISMATCH.number());
        assertThat(again.err()).contains("fedfs fileset unmark");
        assertThat(nsdb.filesets()).hasSize(1);
        assertThat(shell.fedfs("fileset", "unmark", "data").exit()).isZero();
        assertThat(shell.fedfs("fileset", "create", "--path", "data").exit()).isZero();
    }

    @Test
    void refusedRegistrationLeavesNoMarker() throws Exception {
        nsdb.refuseTransactions = FedFsStatus.NOSPC;
        assertThat(shell.fedfs("fileset", "create", "--path", "data").exit()).isEqualTo(FedFsStatus.NOSPC.number());
        assertThat(FilesetMarker.read(directory.resolve("data"), false)).isEmpty();
    }

    @Test
    void failedRecoveryInvalidatesAgain() throws Exception {
        created("fsn", "create", "--uuid", UUID);
        shell.fedfs("fsn", "invalidate", UUID);
        NewFileset fileset = NewFileset.of(NsdbAddress.parse(nsdb.address()), recovery(), Fsl.newBuilder());
        try (NsdbConnection connection =
                NsdbConnection.open(NsdbDirectory.ofDefaults(), fileset.fsn().nsdb(), Duration.ofSeconds(30))) {
            fileset.register(connection);
            assertThat(nsdb.filesets().get(0).getFslsCount()).isOne();
            fileset.unregister(connection, null);
        }
        FsnWithFsls after = nsdb.filesets().get(0);
        assertThat(after.getFslsCount()).isZero();
        assertThat(NsdbDocuments.state(after.getFsn().getState())).isEqualTo("invalid");
    }

    private static FsnSettings recovery() {
        FsnSettings settings = new FsnSettings();
        picocli.CommandLine.populateCommand(settings, "--uuid", UUID, "--recover");
        return settings;
    }

    @Test
    void replicaIsAddedWithRankAndMarked() throws Exception {
        String fsn = created("fileset", "create", "--path", "data");
        Files.createDirectory(directory.resolve("copy"));
        String fsl = created("fsl", "add", fsn, "--path", "copy", "--rank", "10", "--read-only");
        Fsl added = nsdb.filesets().get(0).getFsls(1);
        assertThat(added.getUuid()).isEqualTo(fsl);
        assertThat(added.getReadRank()).isEqualTo(10);
        assertThat(added.getWriteRank()).isEqualTo(10);
        assertThat(added.getWritable()).isFalse();
        assumeMarkable();
        assertThat(FilesetMarker.read(directory.resolve("copy"), false)).contains(Fsn.parse(fsn));
        JsonNode resolved = shell.fedfs("resolve", fsn, "--json").json();
        assertThat(resolved.get("locations")).hasSize(2);
        assertThat(resolved.at("/locations/1/path").asText()).endsWith("/copy");
    }

    @Test
    void refusedLocationLeavesNoMarker() throws Exception {
        String fsn = "nsdb://" + nsdb.address() + "/" + UUID;
        assertThat(shell.fedfs("fsl", "add", fsn, "--path", "data").exit()).isEqualTo(FedFsStatus.NSDB_NOFSN.number());
        assertThat(FilesetMarker.read(directory.resolve("data"), false)).isEmpty();
    }

    @Test
    void missingDirectoryIsRefusedHereAndTakenForAnotherHost() {
        String fsn = created("fsn", "create");
        Shell.Ran here = shell.fedfs("fsl", "add", fsn, "--path", "missing");
        assertThat(here.exit()).isEqualTo(8);
        assertThat(here.err()).contains("does not exist here", "--host NAME");
        assertThat(shell.fedfs("fsl", "add", fsn, "--path", "relative", "--host", "fs2")
                        .err())
                .contains("absolute");
        created("fsl", "add", fsn, "--path", "/no/such/./data/../dir", "--host", "fs2");
        assertThat(nsdb.filesets().get(0).getFsls(0).getExportPath()).isEqualTo("/no/such/dir");
    }

    @Test
    void updateKeepsWhatIsNotGivenAndGuardsTheRevision() {
        String fsn = created("fsn", "create");
        String fsl = created("fsl", "add", fsn, "--path", "data", "--no-marker", "--volume", "v1", "--rank", "3");
        assertThat(shell.fedfs("fsl", "update", fsn, fsl, "--read-only", "--draining")
                        .exit())
                .isZero();
        Fsl now = nsdb.filesets().get(0).getFsls(0);
        assertThat(now.getVolume()).isEqualTo("v1");
        assertThat(now.getReadRank()).isEqualTo(3);
        assertThat(now.getWritable()).isFalse();
        assertThat(now.getDraining()).isTrue();
        assertThat(shell.fedfs("fsl", "update", fsn, fsl, "--no-read-only", "--expected-revision", "99")
                        .exit())
                .isEqualTo(FedFsStatus.REVISION_MISMATCH.number());
        assertThat(shell.fedfs("fsl", "update", fsn, fsl, "--no-read-only", "--no-draining")
                        .exit())
                .isZero();
        assertThat(nsdb.filesets().get(0).getFsls(0).getWritable()).isTrue();
        assertThat(nsdb.filesets().get(0).getFsls(0).getDraining()).isFalse();
        assertThat(shell.fedfs("fsl", "update", fsn, UUID).exit()).isEqualTo(FedFsStatus.NO_FSL.number());
        assertThat(shell.fedfs("fsl", "update", fsn, fsl, "--rank", "256").exit())
                .isEqualTo(8);
    }

    @Test
    void resolveOfAFilesetWithoutLocationExitsWithTheRfcsNumber() {
        String fsn = created("fsn", "create");
        assertThat(shell.fedfs("resolve", fsn).exit()).isEqualTo(25);
        assertThat(shell.fedfs("resolve", fsn, "--json")
                        .json()
                        .at("/error/name")
                        .asText())
                .isEqualTo("FEDFS_ERR_NSDB_NOFSL");
    }

    @Test
    void verboseResolveShowsTheStepsAlsoOfAFailure() {
        String fsn = created("fileset", "create", "--path", "data", "--no-marker");
        assertThat(shell.fedfs("resolve", "-v", fsn).out()).contains("1. ", nsdb.address(), "/data");
        assertThat(shell.fedfs("resolve", "-v", fsn, "--json")
                        .json()
                        .get("steps")
                        .size())
                .isGreaterThan(2);
        String empty = created("fsn", "create");
        Shell.Ran failed = shell.fedfs("resolve", "-v", empty, "--json");
        assertThat(failed.exit()).isEqualTo(25);
        assertThat(failed.json().get("steps").toString()).contains("\"failed\":true");
        assertThat(failed.json().at("/error/status").asInt()).isEqualTo(25);
    }

    @Test
    void nsdbElsewhereIsNotSpokenToInTheClearUnlessConfigured() throws Exception {
        Shell.Ran refused = shell.fedfs("fsn", "list", "--nsdb", "nsdb.example.org:7532");
        assertThat(refused.exit()).isEqualTo(FedFsStatus.NSDB_PARAMS.number());
        assertThat(refused.err()).contains("TLS").hasLineCount(1);
        Shell.Ran missing = shell.fedfs("fsn", "list", "--nsdbs", "missing.yaml");
        assertThat(missing.exit()).isEqualTo(FedFsStatus.NSDB_PARAMS.number());
        assertThat(missing.err()).contains("missing.yaml");
    }

    @Test
    void nsdbThatIsNotThereIsSaidInOneLine() throws Exception {
        String address = nsdb.address();
        nsdb.close();
        Shell.Ran ran = shell.fedfs("fsn", "list", "--json");
        assertThat(ran.exit()).isEqualTo(FedFsStatus.NSDB_CONN.number());
        assertThat(ran.err())
                .contains("NSDB " + address + " does not listen", "fedfs-nsdb serve")
                .hasLineCount(1);
    }

    @Test
    void operationTheNsdbDoesNotKnowIsNotSupported() {
        assertThat(shell.fedfs("namespace", "list").exit()).isEqualTo(FedFsStatus.NOTSUPP.number());
    }

    private void assumeMarkable() throws Exception {
        Path probe = Files.createDirectory(directory.resolve("probe"));
        boolean markable = true;
        try {
            FilesetMarker.write(probe, Fsn.parse("nsdb://a:1/" + UUID));
        } catch (JunctionException e) {
            markable = e.status() != FedFsStatus.NOTSUPP;
        }
        assumeThat(markable)
                .as("the temporary directory's file system has extended attributes")
                .isTrue();
    }
}
