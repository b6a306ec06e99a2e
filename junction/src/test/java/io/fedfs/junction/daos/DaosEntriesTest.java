package io.fedfs.junction.daos;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;

import io.fedfs.junction.JunctionException;
import io.fedfs.junction.daos.DaosLookup.Found;
import io.fedfs.junction.daos.DaosLookup.Malformed;
import io.fedfs.junction.daos.DaosLookup.NotDaos;
import io.fedfs.linux.Sys;
import io.fedfs.linux.Xattrs;
import io.fedfs.protocol.FedFsStatus;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.UUID;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The byte fixtures are written by hand from Lustre's and DAOS's layouts, never by the encoder under test. */
final class DaosEntriesTest {
    private static final String POOL = "11111111-2222-3333-4444-555555555555";
    private static final String CONT = "aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee";
    private static final String PAIR = POOL + "/" + CONT;

    private static final String DIR_MAGIC = "d00cd50c";
    private static final String FILE_MAGIC = "d00bd70b";
    /** {@code 11111111-2222-…/aaaaaaaa-bbbb-…} as ASCII. */
    private static final String PAIR_HEX = "31313131313131312d323232322d333333332d343434342d353535353535353535353535"
            + "2f" + "61616161616161612d626262622d636363632d646464642d656565656565656565656565";

    private static final int DIRECTORY = 0040755;
    private static final int FILE = 0100644;

    @TempDir
    Path dir;

    @BeforeEach
    void onlyRootMayDoThis() {
        assumeThat(Sys.geteuid()).isZero();
    }

