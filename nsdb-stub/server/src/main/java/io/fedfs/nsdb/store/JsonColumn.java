package io.fedfs.nsdb.store;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.fedfs.nsdb.model.NfsAttributes;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;

/**
 * Columns that hold a map, a list or the NFS attributes as JSON. Empty ones are NULL, so the common record costs no parsing,
 * and a daemon that never meets another does not load the JSON library.
 */
final class JsonColumn {
    private JsonColumn() {}

    static String ofMap(Map<String, String> map) throws SQLException {
        return map.isEmpty() ? null : write(map);
    }

    static Map<String, String> map(String json) throws SQLException {
        return json == null ? Map.of() : read(json, Json.MAP);
    }

    static String ofList(List<String> list) throws SQLException {
        return list.isEmpty() ? null : write(list);
    }

    static List<String> list(String json) throws SQLException {
        return json == null ? List.of() : read(json, Json.LIST);
    }

    static String ofNfs(NfsAttributes nfs) throws SQLException {
        return nfs.equals(NfsAttributes.NONE) ? null : write(nfs);
    }

    static NfsAttributes nfs(String json) throws SQLException {
        return json == null ? NfsAttributes.NONE : read(json, Json.NFS);
    }

    private static String write(Object value) throws SQLException {
        try {
            return Json.MAPPER.writeValueAsString(value);
        } catch (JsonProcessingException e) {
            throw new SQLException("cannot write a JSON column", e);
        }
    }

    private static <T> T read(String json, TypeReference<T> type) throws SQLException {
        try {
            return Json.MAPPER.readValue(json, type);
        } catch (JsonProcessingException e) {
            throw new SQLException("a JSON column is damaged", e);
        }
    }

    /** Loaded at the first column that needs it. */
    private static final class Json {
        static final JsonMapper MAPPER = new JsonMapper();
        static final TypeReference<Map<String, String>> MAP = new TypeReference<>() {};
        static final TypeReference<List<String>> LIST = new TypeReference<>() {};
        static final TypeReference<NfsAttributes> NFS = new TypeReference<>() {};
    }
}
