package io.fedfs.cli.terminal;

import io.fedfs.protocol.FedFsStatus;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** {@code KEY=VALUE} arguments. The value may be empty and may hold further equals signs. */
public final class KeyValues {
    private KeyValues() {}

    /**
     * The values by key, in the order given.
     *
     * @throws CommandFailure when an argument has no equals sign or no key, or a key comes twice
     */
    public static Map<String, String> parse(List<String> arguments) {
        Map<String, String> values = new LinkedHashMap<>();
        for (String argument : arguments) {
            int equals = argument.indexOf('=');
            if (equals < 1) {
                throw new CommandFailure(FedFsStatus.INVAL, "\"" + argument + "\" is not KEY=VALUE", "");
            }
            if (values.putIfAbsent(argument.substring(0, equals), argument.substring(equals + 1)) != null) {
                throw new CommandFailure(
                        FedFsStatus.INVAL, argument.substring(0, equals) + " is given twice", "leave one out");
            }
        }
        return values;
    }
}
