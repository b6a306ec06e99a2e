package io.fedfs.junction;

import io.fedfs.protocol.Fsn;
import io.fedfs.protocol.NsdbAddress;
import java.io.ByteArrayOutputStream;
import java.io.StringReader;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.UUID;
import java.util.stream.Stream;
import javax.xml.stream.XMLInputFactory;
import javax.xml.stream.XMLStreamConstants;
import javax.xml.stream.XMLStreamException;
import javax.xml.stream.XMLStreamReader;

/**
 * The junction document of fedfs-utils. Written as libxml2 writes it, to the byte. Read from anyone: whatever could make
 * the parser fetch, expand or recurse is refused, and of the first {@code /junction/fileset/name} every part is checked.
 *
 * @param savedMode permission bits before the junction, -1 when the document has none
 */
record JunctionXml(Fsn fsn, int savedMode) {
    /** An extended attribute cannot hold more (XATTR_SIZE_MAX). */
    static final int MAX_BYTES = 65_536;

    /** What fedfs-utils takes when a junction names no port: LDAP's. */
    static final int MISSING_PORT = 389;

    private static final int MAX_DEPTH = 16;
    private static final int PERMISSIONS = 07777;

    /** What stands before, between and after the values of a document as it is written. */
    private static final byte[][] WRITTEN = Stream.of(
                    """
                    <?xml version="1.0" encoding="UTF-8"?>
                    <junction>
                      <savedmode bits="\
                    """,
                    """
                    "/>
                      <fileset>
                        <name fsnuuid="\
                    """,
                    "\" nsdbname=\"",
                    "\" nsdbport=\"",
                    """
                    "/>
                      </fileset>
                    </junction>
                    """)
            .map(text -> text.getBytes(StandardCharsets.US_ASCII))
            .toArray(byte[][]::new);

    private static final List<String> NAME_PATH = List.of("junction", "fileset", "name");
    private static final List<String> LOCATION_PATH = List.of("junction", "fileset", "location");
    private static final List<String> SAVED_MODE_PATH = List.of("junction", "savedmode");

    /** The document's bytes. No value in it can need an XML escape: a host name, a UUID, a number. */
    byte[] toBytes() {
        List<String> values = List.of(
                Integer.toOctalString(savedMode & PERMISSIONS),
                fsn.uuid().toString(),
                fsn.nsdb().host(),
                Integer.toString(fsn.nsdb().port()));
        ByteArrayOutputStream document = new ByteArrayOutputStream();
        for (int i = 0; i < values.size(); i++) {
            document.writeBytes(WRITTEN[i]);
            document.writeBytes(values.get(i).getBytes(StandardCharsets.US_ASCII));
        }
        document.writeBytes(WRITTEN[values.size()]);
        return document.toByteArray();
    }

    static JunctionXml parse(byte[] document) throws JunctionFormatException {
        if (document.length > MAX_BYTES) {
            throw new JunctionFormatException(
                    "the junction document has " + document.length + " bytes, more than " + MAX_BYTES);
        }
        JunctionXml asWritten = parseAsWritten(document);
        return asWritten != null ? asWritten : parseAny(document);
    }

    /**
     * A document exactly as {@link #toBytes} and fedfs-utils write it, which is nearly every one: a parser for all that XML
     * allows costs a mount that has thousands of junctions to cross more than asking their NSDB.
     *
     * @return null when it is another document, or one with anything to complain of
     */
    private static JunctionXml parseAsWritten(byte[] document) {
        String[] values = new String[WRITTEN.length - 1];
        int at = 0;
        for (int i = 0; i < WRITTEN.length; i++) {
            byte[] text = WRITTEN[i];
            int end = at + text.length;
            if (end > document.length || !Arrays.equals(document, at, end, text, 0, text.length)) {
                return null;
            }
            if (i == values.length) {
                break;
            }
            at = end;
            while (end < document.length && isPlain(document[end])) {
                end++;
            }
            values[i] = new String(document, at, end - at, StandardCharsets.US_ASCII);
            at = end;
        }
        if (at + WRITTEN[values.length].length != document.length) {
            return null;
        }
        try {
            return new JunctionXml(
                    new Fsn(Scan.nsdb(values[2], Scan.port(values[3])), Scan.uuid(values[1])), parseMode(values[0]));
        } catch (JunctionFormatException e) {
            // To be told by the one who tells all faults, in one order.
            return null;
        }
    }

    /** Neither markup nor white space, which XML would replace in a value. */
    private static boolean isPlain(byte b) {
        return b > ' ' && b < 0x7f && b != '"' && b != '<' && b != '>' && b != '&';
    }

    /** Any document. */
    static JunctionXml parseAny(byte[] document) throws JunctionFormatException {
        try {
            XMLStreamReader xml = hardenedFactory().createXMLStreamReader(new StringReader(decode(document)));
            try {
                return new Scan().read(xml);
            } finally {
                xml.close();
            }
        } catch (XMLStreamException e) {
            int line = e.getLocation() == null ? -1 : e.getLocation().getLineNumber();
            throw new JunctionFormatException(
                    "the junction document is not well-formed XML" + (line > 0 ? ", line " + line : ""));
        }
    }

    /** Octal permission bits; -1 when the text is not such a number. Bits beyond 07777, such as a file type, are dropped. */
    static int parseMode(String octal) {
        String digits = octal.strip();
        return isNumber(digits, 8, 7) ? Integer.parseInt(digits, 8) & PERMISSIONS : -1;
    }

