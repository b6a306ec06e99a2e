package io.fedfs.junction;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fedfs.protocol.Fsn;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class JunctionXmlTest {
    private static final String UUID = "d2b09895-98ff-415e-ac73-565fad7b429b";

    /** What libxml2 2.9.14 wrote for this tree with xmlDocDumpFormatMemoryEnc(…, "UTF-8", 1). */
    private static final String LIBXML2 =
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<junction>\n  <savedmode bits=\"755\"/>\n"
                    + "  <fileset>\n    <name fsnuuid=\"d2b09895-98ff-415e-ac73-565fad7b429b\""
                    + " nsdbname=\"nsdb.example.net\" nsdbport=\"389\"/>\n  </fileset>\n</junction>\n";

    private static JunctionXml parse(String document) throws JunctionFormatException {
        return JunctionXml.parse(document.getBytes(StandardCharsets.UTF_8));
    }

    private static String named(String attributes) {
        return "<junction><fileset><name " + attributes + "/></fileset></junction>";
    }

    @Test
    void writesTheBytesOfLibxml2() {
        byte[] written = new JunctionXml(Fsn.parse("nsdb://NSDB.example.net:389/" + UUID), 0755).toBytes();
        assertThat(written).hasSize(215).isEqualTo(LIBXML2.getBytes(StandardCharsets.UTF_8));
    }

    @Test
    void theUsersLocaleDoesNotReachTheDocument() {
        Locale before = Locale.getDefault(Locale.Category.FORMAT);
        Locale.setDefault(Locale.Category.FORMAT, Locale.forLanguageTag("ar-EG-u-nu-arab"));
        try {
            byte[] written = new JunctionXml(Fsn.parse("nsdb://nsdb.example.net:389/" + UUID), 0755).toBytes();
            assertThat(written).isEqualTo(LIBXML2.getBytes(StandardCharsets.UTF_8));
        } finally {
            Locale.setDefault(Locale.Category.FORMAT, before);
        }
    }

    @Test
    void savedModeIsOctalWithEveryPermissionBit() throws Exception {
        JunctionXml xml = new JunctionXml(Fsn.parse("nsdb://a:1/" + UUID), 07775);
        assertThat(new String(xml.toBytes(), StandardCharsets.UTF_8)).contains("<savedmode bits=\"7775\"/>");
        assertThat(JunctionXml.parse(xml.toBytes())).isEqualTo(xml);
    }

    @Test
    void readsWhatFedfsUtilsWrote() throws Exception {
        assertThat(parse(LIBXML2)).isEqualTo(new JunctionXml(Fsn.parse("nsdb://nsdb.example.net:389/" + UUID), 0755));
    }

    @Test
    void aDocumentAsWeWriteItIsReadLikeAnyOther() throws Exception {
        // Every byte of it replaced by some that mean something to XML or to us, left out, and doubled.
        byte[] written = LIBXML2.getBytes(StandardCharsets.UTF_8);
        for (int at = 0; at < written.length; at++) {
            for (byte other : "\"<>&;'/= \n\t0aG9.-:[\0\u007f".getBytes(StandardCharsets.UTF_8)) {
                byte[] changed = written.clone();
                changed[at] = other;
                assertReadAlike(changed);
            }
            byte[] invalid = written.clone();
            invalid[at] = (byte) 0xc3;
            assertReadAlike(invalid);
            assertReadAlike(spliced(written, at, at + 1, ""));
            assertReadAlike(spliced(written, at, at, "" + (char) written[at]));
            assertReadAlike(spliced(written, at, written.length, ""));
            assertReadAlike(spliced(written, at, at, "&#x31;"));
        }
        assertReadAlike(spliced(written, written.length, written.length, "x"));
    }

    private static byte[] spliced(byte[] document, int from, int to, String with) {
        String text = new String(document, StandardCharsets.UTF_8);
        return (text.substring(0, from) + with + text.substring(to)).getBytes(StandardCharsets.UTF_8);
    }

    private static void assertReadAlike(byte[] document) {
        assertThat(outcome(() -> JunctionXml.parse(document)))
                .as(new String(document, StandardCharsets.UTF_8))
                .isEqualTo(outcome(() -> JunctionXml.parseAny(document)));
    }

    private static String outcome(Callable<JunctionXml> reading) {
        try {
            return reading.call().toString();
        } catch (Exception e) {
            return e.toString();
        }
    }

    @Test
    void readsAHandWrittenDocument() throws Exception {
        JunctionXml xml = parse("\uFEFF<?xml version='1.0'?><!-- by hand --><junction>"
                + "<other><fileset><name fsnuuid='x'/></fileset></other>"
                + "<fileset><location/><name nsdbport='7532' extra='1' nsdbname='h' fsnuuid='" + UUID + "'>text</name>"
                + "<name fsnuuid='broken'/></fileset><savedmode bits='42755'/></junction>");
        assertThat(xml.fsn()).isEqualTo(Fsn.parse("nsdb://h:7532/" + UUID));
        assertThat(xml.savedMode()).isEqualTo(02755);
    }

    @Test
    void aMissingPortIsThatOfLdap() throws Exception {
        assertThat(parse(named("fsnuuid='" + UUID + "' nsdbname='h'"))
                        .fsn()
                        .nsdb()
                        .port())
                .isEqualTo(389);
    }

    @Test
    void aMissingOrSillySavedModeIsUnknown() throws Exception {
        assertThat(parse(named("fsnuuid='" + UUID + "' nsdbname='h'")).savedMode())
                .isEqualTo(-1);
        assertThat(JunctionXml.parseMode("99")).isEqualTo(-1);
        assertThat(JunctionXml.parseMode("")).isEqualTo(-1);
        assertThat(JunctionXml.parseMode("-755")).isEqualTo(-1);
        assertThat(JunctionXml.parseMode("77777777")).isEqualTo(-1);
        assertThat(JunctionXml.parseMode("0755\n")).isEqualTo(0755);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "nsdbname='h'",
                "fsnuuid='d2b09895-98ff-415e-ac73-565fad7b429b'",
                "fsnuuid='d2b09895' nsdbname='h'",
                "fsnuuid='d2b09895-98ff-415e-ac73-565fad7b429b/..' nsdbname='h'",
                "fsnuuid='' nsdbname='h'",
                "fsnuuid='d2b09895-98ff-415e-ac73-565fad7b429b' nsdbname=''",
                "fsnuuid='d2b09895-98ff-415e-ac73-565fad7b429b' nsdbname='a b'",
                "fsnuuid='d2b09895-98ff-415e-ac73-565fad7b429b' nsdbname='../h'",
                "fsnuuid='d2b09895-98ff-415e-ac73-565fad7b429b' nsdbname='h' nsdbport='0'",
                "fsnuuid='d2b09895-98ff-415e-ac73-565fad7b429b' nsdbname='h' nsdbport='70000'",
                "fsnuuid='d2b09895-98ff-415e-ac73-565fad7b429b' nsdbname='h' nsdbport='-1'",
                "fsnuuid='d2b09895-98ff-415e-ac73-565fad7b429b' nsdbname='h' nsdbport='ldap'",
                "fsnuuid='d2b09895-98ff-415e-ac73-565fad7b429b' nsdbname='h' nsdbport=''",
                "fsnuuid='d2b09895-98ff-415e-ac73-565fad7b429b' nsdbname='h' nsdbport='١'",
                "xmlns:a='b' fsnuuid='&x;' nsdbname='h'",
            })
    void badNamesAreRefused(String attributes) {
        assertThatThrownBy(() -> parse(named(attributes))).isInstanceOf(JunctionFormatException.class);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                " ",
                "nonsense",
                "<junction>",
                "<junction/>",
                "<junction><fileset/></junction>",
                "<junctions><fileset><name fsnuuid='d2b09895-98ff-415e-ac73-565fad7b429b' nsdbname='h'/></fileset></junctions>",
                "<junction xmlns='urn:x'><fileset>"
                        + "<name fsnuuid='d2b09895-98ff-415e-ac73-565fad7b429b' nsdbname='h'/></fileset></junction>",
                "<junction><fileset><name fsnuuid='d2b09895-98ff-415e-ac73-565fad7b429b' nsdbname='h'/></fileset></junction>x",
                "<junction><fileset><name fsnuuid='d2b09895-98ff-415e-ac73-565fad7b429b' nsdbname='h'/>&x;</fileset></junction>",
                "<?xml version='1.0' encoding='ISO-8859-1'?><junction><fileset>"
                        + "<name fsnuuid='d2b09895-98ff-415e-ac73-565fad7b429b' nsdbname='h'/></fileset></junction>",
            })
    void otherDocumentsAreRefused(String document) {
        assertThatThrownBy(() -> parse(document))
                .isInstanceOfSatisfying(JunctionFormatException.class, e -> assertThat(e.isNfsBasic())
                        .isFalse());
    }

    @Test
    void aDocumentTypeIsRefusedWhateverItDeclares() {
        String name = named("fsnuuid='" + UUID + "' nsdbname='h'");
        assertThatThrownBy(() -> parse("<!DOCTYPE junction>" + name)).hasMessageContaining("document type");
        assertThatThrownBy(() -> parse("<!DOCTYPE junction SYSTEM 'file:///etc/passwd'>" + name))
                .isInstanceOf(JunctionFormatException.class);
        assertThatThrownBy(() -> parse("<!DOCTYPE j [<!ENTITY % p SYSTEM 'http://127.0.0.1:1/x'> %p;]>" + name))
                .isInstanceOf(JunctionFormatException.class);
    }

    @Test
    void externalEntitiesAreNotRead() {
        assertThatThrownBy(() -> parse("<!DOCTYPE j [<!ENTITY e SYSTEM 'file:///etc/hostname'>]>"
                        + "<junction><fileset><name fsnuuid='" + UUID + "' nsdbname='h'/>&e;</fileset></junction>"))
                .isInstanceOf(JunctionFormatException.class);
    }

    @Test
    void aBillionLaughsAreNotHeard() {
        StringBuilder dtd = new StringBuilder("<!DOCTYPE j [<!ENTITY l0 'lol'>");
        for (int i = 1; i < 30; i++) {
            dtd.append("<!ENTITY l")
                    .append(i)
                    .append(" '")
                    .append(("&l" + (i - 1) + ";").repeat(10))
                    .append("'>");
        }
        assertThatThrownBy(() -> parse(dtd + "]><junction>&l29;</junction>"))
                .isInstanceOf(JunctionFormatException.class);
    }

    @Test
    void aHugeDocumentIsRefusedUnread() {
        byte[] huge = new byte[1 << 20];
        Arrays.fill(huge, (byte) ' ');
        assertThatThrownBy(() -> JunctionXml.parse(huge)).hasMessageContaining("1048576");
    }

    @Test
    void deepNestingIsRefused() {
        assertThatThrownBy(() -> parse("<a>".repeat(5000) + "</a>".repeat(5000)))
                .hasMessageContaining("nested");
    }

    @Test
    void bytesThatAreNotUtf8AreRefused() {
        byte[] utf16 = LIBXML2.getBytes(StandardCharsets.UTF_16);
        assertThatThrownBy(() -> JunctionXml.parse(utf16)).hasMessageContaining("not UTF-8");
        byte[] broken = LIBXML2.getBytes(StandardCharsets.UTF_8);
        broken[100] = (byte) 0xff;
        assertThatThrownBy(() -> JunctionXml.parse(broken)).hasMessageContaining("not UTF-8");
        byte[] nul = LIBXML2.getBytes(StandardCharsets.UTF_8);
        nul[100] = 0;
        assertThatThrownBy(() -> JunctionXml.parse(nul)).isInstanceOf(JunctionFormatException.class);
    }

    @Test
    void anNfsBasicJunctionIsToldApart() {
        assertThatThrownBy(() -> parse("<junction><savedmode bits='755'/><fileset><location><host name='s'/>"
                        + "<path><component>export</component></path></location></fileset></junction>"))
                .isInstanceOfSatisfying(JunctionFormatException.class, e -> assertThat(e.isNfsBasic())
                        .isTrue())
                .hasMessage("nfs-basic junction, not a FedFS one");
    }

    @Test
    void messagesQuoteLittleAndNothingUnprintable() {
        assertThatThrownBy(() -> parse(named("fsnuuid='\u001b[31m' nsdbname='h'")))
                .isInstanceOf(JunctionFormatException.class);
        assertThatThrownBy(() -> parse(named("fsnuuid='&#10;" + "é".repeat(5000) + "' nsdbname='h'")))
                .satisfies(e -> assertThat(e.getMessage()).hasSizeLessThan(120).matches("\\p{Print}+…\""));
    }
}
