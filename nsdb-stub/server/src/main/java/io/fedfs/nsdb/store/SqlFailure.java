package io.fedfs.nsdb.store;

import java.sql.SQLException;

/** Carries a database failure through a {@link Write}, whose signature has no place for it, to the committing thread. */
final class SqlFailure extends RuntimeException {
    private final SQLException sql;

    SqlFailure(SQLException sql) {
        super(sql);
        this.sql = sql;
    }

    SQLException sql() {
        return sql;
    }
}