    /** Without a sign, and with ASCII digits only, unlike what {@link Integer#parseInt} takes. */
    private static boolean isNumber(String text, int radix, int mostDigits) {
        if (text.isEmpty() || text.length() > mostDigits) {
            return false;
        }
        for (int i = 0; i < text.length(); i++) {
            if (text.charAt(i) < '0' || text.charAt(i) >= '0' + radix) {
                return false;
            }
        }
        return true;
    }

    /** A factory for each document: the JDK does not promise that one may be shared between threads. */
    private static XMLInputFactory hardenedFactory() {
        XMLInputFactory factory = XMLInputFactory.newDefaultFactory();
        factory.setProperty(XMLInputFactory.SUPPORT_DTD, false);
        factory.setProperty(XMLInputFactory.IS_SUPPORTING_EXTERNAL_ENTITIES, false);
        factory.setProperty(XMLInputFactory.IS_REPLACING_ENTITY_REFERENCES, false);
        factory.setXMLResolver((publicId, systemId, base, namespace) -> {
            throw new XMLStreamException("external entities are refused");
        });
        return factory;
    }

    private static String decode(byte[] document) throws JunctionFormatException {
        try {
            String text = StandardCharsets.UTF_8
                    .newDecoder()
                    .onMalformedInput(CodingErrorAction.REPORT)
                    .decode(ByteBuffer.wrap(document))
                    .toString();
            return text.startsWith("\uFEFF") ? text.substring(1) : text;
        } catch (CharacterCodingException e) {
            throw new JunctionFormatException("the junction document is not UTF-8");
        }
    }

    /** One pass over a document. */
    private static final class Scan {
        private final List<String> path = new ArrayList<>();
        private Fsn fsn;
        private int savedMode = -1;
        private boolean location;

        JunctionXml read(XMLStreamReader xml) throws XMLStreamException, JunctionFormatException {
            String encoding = xml.getCharacterEncodingScheme();
            if (encoding != null && !encoding.equalsIgnoreCase("UTF-8") && !encoding.equalsIgnoreCase("US-ASCII")) {
                throw new JunctionFormatException("the junction document's encoding is not UTF-8");
            }
            while (xml.hasNext()) {
                switch (xml.next()) {
                    case XMLStreamConstants.START_ELEMENT -> start(xml);
                    case XMLStreamConstants.END_ELEMENT -> path.remove(path.size() - 1);
                    case XMLStreamConstants.DTD ->
                        throw new JunctionFormatException("the junction document has a document type declaration");
                    case XMLStreamConstants.ENTITY_REFERENCE ->
                        throw new JunctionFormatException("the junction document has an entity reference");
                    default -> {}
                }
            }
            if (fsn != null) {
                return new JunctionXml(fsn, savedMode);
            }
            throw location
                    ? JunctionFormatException.ofNfsBasic()
                    : new JunctionFormatException("no /junction/fileset/name in the junction document");
        }

        private void start(XMLStreamReader xml) throws JunctionFormatException {
            if (path.size() == MAX_DEPTH) {
                throw new JunctionFormatException("the junction document is nested deeper than " + MAX_DEPTH);
            }
            String namespace = xml.getNamespaceURI();
            path.add(namespace == null || namespace.isEmpty() ? xml.getLocalName() : "{}" + xml.getLocalName());
            if (fsn == null && path.equals(NAME_PATH)) {
                fsn = fsn(xml);
            } else if (savedMode < 0 && path.equals(SAVED_MODE_PATH)) {
                String bits = xml.getAttributeValue(null, "bits");
                savedMode = bits == null ? -1 : parseMode(bits);
            } else if (path.equals(LOCATION_PATH)) {
                location = true;
            }
        }

        private static Fsn fsn(XMLStreamReader xml) throws JunctionFormatException {
            String uuid = required(xml, "fsnuuid");
            String host = required(xml, "nsdbname");
            String port = xml.getAttributeValue(null, "nsdbport");
            return new Fsn(nsdb(host, port == null ? MISSING_PORT : port(port)), uuid(uuid));
        }

        private static String required(XMLStreamReader xml, String attribute) throws JunctionFormatException {
            String value = xml.getAttributeValue(null, attribute);
            if (value == null) {
                throw new JunctionFormatException("the junction document names no " + attribute);
            }
            return value;
        }

        private static UUID uuid(String text) throws JunctionFormatException {
            try {
                return Fsn.parseUuid(text);
            } catch (IllegalArgumentException e) {
                throw new JunctionFormatException("fsnuuid is not a UUID: " + JunctionFormatException.quoted(text));
            }
        }

        private static NsdbAddress nsdb(String host, int port) throws JunctionFormatException {
            try {
                return new NsdbAddress(host, port);
            } catch (IllegalArgumentException e) {
                throw new JunctionFormatException(
                        "nsdbname is not a host name: " + JunctionFormatException.quoted(host));
            }
        }

        private static int port(String text) throws JunctionFormatException {
            int port = isNumber(text, 10, 5) ? Integer.parseInt(text) : 0;
            if (port < 1 || port > 65_535) {
                throw new JunctionFormatException(
                        "nsdbport is not 1 to 65535: " + JunctionFormatException.quoted(text));
            }
            return port;
        }
    }
}
