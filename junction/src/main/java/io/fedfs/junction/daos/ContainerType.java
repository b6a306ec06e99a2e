package io.fedfs.junction.daos;

import java.util.List;
import java.util.Locale;

/** DAOS's container types: layout numbers from 1 (daos_prop.h), and the words for them in {@code user.daos}. */
final class ContainerType {
    static final String POSIX = "POSIX";

    private static final List<String> BY_NUMBER_FROM_1 =
            List.of(POSIX, "HDF5", "PYTHON", "SPARK", "DATABASE", "ROOT", "SEISMIC", "METEO");

    private ContainerType() {}

    /** {@code UNKNOWN(n)} for a number without a name; the number is unsigned 32 bits. */
    static String ofNumber(int number) {
        return number >= 1 && number <= BY_NUMBER_FROM_1.size()
                ? BY_NUMBER_FROM_1.get(number - 1)
                : "UNKNOWN(" + Integer.toUnsignedString(number) + ")";
    }

    /** The number of a type's canonical name; 0 when it is none. */
    static int number(String name) {
        return BY_NUMBER_FROM_1.indexOf(name) + 1;
    }

    /** The canonical name for a word in any case, DAOS's second names included. */
    static String ofWord(String word) throws DaosFormatException {
        String upper = word.toUpperCase(Locale.ROOT);
        String name =
                switch (upper) {
                    case "DB" -> "DATABASE";
                    case "RNTUPLE" -> "ROOT";
                    case "DSG" -> "SEISMIC";
                    case "FDB" -> "METEO";
                    default -> upper;
                };
        if (!BY_NUMBER_FROM_1.contains(name)) {
            throw new DaosFormatException("unknown container type");
        }
        return name;
    }
}
