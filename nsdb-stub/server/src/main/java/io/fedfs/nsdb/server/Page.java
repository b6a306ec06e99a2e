package io.fedfs.nsdb.server;

import com.google.protobuf.Message;
import io.fedfs.nsdb.model.NsdbException;
import io.fedfs.protocol.FedFsStatus;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.function.Function;

/**
 * One page of a list. A token holds the key of the last entry, not a position, so entries that come and go between two pages
 * neither repeat nor hide others.
 *
 * @param nextToken empty when this is the last page
 */
record Page<M extends Message>(List<M> entries, String nextToken) {

    /**
     * The page made of these records, which are one more than asked for when there are more.
     *
     * @param list letter that tells one list's tokens from another's
     */
    static <R, M extends Message> Page<M> of(
            char list, List<R> records, int size, Function<R, M> message, Function<R, String> key) {
        List<M> entries = new ArrayList<>();
        int bytes = 0;
        for (R record : records) {
            if (entries.size() == size || bytes >= Limits.PAGE_BYTES) {
                return new Page<>(entries, token(list, key.apply(records.get(entries.size() - 1))));
            }
            M m = message.apply(record);
            bytes += m.getSerializedSize();
            entries.add(m);
        }
        return new Page<>(entries, "");
    }

    private static String token(char list, String key) {
        return Base64.getUrlEncoder().withoutPadding().encodeToString((list + key).getBytes(StandardCharsets.UTF_8));
    }

    /** The key in a token that {@link #of} made for the same list; empty for no token. */
    static String after(char list, String token) {
        if (token.isEmpty()) {
            return "";
        }
        try {
            String text = new String(Base64.getUrlDecoder().decode(token), StandardCharsets.UTF_8);
            if (text.length() > 1 && text.charAt(0) == list) {
                return text.substring(1);
            }
        } catch (IllegalArgumentException e) {
            throw badToken();
        }
        throw badToken();
    }

    static NsdbException badToken() {
        return new NsdbException(
                FedFsStatus.INVAL, "page_token", "page_token is not one that this list gave: start without one");
    }
}
