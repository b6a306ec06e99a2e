package io.fedfs.junction.daos;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fedfs.junction.daos.DaosLookup.Found;
import io.fedfs.junction.daos.DaosLookup.Malformed;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Values that DAOS did not write, and how a site has them understood. Header bytes by hand, from Lustre's layout. */
final class SiteValuesTest {
    private static final String POOL = "11111111-2222-3333-4444-555555555555";
    private static final String CONT = "aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee";
    private static final ForeignValues ANY_SEPARATOR = new ForeignValues(true, Optional.empty());

    private static DaosLookup read(String value, ForeignValues values) {
        byte[] text = value.getBytes(StandardCharsets.ISO_8859_1);
        String header =
                "d00cd50c" + HexFormat.of().toHexDigits((byte) text.length) + "000000" + "05da0000" + "05da0000";
        return ForeignEa.decode(
                HexFormat.of().parseHex(header + HexFormat.of().formatHex(text)), true, Origin.TRUSTED_LMV, values);
    }

    private static ForeignValues table(String text) {
        return new ForeignValues(false, Optional.of(TranslationTable.parse(text)));
    }

    private static void names(DaosLookup found) {
        assertThat(found).isInstanceOfSatisfying(Found.class, f -> {
            assertThat(f.entry().pair()).isEqualTo(POOL + "/" + CONT);
            assertThat(f.entry().generation()).isEqualTo(Generation.SITE);
        });
    }

    @Test
    void otherSeparatorsAreTakenOnlyWhenAllowed() {
        for (String value : new String[] {POOL + ":" + CONT, POOL + "@" + CONT}) {
            assertThat(read(value, ForeignValues.DAOS_ONLY)).isInstanceOf(Malformed.class);
            names(read(value, ANY_SEPARATOR));
        }
        assertThat(read(POOL + ";" + CONT, ANY_SEPARATOR)).isInstanceOf(Malformed.class);
        assertThat(read(POOL + ":" + CONT + "/..", ANY_SEPARATOR)).isInstanceOf(Malformed.class);
        assertThat(read("..:..", ANY_SEPARATOR)).isInstanceOf(Malformed.class);
    }

    @Test
    void aTableTranslatesWhatIsNotUnderstood() {
        ForeignValues values = table("substring 5 36\nconstant /\nsubstring 42 36\n");
        names(read("site:" + POOL + "|" + CONT, values));
        assertThat(read(POOL + "/" + CONT, values))
                .isInstanceOfSatisfying(
                        Found.class, f -> assertThat(f.entry().generation()).isEqualTo(Generation.C));
        assertThat(read("DAOS.POSIX://" + POOL + "/" + CONT, values))
                .isInstanceOfSatisfying(
                        Found.class, f -> assertThat(f.entry().generation()).isEqualTo(Generation.B));
    }

    @Test
    void whatATableMakesIsCheckedLikeAnyValue() {
        String value = "site:" + POOL + "|" + CONT;
        assertThat(read(value, table("constant ../../etc"))).isInstanceOf(Malformed.class);
        assertThat(read(value, table("substring 0 5"))).isInstanceOf(Malformed.class);
        assertThat(read(value, table("substring 5 36\nconstant /../\nsubstring 42 36")))
                .isInstanceOf(Malformed.class);
        assertThat(read("short", table("substring 0 36\nconstant /\nsubstring 37 36")))
                .isInstanceOf(Malformed.class);
        assertThat(read(value, table("substring 99999 99999"))).isInstanceOf(Malformed.class);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"", "\n", "substring 0", "substring -1 4", "substring 0 4 5", "constant", "constant ", "x", "\0"
            })
    void otherTablesAreRefused(String text) {
        assertThatThrownBy(() -> TranslationTable.parse(text)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void aTableHasLustresLimit() {
        assertThat(TranslationTable.parse("constant a\n".repeat(31)).toString()).hasSize(31 * 11);
        assertThatThrownBy(() -> TranslationTable.parse("constant a\n".repeat(32)))
                .hasMessageContaining("31");
    }

    @Test
    void aTablePrintsAsItIsRead() {
        String text = "substring 0 36\nconstant  / \nsubstring 37 36\n";
        assertThat(TranslationTable.parse(text).toString()).isEqualTo(text);
    }
}