    private static byte[] hex(String digits) {
        return HexFormat.of().parseHex(digits);
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.ISO_8859_1);
    }

    /** A foreign attribute with a right length field. */
    private static byte[] ea(String magic, String flags, String value) {
        String length = HexFormat.of().withUpperCase().toHexDigits((byte) value.length()) + "000000";
        return hex(magic + length + "05da0000" + flags + HexFormat.of().formatHex(ascii(value)));
    }

    private DaosLookup onDirectory(String attribute, byte[] value) throws Exception {
        Path d = Files.createTempDirectory(dir, "d");
        Xattrs.set(d, attribute, value, 0, false);
        return DaosEntries.read(d, DIRECTORY, false);
    }

    private DaosLookup onFile(String attribute, byte[] value) throws Exception {
        Path f = Files.createTempFile(dir, "f", "");
        Xattrs.set(f, attribute, value, 0, false);
        return DaosEntries.read(f, FILE, false);
    }

    private static DaosEntry entry(String type, Generation generation, Origin origin) {
        return new DaosEntry(UUID.fromString(POOL), UUID.fromString(CONT), type, generation, origin);
    }

    private static void isMalformed(DaosLookup found, boolean foreign) {
        assertThat(found).isInstanceOfSatisfying(Malformed.class, m -> {
            assertThat(m.foreignDaosType()).isEqualTo(foreign);
            assertThat(m.fault()).hasSizeLessThan(150).matches("\\p{Print}+");
        });
    }

    @Test
    void onlyDirectoriesAndEmptyFilesCanCarryAnEntry() {
        assertThat(DaosEntries.mayCarryEntry(DIRECTORY, 4096)).isTrue();
        assertThat(DaosEntries.mayCarryEntry(FILE, 0)).isTrue();
        assertThat(DaosEntries.mayCarryEntry(FILE, 1)).isFalse();
        assertThat(DaosEntries.mayCarryEntry(0120777, 0)).isFalse();
        assertThat(DaosEntries.mayCarryEntry(0010644, 0)).isFalse();
    }

    @Test
    void foreignDirectoryOfGenerationC() throws Exception {
        byte[] ea = hex("d00cd50c" + "49000000" + "05da0000" + "01000000" + PAIR_HEX);
        assertThat(ea).hasSize(89);
        assertThat(onDirectory("trusted.lmv", ea))
                .isEqualTo(new Found(entry("POSIX", Generation.C, Origin.TRUSTED_LMV), true));
    }

    @Test
    void foreignFileOfGenerationC() throws Exception {
        byte[] ea = hex("d00bd70b" + "49000000" + "05da0000" + "02000000" + PAIR_HEX);
        assertThat(onFile("trusted.lov", ea))
                .isEqualTo(new Found(entry("HDF5", Generation.C, Origin.TRUSTED_LOV), true));
    }

    @Test
    void foreignDirectoryOfGenerationB() throws Exception {
        byte[] ea = hex("d00cd50c" + "56000000" + "05da0000" + "05da0000" + "44414f532e504f5349583a2f2f" + PAIR_HEX);
        assertThat(ea).hasSize(102);
        assertThat(onDirectory("trusted.lmv", ea))
                .isEqualTo(new Found(entry("POSIX", Generation.B, Origin.TRUSTED_LMV), true));
    }

    @Test
    void foreignDirectoryOfGenerationA() throws Exception {
        byte[] ea = ea(DIR_MAGIC, "05da0000", "DAOS.POSIX://" + PAIR + "/SX/1048576");
        assertThat(onDirectory("trusted.lmv", ea))
                .isEqualTo(new Found(entry("POSIX", Generation.A, Origin.TRUSTED_LMV), true));
    }

    @Test
    void aByteSwappedAttributeIsRead() throws Exception {
        byte[] ea = hex("0cd50cd0" + "00000049" + "0000da05" + "00000001" + PAIR_HEX);
        assertThat(onDirectory("trusted.lmv", ea))
                .isEqualTo(new Found(entry("POSIX", Generation.C, Origin.TRUSTED_LMV), true));
        isMalformed(
                onDirectory("trusted.lmv", hex("0cd50cd0" + "49000000" + "0000da05" + "00000001" + PAIR_HEX)), true);
    }

    @ParameterizedTest
    @CsvSource({"00000000,UNKNOWN(0)", "09000000,UNKNOWN(9)", "ffffffff,UNKNOWN(4294967295)", "08000000,METEO"})
    void anyLayoutNumberIsAccepted(String flags, String type) throws Exception {
        assertThat(onDirectory("trusted.lmv", ea(DIR_MAGIC, flags, PAIR)))
                .isEqualTo(new Found(entry(type, Generation.C, Origin.TRUSTED_LMV), true));
    }

    @Test
    void userDaosIsReadWithAndWithoutItsNul() throws Exception {
        Found expected = new Found(entry("POSIX", Generation.B, Origin.USER_DAOS), false);
        byte[] bare = hex("44414f532e504f5349583a2f2f" + PAIR_HEX);
        byte[] stored = hex("44414f532e504f5349583a2f2f" + PAIR_HEX + "00");
        assertThat(bare).hasSize(86);
        assertThat(onDirectory("user.daos", bare)).isEqualTo(expected);
        assertThat(onDirectory("user.daos", stored)).isEqualTo(expected);
        isMalformed(onDirectory("user.daos", hex("44414f532e504f5349583a2f2f" + PAIR_HEX + "0000")), false);
    }

    @ParameterizedTest
    @CsvSource({"posix,POSIX", "Hdf5,HDF5", "DB,DATABASE", "RNTuple,ROOT", "dsg,SEISMIC", "FDB,METEO", "python,PYTHON"})
    void typesAreReadInAnyCaseAndByBothNames(String word, String type) throws Exception {
        assertThat(onFile("user.daos", ascii("DAOS." + word + "://" + PAIR)))
                .isEqualTo(new Found(entry(type, Generation.B, Origin.USER_DAOS), false));
    }

    @Test
    void userDaosOfGenerationA() throws Exception {
        assertThat(onDirectory("user.daos", ascii("DAOS.HDF5://" + PAIR + "/OC_SX/0\0")))
                .isEqualTo(new Found(entry("HDF5", Generation.A, Origin.USER_DAOS), false));
    }

    @Test
    void uuidsAreComparedByValueAndPrintedLowerCase() throws Exception {
        Found found =
                (Found) onDirectory("user.daos", ascii("DAOS.POSIX://" + PAIR.toUpperCase(java.util.Locale.ROOT)));
        assertThat(found.entry().container()).isEqualTo(UUID.fromString(CONT));
        assertThat(DaosPrefix.parse("/mnt").target(found.entry())).isEqualTo("/mnt/" + PAIR);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "\0",
                "DAOS",
                "DAOS.POSIX",
                "DAOS.POSIX://",
                "../../etc",
                "/etc/passwd",
                PAIR,
                "POSIX://" + PAIR,
                "daos.POSIX://" + PAIR,
                "DAOS.UNKNOWN://" + PAIR,
                "DAOS.0://" + PAIR,
                "DAOS.://" + PAIR,
                "DAOS.POSIX:/" + PAIR,
                "DAOS.POSIX:///" + PAIR,
                "DAOS.POSIX://../../" + PAIR,
                "DAOS.POSIX://" + POOL,
                "DAOS.POSIX://" + POOL + "/",
                "DAOS.POSIX://" + POOL + "/..",
                "DAOS.POSIX://" + POOL + "/../" + CONT,
                "DAOS.POSIX://" + POOL + "//" + CONT,
                "DAOS.POSIX://" + PAIR + "/",
                "DAOS.POSIX://" + PAIR + "/..",
                "DAOS.POSIX://" + PAIR + "/../../etc",
                "DAOS.POSIX://" + PAIR + "/SX",
                "DAOS.POSIX://" + PAIR + "\n",
                "DAOS.POSIX://" + PAIR + "\n\0",
                "DAOS.POSIX://" + POOL + "/\0" + CONT,
                "DAOS.POSIX://" + POOL + ":" + CONT,
                "DAOS.POSIX://mypool/mycont",
                "DAOS.POSIX://" + POOL + "/mycont",
                "DAOS.POSIX://" + POOL + "/aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeeg",
                "DAOS.POSIX://1-2-3-4-5/1-2-3-4-5",
                "DAOS.POSIX://" + POOL + "/" + CONT + CONT,
                "daos://" + PAIR,
                " DAOS.POSIX://" + PAIR,
                "DAOS.POSIX://" + PAIR + "/S\u00e9/1",
            })
    void hostileUserDaosIsNeverALink(String value) throws Exception {
        isMalformed(onDirectory("user.daos", ascii(value)), false);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "../../etc",
                "/etc/passwd",
                "..",
                PAIR + "\0",
                PAIR + "/",
                PAIR + "/..",
                "\n" + PAIR,
                POOL + "//" + CONT,
                POOL + ":" + CONT,
                POOL + "/..",
                "pool/cont",
                "DAOS.POSIX://" + PAIR + "/../x",
                "DAOS.NONSENSE://" + PAIR,
                "DAOS.POSIX://" + POOL + "/cont",
            })
    void hostileForeignValuesAreNeverALink(String value) throws Exception {
        isMalformed(onDirectory("trusted.lmv", ea(DIR_MAGIC, "01000000", value)), true);
        isMalformed(onFile("trusted.lov", ea(FILE_MAGIC, "05da0000", value)), true);
    }

    @Test
    void hugeValuesAreRefused() {
        byte[] huge = ascii("DAOS.POSIX://" + PAIR + "/SX/" + "1".repeat(65_000));
        assertThatThrownBy(() -> UnsAttribute.decode(huge)).hasMessageContaining("more than 170");
        byte[] ea = hex(DIR_MAGIC + "f0ff0000" + "05da0000" + "01000000" + "2e".repeat(65_520));
        assertThat(ea).hasSize(65_536);
        isMalformed(ForeignEa.decode(ea, true, Origin.TRUSTED_LMV, ForeignValues.DAOS_ONLY), true);
    }

    @ParameterizedTest
    @ValueSource(strings = {"00000000", "48000000", "4a000000", "ffffffff", "00010000", "00000080"})
    void aLengthFieldThatLiesIsMalformed(String length) throws Exception {
        isMalformed(onDirectory("trusted.lmv", hex(DIR_MAGIC + length + "05da0000" + "01000000" + PAIR_HEX)), true);
    }

    @Test
    void truncatedForeignAttributesAreMalformed() throws Exception {
        byte[] whole = hex(DIR_MAGIC + "49000000" + "05da0000" + "01000000" + PAIR_HEX);
        for (int length = 1; length < whole.length; length++) {
            DaosLookup found = ForeignEa.decode(
                    java.util.Arrays.copyOf(whole, length), true, Origin.TRUSTED_LMV, ForeignValues.DAOS_ONLY);
            isMalformed(found, length >= 16);
        }
    }

    @Test
    void theMagicMustFitTheInode() throws Exception {
        isMalformed(onDirectory("trusted.lmv", ea(FILE_MAGIC, "01000000", PAIR)), true);
        isMalformed(onFile("trusted.lov", ea(DIR_MAGIC, "02000000", PAIR)), true);
        assertThat(onFile("trusted.lmv", ea(DIR_MAGIC, "01000000", PAIR))).isEqualTo(new NotDaos());
        assertThat(onDirectory("trusted.lov", ea(FILE_MAGIC, "02000000", PAIR))).isEqualTo(new NotDaos());
    }

    @Test
    void stripingAndOtherForeignTypesAreNotOurs() throws Exception {
        assertThat(onFile("trusted.lov", hex("d00bd10b" + "00".repeat(28)))).isEqualTo(new NotDaos());
        assertThat(onDirectory("trusted.lmv", hex("d00cd20c" + "00".repeat(60))))
                .isEqualTo(new NotDaos());
        for (String type : new String[] {"00000000", "01000000", "02000000", "04000000", "ffffffff"}) {
            byte[] hsm = hex(FILE_MAGIC + "49000000" + type + "01000000" + PAIR_HEX);
            assertThat(onFile("trusted.lov", hsm)).isEqualTo(new NotDaos());
        }
    }

    @Test
    void ofTwoAttributesTheForeignOneDecides() throws Exception {
        byte[] uns = ascii("DAOS.POSIX://" + CONT + "/" + POOL + "\0");
        Path d = Files.createDirectory(dir.resolve("both"));
        Xattrs.set(d, "user.daos", uns, 0, false);
        Xattrs.set(d, "trusted.lmv", ea(DIR_MAGIC, "01000000", PAIR), 0, false);
        assertThat(DaosEntries.read(d, DIRECTORY, false))
                .isEqualTo(new Found(entry("POSIX", Generation.C, Origin.TRUSTED_LMV), true, true));
        Xattrs.set(d, "trusted.lmv", ea(DIR_MAGIC, "01000000", "../.."), 0, false);
        isMalformed(DaosEntries.read(d, DIRECTORY, false), true);
        Xattrs.set(d, "trusted.lmv", hex(DIR_MAGIC + "01000000" + "04000000" + "00000000" + "41"), 0, false);
        assertThat(DaosEntries.read(d, DIRECTORY, false)).isEqualTo(new NotDaos());
        Xattrs.set(d, "trusted.lmv", hex("d00cd20c" + "00".repeat(60)), 0, false);
        assertThat(DaosEntries.read(d, DIRECTORY, false)).isInstanceOf(Found.class);
    }

    @Test
    void ordinaryEntriesAreOrdinary() throws Exception {
        assertThat(DaosEntries.read(dir, DIRECTORY, false)).isEqualTo(new NotDaos());
        assertThat(onDirectory("user.other", ascii("x"))).isEqualTo(new NotDaos());
        Path link = Files.createSymbolicLink(dir.resolve("link"), dir);
        assertThat(DaosEntries.read(link, 0120777, false)).isEqualTo(new NotDaos());
        assertThatThrownBy(() -> DaosEntries.read(dir.resolve("none"), DIRECTORY, false))
                .hasMessageContaining("ENOENT");
    }

    @Test
    void theEncodersWriteWhatDaosAndLustreWrite() {
        UUID pool = UUID.fromString(POOL);
        UUID cont = UUID.fromString(CONT);
        assertThat(UnsAttribute.encode(DaosEntry.ofUserDaos(pool, cont, "posix")))
                .isEqualTo(hex("44414f532e504f5349583a2f2f" + PAIR_HEX + "00"));
        assertThat(ForeignEa.encode(DaosEntry.ofForeign(pool, cont, "POSIX")))
                .isEqualTo(hex("d00cd50c" + "49000000" + "05da0000" + "01000000" + PAIR_HEX));
        assertThat(ForeignEa.encode(DaosEntry.ofForeign(pool, cont, "hdf5")))
                .isEqualTo(hex("d00bd70b" + "49000000" + "05da0000" + "02000000" + PAIR_HEX));
        assertThat(ForeignEa.encode(entry("POSIX", Generation.B, Origin.TRUSTED_LMV)))
                .isEqualTo(hex(
                        "d00cd50c" + "56000000" + "05da0000" + "05da0000" + "44414f532e504f5349583a2f2f" + PAIR_HEX));
        assertThatThrownBy(() -> DaosEntry.ofForeign(pool, cont, "UNKNOWN"))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> ForeignEa.encode(entry("POSIX", Generation.A, Origin.TRUSTED_LMV)))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void anEntryIsMadeCompleteOrNotAtAll() throws Exception {
        UUID pool = UUID.fromString(POOL);
        UUID cont = UUID.fromString(CONT);
        Path posix = dir.resolve("posix");
        DaosEntries.create(posix, DaosEntry.ofUserDaos(pool, cont, "POSIX"));
        assertThat(posix).isDirectory();
        assertThat(DaosEntries.read(posix, DIRECTORY, false))
                .isEqualTo(new Found(entry("POSIX", Generation.B, Origin.USER_DAOS), false));
        Path hdf5 = dir.resolve("hdf5");
        DaosEntries.create(hdf5, DaosEntry.ofForeign(pool, cont, "HDF5"));
        assertThat(hdf5).isEmptyFile();
        assertThat(DaosEntries.read(hdf5, FILE, false)).isInstanceOf(Found.class);
        DaosEntries.create(dir.resolve("lmv"), DaosEntry.ofForeign(pool, cont, "POSIX"));

        refused(FedFsStatus.EXIST, posix, DaosEntry.ofUserDaos(pool, cont, "POSIX"));
        refused(FedFsStatus.EXIST, hdf5, DaosEntry.ofUserDaos(pool, cont, "HDF5"));
        refused(FedFsStatus.INVAL, dir.resolve("no/such"), DaosEntry.ofUserDaos(pool, cont, "POSIX"));
        refused(FedFsStatus.INVAL, dir.resolve("n"), entry("HDF5", Generation.C, Origin.TRUSTED_LMV));
        refused(FedFsStatus.INVAL, dir.resolve("n"), entry("UNKNOWN(9)", Generation.B, Origin.USER_DAOS));
        refused(FedFsStatus.NOTSUPP, dir.resolve("n"), entry("POSIX", Generation.C, Origin.LUSTRE_LMV));
        try (var names = Files.list(dir)) {
            assertThat(names.map(p -> p.getFileName().toString())).containsExactlyInAnyOrder("posix", "hdf5", "lmv");
        }
    }

    private static void refused(FedFsStatus status, Path path, DaosEntry entry) {
        assertThatThrownBy(() -> DaosEntries.create(path, entry))
                .isInstanceOfSatisfying(
                        JunctionException.class,
                        e -> assertThat(e.status()).as(e.getMessage()).isEqualTo(status));
    }
}
