package io.fedfs.nsdb.store;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.Map;

/** The prepared statements of one connection, each prepared once. For one thread at a time, as the connection. */
final class Statements {
    private final Connection connection;
    private final Map<String, PreparedStatement> prepared = new HashMap<>();

    Statements(Connection connection) {
        this.connection = connection;
    }

    /** The statement with its parameters set: texts, numbers, booleans (as 0 and 1) or null. */
    PreparedStatement of(String sql, Object... parameters) throws SQLException {
        PreparedStatement statement = prepared.get(sql);
        if (statement == null) {
            statement = connection.prepareStatement(sql);
            prepared.put(sql, statement);
        }
        for (int i = 0; i < parameters.length; i++) {
            Object p = parameters[i];
            if (p instanceof Boolean b) {
                statement.setInt(i + 1, b ? 1 : 0);
            } else {
                statement.setObject(i + 1, p);
            }
        }
        return statement;
    }

    /** Runs a statement that changes something; gives the number of rows it changed. */
    int update(String sql, Object... parameters) throws SQLException {
        return of(sql, parameters).executeUpdate();
    }
}
